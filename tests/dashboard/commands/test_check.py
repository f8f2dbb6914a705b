"""`tailscope compare` and `tailscope check`: what they print, and the exit codes a pipeline goes by."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from helpers.folded import folded_study
from tailscope_dashboard.cli import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Old and new of the same generator, one with planted events, one of another reference."""
    folder = tmp_path_factory.mktemp("checked")
    for name, options in (
        ("flow-010", {"seed": 1}),
        ("flow-020", {"seed": 2}),
        ("worse", {"seed": 3, "extra": 0.4}),
        ("other", {"seed": 4, "reference_seed": 5}),
    ):
        folded_study(**options, name=f"[bold]{name}[/]").save(folder / f"{name}.study.h5")
    (folder / "noise.h5").write_bytes(b"no study")
    return folder


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})


def check(folder, new, old, *options):
    return run("check", folder / f"{new}.study.h5", "--against", folder / f"{old}.study.h5", *options)


def test_nothing_grew_is_0_and_growth_is_1(folder):
    same = check(folder, "flow-020", "flow-010")
    assert same.exit_code == 0
    assert "nothing grew by more than 3 σ" in same.output
    assert "growth by so much is found in 80% of trials" in same.output
    worse = check(folder, "worse", "flow-010")
    assert worse.exit_code == 1
    assert "low tail (w < 0.6)" in worse.output
    assert "low tail" in worse.output.splitlines()[-1]


def test_the_tails_and_the_significance_can_be_chosen(folder):
    found = check(folder, "worse", "flow-010", "--tail", "high:2", "--tail", "low", "--sigma", "50", "--json")
    assert found.exit_code == 0
    data = json.loads(found.output)
    assert [(n["name"], n["cut"]) for n in data["numbers"]] == [
        ("high tail", 2.0), ("low tail", 0.6), ("AUC", None)
    ]  # fmt: skip
    assert data["grew"] is False
    assert data["numbers"][1]["significance"] > 3
    assert data["numbers"][1]["old"]["includes_training"] is True
    assert data["numbers"][1]["detectable"] is None  # nothing is found at 50 σ
    data = json.loads(check(folder, "worse", "flow-010", "--json").output)
    assert data["power"] == 0.8
    assert all(0 < number["detectable"] < 1 for number in data["numbers"])


@pytest.mark.parametrize(
    ("new", "options", "words"),
    [
        ("other", (), "other reference events"),
        ("missing", (), "there is no such file"),
        ("worse", ("--sigma", "-1"), "positive number"),
        ("worse", ("--tail", "middle"), "write low, high"),
        ("worse", ("--tail", "low:x"), "write low, high"),
        ("worse", ("--tail", "low:-1"), "above 0"),
    ],
)
def test_bad_input_is_2(folder, new, options, words):
    refused = check(folder, new, "flow-010", *options)
    assert refused.exit_code == 2
    assert words in refused.output


def test_the_table_is_sorted_and_names_are_no_markup(folder):
    files = [folder / f"{name}.study.h5" for name in ("worse", "other", "flow-010", "flow-020")]
    shown = run("compare", *files)
    assert shown.exit_code == 0, shown.output
    names = [line.split()[0] for line in shown.output.splitlines()[2:6]]
    assert names[2:] == ["worse", "other"]
    assert "other was made with other reference events ([bold]" not in shown.output
    assert "other was made with other reference events (reference, 3,000 events" in shown.output
    data = json.loads(run("compare", *files, "--sort", "given", "--json").output)
    assert [study["label"] for study in data["studies"]] == ["worse", "other", "flow-010", "flow-020"]
    assert [study["same_reference"] for study in data["studies"]] == [True, False, True, True]
    assert data["studies"][0]["name"] == "[bold]worse[/]"


def test_a_series_goes_by_epoch(folder):
    files = [folder / f"flow-0{epoch}0.study.h5" for epoch in (2, 1)]
    shown = run("compare", *files, "--series")
    assert [line.split()[0] for line in shown.output.splitlines()[1:4]] == ["epoch", "10", "20"]
    refused = run("compare", *files, folder / "worse.study.h5", "--series")
    assert refused.exit_code == 2
    assert "are no series" in refused.output
