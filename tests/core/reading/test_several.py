"""Several files as one sample, in every container, and back to file and row."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from helpers.showers import challenge, write
from tailscope.errors import FormatError
from tailscope.looking.originals import files_of
from tailscope.reading.load import read
from tailscope.reading.reading import Reading
from tailscope.selection import Selection
from tailscope.study.export import export_events, export_original

SIZES = (120, 80, 200)


def parts(folder: Path, ending: str) -> tuple[list[Path], pd.DataFrame]:
    """Files of one table, whose columns come in another order in each."""
    rng = np.random.default_rng(0)
    whole = pd.DataFrame(rng.normal(size=(sum(SIZES), 3)).astype(np.float32), columns=["a", "b", "c"])
    paths, start = [], 0
    for i, n in enumerate(SIZES):
        path = folder / f"part{i}{ending}"
        table = whole.iloc[start : start + n][list(np.roll(whole.columns, i))]
        if ending == ".csv":
            table.to_csv(path, index=False)
        elif ending == ".parquet":
            table.to_parquet(path)
        elif ending == ".npz":
            np.savez(path, **{name: table[name].to_numpy() for name in table})
        else:
            write(path, {name: table[name].to_numpy() for name in table})
        paths.append(path)
        start += n
    return paths, whole


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".npz", ".h5"])
def test_files_are_one_sample_whose_rows_lead_back(ending, tmp_path):
    paths, whole = parts(tmp_path, ending)
    sample = ts.load(paths)
    for name in whole:
        np.testing.assert_array_equal(sample.observables[name], whole[name])
    assert [one.n_events for one in sample.source.files] == list(SIZES)
    assert len(ts.load(paths, max_events=150)) == 150
    log_w = np.linspace(-1, 1, len(sample))
    study = ts.Study.from_weights(sample, ts.load(paths), log_w, log_w)
    study = ts.open(study.save(tmp_path / "s.study.h5"))
    found = files_of(study.reference, "reference")
    assert found == tuple(paths)
    assert read(Reading.of(study.reference.source)).source == sample.source
    selection = Selection(1.5, None)
    rows = study.select("reference", selection)
    export_events(study, selection, tmp_path / "e.h5")
    with h5py.File(tmp_path / "e.h5") as file:
        about = json.loads(file.attrs["tailscope"])
        for which, row, a in zip(file["file"], file["row"], file["observables/a"], strict=True):
            assert ts.load(about["source"]["files"][which]["path"]).observables["a"][row] == a
    if ending in {".npz", ".h5"}:
        export_original(study, selection, tmp_path / f"copy{ending}")
        np.testing.assert_array_equal(ts.load(tmp_path / f"copy{ending}").observables["b"], whole["b"][rows])
    else:
        with pytest.raises(FormatError, match="several files"):
            export_original(study, selection, tmp_path / f"copy{ending}")


def test_showers_of_several_files_are_those_of_one(tmp_path):
    arrays = challenge(60)
    one = write(tmp_path / "one.hdf5", arrays)
    two = [
        write(tmp_path / f"{i}.hdf5", {k: v[part] for k, v in arrays.items()})
        for i, part in enumerate((slice(0, 25), slice(25, 60)))
    ]
    np.testing.assert_array_equal(ts.load(two).features, ts.load(one).features)


def test_files_that_do_not_fit_are_named(tmp_path):
    paths, whole = parts(tmp_path, ".csv")
    other = tmp_path / "other.csv"
    whole.rename(columns={"b": "d"}).to_csv(other, index=False)
    with pytest.raises(FormatError, match=r"other\.csv: b, d is not alike in part0\.csv"):
        ts.load([paths[0], other])
    showers = write(tmp_path / "showers.hdf5", challenge(20))
    with pytest.raises(FormatError, match=r"showers\.hdf5: it is a file of CaloChallenge .* but part0\.csv"):
        ts.load([paths[0], showers])
    columns = write(tmp_path / "columns.h5", {"a": whole["a"].to_numpy()})
    with pytest.raises(FormatError, match=r"no array in common with columns\.h5"):
        ts.load([columns, showers])


def test_a_short_last_file_is_read_like_the_first(tmp_path):
    """In a few rows a label is no label and a counter no counter: the first file decides."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"k": np.arange(205), "a": rng.normal(size=205), "y": rng.integers(0, 2, 205)})
    table.iloc[:200].to_csv(tmp_path / "0.csv", index=False)
    table.iloc[200:].to_csv(tmp_path / "1.csv", index=False)
    sample = ts.load([tmp_path / "0.csv", tmp_path / "1.csv"])
    assert (sample.names, len(sample)) == (("a",), 205)
    assert len(ts.load([tmp_path / "0.csv", tmp_path / "1.csv"], where="y == 1")) == table["y"].sum()
