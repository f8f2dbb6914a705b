"""`tailscope bundle` lets a study carry events; `serve --events` wants places that exist."""

from typer.testing import CliRunner

import tailscope as ts
from helpers.shown import study_of_kind
from tailscope.looking.originals import originals
from tailscope_dashboard.cli import app


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "300"})


def test_a_study_carries_events_to_where_the_files_are_not(tmp_path):
    path = study_of_kind(tmp_path, "calogan").save(tmp_path / "a.study.h5")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for role in ("reference", "generated"):
        (tmp_path / f"{role}.h5").rename(moved / f"{role}.h5")
    refused = run("bundle", path)
    assert refused.exit_code == 2
    assert "reference.h5 (reference events" in refused.output
    said = run("bundle", path, "-n", 5, "--events", moved)
    assert said.exit_code == 0, said.output
    carried = ts.open(path).reference.bundle.events
    assert f"carries {carried.size} reference and" in said.output
    assert originals(ts.open(path), "reference").available.tolist() == carried.tolist()


def test_a_place_that_does_not_exist_is_refused(tmp_path, toy_file):
    said = run("serve", toy_file, "--no-open", "--events", tmp_path / "none")
    assert said.exit_code == 2
    assert "there is no such file or folder" in said.output
