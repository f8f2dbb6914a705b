"""A copy of some events is a file of the same format whose events are those, value for value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from helpers.muons import table, write_nanoaod
from helpers.particles import jets, pandas_fixed, zjets
from helpers.showers import challenge, made_up, write
from tailscope.errors import FormatError, InputError, StudyError
from tailscope.formats import hdf5_rows, open_events
from tailscope.reading.copy import copy_rows

N = 200
ROWS = np.array([7, 199, 0, 7, 31, 150])

FILES: dict[str, Callable[[Path], object]] = {
    "showers.hdf5": lambda p: write(p, made_up(N), compression="gzip"),
    "showers.npz": lambda p: np.savez_compressed(p, **made_up(N)),
    "challenge.hdf5": lambda p: write(p, challenge(N)),
    "zjets.h5": lambda p: write(p, zjets(N), chunks=True),
    "zjets.npz": lambda p: np.savez(p, **zjets(N)),
    "pandas.h5": lambda p: write(p, pandas_fixed(zjets(N)["momenta"].reshape(N, 20))),
    "jets.hdf5": lambda p: write(p, jets(N)),
    "muons.h5": lambda p: write(p, table(N)),
    "muons.csv": lambda p: pd.DataFrame(table(N)).to_csv(p),
    "blanks.dat": lambda p: np.savetxt(p, np.arange(2.0 * N).reshape(N, 2), header="x z"),
    "table.parquet": lambda p: pd.DataFrame(table(N)).to_parquet(p, row_group_size=70),
}


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    with open_events(path) as events:
        chunks = [dict(arrays) for _, arrays in events.chunks()]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


@pytest.mark.parametrize("block", [hdf5_rows.BLOCK_BYTES, 1])
@pytest.mark.parametrize("name", FILES)
def test_the_rows_come_back_in_their_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, block: int
) -> None:
    monkeypatch.setattr(hdf5_rows, "BLOCK_BYTES", block)
    FILES[name](tmp_path / name)
    copy = copy_rows(tmp_path / name, ROWS, tmp_path / f"copy_{name}")
    before, after = arrays_of(tmp_path / name), arrays_of(copy)
    assert set(after) == set(before)
    for key, values in before.items():
        np.testing.assert_array_equal(after[key], values[ROWS])
    assert ts.load(copy).source.format == ts.load(tmp_path / name).source.format


def test_what_else_is_in_a_file_is_kept(tmp_path: Path) -> None:
    words = np.array([b"GG", b"GT"] * 50)
    arrays = {
        "x": np.arange(100.0) ** 2,
        "names": np.array([b"a", b"b"]),
        "kind": words,
        "deep/row": np.arange(100),
    }
    source = write(tmp_path / "a.h5", arrays)
    with h5py.File(source, "a") as file:
        file.attrs["generator"] = "toy"
        file["x"].attrs["unit"] = "GeV"
        file["x"].attrs["scale"] = file["names"].ref
        file["deep"].attrs["of"] = "run 2"
        file["remark"] = np.array(["a", "bb"] * 50, dtype=h5py.string_dtype())
    copy_rows(source, np.array([3, 98]), tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5") as file:
        assert dict(file.attrs) == {"generator": "toy"}
        assert dict(file["x"].attrs) == {"unit": "GeV"}
        assert dict(file["deep"].attrs) == {"of": "run 2"}
        assert file["names"][:].tolist() == [b"a", b"b"]
        assert file["kind"][:].tolist() == [b"GT", b"GG"]
        assert file["remark"].asstr()[:].tolist() == ["bb", "a"]
        assert (file["deep/row"].dtype, file["deep/row"][:].tolist()) == (np.int64, [3, 98])


def test_what_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a.h5", {"x": np.arange(10.0)})
    with pytest.raises(InputError, match="the output is the input"):
        copy_rows(source, np.array([1]), source)
    with pytest.raises(InputError, match=r"a.h5: there is no event 10, its events are 0 to 9"):
        copy_rows(source, np.array([1, 10]), tmp_path / "b.h5")
    with pytest.raises(InputError, match=r"a.h5: there is no event -1"):
        copy_rows(source, np.array([-1, 2]), tmp_path / "b.h5")
    with pytest.raises(InputError, match=r"a.h5: no event is to be copied"):
        copy_rows(source, np.array([], dtype=np.int64), tmp_path / "b.h5")
    with pytest.raises(StudyError, match="cannot be written"):
        copy_rows(source, np.array([1]), tmp_path / "nowhere" / "b.h5")
    write_nanoaod(tmp_path / "d.root", table(20))
    with pytest.raises(FormatError, match="ROOT files are only read"):
        copy_rows(tmp_path / "d.root", np.array([0]), tmp_path / "e.root")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.h5", "d.root"]


@pytest.mark.parametrize("source", ["a.csv", "a.npz", "a.h5", "a.parquet"])
@pytest.mark.parametrize("ending", [".csv", ".txt", ".npz", ".hdf5", ".pq", ".root", ".csv.gz", ".copy"])
def test_the_ending_of_a_copy_is_that_of_its_format(tmp_path, source, ending):
    table = pd.DataFrame({"x": [0.5, -0.25, 3.5, 0.0, 0.125], "y": [0.5, 1.25, 0.25, 9.5, -0.75]})
    path, target = tmp_path / source, tmp_path / f"b{ending}"
    match path.suffix:
        case ".csv":
            table.to_csv(path, index=False)
        case ".npz":
            np.savez(path, x=table["x"], y=table["y"])
        case ".h5":
            write(path, {"x": table["x"].to_numpy(), "y": table["y"].to_numpy()})
        case _:
            table.to_parquet(path)
    own = {".csv": {".csv", ".txt"}, ".npz": {".npz"}, ".h5": {".hdf5"}, ".parquet": {".pq"}}[path.suffix]
    if ending not in {*own, ".copy"}:
        with pytest.raises(
            InputError, match=f"b{ending}: events of {source} are copied in its own format"
        ) as no:
            copy_rows(path, np.array([1, 3]), target)
        target = target.with_suffix(str(no.value).rpartition("the ending ")[2])
    copy_rows(path, np.array([1, 3]), target)
    assert ts.load(target).observable("y").tolist() == [1.25, 9.5]
