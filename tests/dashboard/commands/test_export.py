"""`tailscope export` writes what numpy selects."""

import csv

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

import tailscope as ts
from tailscope_dashboard.cli import app


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_cuts_on_the_command_line_select_what_numpy_selects(tmp_path, toy_file):
    target = tmp_path / "out.csv"
    said = run(toy_file, "-o", target, "--low", 1.2, "--cut", "x1:-0.5..0.5", "--cut", "x0:..1")
    study = ts.open(toy_file)
    x0, x1 = (study.reference.observables[name].astype(float) for name in ("x0", "x1"))
    log_w = study.log_weights("reference")
    rows = np.flatnonzero((log_w >= np.log(1.2)) & (x1 >= -0.5) & (x1 < 0.5) & (x0 < 1))
    assert said.exit_code == 0
    assert f"{rows.size:,} events of the reference sample" in said.output
    with target.open(newline="") as file:
        file.readline()
        np.testing.assert_array_equal([int(line["row"]) for line in csv.DictReader(file)], rows)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cut", "x1:5"], "5 is not a range"),
        (["--cut", "x1:a..b"], "a is not a number"),
        (["--cut", "gone:0..1"], "gone"),
        (["--low", "2", "--high", "1"], "inverted"),
        (["--sample", "both"], "choose reference or generated"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path, toy_file, arguments, sentence):
    said = run(toy_file, "-o", tmp_path / "out.csv", *arguments)
    assert said.exit_code == 2
    assert sentence in said.output.replace("\n", " ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["out.csv", "out.h5"])
def test_a_selection_without_events_is_said_and_makes_a_table_without_rows(tmp_path, toy_file, name):
    said = CliRunner().invoke(app, ["export", str(toy_file), "-o", str(tmp_path / name), "--low", "1e9"])
    w = ts.open(toy_file).weights("reference")
    assert said.exit_code == 0
    assert "0 events of the reference sample" in said.stdout
    assert "no event is selected, so that the file holds none" in said.stderr
    assert f"w of the reference events lies between {w.min():.4g} and {w.max():.4g}" in said.stderr
    if name.endswith("csv"):
        about, head = (tmp_path / name).read_text().splitlines()
        assert about.startswith("# tailscope {")
        assert head.startswith("row,log_w,w,")
    else:
        with h5py.File(tmp_path / name) as file:
            assert file["w"].shape == file["observables/x0"].shape == (0,)
    said = run(toy_file, "-o", tmp_path / name, "--low", "1.2")
    assert "no event" not in said.output


def test_rows_of_the_original_file_are_copied(tmp_path):
    for seed, name in enumerate(("a.csv", "b.csv")):
        events = np.random.default_rng(seed).normal(size=(50, 2))
        np.savetxt(tmp_path / name, events, delimiter=",", header="x,y", comments="")
    ref, gen = ts.load(tmp_path / "a.csv"), ts.load(tmp_path / "b.csv")
    log_w = np.linspace(-1, 1, 50)
    study = ts.Study.from_weights(ref, gen, log_w, log_w).save(tmp_path / "t.study.h5")
    said = run(study, "--original", "--low", 2, "-o", tmp_path / "tail.csv")
    assert said.exit_code == 0, said.output
    lines = (tmp_path / "a.csv").read_text().splitlines()
    kept = [line for line, w in zip(lines[1:], np.exp(log_w), strict=True) if w >= 2]
    assert (tmp_path / "tail.csv").read_text().splitlines() == [lines[0], *kept]
    assert f"{len(kept)} events of the reference sample" in said.output
    (tmp_path / "a.csv").unlink()
    said = run(study, "--original", "--low", 2, "-o", tmp_path / "again.csv")
    assert said.exit_code == 2
    assert "was not found; say where it is now" in said.output.replace("\n", " ")
    assert run(study, "--events", tmp_path, "-o", tmp_path / "x.csv").exit_code == 2
