"""Dimuon tables as people have them: CMS's CSV files, NanoAOD, other containers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from helpers.muons import only, table, write_nanoaod
from helpers.showers import write
from tailscope.errors import FormatError
from tailscope.formats import open_events
from tailscope.formats.dimuon import canonical

N = 50
TABLE = table(N)


@pytest.mark.parametrize(
    ("name", "cms"),
    [
        ("pt1", "pt1"),
        ("px1 ", "px1"),
        ("PT_2", "pt2"),
        ("charge1", "Q1"),
        ("E2", "E2"),
        ("mass", "M"),
        ("M", "M"),
    ],
)
def test_names_of_columns(name: str, cms: str) -> None:
    assert canonical(name) == cms
    assert canonical("x" + name) is None


def test_an_unnamed_index_text_and_blanks_in_names(tmp_path: Path) -> None:
    """As in CERN's files: row numbers without a name, ``px1 `` with a blank, muon types as letters."""
    columns: dict[str, Any] = {"Type1": ["G", "T"] * (N // 2), **TABLE}
    frame = pd.DataFrame(columns).rename(columns={"px1": "px1 "})
    frame.to_csv(tmp_path / "cms.csv")
    sample = ts.load(tmp_path / "cms.csv")
    assert (sample.domain, sample.source.format) == ("dimuon", "dimuon")
    np.testing.assert_allclose(sample.observable("M_mumu"), TABLE["M"], rtol=1e-5)
    with open_events(tmp_path / "cms.csv") as events:
        units = {d.name: d.unit for d in events.datasets if d.used}
    assert (units["E1"], units["eta1"], "Run" in units) == ("GeV", "", False)


def test_an_old_file_says_what_it_lacks(tmp_path: Path) -> None:
    pd.DataFrame(only(TABLE, "pt", "eta", "Q")).to_csv(tmp_path / "old.csv", index=False)
    found = ts.describe(tmp_path / "old.csv")
    assert found.domain == "dimuon"
    assert "M_mumu" in found.left_out
    assert {"M_mumu", "phi_mu1"}.isdisjoint(o.name for o in found.observables)


def test_the_same_from_any_container(tmp_path: Path) -> None:
    columns = only(TABLE, "pt", "eta", "phi", "Q", "dxy")
    pd.DataFrame(columns).to_csv(tmp_path / "a.csv", index=False)
    np.savez(tmp_path / "b.npz", **columns)
    write(tmp_path / "c.h5", columns)
    write_nanoaod(tmp_path / "d.root", columns)
    first, *others = [ts.load(tmp_path / name) for name in ("a.csv", "b.npz", "c.h5", "d.root")]
    for other in others:
        assert (other.domain, list(other.observables)) == (first.domain, list(first.observables))
    for other in others[:2]:
        np.testing.assert_array_equal(other.features[:], first.features[:])
    # NanoAOD orders muons in pT.
    np.testing.assert_allclose(others[2].observable("M_mumu"), first.observable("M_mumu"), rtol=1e-6)
    hardest = np.maximum(columns["pt1"], columns["pt2"])
    np.testing.assert_array_equal(others[2].observable("pT_mu1"), hardest.astype(np.float32))


def test_nanoaod_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_nanoaod(tmp_path / "d.root", TABLE)
    whole = ts.load(tmp_path / "d.root")
    monkeypatch.setattr("tailscope.formats.trees.CHUNK_BYTES", 400)
    pieces = ts.load(tmp_path / "d.root")
    np.testing.assert_array_equal(whole.features[:], pieces.features[:])
    assert len(ts.load(tmp_path / "d.root", max_events=7)) == 7


def test_a_dimuon_table_may_be_a_plain_table(tmp_path: Path) -> None:
    pd.DataFrame(TABLE).to_csv(tmp_path / "a.csv", index=False)
    assert ts.load(tmp_path / "a.csv", domain="table").domain == "table"
    (tmp_path / "b.csv").write_text("pt1,x\n1,2\n")
    assert ts.load(tmp_path / "b.csv").domain == "table"
    with pytest.raises(FormatError, match="there are the columns pt1, x, expected those of two muons"):
        ts.load(tmp_path / "b.csv", domain="dimuon")
    write_nanoaod(tmp_path / "d.root", TABLE)
    with pytest.raises(FormatError, match=r"no tree has a jet.s constituents, expected branches part_px"):
        ts.load(tmp_path / "d.root", domain="jets")
    with pytest.raises(
        FormatError, match="a ROOT file, of which muons, jets and tables are read, not events events"
    ):
        ts.load(tmp_path / "d.root", domain="events")


def test_without_uproot_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.root").write_bytes(b"root" + bytes(100))
    monkeypatch.setitem(sys.modules, "uproot", None)
    with pytest.raises(
        FormatError,
        match=r"^a.root: reading ROOT files needs uproot: pip install 'tailscope\[root\]', or save the",
    ):
        ts.load(tmp_path / "a.root")


def test_four_leptons_are_a_table(tmp_path: Path) -> None:
    four = {f"{kind}{i}": TABLE[f"{kind}{1 + i % 2}"] for i in (1, 2, 3, 4) for kind in ("pt", "eta", "phi")}
    pd.DataFrame(four | {"x5": TABLE["pt1"]}).to_csv(tmp_path / "four.csv", index=False)
    assert ts.load(tmp_path / "four.csv").domain == "table"
    assert ts.load(tmp_path / "four.csv", domain="dimuon").domain == "dimuon"
    others = only(TABLE, "pt", "eta", "phi") | {
        "x3": TABLE["pt1"],
        "pt12": TABLE["pt2"],
        "mass_3": TABLE["M"],
    }
    pd.DataFrame(others).to_csv(tmp_path / "two.csv", index=False)
    assert ts.load(tmp_path / "two.csv").domain == "dimuon"


def test_what_is_undefined_where_nobody_needs_it_is_left_alone(tmp_path: Path) -> None:
    some = np.where(np.arange(N) % 7 == 3, np.nan, 1)
    unneeded = {name: TABLE[name] * some for name in ("M", "E1", "px1", "pz2")}
    pd.DataFrame(TABLE | unneeded).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame(TABLE).to_csv(tmp_path / "b.csv", index=False)
    one, other = ts.load(tmp_path / "a.csv"), ts.load(tmp_path / "b.csv")
    np.testing.assert_array_equal(one.features[:], other.features[:])
    with open_events(tmp_path / "a.csv") as events:
        assert {d.name: d.why for d in events.datasets}["M"] == "follows from the momenta"
    pd.DataFrame(TABLE | {"px1": 1000 * TABLE["px1"] * some}).to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(FormatError, match="column pt1 has a median of"):
        ts.load(tmp_path / "c.csv")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_undefined_muons_are_refused_or_left_out(tmp_path: Path, suffix: str) -> None:
    """Where M is all that tells the mass, it is needed."""
    bad = np.arange(N) % 7 == 3
    columns = only(TABLE, "pt", "eta", "Q", "M") | {"weight": np.arange(1.0, N + 1)}
    frame = pd.DataFrame(columns | {"M": np.where(bad, np.nan, TABLE["M"])})
    path = tmp_path / f"a.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)
    with pytest.raises(
        FormatError, match=r"column M: event 3 has nan .*leave such events out with --drop-undef"
    ):
        ts.load(path)
    sample = ts.load(path, drop_undefined=True, event_weight="weight")
    np.testing.assert_allclose(sample.observable("M_mumu"), TABLE["M"][~bad], rtol=1e-6)
    np.testing.assert_array_equal(sample.event_weight, columns["weight"][~bad])
    np.testing.assert_array_equal(
        ts.load(path, drop_undefined=True, max_events=9).features[:], sample.features[:9]
    )
    with open_events(path, drop_undefined=True) as events:
        np.testing.assert_array_equal(events.rows, np.flatnonzero(~bad))
        np.testing.assert_allclose(events.at(np.array([2, 3]))["M"], TABLE["M"][[2, 4]], rtol=1e-6)
    frame.assign(M=np.nan).to_csv(tmp_path / "b.csv", index=False)
    frame.assign(eta1=np.nan, M=TABLE["M"]).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(FormatError, match="no event has all of its numbers"):
        ts.load(tmp_path / "c.parquet", drop_undefined=True)
