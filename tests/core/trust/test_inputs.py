"""What no generator makes: other incident energies and other units are told, and only these."""

from dataclasses import replace

import h5py
import msgspec
import numpy as np
import pytest

import tailscope as ts
from helpers import toys
from helpers.places import DATA
from tailscope.record import Given, Provenance
from tailscope.trust.inputs import check_condition, check_units
from tailscope.trust.reweighting import check_mean_inverse_w, check_mean_w

N = 4_000
PAIRS = [("photons", "hdf5"), ("jets", "h5"), ("zjets", "h5"), ("dimuon", "h5")]


def bundled(name, ending):
    ref, gen = (ts.load(DATA / f"{name}_{side}.{ending}") for side in ("reference", "generated"))
    return ts.Study.from_weights(ref, gen, np.zeros(len(ref)), np.zeros(len(gen)))


@pytest.mark.parametrize(("name", "ending"), PAIRS)
def test_nothing_is_said_of_the_bundled_samples(name, ending):
    study = bundled(name, ending)
    assert check_units(study).light == "green"
    check = check_condition(study)
    assert (check is not None) == (name == "photons")
    if check:
        assert check.light == "green"
        assert "incident energies of both samples differ by no more than noise" in check.why


def given_study(reference, generated, seed=0):
    """A response that depends on what is given alike in both samples, with the exact weights."""
    rng = np.random.default_rng(seed)
    samples = []
    for name, e in (("reference", reference), ("generated", generated)):
        x = np.stack([e + 0.1 * rng.standard_normal(e.size), rng.standard_normal(e.size)], axis=1)
        samples.append(toys.sample(name, x.astype(np.float32), condition=e.astype(np.float32)))
    return samples


def test_other_conditions_are_an_input_and_the_same_ones_are_no_remark():
    fired = []
    for shift in (0.0, 0.0, 0.03, 0.3):
        found = []
        for seed in range(15):
            rng = np.random.default_rng([seed, int(100 * shift)])
            pair = given_study(rng.normal(0, 1, 20_000), rng.normal(shift, 1, 20_000), seed)
            check = check_condition(ts.Study.from_weights(*pair, np.zeros(20_000), np.zeros(20_000)))
            found.append(check.light)
            assert ("p(condition) is an input, not a fault of the generator" in check.why) == (
                check.light == "amber"
            )
        fired.append(found.count("amber"))
    assert fired[:3] == [0, 0, 0]  # the third differs by a distance of 0.012
    assert fired[3] == 15


def test_showers_of_other_incident_energies_are_said_to_be():
    gen = ts.load(DATA / "photons_generated.hdf5")
    some = np.flatnonzero(gen.observable("E_inc") > np.median(gen.observable("E_inc")) / 2)
    ref = ts.load(DATA / "photons_reference.hdf5")
    study = ts.Study.from_weights(ref, gen.take(some, "high"), np.zeros(len(ref)), np.zeros(some.size))
    check = check_condition(study)
    assert check.light == "amber"
    assert check.why.startswith("The incident energies differ")
    assert "p(E) is an input, not a fault of the generator" in check.why


def test_missing_mass_of_energies_that_nobody_generated_is_not_the_generators():
    """The reference has energies up to 10, the generated sample up to 8: a fifth is missing."""
    rng = np.random.default_rng(1)
    e = rng.uniform(0, 10, N), rng.uniform(0, 8, N)
    pair = given_study(*e)
    log_w = np.where(e[0] < 8, np.log(0.8), np.inf), np.full(N, np.log(0.8))
    check = check_mean_w(ts.Study.from_weights(*pair, *log_w))
    # w is inf for a part of the reference alone, which no generated event has.
    assert check.light == "amber"
    assert check.value == pytest.approx(0.8, abs=0.02)
    assert (
        "have conditions that the generated sample has not, an input and no fault of the generator"
        in check.why
    )
    swapped = ts.Study.from_weights(*pair[::-1], -log_w[1], -log_w[0])
    assert "conditions that the reference has not, an input" in check_mean_inverse_w(swapped).why
    # The same weights and no condition: the generator's fault.
    blind = [toys.sample(s.name, s.features) for s in pair]
    assert "a fault of the generator" in check_mean_w(ts.Study.from_weights(*blind, *log_w)).why


def test_conditions_that_differ_may_explain_what_is_missing():
    study = toys.exact_study(N)
    less = [replace(s, log_w=s.log_w - 0.0) for s in (study.reference, study.generated)]
    gone = np.arange(N) < N // 10
    less[0] = replace(less[0], log_w=np.where(gone, np.inf, less[0].log_w))
    study = replace(study, reference=less[0])
    words = []
    for distance, p in ((0.2, 1e-9), (0.01, 1e-9), (0.2, 0.5)):
        found = Given(distance=distance, p=p, missing=0.0, leaked=0.0)
        words.append(check_mean_w(replace(study, provenance=Provenance(given=(found,)))).why)
    assert "the conditions differ, an input, and may explain it" in words[0]
    assert all("a fault of the generator, not of the classifier" in one for one in words[1:])


def in_units(study, **factors):
    columns = {
        name: column * np.float32(factors.get(name, 1))
        for name, column in study.generated.observables.items()
    }
    return replace(study, generated=replace(study.generated, observables=columns))


@pytest.mark.parametrize(
    ("factor", "units"), [(1e3, "MeV and GeV"), (1e-3, "MeV and GeV"), (1e6, "keV and GeV")]
)
def test_other_units_of_any_bundled_observable_are_told(factor, units):
    for name, ending in PAIRS:
        study = bundled(name, ending)
        plain = [o.name for o in study.observables if o.unit == "GeV" or o.unit == "MeV"][:2]
        assert plain
        check = check_units(in_units(study, **dict.fromkeys(plain, factor)))
        assert check.light == "red"
        assert check.value == len(plain)
        assert check.why.startswith(", ".join(plain) + (" seem " if plain[1:] else " seems "))
        assert f"in other units ({units}?)" in check.why


def test_a_file_in_other_units_is_told(tmp_path):
    path = tmp_path / "other.hdf5"
    with h5py.File(DATA / "photons_generated.hdf5") as file, h5py.File(path, "w") as out:
        for name in file:  # the layers alone are refused when they are read
            out[name] = 1000 * file[name][:1_000]
    ref, gen = ts.load(DATA / "photons_reference.hdf5"), ts.load(path)
    check = check_units(ts.Study.from_weights(ref, gen, np.zeros(len(ref)), np.zeros(len(gen))))
    assert check.light == "red"
    assert check.why.startswith("E_0, E_1, E_2 and ")
    assert "seem to be in other units (MeV and GeV?)" in check.why


def test_large_differences_that_are_no_units_are_amber_or_nothing():
    study = toys.exact_study(N)
    check = check_units(in_units(study, x1=60))
    assert (check.light, check.value) == ("amber", 1)
    assert check.why.startswith("x1 differs as units do: generated values are 6")
    assert check_units(in_units(study, x1=20)).light == "green"
    # A generator that puts noise where the reference has nothing, or half of the values elsewhere.
    rng = np.random.default_rng(0)
    x = study.generated.observables["x1"].copy()
    x[rng.random(N) < 0.6] *= np.float32(1e-3)
    other = replace(
        study, generated=replace(study.generated, observables={**study.generated.observables, "x1": x})
    )
    assert check_units(other).light == "green"
    assert check_units(toys.exact_study(20)).light == "green"


def test_a_study_keeps_what_generators_were_given(tmp_path):
    rng = np.random.default_rng(6)
    pair = given_study(rng.normal(0, 1, 200), rng.normal(1, 1, 200))
    study = ts.Study.from_weights(*pair, np.zeros(200), np.zeros(200))
    again = ts.open(study.save(tmp_path / "s.study.h5"))
    assert again.provenance.given == study.provenance.given
    assert check_condition(again).light == "amber"
    assert msgspec.structs.asdict(again.provenance)["given"][0].p < 1e-3
