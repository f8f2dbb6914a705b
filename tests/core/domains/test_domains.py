"""What every domain must satisfy, whatever its events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tailscope as ts
from helpers import muons, particles
from helpers.showers import challenge, empty, made_up, write
from tailscope.domains import (
    CALORIMETER,
    DOMAINS,
    LEVELS,
    Domain,
    Inputs,
    Level,
    cylinder,
    dimuon,
    domain_of,
    drawer_of,
    jets,
    table,
    zjets,
)
from tailscope.errors import InputError
from tailscope.formats.binning import shipped
from tailscope.sample.drawing import Grid

N = 200
rng = np.random.default_rng(2)
with_empty = {k: np.concatenate([v, empty(20)[k]]) for k, v in made_up(N - 20).items()}
zjets_arrays = {"momenta": particles.zjets(N)["momenta"]}
jet_arrays = particles.jets(N)
SHAPES = {name: values.shape[1:] for name, values in jet_arrays.items()}
muon_columns = muons.table(N)
KINDS: dict[str, tuple[Domain, dict[str, Any]]] = {
    "calorimeter": (CALORIMETER, with_empty),
    **{f"calorimeter of {n} voxels": (cylinder(shipped()[n]), {**challenge(N, n)}) for n in (368, 533, 6480)},
    "events": (zjets({}), zjets_arrays),
    "events with likelihoods": (
        zjets({"log_likelihood": (5,)}),
        zjets_arrays | {"log_likelihood": rng.normal(-30, 1, (N, 5))},
    ),
    "jets": (jets(SHAPES), jet_arrays),
    "jets without their pT": (
        jets({"particle_features": SHAPES["particle_features"]}),
        {"particle_features": jet_arrays["particle_features"]},
    ),
    "dimuon": (dimuon(dict.fromkeys(muon_columns, ())), muon_columns),
    "table": (table(["n jets", "p_T"]), {"n jets": rng.integers(0, 9, N), "p_T": rng.random(N)}),
}


UNITS: dict[str, dict[str, str]] = {
    "calorimeter": {"E_0": "MeV", "E_tot": "MeV", "E_inc": "GeV", "sparsity_0": "", "f_1": "", "depth": ""},
    "events": {"M_mumu": "GeV", "pT_j1": "GeV", "M_j3": "GeV", "dR_j1j2": "", "eta_mu1": "", "n_jets": ""},
    "jets": {"mass_rel": "", "tau21": "", "D2": "", "n_constituents": ""},
    "dimuon": {"M_mumu": "GeV", "pT_mu1": "GeV", "dxy_mu1": "cm", "Q_mu2": "", "dPhi_mu1mu2": ""},
    "table": {"p_T": "", "n jets": ""},
}
"""Units of some observables, as the field states them."""


def test_every_domain_is_tried_here() -> None:
    assert {domain.name for domain, _ in KINDS.values()} == set(DOMAINS)
    for domain, arrays in KINDS.values():
        shapes = {name: np.shape(values)[1:] for name, values in arrays.items()}
        geometry = shipped()[shapes["showers"][0]] if "showers" in shapes else None
        made = domain_of(domain.name, shapes, geometry)
        assert (made.name, made.n_features) == (domain.name, domain.n_features)
        assert [o.name for o in made.observables] == [o.name for o in domain.observables]


def test_an_unknown_domain_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="no domain 'jet'; choose one of calorimeter, "):
        domain_of("jet", {})


@pytest.mark.parametrize(("domain", "arrays"), KINDS.values(), ids=KINDS)
class TestEveryDomain:
    def test_features_are_finite_and_as_many_as_said(self, domain: Domain, arrays: dict[str, Any]) -> None:
        features = domain.features(arrays)
        assert features.shape == (N, domain.n_features)
        assert features.dtype == np.float32
        assert np.isfinite(features).all()

    def test_by_default_a_classifier_sees_all_there_is_and_the_features_where_there_are_no_levels(
        self, domain: Domain, arrays: dict[str, Any]
    ) -> None:
        many = domain.n_features > 10_000
        default = Inputs.of(domain, None)
        assert default.level == ("low" if not domain.has_levels else "high" if many else "both")
        flat = replace(domain, has_levels=False)
        assert (flat.default_level, Inputs.of(flat, None).n) == ("low", domain.n_features)

    @pytest.mark.parametrize("level", LEVELS)
    def test_inputs_of_every_level_are_finite_and_as_many_as_said(
        self, domain: Domain, arrays: dict[str, Any], level: Level
    ) -> None:
        if level != "low" and not domain.has_levels:
            with pytest.raises(InputError, match="the columns of a table are its observables"):
                Inputs.of(domain, level)
            return
        inputs = Inputs.of(domain, level)
        found = inputs.computed(arrays).features
        assert found.shape == (N, inputs.n)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()
        if level == "low":
            np.testing.assert_array_equal(found, domain.features(arrays))
        else:
            assert len(inputs.high) == len(domain.observables) - len(domain.unseen)

    def test_what_is_not_seen_does_not_follow_from_the_inputs(
        self, domain: Domain, arrays: dict[str, Any]
    ) -> None:
        """Turned about the beam, or judged otherwise by its generator, an event has the same inputs."""
        assert domain.inputs
        assert set(domain.unseen) < {o.name for o in domain.observables}
        other = dict(arrays)
        if "momenta" in arrays:
            other["momenta"] = arrays["momenta"][:, :, [0, 2, 1, 3]] * np.array([1, -1, 1, 1])
        if "log_likelihood" in arrays:
            other["log_likelihood"] = arrays["log_likelihood"][::-1]
        if "phi1" in arrays:
            for i in (1, 2):
                other |= {f"px{i}": -arrays[f"py{i}"], f"py{i}": arrays[f"px{i}"]}
                other[f"phi{i}"] = arrays[f"phi{i}"] + np.pi / 2
        before, after = domain.observe(arrays), domain.observe(other)
        about = {"rtol": 2e-3, "atol": 2e-3}
        changed = {k for k in before if not np.allclose(before[k], after[k], equal_nan=True, **about)}
        assert changed == set(domain.unseen)
        np.testing.assert_allclose(domain.features(arrays), domain.features(other), **about)

    def test_conditions_are_finite_and_as_many_as_said(self, domain: Domain, arrays: dict[str, Any]) -> None:
        if domain.condition is None:
            assert domain.n_conditions == 0
            return
        condition = domain.condition(arrays)
        assert condition.shape == (N, domain.n_conditions)
        assert condition.dtype == np.float32
        assert np.isfinite(condition).all()

    def test_observables_are_one_number_an_event(self, domain: Domain, arrays: dict[str, Any]) -> None:
        columns = domain.observe(arrays)
        assert list(columns) == [o.name for o in domain.observables]
        for column in columns.values():
            assert column.shape == (N,)
            assert column.dtype == np.float32
            assert not np.isinf(column).any()

    def test_events_do_not_know_of_each_other(self, domain: Domain, arrays: dict[str, Any]) -> None:
        """A shower's numbers are the same in whichever chunk it is read."""
        whole, features = domain.observe(arrays), domain.features(arrays)
        for rows in (slice(0, 1), slice(17, 90), slice(N - 1, N)):
            part = {name: values[rows] for name, values in arrays.items()}
            np.testing.assert_array_equal(domain.features(part), features[rows])
            for name, column in domain.observe(part).items():
                np.testing.assert_array_equal(column, whole[name][rows])

    def test_each_observable_works_alone(self, domain: Domain, arrays: dict[str, Any]) -> None:
        together = domain.observe(arrays)
        for spec in domain.observables:
            assert spec.compute is not None
            np.testing.assert_array_equal(spec.compute(arrays), together[spec.name])

    def test_arrays_are_left_as_they_are(self, domain: Domain, arrays: dict[str, Any]) -> None:
        before = {name: values.copy() for name, values in arrays.items()}
        domain.features(arrays)
        domain.observe(arrays)
        for name, values in before.items():
            np.testing.assert_array_equal(arrays[name], values)

    def test_event_display_draws(self, domain: Domain, arrays: dict[str, Any]) -> None:
        """Images hold what the observables say they hold; particles lie where the observables say."""
        if domain.draw is None:
            assert domain.name == "table"
            return
        drawing = domain.draw(arrays)
        columns = domain.observe(arrays)
        assert len(drawing) == N
        for image in drawing.images:
            assert np.isfinite(image.values).all()
            total = image.values.sum(axis=(1, 2), dtype=np.float64)
            np.testing.assert_allclose(total, columns[image.total], rtol=2e-6)
            if isinstance(image, Grid):
                assert image.values.shape[1:] == (len(image.y_edges) - 1, len(image.x_edges) - 1)
                centres = (image.x_edges[1:] + image.x_edges[:-1]) / 2
                weighted = np.einsum("nyx,x->n", image.values.astype(np.float64), centres)
            else:
                assert image.values.shape[2] == len(image.r_edges) - 1
                r, alpha = ((e[1:] + e[:-1]) / 2 for e in (image.r_edges, image.alpha_edges))
                weighted = np.einsum("nar,a,r->n", image.values.astype(np.float64), np.cos(alpha), r)
            name = image.total.replace("E_", "eta_")
            if name in columns:  # orientation of the image: eta to the right, or alpha counted from -pi
                with np.errstate(invalid="ignore"):
                    np.testing.assert_allclose(weighted / total, columns[name], rtol=1e-4, atol=1e-3)
        if (points := drawing.points) is not None:
            there = np.isfinite(points.at).all(axis=2)
            assert (np.isfinite(points.size) == there).all()
            assert (points.size[there] > 0).all()
            assert points.at.shape[:2] == (N, len(points.kinds)) == (N, len(points.labels))
            if "n_constituents" in columns:
                assert (there.sum(axis=1) == columns["n_constituents"]).all()
            if (from_columns := drawer_of(domain.name)) is not None:
                again = from_columns(columns).points
                assert again is not None
                np.testing.assert_allclose(again.at, points.at, rtol=1e-6)
                np.testing.assert_allclose(again.size, points.size, rtol=1e-6)
        one = drawing.event(7)
        assert len(one) == 1
        for sums, image in zip(one.sums(), one.pictured().images, strict=True):
            np.testing.assert_array_equal(sums, image.values[0])

    def test_units_are_those_of_the_field(self, domain: Domain, arrays: dict[str, Any]) -> None:
        units = {spec.name: spec.unit for spec in domain.observables}
        expected = UNITS[domain.name]
        if "E_44" in units:  # 45 layers have no fractions of theirs
            expected = {name: unit for name, unit in expected.items() if name != "f_1"}
        assert units.items() >= expected.items()
        lengths = {unit for name, unit in units.items() if name.split("_")[0] in {"width", "r"}}
        assert lengths <= {"mm"}
        assert {units[name] for name in ("mass", "pT") if name in units} <= {"GeV"}

    def test_round_trip_through_a_file(self, domain: Domain, arrays: dict[str, Any], tmp_path: Path) -> None:
        """Written as people write it, and loaded: recognised, with the same numbers, in the same order."""
        stored = dict(arrays)
        if (samples := stored.pop("log_likelihood", None)) is not None:
            flat = stored.pop("momenta").reshape(N, 20)
            stored = particles.pandas_fixed(np.concatenate([flat, samples], axis=1))
        path = write(tmp_path / "a.h5", stored)
        sample, default = ts.load(path, features="low"), ts.load(path)
        read = {name: np.asarray(values, dtype=np.float32) for name, values in arrays.items()}
        assert (sample.domain, len(sample)) == (domain.name, N)
        assert [spec.name for spec in sample.specs] == [spec.name for spec in domain.shown]
        for name, column in domain.observe(read).items():
            np.testing.assert_allclose(sample.observable(name), column, rtol=1e-6, err_msg=name)
        np.testing.assert_allclose(sample.features[:], domain.features(read), rtol=1e-6)
        np.testing.assert_allclose(
            default.features[:], Inputs.of(domain, None).computed(read).features, rtol=1e-5, atol=1e-6
        )
        if domain.condition is not None:
            assert sample.condition is not None
            np.testing.assert_allclose(sample.condition, domain.condition(read), rtol=1e-6)

    def test_names_and_labels(self, domain: Domain, arrays: dict[str, Any]) -> None:
        names = [o.name for o in domain.observables]
        assert len(set(names)) == len(names)
        assert all(name.isascii() for name in names)
        assert set(domain.first_row) <= set(names)
        assert 1 <= len(domain.first_row) <= 12
        for spec in domain.observables:
            assert spec.label
            assert "$" not in spec.label
            assert spec.label.count("{") - spec.label.count("}") == 0

    def test_default_binnings_show_every_defined_value_that_is_not_a_rare_tail(
        self, domain: Domain, arrays: dict[str, Any]
    ) -> None:
        for spec in domain.observables:
            values = domain.observe(arrays)[spec.name]
            binning = spec.binning.of(values)
            codes = binning.digitise(values)
            shown = np.isin(codes, np.arange(1, len(binning) + 1)).sum()
            # A single value that is common at an end lies beyond the bins, by itself: it has its own box.
            below, above = values[codes == 0], values[codes == 254]
            shown += sum(len(beyond) for beyond in (below, above) if np.unique(beyond).size == 1)
            zeros = (below <= 0).sum() if binning.scale == "log" and np.unique(below).size > 1 else 0
            assert shown + zeros >= np.isfinite(values).sum() - 2, spec.name


def test_table_labels_print_the_name_as_it_is() -> None:
    domain = table(["a_b", "50%", r"x\y", "p T"])
    assert [o.label for o in domain.observables] == [
        r"\mathrm{a\_b}",
        r"\mathrm{50\%}",
        r"\mathrm{x\backslash y}",
        r"\mathrm{p\ T}",
    ]
