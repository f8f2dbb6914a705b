"""What a fit would do is said without doing it."""

from __future__ import annotations

import numpy as np

import tailscope as ts
from tailscope.fitting.fit import fit
from tailscope.fitting.outlook import outlook


def samples(n: int) -> tuple[ts.Sample, ts.Sample]:
    rng = np.random.default_rng(0)
    return tuple(  # type: ignore[return-value]
        ts.Sample(name, rng.normal(shift, 1, (n, 2)), {"x": rng.normal(size=n)})
        for name, shift in (("a", 0), ("b", 1))
    )


def test_a_fit_is_foreseen_and_then_known_to_the_cache(tmp_path):
    config = ts.FitConfig(folds=3, members=2, network="quadratic")
    pair = samples(900)
    found = outlook(*pair, config=config, cache=tmp_path / "cache")
    assert (found.reference, found.generated, found.n_inputs, found.trainings) == (900, 900, 2, 6)
    assert not found.cached
    assert 0 < found.seconds[0] < found.seconds[1]
    assert not outlook(*pair, config=config, cache=tmp_path / "cache").cached  # nothing of it was kept
    fit(*pair, config=config, cache=tmp_path / "cache", progress=False)
    found = outlook(*pair, config=config, cache=tmp_path / "cache")
    assert (found.cached, found.seconds) == (True, (0.0, 0.0))
