"""Files that are almost tables. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helpers.showers import write

Writer = Callable[[Path], object]
X = np.arange(50, dtype=np.float32)


def text(content: str | bytes) -> Writer:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def npz(**arrays: Any) -> Writer:
    return lambda path: np.savez_compressed(path, **arrays)


def mangled(change: Callable[[bytes], bytes]) -> Writer:
    def writer(path: Path) -> None:
        np.savez_compressed(path, x=X, y=X)
        path.write_bytes(change(path.read_bytes()))

    return writer


def hdf5(**arrays: Any) -> Writer:
    return lambda path: write(path, arrays)


def member(content: bytes, name: str = "x.npy") -> Writer:
    """A zip file with one member of these bytes."""

    def writer(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(name, content)

    return writer


def packed(files: dict[str, str]) -> Writer:
    """A zip of these."""

    def writer(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            for name, content in files.items():
                file.writestr(name, content)

    return writer


def header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    """The first bytes of an npy file, whatever follows."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue()


CASES: dict[str, tuple[Writer, str]] = {
    "blank.csv": (text("\n\n  \n"), r"the file is blank, expected a line of column names"),
    "names.csv": (text("pt,eta\n"), r"there are no events in it, only column names"),
    "numbers.csv": (text("1,2\n3,4\n"), r"the first line holds numbers \(1, 2\), expected column names"),
    "twice.csv": (text("pt,pt\n3,4\n"), r"column name pt occurs twice"),
    "nameless.csv": (text("pt,,eta\n3,4,5\n"), r"column 2 of 3 has no name"),
    "ragged.csv": (text("pt,eta\n1,2\n3,4,5\n"), r"line 3 has 3 values, expected 2"),
    "wide.csv": (text("pt,eta\n1,2,3\n4,5,6\n"), r"the first line names 2 columns but 3 values stand below"),
    "cell.csv": (text("pt,eta\n1,2\nn/k,4\n"), r"column pt has 'n/k' at event 1, expected a number"),
    "large.csv": (text("pt,eta\n1,2\n3,1e300\n"), r"column eta: there are values up to 1e\+300"),
    "words.csv": (text("name,kind\na,b\nc,d\n"), r"there is no column of numbers in it \(name, kind\)"),
    "latin.csv": (text("pt,énergie\n1,2\n".encode("latin-1")), r"is not text in UTF-8"),
    "latin_below.csv": (text(b"pt,name\n1,a\n" * 1 + b"2,\xe9\n"), r"is not text in UTF-8"),
    "thousands.csv": (
        text("pt;eta\n1,234.5;2\n3;4\n"),
        r"column pt has '1,234.5', with separators of thousands; write all numbers like 1234.5",
    ),
    "both.csv": (
        text("pt;eta\n1,25;2.5\n3;4\n"),
        r"column pt has '1,25' and column eta has '2.5', so that a comma may separate decimals or thousands",
    ),
    "either.csv": (text("pt;eta\n1,234;2\n3;4\n"), r"column pt has '1,234', whose comma may separate"),
    "underscores.csv": (
        text("pt,eta\n1,2\n1_000,4\n"),
        r"column pt has '1_000' at event 1, expected a number",
    ),
    "decimals.csv": (
        text("pt;eta\n" + "1,5;2\n" * 300 + "1.5;2\n"),
        r"column pt has '1.5' at event 300, expected a number",
    ),
    "two.csv": (packed({"a.csv": "x\n1\n", "b.csv": "x\n1\n"}), r"2 files are packed in it \(a.csv, b.csv\)"),
    "workbook.csv": (
        packed({"[Content_Types].xml": "", "xl/a.xml": ""}),
        r"is an Excel or Office file; save its sheet as CSV",
    ),
    "bomb.csv": (
        lambda path: path.write_bytes(gzip.compress(b"x\n" + (b"1" + b" " * 999_999 + b"\n") * 68)),
        r"unpacks to more than 67.1 MB but stores only .*, which no table of events is packed to",
    ),
    "cut_short.csv": (
        lambda path: path.write_bytes(gzip.compress(b"x\n" + b"1.25\n" * 9999)[:-20]),
        r"the packed file is damaged: unpacking it failed \(.*\); copy or write it again",
    ),
    "binary.csv": (text(b"pt,eta\n1,2\n\0\0\0"), r"is not HDF5, nor npz, Parquet or CSV"),
    "quote.csv": (text('pt,eta\n1,"2\n3,4\n'), r"reading it as a table failed"),
    "line.csv": (text("a" * (1 << 21)), r"no end of line in its first megabyte"),
    "many.csv": (
        text(",".join(f"c{i}" for i in range(2001)) + "\n" + ",".join("1" * 2001) + "\n"),
        r"there are 2001 columns in it, expected at most 2000",
    ),
    "json.csv": (text('{"pt": [1, 2]}'), r"is JSON, expected HDF5"),
    "single.npy": (lambda path: np.save(path, X), r"is a single numpy array without names"),
    "complex.npz": (npz(x=X + 1j), r"dataset x holds complex numbers"),
    "lengths.npz": (npz(x=X, y=X[:-1]), r"column y has 49 rows but x has 50"),
    "matrix.npz": (
        npz(x=np.ones((5, 4, 3))),
        r"the npz file holds x \(5, 4, 3\), expected CaloGAN .* or a table",
    ),
    "nothing.npz": (npz(), r"the npz file holds no datasets"),
    "no_rows.npz": (npz(x=X[:0]), r"there are no events in it"),
    "scalar.npz": (npz(x=np.float32(1)), r"dataset x is a single value|x \(\)"),
    "cut.npz": (mangled(lambda b: b[:-30]), r"the npz file is damaged: opening it failed"),
    "flipped.npz": (mangled(lambda b: b[:60] + b"\xff" * 60 + b[120:]), r"the npz file is damaged"),
    "declared.npz": (
        member(header((10**12,)) + X.tobytes()),
        r"dataset x declares 4 TB of shape \(1000000000000,\) but holds 200 bytes",
    ),
    "bomb.npz": (
        member(header((25_000_000,)) + bytes(100_000_000)),
        r"dataset x declares 100 MB of shape \(25000000,\) but stores only",
    ),
    "negative.npz": (member(header((-5,)) + X.tobytes()), r"the npz file is damaged: listing its arrays"),
    "code.npz": (
        member(header((50,), "<f4").replace(b"'<f4'", b"f()  ") + X.tobytes()),
        r"the npz file is damaged",
    ),
    "lengths.h5": (hdf5(x=X, y=X[:-1]), r"column y has 49 rows but x has 50"),
    "complex.h5": (hdf5(x=X, z=X + 1j), r"dataset z holds complex numbers"),
    "words.h5": (hdf5(name=np.array([b"a", b"b"])), r"holds name \(2,\), expected"),
    "large.h5": (
        hdf5(x=np.array([1, 1e300])),
        r"column x: there are values up to 1e\+300, more than float32 holds",
    ),
    "groups.h5": (
        hdf5(**{"a/x": X, "b/x": X}),
        r"its groups a, b hold the same names, .* like groups.h5:a",
    ),
    "counter.h5": (
        hdf5(x=np.arange(50.0)),
        r"no column is left to compare: x \(a counter\); name the ones to take with --columns",
    ),
    "images.h5": (
        hdf5(x=X**2, hits=np.ones((50, 368))),
        r"holds hits \(50, 368\), x \(50,\), expected",
    ),
    "no_rows.h5": (hdf5(x=X[:0]), r"there are no events in it, only column names"),
    "cube.h5": (
        hdf5(x=np.ones((5, 4, 3))),
        r"the HDF5 file holds x \(5, 4, 3\), expected CaloGAN",
    ),
    "many.h5": (
        hdf5(**{f"c{i}": X[:1] for i in range(2001)}),
        r"there are 2001 columns in it, expected at most 2000",
    ),
    "not.h5": (text("pt,eta\n1,2\n"), r"is not HDF5 although its name says so"),
}
