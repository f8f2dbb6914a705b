"""Tables as text, as people and programs write them."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from tailscope.errors import FormatError
from tailscope.formats import open_events
from tailscope.formats.choice import Choice
from tailscope.formats.text import ragged
from tailscope.formats.units import split_unit, split_units

N = 30
PT, ETA = np.linspace(0.5, 90, N) ** 1.5, np.sin(np.arange(N))
TABLE = pd.DataFrame({"pt": PT, "eta": ETA})
PLAIN = "pt,eta\n" + "".join(f"{x},{y}\n" for x, y in zip(PT, ETA, strict=True))


def read(path: Path, *names: str, **options: Any) -> dict[str, list[float]]:
    """Every number that is used; ``names`` as --names gives them."""
    with open_events(path, choice=Choice(names=names, **options)) as events:
        parts = [dict(arrays) for _, arrays in events.chunks()]
        return {name: np.concatenate([part[name] for part in parts]).tolist() for name in events.columns}


def written(folder: Path, text: str) -> Path:
    path = folder / "a.txt"
    path.write_text(text, encoding="utf-8")
    return path


def found(path: Path, *names: str) -> dict[str, tuple[str, str, str]]:
    """Name -> (unit, dtype, why it is left alone) of every column."""
    with open_events(path, choice=Choice(names=names)) as events:
        return {d.name: (d.unit, d.dtype, d.why) for d in events.datasets}


def in_zip(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("folder/", "")
        file.writestr("folder/t.csv", content)
        file.writestr("__MACOSX/folder/._t.csv", "x")


PACKERS: dict[str, Callable[[Path, bytes], object]] = {
    "plain": lambda path, content: path.write_bytes(content),
    "mark": lambda path, content: path.write_bytes(b"\xef\xbb\xbf" + content),
    "gzip": lambda path, content: path.write_bytes(gzip.compress(content)),
    "bzip2": lambda path, content: path.write_bytes(bz2.compress(content)),
    "xz": lambda path, content: path.write_bytes(lzma.compress(content)),
    "zip": in_zip,
    "mac": lambda path, content: path.write_bytes(content.replace(b"\n", b"\r")),
    "dos": lambda path, content: path.write_bytes(content.replace(b"\n", b"\r\n")),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_text_is_read_however_it_is_packed(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a.dat"
    PACKERS[packer](path, b'# made today: "5 TeV\n' + PLAIN.encode())
    sample = ts.load(path)
    np.testing.assert_allclose(sample.observable("pt"), PT, rtol=1e-6)
    with open_events(path) as events:
        np.testing.assert_allclose(events.contents.column("eta", 7), ETA[:7], rtol=1e-14)
        events.contents.copy_rows(tmp_path / "copy.csv", np.array([3, 1, 3]), N, "")
    np.testing.assert_allclose(read(tmp_path / "copy.csv")["pt"], PT[[3, 1, 3]], rtol=1e-6)
    np.testing.assert_allclose(ragged(path, {"pt"})["pt"], PT, rtol=1e-14)


def test_what_is_packed_must_be_text(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=PT)
    (tmp_path / "b.gz").write_bytes(gzip.compress((tmp_path / "a.npz").read_bytes()))
    with pytest.raises(FormatError, match=r"b.gz: what is packed in it is no text.*unpack it first"):
        ts.load(tmp_path / "b.gz")
    (tmp_path / "c.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(FormatError, match=r"c.gz: what is packed in it is empty"):
        ts.load(tmp_path / "c.gz")
    (tmp_path / "d.gz").write_bytes(gzip.compress(b'{"pt": 1}'))
    with pytest.raises(FormatError, match=r"d.gz: the file is JSON"):
        ts.load(tmp_path / "d.gz")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " ", "  ", " , "])
def test_what_separates_cells_is_seen(tmp_path: Path, separator: str) -> None:
    lines = [["pt", "eta", "n"], *(["1.5", "-2e-3", str(i % 3)] for i in range(5))]
    path = written(tmp_path, "\n".join(separator.join(line) for line in lines))
    assert read(path) == {"pt": [1.5] * 5, "eta": [pytest.approx(-2e-3)] * 5, "n": [0, 1, 2, 0, 1]}
    assert len(read(path, "a", "b", "c")["c"]) == 5


@pytest.mark.parametrize("separator", [";", "\t", "|", " "])
@pytest.mark.parametrize("names", [True, False])
def test_decimal_commas_are_numbers(tmp_path: Path, separator: str, names: bool) -> None:
    TABLE.assign(n=range(N)).to_csv(tmp_path / "a.csv", sep=separator, decimal=",", index=False, header=names)
    columns = read(tmp_path / "a.csv", *(() if names else ("pt", "eta", "n")), columns=("*",))
    np.testing.assert_allclose(columns["pt"], PT, rtol=1e-6)
    np.testing.assert_allclose(columns["eta"], ETA, rtol=1e-6)
    assert columns["n"] == list(range(N))


def test_commas_in_text_are_no_decimals(tmp_path: Path) -> None:
    path = written(tmp_path, 'pt;where\n1.5;"Geneva, CH"\n2.5;"1,234, x"\n')
    assert read(path) == {"pt": [1.5, 2.5]}
    assert found(path)["where"] == ("", "text", "text")


COMMENTS = {
    "# pt eta n": ["pt", "eta", "n"],
    "# pt, eta, n": ["pt", "eta", "n"],
    "#pt;eta;n": ["pt", "eta", "n"],
    "% p_T [GeV]  \\eta  N": ["p_T", "\\eta", "N"],
    "// run event pt": ["run", "event", "pt"],
    "# generated by my flow, epoch 300\n# units: GeV\n# pt eta n": ["pt", "eta", "n"],
    "# pt eta n\n# units: GeV,,": ["pt", "eta", "n"],
    "# x1 |y| $M_{\\mu\\mu}$": ["x1", "|y|", "$M_{\\mu\\mu}$"],
    "# flow samples epoch300": None,
    "# made by me": None,
    "# test run3 one": None,
    "# units: GeV and": None,
    "# pt eta": None,
    "# seed 42 lumi": None,
    "# one, two. three!": None,
    "": None,
}


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_names_columns_or_is_prose(tmp_path: Path, comment: str) -> None:
    path, names = written(tmp_path, f"{comment}\n1.5 2 3\n4.5 5 7\n"), COMMENTS[comment]
    if names is not None:
        assert list(found(path)) == names
        return
    quoted = rf"and the comment '{comment.removeprefix('# ')}' above is no list of them; " if comment else ""
    with pytest.raises(FormatError, match=rf"\(1.5, 2, 3\), expected column names.*{quoted}") as caught:
        ts.load(path)
    assert "name the 3 columns with --names a,b,c, or in a line above" in str(caught.value)
    assert read(path, "a", "b", "c") == {"a": [1.5, 4.5], "b": [2, 5], "c": [3, 7]}
    path.write_text(f"{comment}\na b c\n1.5 2 3\n4.5 5 7\n")
    assert list(read(path)) == ["a", "b", "c"]


def test_names_that_are_given(tmp_path: Path) -> None:
    path = written(tmp_path, "1,2.5\n3,4.5\n")
    assert read(path, "label", "pt [GeV]", label=("label",)) == {"pt": [2.5, 4.5]}
    assert found(path, "n", "pt [GeV]")["pt"] == ("GeV", "float64", "")
    with pytest.raises(FormatError, match=r"--names gives 3 names, but there are 2 columns; give as many"):
        read(path, "a", "b", "c")
    with pytest.raises(FormatError, match="column name a occurs twice"):
        read(path, "a", "a")
    TABLE.to_csv(tmp_path / "b.csv")  # with names, and a column of row numbers without one
    assert list(read(tmp_path / "b.csv", "x", "y")) == ["x", "y"]
    assert list(read(tmp_path / "b.csv", "i", "x", "y", columns=("?",))) == ["i", "x", "y"]


def test_columns_may_be_called_by_numbers(tmp_path: Path) -> None:
    """As DataFrame.to_csv does where there are no names; a line of any other numbers is an event."""
    array = pd.DataFrame(np.random.default_rng(0).normal(size=(5, 3)))
    array.to_csv(tmp_path / "a.csv", index=False)
    array.to_csv(tmp_path / "b.csv")
    assert list(read(tmp_path / "a.csv")) == list(read(tmp_path / "b.csv")) == ["0", "1", "2"]
    array.to_csv(tmp_path / "c.csv", header=False)
    with pytest.raises(FormatError, match="the first line holds numbers"):
        read(tmp_path / "c.csv")
    with pytest.raises(FormatError, match=r"numbers \(7, 0.5, x\), .*--names a,b,c"):
        read(written(tmp_path, "7,0.5,x\n8,0.5,y\n"))


UNITS = {
    "pt [GeV],eta,m [MeV]\n1.5,2,3\n": ["GeV", "", "MeV"],
    "pt [GeV]  eta m [ MeV ]\n1.5 2 3\n": ["GeV", "", "MeV"],
    "pt,eta,m\nGeV,,MeV\n1.5,2,3\n": ["GeV", "", "MeV"],
    "pt,eta,m\n[GeV],[],[MeV/c^2]\n1.5,2,3\n": ["GeV", "", "MeV/c^2"],
    "pt eta m\n[GeV] [] [MeV]\n1.5 2 3\n": ["GeV", "", "MeV"],
    "pt,eta,m\n# units: GeV,,MeV\n1.5,2,3\n": ["GeV", "", "MeV"],
    "# units: GeV - MeV\npt eta m\n1.5 2 3\n": ["GeV", "", "MeV"],
    "# units: GeV\npt,eta,m\n1.5,2,3\n": ["", "", ""],
}


@pytest.mark.parametrize("text", UNITS)
def test_units_are_kept_wherever_they_stand(tmp_path: Path, text: str) -> None:
    columns = found(written(tmp_path, text))
    assert list(columns) == ["pt", "eta", "m"]
    assert [unit for unit, _, _ in columns.values()] == UNITS[text]
    assert list(read(tmp_path / "a.txt").values()) == [[1.5], [2], [3]]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("label,n\ns,2\nb,3\n", 2),
        ("a,b\nn/a,2\n1,3\n", 2),
        ("x,label\n,s\n1.5,b\n2.5,s\n", 3),
        ("a,m\n1,h\n2,h\n", 2),
    ],
)
def test_a_line_of_events_is_no_line_of_units(tmp_path: Path, text: str, n: int) -> None:
    with open_events(written(tmp_path, text)) as events:
        assert (events.n_events, {d.unit for d in events.datasets}) == (n, {""})


def test_units_stay_where_names_need_them() -> None:
    assert split_unit("dE [MeV]") == ("dE", "MeV")
    assert split_units(["pt [GeV]", "pt [MeV]", "m [GeV]", "[GeV]", "x"]) == (
        ["pt [GeV]", "pt [MeV]", "m", "[GeV]", "x"],
        ["", "", "GeV", "", ""],
    )


def test_names_with_commas_and_quotes(tmp_path: Path) -> None:
    names = ["a,b", 'it\'s "q"', "events/pt", "Δφ", "$M_{\\mu\\mu}$", "1st"]
    pd.DataFrame(np.full((3, 6), 0.5), columns=names).to_csv(tmp_path / "a.csv", index=False)
    assert list(read(tmp_path / "a.csv")) == names


def test_missing_numbers_are_nan_and_no_text(tmp_path: Path) -> None:
    words = ["", "NaN", "NA", "N/A", "null", "None", "-", "nan"]
    path = written(tmp_path, "x,n,e\n1.5,1,\n" + "".join(f"{w},{w},\n" for w in words) + "-inf,3,\n")
    with open_events(path) as events:
        stored = {name: events.contents.column(name, 99) for name in ("x", "n")}
        assert [d.why for d in events.datasets] == ["", "", "empty"]
    assert np.isnan(stored["x"]).tolist() == np.isnan(stored["n"]).tolist() == [False, *[True] * 8, False]
    assert stored["x"][-1] == -np.inf
    assert np.isnan(read(path)["x"][-1])


def test_kinds_of_numbers(tmp_path: Path) -> None:
    rows = ["9007199254740993,18446744073709551615,99999999999999999999,True,false"] * 2
    path = written(tmp_path, "a,b,c,d,e\n" + "\n".join(rows) + "\n3,4,5,False,\n")
    with open_events(path, choice=Choice(columns=("*",))) as events:
        assert events.contents.column("a", 2).tolist() == [9007199254740993] * 2
        assert events.contents.column("b", 2).tolist() == [2**64 - 1] * 2
        assert events.contents.column("c", 3).tolist() == [1e20, 1e20, 5]
        assert {d.name: d.dtype for d in events.datasets}["d"] == "bool"
    columns = read(path, columns=("*",))
    assert columns["d"] == [1, 1, 0]
    assert columns["e"][:2] == [0, 0]
    assert np.isnan(columns["e"][2])


@pytest.mark.parametrize("cell", ["2024-03-01", "0x1F", "1_000", "1+2j", "12:30"])
def test_what_is_no_number_is_text(tmp_path: Path, cell: str) -> None:
    path = written(tmp_path, f"pt,t\n1.5,{cell}\n2.5,{cell}\n")
    assert found(path)["t"] == ("", "text", "text")
    with (
        pytest.raises(FormatError, match=r"there is no column t .*; there is pt"),
        open_events(path) as events,
    ):
        events.contents.column("t", 2)
    with pytest.raises(FormatError, match=r"column t has '.*' at event 1, expected a number; correct or"):
        ts.load(written(tmp_path, f"pt,t\n1.5,7\n2.5,{cell}\n"))


def test_a_column_may_begin_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailscope.formats.text.CHUNK_BYTES", 800)
    columns = read(written(tmp_path, "a,b,c\n" + "1.5,,\n" * 200 + "2.5,3,\n"))
    assert list(columns) == ["a", "b"]
    assert np.isnan(columns["b"]).sum() == 200


def test_a_name_with_blanks_is_one_column(tmp_path: Path) -> None:
    path = written(tmp_path, "Invariant mass\n91.25\n90.5\n")
    assert read(path) == {"Invariant mass": [91.25, 90.5]}


EXPORTS = {
    "now": (
        {"columns": {"pt": "pt", "observable_w": "w", "'=x": "=x"}},
        "row,log_w,w,pt,observable_w,'=x,sigma",
    ),
    "earlier": ({}, "row,log_w,w,pt,observable_w,'=x"),
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_is_read_again(tmp_path: Path, kind: str) -> None:
    more, names = EXPORTS[kind]
    about = json.dumps({"units": {"pt": "GeV", "w": "", "=x": ""}, "study": 'a "quoted'} | more)
    rows = [f"{i},0.5,1.6,{10 + i / 7},{i % 2},3.5,0.25" for i in range(9)]
    lines = [names, *(",".join(row.split(",")[: names.count(",") + 1]) for row in rows)]
    path = written(tmp_path, f"# tailscope {about}\n" + "\n".join(lines))
    assert list(read(path)) == ["pt", "w", "=x"]
    assert read(path)["w"] == [i % 2 for i in range(9)]
    columns = found(path)
    assert columns["pt"][0] == "GeV"
    ours = {"row", "log_w", "w (exported)"} | ({"sigma"} if kind == "now" else set())
    assert {name for name, (_, _, why) in columns.items() if why == "of the export"} == ours
    for other in ("# another program", '# tailscope {"units": {}, "columns": {}}', '# tailscope {"units"'):
        path.write_text(other + "\n" + "\n".join(lines))
        assert "observable_w" in read(path, columns=("*",))
