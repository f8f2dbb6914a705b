"""Kinds of files that hold events and are not read, by their first bytes: what they are, and what to do."""

from __future__ import annotations

from pathlib import Path

from tailscope.errors import FormatError

PARTICLES = (
    "file, whose particles tailscope does not choose for you: write the columns to compare as CSV or HDF5, "
    "e.g. with "
)
PICKLE = "is a pickle, which is never opened because it can run code; save it as HDF5, npz or CSV"
JSON = (
    "is JSON, expected HDF5, npz, Parquet or CSV; if it is a table, write "
    'pandas.read_json("FILE").to_csv("NEW.csv", index=False)'
)

_BEGINS = {
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; unpack it first, e.g. with `unzstd`",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive; unpack it first",
    b"Rar!\x1a\x07": "is a RAR archive; unpack it first",
    b"\x80\x02": PICKLE,
    b"\x80\x03": PICKLE,
    b"\x80\x04": PICKLE,
    b"\x80\x05": PICKLE,
    b"ARROW1\0\0": "is Feather (Arrow IPC), expected HDF5, npz, Parquet or CSV; write "
    'pandas.read_feather("FILE").to_parquet("NEW.parquet")',
    b"MATLAB 5.0 MAT-file": "is a MATLAB file, expected HDF5, npz, Parquet or CSV; write its columns as a "
    "table, with writetable(table(x, y), 'NEW.csv') in MATLAB",
    b"SIMPLE  =": "is a FITS file, expected HDF5, npz, Parquet or CSV; write its table with "
    'astropy.table.Table.read("FILE").write("NEW.csv")',
    b"SQLite format 3\0": "is an SQLite database, expected HDF5, npz, Parquet or CSV; write its table with "
    '`sqlite3 -header -csv FILE "select * from TABLE" > NEW.csv`',
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "is an old Excel or Office file; save its sheet as CSV",
    b"\x0e\x03\x13\x01": "is HDF4, expected HDF5, npz, Parquet or CSV; convert it with `h4toh5convert`",
    b"\x89PNG": "is a picture, expected HDF5, npz, Parquet or CSV",
    b"\xff\xd8\xff": "is a picture, expected HDF5, npz, Parquet or CSV",
} | dict.fromkeys(
    (b"CDF\x01", b"CDF\x02", b"CDF\x05"),
    "is netCDF of version 3, expected HDF5, npz, Parquet or CSV; convert it with `nccopy -k nc4 FILE NEW.h5`",
)
"""Whose first bytes no text and no file that is read has."""
_ZIPPED = {
    b"[Content_Types].xml": "is an Excel or Office file; save its sheet as CSV",
    b"mimetypeapplication/vnd.oasis": "is a spreadsheet of LibreOffice; save its sheet as CSV",
    b"/data.pkl": f"is of PyTorch and {PICKLE.removeprefix('is ')}",
}
"""What the first member of a zip is called that is no npz."""
_TEXTS = {
    b"HepMC::": f"is a HepMC {PARTICLES}pyhepmc",
    b"{": JSON,
    b"[{": JSON,
    b"[[": JSON,
}
"""How texts begin, behind blanks."""


def refuse_what_is_not_read(path: Path, head: bytes) -> None:
    """Say what a file is that holds events, maybe, in a way that is not read.

    Raises
    ------
    FormatError: it is one of these.

    """
    what = next((what for begin, what in _BEGINS.items() if head.startswith(begin)), "")
    if not what and head.startswith(b"PK"):
        what = next((what for name, what in _ZIPPED.items() if name in head[:200]), "")
    text = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not what and b"<LesHouchesEvents" in text and text.startswith(b"<"):
        what = f"is a Les Houches event {PARTICLES}pylhe"
    if not what:
        squeezed = text[:1] + text[1:].lstrip() if text.startswith(b"[") else text
        what = next((what for begin, what in _TEXTS.items() if squeezed.startswith(begin)), "")
    if not what and head[257:262] == b"ustar":
        what = "is a tar archive; unpack it first"
    if what:
        raise FormatError(f"{path.name}: the file {what}")
