"""Each container is known by its first bytes, and keeps the promises of `Contents`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.muons import table, write_nanoaod
from helpers.showers import write
from tailscope.errors import FormatError
from tailscope.formats.choice import Choice
from tailscope.formats.containers import CONTAINERS, container_of
from tailscope.formats.weights import read_log_weights

N = 30
COLUMNS = {"x": np.arange(N) / 7, "weight": np.linspace(-1, 2, N)}

FILES: dict[str, Callable[[Path], object]] = {
    "HDF5": lambda path: write(path, COLUMNS),
    "npz": lambda path: np.savez(path, **COLUMNS),
    "npy": lambda path: np.save(path, np.ones((N, 8, 3))),
    "Parquet": lambda path: pd.DataFrame(COLUMNS).to_parquet(path),
    "ROOT": lambda path: write_nanoaod(path, table(N)),
    "CSV": lambda path: pd.DataFrame(COLUMNS).to_csv(path, index=False),
}


@pytest.fixture(params=FILES)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A file of each container, whose name says nothing."""
    path = tmp_path / "a.dat"
    FILES[request.param](path)
    if not path.exists():  # numpy adds its suffix
        next(tmp_path.iterdir()).rename(path)
    return request.param, path


def test_there_is_a_file_of_each() -> None:
    assert {container.name for container in CONTAINERS} == set(FILES)


def test_it_is_known_by_its_first_bytes(made: tuple[str, Path]) -> None:
    name, path = made
    container = container_of(path)
    assert container.name == name
    with closing(container.open(path, Choice())) as contents:
        assert (contents.container, contents.path) == (name, path)


def test_its_columns_are_read_as_they_are_stored(made: tuple[str, Path]) -> None:
    name, path = made
    with closing(container_of(path).open(path, Choice())) as contents:
        if name == "ROOT":
            with pytest.raises(FormatError, match=r"a.dat: event weights are not read from ROOT files"):
                contents.column("weight", N)
            return
        if name == "npy":
            with pytest.raises(FormatError, match=r"no column weight .*there is array"):
                contents.column("weight", N)
            return
        np.testing.assert_allclose(contents.column("weight", N), COLUMNS["weight"], rtol=1e-15)
        assert len(contents.column("weight", 7)) == 7
        assert len(contents.column("x", 10 * N)) == N
        with pytest.raises(FormatError, match=r"no column weights .* the closest name is weight"):
            contents.column("weights", N)


def test_closing_twice_does_no_harm(made: tuple[str, Path]) -> None:
    _, path = made
    contents = container_of(path).open(path, Choice())
    contents.close()
    contents.close()


def test_weights_are_read_where_people_keep_them(made: tuple[str, Path]) -> None:
    name, path = made
    said = r"expected log_w_reference and log_w_generated .*; there is x, weight"
    if name in {"Parquet", "ROOT", "npy"}:
        said = r"weights are read from HDF5, npz or CSV; convert the file"
    elif name == "HDF5":
        said = r"there is weight, x"
    with pytest.raises(FormatError, match=said):
        read_log_weights(path)
