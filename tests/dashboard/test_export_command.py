"""`tailscope export` writes what numpy selects."""

import csv

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
