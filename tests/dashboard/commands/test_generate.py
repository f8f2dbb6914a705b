"""`tailscope generate` writes a file that `tailscope fit` reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import tailscope as ts
from helpers.kinds import write_kind
from tailscope_dashboard.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_a_network_is_trained_its_events_fitted_and_the_network_kept(tmp_path: Path) -> None:
    reference, made, kept = (
        write_kind(tmp_path / "ref.h5", "zjets", 600),
        tmp_path / "a.h5",
        tmp_path / "n.safetensors",
    )
    said = run("generate", reference, "-o", made, "--model", "vae", "--epochs", 2, "-n", 500, "--save", kept)
    assert said.exit_code == 0, said.output
    assert "500 events made by a vae" in said.output
    assert f"tailscope fit {reference} {made}" in said.output
    study = tmp_path / "s.h5"
    fitted = run(
        "fit",
        reference,
        made,
        "-o",
        study,
        "--epochs",
        1,
        "--folds",
        2,
        "--device",
        "cpu",
        "--cache",
        tmp_path,
    )
    assert fitted.exit_code == 0, fitted.output
    assert len(ts.open(study).generated) == 500
    again = tmp_path / "b.h5"
    assert run("generate", kept, "-o", again, "-n", 500).exit_code == 0
    assert (ts.load(again).features == ts.load(made).features).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "diffusion"], "choose one of flow, vae, gan"),
        (["--epochs", "0"], "epochs = 0 makes no sense"),
        (["--max-events", "30"], "30 events are too few to learn from"),
        (["--save", "nowhere/x.safetensors"], "cannot be written"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    reference = write_kind(tmp_path / "ref.h5", "table", 200)
    said = run("generate", reference, "-o", tmp_path / "a.h5", *arguments)
    assert said.exit_code == 2
    assert sentence in " ".join(said.output.split())
    assert not (tmp_path / "a.h5").exists()


def test_the_reference_is_not_overwritten(tmp_path: Path) -> None:
    reference = write_kind(tmp_path / "ref.h5", "table", 200)
    assert run("generate", reference, "-o", reference).exit_code == 2
