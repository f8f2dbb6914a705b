"""Three fits whose lights of trust must differ: a real difference, none at all, an overfitted network."""

from __future__ import annotations

import tempfile
from functools import cache

import tailscope as ts

from . import toys

DEFAULT = ts.FitConfig(device="cpu")
OVERFITTED = ts.FitConfig(
    preset="paper-calo", hidden=64, dropout=0.0, batch_size=32, learning_rate=5e-3, epochs=40, folds=2,
    best_epochs=40, device="cpu", watch_epochs=(1, 5, 40),
)  # fmt: skip
"""Wide for its 300 events, nothing that holds it back, and every epoch is kept, not the best alone."""


@cache
def fitted(case: str) -> ts.Study:
    """The study of "difference", "null" or "overfitted"; made once, in seconds."""
    pair, config = {
        "difference": (toys.gaussian_pair(3000), DEFAULT),
        "null": (ts.null_pair(toys.gaussian_pair(4000)[0], seed=1), DEFAULT),
        "overfitted": (toys.gaussian_pair(300), OVERFITTED),
    }[case]
    with tempfile.TemporaryDirectory() as folder:
        return ts.fit(*pair, config=config, cache=folder, progress=False, name=case)
