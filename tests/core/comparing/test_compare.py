"""Studies side by side, and as a series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers.folded import folded_study
from helpers.toys import exact_study
from tailscope.comparing.compare import as_series, common_cut, compare, steps_of
from tailscope.errors import StudyError
from tailscope.trust import trust, worst


def test_rows_hold_what_the_studies_say_at_the_same_cuts():
    studies = [
        folded_study(seed=seed, extra=extra, name=f"flow {seed}") for seed, extra in ((1, 0.2), (2, 0.0))
    ]
    found = compare(studies)
    assert found.cuts == {"low": 0.6, "high": 1.6}
    assert found.remarks == ()
    for row, study in zip(found.rows, studies, strict=True):
        assert row.auc.value == study.auc()
        assert row.tails["low"].value == (study.weights("generated") < 0.6).mean()
        assert row.light == worst(trust(study))
        assert row.chi2 == study.calibration().chi2
        assert (row.n_observables, row.seconds) == (5, 1.5)
    assert [row.label for row in found.ordered("auc")] == ["flow 2", "flow 1"]
    assert [row.label for row in found.ordered("low")] == ["flow 2", "flow 1"]
    assert [row.label for row in found.ordered("given")] == ["flow 1", "flow 2"]
    for order in ("high", "trust", "calibration", "closure", "seconds"):
        assert len(found.ordered(order)) == 2


def test_another_reference_is_said_and_comes_last():
    best_but_other = folded_study(seed=3, reference_seed=9, noise=0.0)
    found = compare([folded_study(seed=1, extra=0.3), best_but_other], ["mine", "other"])
    (sentence,) = found.remarks
    assert sentence.startswith(
        "other was made with other reference events (reference, 3,000 events, SHA-256 "
    )
    assert best_but_other.reference.source.sha256[:12] in sentence
    assert [row.label for row in found.ordered("auc")] == ["mine", "other"]


def test_other_event_weights_of_one_file_are_said():
    """A file's digest knows nothing of the column that weights its events."""
    study = folded_study(300)
    heavier = replace(study.reference, event_weight=np.linspace(0.5, 1.5, 300))
    found = compare([study, ts.Study.of(replace(study, reference=heavier))], ["all 1", "weighted"])
    (sentence,) = found.remarks
    assert sentence.startswith("weighted was made with other weights of the reference events")
    assert [row.same_reference for row in found.rows] == [True, False]
    in_pb = replace(study.reference, event_weight=np.full(300, 1e-9))
    assert compare([study, ts.Study.of(replace(study, reference=in_pb))]).remarks == ()


def test_weights_without_folds_are_named():
    (sentence,) = compare([exact_study(500), exact_study(500)], ["a", "b"]).remarks
    assert sentence.startswith("The errors of a, b are those of counting alone")


def test_nothing_to_compare_is_refused():
    with pytest.raises(StudyError, match="no study to compare"):
        compare([])


def test_the_cut_of_the_paper_is_taken_where_it_suits_one():
    broad, sharp = folded_study(noise=0.0), folded_study(extra=0.5, noise=0.0)
    assert common_cut([sharp, broad], "low") == common_cut([broad], "low") == 0.6
    assert common_cut([sharp], "low") != 0.6


@pytest.mark.parametrize(
    ("labels", "steps"),
    [
        (["flow-010", "flow-002"], (10, 2)),
        (["run3_epoch_1_v2", "run3_epoch_20_v2"], (1, 20)),
        (["5", "50", "500"], (5, 50, 500)),
        (["flow-1", "gan-2"], None),
        (["a1b1", "a2b2"], None),
        (["flow-1", "flow-01"], None),
        (["flow", "flow"], None),
        (["flow-1"], None),
    ],
)
def test_epochs_are_read_from_names_that_differ_in_one_number(labels, steps):
    assert steps_of(labels) == steps


def test_a_series_is_ordered_by_epoch():
    studies = [folded_study(n=300, seed=s) for s in range(3)]
    rows = as_series(compare(studies, ["flow-30", "flow-4", "flow-100"]))
    assert [row.step for row in rows] == [4, 30, 100]
    with pytest.raises(StudyError, match=r"a, b are no series: .* one number only"):
        as_series(compare(studies[:2], ["a", "b"]))
