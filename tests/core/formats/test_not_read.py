"""Files of other kinds are called what they are, and following the advice gives a table that is read."""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import netcdf_file, savemat

import tailscope as ts
from tailscope.errors import FormatError

rng = np.random.default_rng(0)
TABLE = pd.DataFrame({"pt": rng.normal(size=20), "eta": rng.normal(size=20)})
LHE = b'<LesHouchesEvents version="3.0">\n<init>\n</init>\n</LesHouchesEvents>\n'
HEPMC = b"HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\nE 0 1 3\n"


def zipped(name: str, content: bytes = b"x") -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(name, content)

    return write


def sqlite(path: Path) -> None:
    with sqlite3.connect(path) as file:
        TABLE.to_sql("events", file, index=False)
    file.close()


def netcdf(path: Path) -> None:
    with netcdf_file(path, "w") as file:
        file.createDimension("event", 20)
        file.createVariable("pt", "f4", ("event",))[:] = TABLE["pt"]


def tar(path: Path) -> None:
    with tarfile.open(path, "w") as file:
        file.addfile(tarfile.TarInfo("a"), io.BytesIO())


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "events.lhe": (lambda p: p.write_bytes(LHE), "is a Les Houches event file, .* e.g. with pylhe"),
    "xml.lhe": (lambda p: p.write_bytes(b'<?xml version="1.0"?>\n' + LHE), "is a Les Houches event file"),
    "events.lhe.gz": (lambda p: p.write_bytes(gzip.compress(LHE)), "is a Les Houches event file"),
    "events.hepmc": (lambda p: p.write_bytes(b"\n" + HEPMC), "is a HepMC file, .* e.g. with pyhepmc"),
    "events.hepmc.gz": (lambda p: p.write_bytes(gzip.compress(HEPMC)), "is a HepMC file"),
    "records.json": (lambda p: TABLE.to_json(p, orient="records"), "is JSON"),
    "indented.json": (lambda p: TABLE.to_json(p, orient="records", indent=2), "is JSON"),
    "values.json": (lambda p: TABLE.to_json(p, orient="values"), "is JSON"),
    "columns.json": (TABLE.to_json, "is JSON"),
    "a.csv.zst": (lambda p: p.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20)), "zstd; unpack it first"),
    "a.feather": (TABLE.to_feather, r"is Feather .*read_feather"),
    "a.mat": (lambda p: savemat(p, {"pt": TABLE["pt"]}), "is a MATLAB file"),
    "a.fits": (lambda p: p.write_bytes(b"SIMPLE  =                    T".ljust(2880)), "is a FITS file"),
    "a.nc": (netcdf, "is netCDF of version 3"),
    "a.sqlite": (sqlite, "is an SQLite database"),
    "a.xlsx": (zipped("[Content_Types].xml"), "is an Excel or Office file; save its sheet as CSV"),
    "a.ods": (zipped("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), "is a spreadsheet"),
    "a.xls": (lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "old Excel"),
    "a.pt": (zipped("archive/data.pkl"), "is of PyTorch and a pickle, which is never opened"),
    "old.pt": (lambda p: p.write_bytes(b"\x80\x02\x8a\nl\xfc"), "is a pickle, which is never opened"),
    "a.tar": (tar, "is a tar archive"),
    "a.7z": (lambda p: p.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(20)), "is a 7-Zip archive"),
    "a.png": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20)), "is a picture"),
}


@pytest.mark.parametrize(("name", "write", "sentence"), [(n, *case) for n, case in CASES.items()], ids=CASES)
@pytest.mark.parametrize("disguise", ["", ".h5", ".csv"])
def test_it_is_called_what_it_is(
    tmp_path: Path, name: str, write: Callable[[Path], object], sentence: str, disguise: str
) -> None:
    path = tmp_path / name
    write(path)
    path = path.rename(tmp_path / (name + disguise))
    with pytest.raises(FormatError, match=sentence) as caught:
        ts.load(path)
    assert str(caught.value).startswith(f"{path.name}: the file is ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "names",
    [
        "ARROW1,CDF",
        "SIMPLE,ustar",
        "HepMC,LesHouchesEvents",
        "[GeV],{x}",
        "PK,data.pkl",
        "MATLAB,SQLite format 3",
    ],
)
def test_tables_with_such_names_are_read(tmp_path: Path, names: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(names + "\n" + "1,2\n3,4\n")
    assert list(ts.load(path).observables) == names.split(",")


def test_hdf5_of_matlab_is_read(tmp_path: Path) -> None:
    """Its HDF5 begins after a text of 512 bytes."""
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["pt"] = np.asarray(TABLE["pt"])
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file")
    assert len(ts.load(path)) == 20


def test_the_advice_for_tables_gives_tables(tmp_path: Path) -> None:
    for name, target in (("a.feather", "b.parquet"), ("records.json", "b.csv")):
        CASES[name][0](tmp_path / name)
        with pytest.raises(FormatError) as caught:
            ts.load(tmp_path / name)
        advice = re.search(r"pandas\..*$", str(caught.value))
        assert advice
        code = advice[0].replace("FILE", str(tmp_path / name)).replace("NEW", str(tmp_path / "b"))
        eval(code, {"pandas": pd})
        np.testing.assert_allclose(ts.load(tmp_path / target).observable("eta"), TABLE["eta"], rtol=1e-5)
