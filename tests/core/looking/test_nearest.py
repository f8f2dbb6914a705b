"""The nearest reference event is the one that its docstring's formula says; the orders are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tailscope as ts
from helpers.shown import study_of_kind
from helpers.toys import exact_study
from tailscope.errors import InputError, SelectionError
from tailscope.looking.nearest import nearest_reference
from tailscope.looking.picking import ORDERS, ordered

nan = float("nan")


def study_with(**columns: tuple[list[float], list[float]]) -> ts.Study:
    ref, gen = (
        ts.Sample(
            role, np.ones((len(next(iter(columns.values()))[i]), 1)), {k: v[i] for k, v in columns.items()}
        )
        for i, role in enumerate(("reference", "generated"))
    )
    return ts.Study.from_weights(ref, gen, np.zeros(len(ref)), np.zeros(len(gen)))


def distances(study: ts.Study, sample: str, event: int) -> np.ndarray:
    """To every reference event, by the formula, all at once."""
    parts = []
    for o in study.observables:
        ref = study.reference.observables[o.name].astype(np.float64)
        own = float(study.sample(sample).observables[o.name][event])
        if o.binning.scale == "log":
            floor = o.binning.edges[0] / 10
            ref = np.where(np.isnan(ref), nan, np.log10(np.fmax(ref, floor)))
            own = nan if np.isnan(own) else np.log10(max(own, floor))
        if o.name == "E_inc" or not np.nanstd(ref) > 0:
            continue
        z = np.clip((ref - np.nanmean(ref)) / np.nanstd(ref), -5, 5)
        z_own = np.clip((own - np.nanmean(ref)) / np.nanstd(ref), -5, 5)
        d = np.where(
            np.isnan(z) & np.isnan(z_own), 0, np.where(np.isnan(z) | np.isnan(z_own), 3, np.abs(z - z_own))
        )
        parts.append(d**2)
    return np.sqrt(np.mean(parts, axis=0))


@pytest.mark.parametrize("sample", ["reference", "generated"])
def test_showers_of_the_same_energy_are_compared_by_the_formula(tmp_path: Path, sample: str) -> None:
    study = study_of_kind(tmp_path, "calogan", 400)
    energy = study.reference.observables["E_inc"].astype(np.float64)
    for event in (0, 3, 250, 379):  # the last ones are empty showers
        own = float(study.sample(sample).observables["E_inc"][event])
        away = np.abs(np.log(energy / own))
        allowed = away <= max(0.02, np.sort(away)[99])
        d = np.where(allowed, distances(study, sample, event), np.inf)
        if sample == "reference":
            d[event] = np.inf
        found = nearest_reference(study, sample, event)
        assert found.event == d.argmin()
        assert found.distance == pytest.approx(d.min(), rel=1e-5)


def test_without_an_incident_energy_all_are_compared() -> None:
    study = exact_study(500)
    for event in (0, 77):
        d = distances(study, "generated", event)
        assert nearest_reference(study, "generated", event).event == d.argmin()
    some = np.array([3, 5, 400])
    assert nearest_reference(study, "generated", 77, some).event == some[d[some].argmin()]


def test_undefined_values_are_like_each_other() -> None:
    x, y = [0.0, 1.0, 0.1, 2.0], [nan, 5.0, 6.0, 7.0]
    study = study_with(x=(x, [0.5]), y=(y, [nan]))
    assert nearest_reference(study, "generated", 0).event == 0
    assert nearest_reference(study_with(x=(x, [0.09]), y=(y, [6.0])), "generated", 0).event == 2


def test_what_cannot_be_compared_is_said() -> None:
    study = study_with(x=([1.0, 2.0], [1.0]))
    with pytest.raises(InputError, match="no event 9 in the generated sample, its events are 0 to 0"):
        nearest_reference(study, "generated", 9)
    with pytest.raises(InputError, match="no other reference event"):
        nearest_reference(study, "reference", 0, np.array([0]))
    with pytest.raises(InputError, match="no other reference event"):
        nearest_reference(study_with(x=([1.0, 1.0], [1.0])), "generated", 0)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_holds_the_selection_once(order: str) -> None:
    study = exact_study(300)
    tail = ts.Selection(low=1.6)
    rows = ordered(study, "reference", tail, order, seed=1)
    log_w = study.log_weights("reference")[rows]
    np.testing.assert_array_equal(np.sort(rows), study.select("reference", tail))
    key = {
        "descending": -log_w, "ascending": log_w, "outermost": -np.abs(log_w), "edge": log_w - np.log(1.6),
        "row": rows, "random": np.zeros(rows.size),
    }[order]  # fmt: skip
    assert (np.diff(key) >= 0).all()


def test_both_ends_of_a_range_are_its_edge_and_infinite_weights_are_outermost() -> None:
    ref, gen = (ts.Sample(n, np.arange(5.0), {"x": np.arange(5.0)}) for n in "rg")
    study = ts.Study.from_weights(ref, gen, np.zeros(5), [-np.inf, 0.1, np.inf, -0.3, 0.25])
    assert ordered(study, "generated", ts.Selection(), "outermost").tolist() == [0, 2, 3, 4, 1]
    assert ordered(study, "generated", ts.Selection(), "edge").tolist() == [1, 4, 3, 0, 2]
    assert ordered(study, "generated", ts.Selection(0.5, 1.4), "edge").tolist() == [4, 1, 3]
    first, again, other = (
        ordered(study, "generated", ts.Selection(), "random", s).tolist() for s in (1, 1, 2)
    )
    assert first == again != other
    with pytest.raises(SelectionError, match="no order 'best'; choose one of outermost"):
        ordered(study, "generated", ts.Selection(), "best")
