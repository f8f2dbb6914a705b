"""`tailscope distort`: from a flaw of a known size to a study that shows it."""

import re

import numpy as np
import pytest
from typer.testing import CliRunner

import tailscope as ts
from helpers.showers import write
from tailscope_dashboard.cli import app


def run(*arguments):
    return CliRunner().invoke(app, ["distort", *map(str, arguments)], env={"COLUMNS": "300"})


@pytest.fixture
def events(tmp_path):
    rng = np.random.default_rng(3)
    x = rng.normal(10, 2, 8000)
    return write(tmp_path / "a.h5", {"x": x, "y": x + rng.normal(0, 1, 8000)})


def test_a_tail_cut_leaves_what_lies_between(events, tmp_path):
    out, ref = tmp_path / "b.h5", tmp_path / "ref.h5"
    done = run(events, "-o", out, "--observable", "x", "--tail-cut", "12,7", "--reference", ref)
    assert done.exit_code == 0, done.output
    cut, reference = ts.load(out), ts.load(ref)
    assert (len(cut), len(reference)) == (2000, 4000)
    assert cut.observable("x").min() >= 7
    assert cut.observable("x").max() < 12
    assert reference.observable("x").max() > 14
    # The part taken away is ranked above all others, ties count half.
    gone = 1 - np.mean((ts.load(events).observable("x") >= 7) & (ts.load(events).observable("x") < 12))
    told = float(re.search(r"AUC of the exact weights: (\d\.\d+)", done.output)[1])
    assert told == pytest.approx((1 + gone) / 2, abs=0.01)
    assert f"tailscope fit {ref} {out} -o {tmp_path / 'b.study.h5'}" in done.output


@pytest.mark.parametrize(
    ("option", "mean"), [(("--shift", "0.1"), 11), (("--shift=-0.1",), 9), (("--smear", "0.05"), 10)]
)
def test_shift_and_smear_move_and_widen(events, tmp_path, option, mean):
    out = tmp_path / "b.h5"
    options = ("--observable", "x", *option, "--events", "1500", "--seed", "5")
    done = run(events, "-o", out, *options)
    assert done.exit_code == 0, done.output
    values = ts.load(out).observable("x")
    assert len(values) == 1500
    assert values.mean() == pytest.approx(mean, abs=0.2)
    assert f"{values.mean():.5g} after" in done.output
    again = run(
        events, "-o", tmp_path / "c.h5", "--observable", "x", *option, "--events", "1500", "--seed", "5"
    )
    assert again.exit_code == 0
    np.testing.assert_array_equal(ts.load(tmp_path / "c.h5").observable("x"), values)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "choose one of --tail-cut, --smear and --shift"),
        (("--smear", "0.1", "--shift", "0.1"), "choose one of --tail-cut, --smear and --shift"),
        (("--tail-cut", "high"), "--tail-cut high: write numbers, like 170 or 170,20"),
        (("--tail-cut", ","), "write numbers"),
        (("--tail-cut", "7,12"), "--tail-cut 7,12 takes everything away"),
        (("--tail-cut", "-50"), "no event is left; choose a weaker distortion"),
        (("--smear", "0"), "--smear 0 is no width"),
        (("--shift=-1",), "turns the observable's sign"),
    ],
)
def test_what_makes_no_sense_is_said(events, tmp_path, options, sentence):
    done = run(events, "-o", tmp_path / "b.h5", "--observable", "x", *options)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "b.h5").exists()


def test_the_input_is_never_overwritten(events, tmp_path):
    before = events.read_bytes()
    for options in (("-o", events), ("-o", tmp_path / "b.h5", "--reference", events)):
        done = run(events, *options, "--observable", "x", "--smear", "0.1")
        assert done.exit_code == 2
        assert "would be overwritten" in done.stderr
    same = tmp_path / "b.h5"
    done = run(events, "-o", same, "--reference", same, "--observable", "x", "--smear", "0.1")
    assert done.exit_code == 2
    assert "name two files" in done.stderr
    assert events.read_bytes() == before
