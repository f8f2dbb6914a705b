"""Files as people have them: what is read of each, what is said, and that advice helps."""

from __future__ import annotations

import gzip
import re
import shlex
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tailscope as ts
from helpers import brought, muons, tables
from helpers.brought import csv, events, hdf5, npz, text
from helpers.particles import zjets
from helpers.showers import challenge
from helpers.showers import write as write_arrays
from tailscope.study.study import Study
from tailscope_dashboard import cli

QUICK = ("--epochs", "2", "--folds", "2", "--network", "quadratic")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """One cache for all of these files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAILSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return csv(tmp_path_factory.mktemp("brought"), "order_ref.csv", events())


def said(*arguments: object, code: int = 0) -> str:
    """What a command prints, in one line."""
    done = CliRunner().invoke(cli.app, [str(a) for a in arguments], env={"COLUMNS": "400"})
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def refused(*arguments: object) -> str:
    """The one sentence of a command that does nothing."""
    done = CliRunner().invoke(cli.app, [str(a) for a in arguments], env={"COLUMNS": "400"})
    assert done.exit_code == 2, done.output
    sentence = done.output[done.output.index("error: ") :].strip()
    assert "\n" not in sentence
    return sentence


def fitted(*arguments: object) -> tuple[Study, str]:
    """The study of a fit, and what it said."""
    out = Path(str(next(a for a in arguments if isinstance(a, Path)))).parent / "fitted.study.h5"
    output = said("fit", *arguments, "-o", out, *QUICK)
    return ts.open(out), output


def equal(study: Study) -> bool:
    """Whether nothing tells the samples apart: AUC near 0.5 within 4 of its errors."""
    return abs(study.auc() - 0.5) < 4 * study.auc_error()


def names(study: Study) -> list[str]:
    return sorted(o.name for o in study.observables)


def test_columns_in_another_order(reference, tmp_path):
    generated = events(seed=1)
    shuffled = generated[["eta", "n_jets", "pt", "mass"]]
    tables.as_parquet(shuffled, tmp_path / "order_gen.parquet")
    tables.as_columns(shuffled, tmp_path / "order_gen.h5")
    csv(tmp_path, "order_gen.csv", shuffled)
    csv(tmp_path, "same_gen.csv", generated)
    study, _ = fitted(reference, tmp_path / "same_gen.csv")
    assert equal(study)
    for ending in ("csv", "parquet", "h5"):
        other, _ = fitted(reference, tmp_path / f"order_gen.{ending}")
        # The same inputs of the same events: the same weights, which the cache has already.
        np.testing.assert_array_equal(other.log_w[1], study.log_w[1])
    wrong, _ = fitted(reference, csv(tmp_path, "wrong.csv", generated.assign(pt=generated["pt"] + 30)))
    assert not equal(wrong)


def test_a_column_of_another_name(reference, tmp_path):
    renamed = csv(tmp_path, "renamed_gen.csv", events(seed=1).rename(columns={"eta": "rapidity"}))
    sentence = refused("fit", reference, renamed, "-o", tmp_path / "a.study.h5", *QUICK)
    assert "eta of order_ref and rapidity of renamed_gen have no counterpart" in sentence
    assert "compare the 3 that both have with --common" in sentence
    study, output = fitted(reference, renamed, "--common")
    assert equal(study)
    assert "order_ref: eta left out: the other sample has no such name" in output
    assert names(study) == ["mass", "n_jets", "pt"]


def test_top_tagging_in_both_formats_of_pandas(reference, tmp_path):
    for seed, layout in enumerate(("fixed", "table")):
        brought.tops(seed=seed).to_hdf(tmp_path / f"{layout}.h5", key="table", format=layout)
    output = said("show", tmp_path / "fixed.h5")
    assert "columns E_0 to PZ_5 of HDF5, read as (E, px, py, pz)" in output
    assert "Z" not in re.findall(r"observables: (.*)", output)[0].split("What")[0]
    study, _ = fitted(tmp_path / "fixed.h5", tmp_path / "table.h5")
    assert {"tau21", "girth"} < set(names(study))
    assert equal(study)
    # Thirty numbered columns may be Z+jets, thirty that have names are not.
    thirty = np.random.default_rng(0).normal(size=(50, 30))
    tables.as_pandas_fixed(
        pd.DataFrame(thirty, columns=[*"abcdefghijklmnopqrstuvwxyz0123"]), tmp_path / "t.h5"
    )
    assert "table in HDF5" in said("show", tmp_path / "t.h5")
    tables.as_pandas_fixed(pd.DataFrame(thirty).add_prefix("x"), tmp_path / "x.h5")
    advised = re.search(r"--domain table", refused("show", tmp_path / "x.h5"))[0].split()
    assert "x29 (50,) float64" in said("show", tmp_path / "x.h5", *advised)


@pytest.mark.parametrize("write", [tables.as_pandas_fixed, tables.as_pandas_table, tables.as_data_columns])
def test_tables_of_pandas(reference, tmp_path, write):
    path = tmp_path / "df.h5"
    write(events(seed=1)[["pt", "mass", "n_jets", "eta"]], path)
    assert not re.search(r"axis0|_items", said("show", path))
    study, _ = fitted(reference, path)
    assert names(study) == ["eta", "mass", "n_jets", "pt"]
    assert equal(study)


def test_semicolons_and_decimal_commas(reference, tmp_path):
    path = csv(tmp_path, "german.csv", events(seed=1).assign(Art="Fluss"), sep=";", decimal=",")
    study, output = fitted(reference, path)
    assert "german.csv: Art left out as text" in output
    assert equal(study)
    np.testing.assert_allclose(study.generated.observables["pt"], events(seed=1)["pt"], rtol=1e-6)
    unclear = text(tmp_path, "thousands.csv", "a;b\n1,234;2\n2,345;3\n")
    assert "may separate decimals or thousands; write all numbers like 1234.5" in refused("show", unclear)
    assert "1,234" not in said("show", text(tmp_path, "better.csv", "a;b\n1234.5;2\n2345.5;3\n"))


def test_event_numbers_labels_weights_and_missing_values(reference, tmp_path):
    counted = [
        csv(tmp_path, f"evid_{seed}.csv", events(seed=seed).assign(EventId=np.arange(400) + 9999 * seed))
        for seed in (0, 1)
    ]
    study, output = fitted(*counted)
    assert "evid_0.csv: EventId left out as an identifier (--columns takes it)" in output
    assert "EventId" not in names(study)
    assert equal(study)
    taken, _ = fitted(*counted, "--columns", "EventId,pt")
    assert not equal(taken)

    higgs = [csv(tmp_path, f"higgsml_{s}.csv", brought.challenge_of_higgs(seed=s)) for s in (0, 1)]
    study, output = fitted(*higgs)
    assert "Weight, KaggleWeight left out as event weights (--event-weight Weight weighs with it)" in output
    assert "Label left out as text" in output
    assert "undefined (written as -999): DER_mass_jet_jet in" in output
    assert equal(study)
    assert np.nanmin(study.generated.observables["DER_mass_jet_jet"]) >= 0
    study, output = fitted(*higgs, "--event-weight", "Weight", "--drop", "KaggleWeight,PRI_*")
    assert study.generated.event_weight is not None
    assert names(study) == ["DER_mass_jet_jet", "DER_mass_vis"]
    study, output = fitted(*higgs, "--drop-undefined")
    assert re.search(r"higgsml_1: \d+ of 400 events left out, as a number is undefined", output)


def test_one_file_with_two_labels(tmp_path):
    both = [events(seed=s).assign(label=s) for s in (0, 1)]
    path = csv(tmp_path, "labelled.csv", pd.concat(both))
    sentence = refused("fit", path, path, "-o", tmp_path / "a.study.h5", *QUICK)
    assert "hold the same events" in sentence
    advice = shlex.split(re.search(r"--where .*label == 1'", sentence)[0])
    study, output = fitted(path, path, *advice)
    assert "label left out as a label" in output
    assert (len(study.reference), len(study.generated)) == (400, 400)
    assert equal(study)


def test_versions_of_nanoaod(tmp_path):
    ref = brought.nanoaod(tmp_path / "iso04_ref.root", muons.table(200, 0), "Muon_pfRelIso04_all")
    gen = brought.nanoaod(tmp_path / "iso03_gen.root", muons.table(200, 1), "Muon_pfRelIso03_all")
    sentence = refused("fit", ref, gen, "-o", tmp_path / "a.study.h5", *QUICK)
    assert "iso04_mu1" in sentence
    assert "iso03_mu1" in sentence
    assert "--common" in sentence
    study, output = fitted(ref, gen, "--common")
    assert "iso04_mu1, iso04_mu2 left out" in output
    assert not any("iso0" in name for name in names(study))


def test_event_weights_of_nanoaod(tmp_path):
    ref = brought.nanoaod(tmp_path / "v9.root", muons.table(200, 0), "genWeight")
    gen = brought.nanoaod(tmp_path / "v9_gen.root", muons.table(200, 1))
    study, _ = fitted(ref, gen, "--event-weight", "reference=genWeight")
    assert sorted(np.unique(study.reference.event_weight)) == [-1, 1]
    assert study.generated.event_weight is None
    assert "genWeight" in refused(
        "fit", ref, gen, "--event-weight", "genWeight", "-o", tmp_path / "a.study.h5", *QUICK
    )


def test_trees_of_root(reference, tmp_path):
    tables.as_root(events(seed=1), tmp_path / "flat.root")
    study, _ = fitted(reference, tmp_path / "flat.root")
    assert equal(study)
    output = said("show", brought.jagged_tree(tmp_path / "jetclass.root"))
    assert "read as (pt, eta, phi, mass)" in output
    assert "jet_sdmass (200,) double left alone" in output
    output = said("show", brought.rntuple(tmp_path / "cmssw.root", muons.table(100)))
    assert "dimuon events" in output
    assert "Muon.pt" in output


def test_jets_of_a_generator_that_makes_constituents_alone(tmp_path):
    ref, gen = (brought.jetnet(seed=seed) for seed in (0, 1))
    reference = hdf5(tmp_path, "jn_ref.hdf5", ref)
    bare = gen["particle_features"][:, :, :3]
    np.save(tmp_path / "gen_jets.npy", bare)
    for generated in (npz(tmp_path, "jn_gen.npz", particle_features=bare), tmp_path / "gen_jets.npy"):
        study, output = fitted(reference, generated)
        assert "say different things of their jets: compared are particle_features" in output
        assert equal(study)


def test_a_generator_that_repeats_itself(reference, tmp_path):
    few = pd.concat([events(20, seed=1)] * 20)
    _, output = fitted(reference, csv(tmp_path, "collapsed_gen.csv", few))
    assert "Repeated events: Only 20 of 400 generated events differ" in output


def test_names_that_are_ours_or_no_words(tmp_path):
    odd = (
        "events/pt",
        "p_T [GeV]",
        "Δφ",
        "a:b",
        "w",
        "log_w",
        "fold",
        "and",
        "sigma_log_w",
        'it\'s "q"',
        "a,b",
    )
    for seed, name in enumerate(("ref", "gen")):
        values = np.random.default_rng(seed).normal(size=(300, len(odd)))
        csv(tmp_path, f"{name}.csv", pd.DataFrame(values, columns=list(odd)))
    study, _ = fitted(tmp_path / "ref.csv", tmp_path / "gen.csv", "--observable", "R='a,b' + w")
    kept = {"p_T [GeV]": "p_T", "sigma_log_w": "observable_sigma_log_w"}
    assert {*(kept.get(name, name) for name in odd), "R"} == set(names(study))
    assert equal(study)
    out = tmp_path / "exported.csv"
    said("export", tmp_path / "fitted.study.h5", "--sample", "reference", "-o", out)
    back = ts.load(out)
    for name in ("w", "log_w", "observable_sigma_log_w", "a,b"):
        np.testing.assert_allclose(back.observables[name], study.reference.observables[name], rtol=1e-6)


def test_two_samples_in_one_file(tmp_path):
    arrays = {
        f"{group}/{name}": values.to_numpy()
        for seed, group in enumerate(("geant4", "flow"))
        for name, values in events(seed=seed).items()
    }
    path = hdf5(tmp_path, "two_groups.h5", arrays)
    sentence = refused("show", path)
    assert "groups flow, geant4 hold the same names" in sentence
    advised = re.search(r"two_groups.h5:\w+", sentence)[0]
    assert "400 events" in said("show", tmp_path / advised)
    study, _ = fitted(tmp_path / "two_groups.h5:geant4", tmp_path / "two_groups.h5:flow")
    assert (study.reference.name, study.generated.name) == ("two_groups:geant4", "two_groups:flow")
    assert equal(study)


def test_comments_and_lines_of_units(reference, tmp_path):
    generated = events(seed=1)
    columns = " ".join(generated.columns)
    prose = brought.savetxt(tmp_path, "prose.txt", generated, "flow samples epoch300")
    sentence = refused("show", prose)
    assert "expected column names" in sentence
    advised = re.search(r"--names [\w,]+", sentence)[0].split()
    assert "observables: a, b, c, d" in said("show", prose, *advised)
    study, _ = fitted(reference, prose, "--names", "generated:mass,pt,eta,n_jets")
    assert equal(study)
    body = generated.to_csv(index=False)
    files = [
        brought.savetxt(
            tmp_path, "multi.txt", generated, "made by my flow, epoch 300", "units: GeV", columns
        ),
        text(tmp_path, "comment.csv", f"# produced 2024-03-01 by run 3\n{body}"),
        text(tmp_path, "units.csv", body.replace("\n", "\nGeV,GeV,,\n", 1)),
        text(tmp_path, "blank.txt", body.replace("mass", "mass [GeV]").replace(",", " ")),
    ]
    for path in files:
        study, _ = fitted(reference, path)
        assert names(study) == ["eta", "mass", "n_jets", "pt"]
        assert equal(study)
    for path in files[2:]:
        assert "mass (400,) float64 GeV" in said("show", path)


def test_four_leptons_are_a_table(tmp_path):
    rng = np.random.default_rng(0)
    kinds = ("E", "px", "py", "pz", "pt", "eta", "phi", "Q", "PID")
    columns = {f"{kind}{i}": rng.normal(size=100) for i in range(1, 5) for kind in kinds}
    path = csv(tmp_path, "4mu.csv", pd.DataFrame({"Run": 1, "Event": np.arange(100), **columns}))
    output = said("show", path)
    assert "table in CSV" in output
    assert "pt4" in output
    assert "Event (100,) int64 left alone: an identifier" in output


def test_an_export_is_read_again(reference, tmp_path):
    fitted(reference, csv(tmp_path, "gen.csv", events(seed=1)))
    (tmp_path / "study.h5").write_bytes((reference.parent / "fitted.study.h5").read_bytes())
    for ending in ("csv", "h5"):
        out = tmp_path / f"exported.{ending}"
        said("export", tmp_path / "study.h5", "--sample", "generated", "-o", out)
        assert "log_w (400,) float64 left alone: of the export" in said("show", out).replace(
            "float32", "float64"
        )
        study, _ = fitted(reference, out)
        assert names(study) == ["eta", "mass", "n_jets", "pt"]
        assert equal(study)


def test_the_ending_of_what_is_written_is_that_of_its_format(reference, tmp_path):
    how = ("distort", reference, "--observable", "pt", "--smear", "0.1", "--events", "100", "-o")
    sentence = refused(*how, tmp_path / "dist.h5")
    assert "choose the ending .csv" in sentence
    assert not (tmp_path / "dist.h5").exists()
    said(*how, tmp_path / "dist.csv")
    assert "100 events" in said("show", tmp_path / "dist.csv")


def test_weights_of_one_sample(reference, tmp_path):
    gen = csv(tmp_path, "gen.csv", events(seed=1))
    weights = npz(tmp_path, "w.npz", w_generated=np.exp(0.2 * events(seed=1)["eta"].to_numpy()))
    output = said("import", reference, gen, "--weights", weights, "-o", tmp_path / "a.study.h5")
    assert "the reference events have no weights in the file: theirs are an interpolation by trees" in output
    study = ts.open(tmp_path / "a.study.h5")
    np.testing.assert_allclose(study.log_w[1], 0.2 * events(seed=1)["eta"], rtol=1e-5)
    assert study.provenance.interpolated.r2 > 0.9
    noise = npz(tmp_path, "noise.npz", w_generated=np.exp(np.random.default_rng(0).normal(size=400)))
    output = said("import", reference, gen, "--weights", noise, "-o", tmp_path / "b.study.h5")
    assert "unreliable Interpolation: Only the generated events came with weights" in output


def test_what_is_no_column_is_left_alone_by_name(reference, tmp_path):
    made = events(seed=1)
    arrays = {name: made[name].to_numpy() for name in made}
    records = made.assign(eventNumber=np.arange(400) * 7).to_records(index=False)
    files = {
        "seed () int64 left alone: a single value": npz(tmp_path, "meta.npz", **arrays, seed=1, note="flow"),
        "lumi () scalar left alone: a single value": hdf5(tmp_path, "scalar.h5", {**arrays, "lumi": 1.5}),
        "cols (4,) text left alone: text": hdf5(
            tmp_path, "a.h5", {**arrays, "cols": np.array(list(arrays), "S")}
        ),
        "eventNumber (400,) int64 left alone: an identifier": npz(tmp_path, "records.npz", events=records),
    }
    for what, path in files.items():
        assert what in said("show", path)
        study, _ = fitted(reference, path)
        assert equal(study)
    both = [npz(tmp_path, f"xy{s}.npz", X=events(seed=s).to_numpy(), y=np.full(400, s)) for s in (0, 1)]
    study, output = fitted(*both)
    assert "xy0.npz: y left out as a label" in output
    assert names(study) == ["X_0", "X_1", "X_2", "X_3"]
    assert equal(study)


def test_packed_text_without_names_and_other_containers(reference, tmp_path):
    generated = events(seed=1)
    body = generated.to_csv(index=False, header=False)
    bare = text(tmp_path, "bare.csv", body)
    (tmp_path / "bare.csv.gz").write_bytes(gzip.compress(body.encode()))
    for path in (bare, tmp_path / "bare.csv.gz"):
        advised = re.search(r"--names (\S+?)[,;]? ", refused("show", path))[1]
        assert "observables: a, b, c, d" in said("show", path, "--names", advised)
        study, _ = fitted(reference, path, "--names", "generated:mass,pt,eta,n_jets")
        assert equal(study)
    with zipfile.ZipFile(tmp_path / "ok.csv.zip", "w") as file:
        file.writestr("ok.csv", generated.to_csv(index=False))
    study, _ = fitted(reference, tmp_path / "ok.csv.zip")
    assert equal(study)
    generated.to_json(tmp_path / "df.json", orient="records")
    sentence = refused("show", tmp_path / "df.json")
    assert "the file is JSON" in sentence
    code = re.search(r"pandas.read_json.*\)", sentence)[0]
    code = code.replace("FILE", str(tmp_path / "df.json")).replace("NEW", str(tmp_path / "new"))
    exec(code, {"pandas": pd})
    study, _ = fitted(reference, tmp_path / "new.csv")
    assert equal(study)


def test_numbers_that_are_undefined(reference, tmp_path):
    arrays = {s: zjets(200, s) for s in (0, 1)}
    arrays[1]["momenta"][17] = np.nan
    ref, gen = (write_arrays(tmp_path / f"zj_{s}.h5", arrays[s]) for s in (0, 1))
    sentence = refused("fit", ref, gen, "-o", tmp_path / "a.study.h5", *QUICK)
    assert "event 17 has nan" in sentence
    advice = re.search(r"--drop-undefined", sentence)[0]
    study, output = fitted(ref, gen, advice)
    assert "zj_1: 1 of the first 200 events left out, as a number is undefined" in output
    assert len(study.generated) == 199
    electrons = muons.table(200, 0)
    electrons["M"][5] = np.nan
    output = said("show", csv(tmp_path, "dielectron.csv", pd.DataFrame(electrons)))
    assert "M (200,) float64 left alone: follows from the momenta" in output


def test_mev_against_gev(reference, tmp_path):
    made = events(seed=1)
    mev = csv(tmp_path, "mev_gen.csv", made.assign(pt=1000 * made["pt"], mass=1000 * made["mass"]))
    _, output = fitted(reference, mev)
    assert "Units: mass, pt seem to be in other units (MeV and GeV?)" in output
    stated = [
        csv(tmp_path, f"{unit}.csv", frame.rename(columns={"pt": f"pt [{unit}]"}))
        for unit, frame in (("GeV", events()), ("MeV", made.assign(pt=1000 * made["pt"])))
    ]
    sentence = refused("fit", *stated, "-o", tmp_path / "a.study.h5", *QUICK)
    assert "pt is in GeV in GeV and in MeV in MeV; write both files in one unit" in sentence


def test_several_files_a_side(tmp_path):
    parts = [write_arrays(tmp_path / f"cc_part{s}.hdf5", challenge(40, seed=s)) for s in (1, 2)]
    gen = write_arrays(tmp_path / "gen.hdf5", challenge(60, seed=3))
    listed, _ = fitted("--reference", parts[0], "--reference", parts[1], "--generated", gen)
    globbed, _ = fitted("--reference", tmp_path / "cc_part*.hdf5", "--generated", gen)
    assert len(listed.reference) == len(globbed.reference) == 80
    assert [Path(one.path).name for one in globbed.reference.source.files] == [
        "cc_part1.hdf5",
        "cc_part2.hdf5",
    ]
    np.testing.assert_array_equal(listed.log_w[0], globbed.log_w[0])


def test_event_records_of_generators(tmp_path):
    lhe = text(tmp_path, "events.lhe", '<LesHouchesEvents version="3.0">\n<header>\n</header>\n')
    assert "Les Houches event file" in (sentence := refused("show", lhe))
    assert "write the columns to compare as CSV or HDF5" in sentence
    hepmc = text(tmp_path, "events.hepmc", "HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\n")
    assert "HepMC" in refused("show", hepmc)
