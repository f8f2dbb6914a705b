"""Jets from top tagging's tables, from show to a fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import tailscope as ts
from helpers.constituents import lab_jets, momenta, top_tagging
from tailscope_dashboard import cli

N = 300
SIGMA = np.sqrt(2 * (2 * N + 1) / (12 * N**2))
"""Of the AUC of a cross-fitted null."""


def run(*arguments: object) -> Result:
    """Call the command line."""
    done = CliRunner().invoke(cli.app, [str(a) for a in arguments], env={"COLUMNS": "300"})
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize(("wider", "low", "high"), [(1.0, -4, 4), (1.6, 8, 99)])
def test_a_pair_in_both_formats_of_pandas_is_fitted(
    tmp_path: Path, wider: float, low: float, high: float
) -> None:
    """Equal jets are not told apart, wider ones are: the order of the columns says nothing."""
    reference, generated = (lab_jets(N, slots=10, seed=seed) for seed in (1, 2))
    for name in ("eta", "phi"):  # away from the hardest constituent
        axis = generated[name][:, :1]
        generated[name] = (axis + wider * (generated[name] - axis)) * (generated["pt"] > 0)
    top_tagging(momenta(reference)).to_hdf(tmp_path / "ref.h5", key="table", format="fixed")
    table = top_tagging(momenta(generated))
    table[sorted(table)].to_hdf(tmp_path / "gen.h5", key="table", format="table")

    said = run("show", tmp_path / "gen.h5").output
    assert "columns E_0 to PZ_9 of HDF5, read as (E, px, py, pz)" in said
    assert "is_signal_new" in said
    files = (tmp_path / "ref.h5", tmp_path / "gen.h5", "-o", tmp_path / "a.study.h5")
    run("fit", *files, "--cache", tmp_path, "--epochs", 5, "--folds", 2)
    auc = ts.open(tmp_path / "a.study.h5").auc()
    assert low < (auc - 0.5) / SIGMA < high, auc
