"""What columns are for, guessed by name and numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tailscope.formats.roles import role_of

RANDOM = np.random.default_rng(0)
INTEGERS = RANDOM.integers(0, 1_000_000, 200)
FEW = RANDOM.integers(0, 2, 200)
FLOATS = RANDOM.normal(size=200)
SOME = np.where(np.arange(200) % 50 == 3, np.nan, 1)
"""1, and NaN where a number is missing."""


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("EventId", INTEGERS, "identifier"),
        ("event/eventNumber", INTEGERS, "identifier"),
        ("run", np.full(200, 3), "identifier"),
        ("luminosityBlock", INTEGERS, "identifier"),
        ("anything", np.arange(200), "counter"),
        ("anything", np.arange(200.0)[::-1], "counter"),
        ("label", FEW, "label"),
        ("y", FEW, "label"),
        ("is_signal_new", FEW, "label"),
        ("genWeight", FLOATS, "weight"),
        ("KaggleWeight", FLOATS, "weight"),
        ("event_weight", FLOATS, "weight"),
        ("label", FEW * SOME, "label"),
        ("EventId", INTEGERS * SOME, "identifier"),
        # What only looks like these.
        ("label", FLOATS * SOME, "feature"),
        ("label", np.full(200, np.nan), "feature"),
        ("n_jets", FEW * SOME, "feature"),
        ("y", FLOATS, "feature"),  # a rapidity
        ("event_shape", INTEGERS, "feature"),
        ("run", FLOATS, "feature"),
        ("n_jets", FEW, "feature"),
        ("weighted_mass_sum", FLOATS, "feature"),
        ("pt", np.arange(200) * np.arange(200), "feature"),
        ("anything", np.arange(10), "feature"),  # too few to tell
        ("flag", np.arange(200) % 2 == 0, "feature"),
    ],
)
def test_a_role(name, values, role):
    assert role_of(name, values) == role
