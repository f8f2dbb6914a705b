"""Conditions on observables choose the right events, and everything that is none is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tailscope as ts
from helpers.kinds import write_kind
from tailscope.errors import InputError
from tailscope.sample.condition import passes

NAN = np.nan
X = {
    "n_jets": np.array([1, 2, 3, 2, 1, 3], dtype=np.float32),
    "dR": np.array([NAN, 0.3, 0.7, 1.5, NAN, 0.4], dtype=np.float32),
    "p T": np.arange(6, dtype=np.float32),
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("n_jets == 2", [1, 3]),
        ("n_jets != 2", [0, 2, 4, 5]),
        ("dR < 0.5", [1, 5]),
        ("not dR < 0.5", [2, 3]),
        ("not (dR >= 0.5 or n_jets == 1)", [1, 5]),
        ("0.35 < dR <= 0.71", [2, 5]),
        ("n_jets == 1 or dR > 1", [0, 3, 4]),
        ("dR > 1 or n_jets == 1", [0, 3, 4]),
        ("n_jets > 1 and not dR > 1", [1, 2, 5]),
        ("(n_jets == 2) & (dR < 1) | (n_jets == 1)", [0, 1, 4]),
        ("~(n_jets == 2)", [0, 2, 4, 5]),
        ("`p T`/2 >= 2", [4, 5]),
        ("dR != 0.7", [1, 2, 3, 5]),  # float32's 0.7 is not 0.7
        ("abs(dR - 0.7) < 1e-6", [2]),
        ("dR == dR", [1, 2, 3, 5]),
        ("n_jets == 2 and dR < 0", []),
    ],
)
def test_which_events_pass(condition: str, expected: list[int]) -> None:
    assert np.flatnonzero(passes(condition, X)).tolist() == expected


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("n_jets = 2", "is not an expression: write == instead of = in '= 2'"),
        ("n_jets >", "'n_jets >' is not an expression: something is missing behind 'n_jets >'$"),
        ("n_jets => 2 and dR > 1", "write >= instead of => in '=> 2 and dR > 1'"),
        ("n_jets > 1 and and dR < 1", "it cannot be read from 'and dR < 1' on$"),
        ("n_jets > 1 AND dR < 1", "write and instead of AND in 'AND dR < 1'"),
        ("n_jets", "'n_jets' is no condition; write 'n_jets == 2'"),
        ("n_jets + 1", "is no condition"),
        ("njets == 2", "there is no observable 'njets'; the closest are n_jets"),
        ("n_jets in (1, 2)", "is not arithmetic"),
        ("n_jets is 2", "is no condition"),
        ("1 < 2", "holds or not whatever the event"),
        ("(n_jets == 2) + 1 > 1", "is not arithmetic"),
        ("n_jets == 2 & dR > 1", "is not arithmetic"),
        ("n_jets == 2 and dR", "'dR' is no condition"),
        ("not " * 60 + "dR > 1", "nested more than 50 deep"),
        ("n_jets == 2 if dR > 1 else n_jets == 1", "is no condition"),
        ("(lambda: n_jets)() == 2", "is not arithmetic"),
        ("x.__class__ == 2", "is not arithmetic"),
    ],
)
def test_what_is_no_condition_is_said(condition: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        passes(condition, X)


@given(st.lists(st.sampled_from([NAN, 0.0, 1.0]), min_size=3, max_size=3))
def test_de_morgan_and_the_excluded_middle(values: list[float]) -> None:
    """Kleene's logic: not(a and b) is (not a or not b); where all is defined, one of a and not a holds."""
    x = dict(zip("abc", np.array(values, dtype=np.float32)[:, None], strict=True))
    for left, right in [
        ("not (a > 0 and b > 0)", "not a > 0 or not b > 0"),
        ("not (a > 0 or b > 0)", "not a > 0 and not b > 0"),
        ("a > 0 and (b > 0 or c > 0)", "a > 0 and b > 0 or a > 0 and c > 0"),
        ("not not a > 0", "a > 0"),
    ]:
        assert passes(left, x) == passes(right, x)
    assert passes("a > 0 or not a > 0", x) == (not np.isnan(values[0]))


def test_a_sample_of_one_multiplicity(tmp_path: Path) -> None:
    path = write_kind(tmp_path / "z.h5", "zjets", 300)
    whole, two = ts.load(path), ts.load(path, where=" n_jets == 2 ")
    rows = np.flatnonzero(whole.observable("n_jets") == 2)
    assert two.name == "z (n_jets == 2)"
    np.testing.assert_array_equal(two.features, whole.features[rows])
    np.testing.assert_array_equal(two.observable("M_mumu"), whole.observable("M_mumu")[rows])
    own = ts.load(path, observables={"R [x]": "pT_j2/pT_j1"}, where="R > 0.5", max_events=200)
    assert 0 < len(own) < 200
    assert own.observable("R").min() > 0.5
    told = ts.describe(path, observables={"R [x]": "pT_j2/pT_j1"}, where="R > 0.5")
    assert (told.where, told.n_passing) == ("R > 0.5", (ts.load(path).evaluate("pT_j2/pT_j1") > 0.5).sum())
    assert ts.describe(path).n_passing == 300
    with pytest.raises(InputError, match=r"z: none of its 300 events passes 'n_jets == 4'; widen it"):
        ts.load(path, where="n_jets == 4")


def test_one_study_a_multiplicity(tmp_path: Path) -> None:
    """What no event of either sample has is not in the study; all the rest is as in the study of all."""
    path = write_kind(tmp_path / "z.h5", "zjets", 300)
    for n_jets, absent in ((1, {"j2", "j3"}), (2, {"j3"}), (3, set())):
        sample = ts.load(path, where=f"n_jets == {n_jets}")
        halves = ts.null_pair(sample)
        study = ts.Study.from_weights(*halves, *(np.zeros(len(half)) for half in halves))
        names = {o.name for o in study.observables}
        gone = {
            name for name in sample.observables if any(name.endswith(j) or f"{j}j" in name for j in absent)
        }
        assert names == set(sample.observables) - gone
        assert ("M_j2" in names) == (n_jets > 1)
