"""What the colours of a heat map of two observables are called, and what they mean."""

from __future__ import annotations

from tailscope_dashboard.state.view import Colour

NAMES: dict[Colour, str] = {
    "log_w": "mean log w",
    "ratio": "generated / reference",
    "closure": "generated × w / reference",
    "reference": "reference events",
    "generated": "generated events",
}

MEANING: dict[Colour, str] = {
    "log_w": "Colour: mean of log w over the events of both samples in a bin, each sample counting as much "
    "as the other. Orange: too few are generated; blue: too many.",
    "ratio": "Colour: share of generated events over share of reference events in a bin. "
    "Orange: too few are generated; blue: too many.",
    "closure": "Colour: share of generated events, weighted by w, over share of reference events in a bin. "
    "Grey where the weights repair the pair; orange: too few are left; blue: too many.",
    "reference": "Colour: reference events in a bin.",
    "generated": "Colour: generated events in a bin.",
}

COUNTS: frozenset[Colour] = frozenset({"reference", "generated"})
"""Those that are events of one sample and have no middle."""

RATIOS: frozenset[Colour] = frozenset({"ratio", "closure"})
"""Those whose middle is 1 on a logarithmic scale."""
