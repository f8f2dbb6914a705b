"""What a column is for: a feature of events, or what tells them apart by bookkeeping alone.

A classifier that sees event numbers, labels or weights separates any two samples and says nothing of physics.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Role = Literal["feature", "label", "weight", "identifier", "counter"]

WORDS = {
    "label": "a label",
    "weight": "an event weight",
    "identifier": "an identifier",
    "counter": "a counter",
}
"""What columns are that are no features, for sentences."""
GUESSED = frozenset(WORDS.values())

_WEIGHT = re.compile(
    r"((event|evt|gen|mc|lhe|kaggle|xsec|sample)[_ ]?)?(weights?|wgt)([_ ]\w+|\d+)?", re.ASCII
)
_LABEL = re.compile(
    r"(is|truth|true|event|jet)?(labels?|y|target|class|signal|sig|issignal\w*|signalflag|ttv|kaggleset|kagglelabel)"
    r"|issignal\w*",
    re.ASCII,
)
_IDENTIFIER = re.compile(
    r"run|runs|runnumber|runid|event|eventid|eventnumber|eventno|evt|evtid|evtnumber|lumi|lumiblock|"
    r"luminosityblock|lumisection|ls|id|uid|index|entry|row|rowid|rownumber|unnamed0|indexlevel0",
    re.ASCII,
)
FEWEST = 20
"""Values whose steps mean anything."""
MOST_LABELS = 20
"""Different values of a label."""


def role_of(name: str, head: NDArray[Any]) -> Role:
    """Guess the role of a column from its name and its first values (numbers, [n]).

    A counter goes up or down by one from event to event; labels and identifiers are whole numbers, of which
    some may be missing.
    """
    last = name.rpartition("/")[2].lower()
    word = re.sub(r"[^a-z0-9]", "", last)
    if _WEIGHT.fullmatch(last):
        return "weight"
    if head.dtype.kind == "f":
        head = head[np.isfinite(head)]
    if not _whole(head):
        return "feature"
    if _LABEL.fullmatch(word) and np.unique(head).size <= MOST_LABELS:
        return "label"
    if _IDENTIFIER.fullmatch(word):
        return "identifier"
    return "counter" if _counts(head) else "feature"


def _whole(values: NDArray[Any]) -> bool:
    """Whether these are whole numbers, stored as integers, booleans or floats."""
    if values.dtype.kind in "biu":
        return True
    return bool(values.size and (values == np.round(values)).all())


def _counts(values: NDArray[Any]) -> bool:
    if values.size < FEWEST or values.dtype.kind == "b":
        return False
    steps = np.diff(values.astype(np.float64))
    return bool((steps == 1).all() or (steps == -1).all())
