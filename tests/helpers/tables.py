"""One table of columns, written as people write theirs: text, Parquet, npz, HDF5, by pandas or by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

Writer = Callable[[pd.DataFrame, Path], None]


def as_pandas_fixed(frame: pd.DataFrame, path: Path) -> None:
    frame.to_hdf(path, key="df", mode="w", format="fixed")


def as_pandas_table(frame: pd.DataFrame, path: Path) -> None:
    frame.to_hdf(path, key="df", mode="w", format="table")


def as_data_columns(frame: pd.DataFrame, path: Path) -> None:
    frame.to_hdf(path, key="df", mode="w", format="table", data_columns=True)


def as_columns(frame: pd.DataFrame, path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in _arrays(frame, text="S").items():
            file[name] = values


def as_group(frame: pd.DataFrame, path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in _arrays(frame, text="S").items():
            file[f"events/{name}"] = values


def as_records(frame: pd.DataFrame, path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["events"] = _records(frame, text="S")


def as_npz(frame: pd.DataFrame, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **_arrays(frame, text="U"))


def as_npz_records(frame: pd.DataFrame, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, events=_records(frame, text="U"))


def as_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path)


def as_root(frame: pd.DataFrame, path: Path) -> None:
    import uproot

    with uproot.recreate(path) as file:
        arrays = _arrays(frame, text="U")
        file.mktree("tree", {name: values.dtype for name, values in arrays.items()})
        file["tree"].extend(arrays)


def as_text(
    separator: str, decimal: str = ".", *, index: bool = False, compression: str | None = None
) -> Writer:
    """A writer of text whose cells stand between separators, empty where a number is missing."""

    def write(frame: pd.DataFrame, path: Path) -> None:
        frame.to_csv(
            path,
            sep=separator,
            decimal=decimal,
            index=index,
            compression=compression,
            na_rep="nan" if separator == " " else "",
        )

    return write


def as_savetxt(frame: pd.DataFrame, path: Path) -> None:
    """Numbers between blanks below names behind a #, as numpy.savetxt writes them."""
    values = frame.to_numpy(dtype=np.float64)
    np.savetxt(path, values, header="made by a flow\n" + " ".join(map(str, frame.columns)), fmt="%.9g")


def _arrays(frame: pd.DataFrame, text: str) -> dict[str, np.ndarray]:
    """The columns as numpy has them; those of text with a length."""
    return {
        str(name): frame[name].to_numpy().astype(text)
        if frame[name].dtype.kind not in "fiub"
        else frame[name].to_numpy()
        for name in frame
    }


def _records(frame: pd.DataFrame, text: str) -> np.ndarray:
    arrays = _arrays(frame, text)
    return np.rec.fromarrays(list(arrays.values()), names=list(arrays))
