"""Pairs of tables in other layouts: columns mean the same, or one sentence says what does not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tailscope as ts
from helpers import tables
from tailscope.errors import FormatError, PairError
from tailscope.sample.pairing import matched

pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{what}")
    for what in (
        "object name is not a valid Python identifier",
        "Stored array in format 3.0",
        "\nyour performance",
    )
]
"""Of PyTables, numpy and pandas when they write."""
N = 120
FITTED = 400
"""Events of a sample, at least, and of those that are fitted."""

CONTAINERS: dict[str, tuple[str, tables.Writer]] = {
    "csv": (".csv", tables.as_text(",")),
    "csv of pandas with its row numbers": (".csv", tables.as_text(",", index=True)),
    "semicolons": (".csv", tables.as_text(";")),
    "decimal commas": (".csv", tables.as_text(";", ",")),
    "tabs and decimal commas": (".tsv", tables.as_text("\t", ",")),
    "tabs": (".txt", tables.as_text("\t")),
    "blanks": (".txt", tables.as_text(" ")),
    "savetxt": (".txt", tables.as_savetxt),
    "gzip": (".csv.gz", tables.as_text(",", compression="gzip")),
    "zip": (".csv.zip", tables.as_text(",", compression="zip")),
    "parquet": (".parquet", tables.as_parquet),
    "npz": (".npz", tables.as_npz),
    "npz records": (".npz", tables.as_npz_records),
    "hdf5": (".h5", tables.as_columns),
    "hdf5 group": (".h5", tables.as_group),
    "hdf5 records": (".h5", tables.as_records),
    "pandas fixed": (".h5", tables.as_pandas_fixed),
    "pandas table": (".h5", tables.as_pandas_table),
    "pandas data columns": (".h5", tables.as_data_columns),
    "root": (".root", tables.as_root),
}
NUMBERS_ONLY = {"savetxt", "root"}
"""Containers that are given no text."""
PLAIN_NAMES = {"savetxt", "blanks"}
"""Those whose names have no blanks and begin with a letter."""
NAMES = (
    "pt",
    "eta",
    "phi",
    "mass",
    "tau_21",
    "E_0",
    "sumPt",
    "nTrk",
    "passed",
    "Δφ",
    "1st",
    "w",
    "x y",
    "a.b",
)
INTEGER, BOOLEAN = {"nTrk"}, {"passed"}
REAL = ("float32", "float64", ">f8")
WHOLE = ("int32", "int64", "uint8", "float32", "float64")
YES_NO = ("bool", "int8", "int64", "float32", "float64")
UNITS = {"pt": "GeV", "mass": "GeV", "sumPt": "MeV"}
EXTRA = ("EventId", "event", "label", "y", "weight", "genWeight", "(text)", "counter")
"""Columns that say nothing of physics; the classifier must never see them."""


@dataclass(frozen=True)
class Layout:
    """How one of two tables is written.

    Attributes
    ----------
    container: of `CONTAINERS`.
    order: of the columns, by a seed.
    types: name -> dtype of its numbers.
    missing: name -> how a missing number is written: "nan" (an empty cell in text) or "-999".
    extra: further columns.
    units: whether names have units behind them.
    parts: files.
    titles: name -> what it is called instead; "" for a column that is not there.

    """

    container: str
    order: int
    types: dict[str, str]
    missing: dict[str, str]
    extra: frozenset[str]
    units: bool
    parts: int
    titles: dict[str, str] = field(default_factory=dict)


Pair = tuple[tuple[str, ...], tuple[Layout, Layout], int]


@st.composite
def layouts(draw: st.DrawFn, names: tuple[str, ...], container: str) -> Layout:
    """Any layout of columns of these names."""
    kinds = {name: YES_NO if name in BOOLEAN else WHOLE if name in INTEGER else REAL for name in names}
    able = [name for name in names if name not in BOOLEAN]
    return Layout(
        container,
        draw(st.integers(0, 99)),
        {name: draw(st.sampled_from(types)) for name, types in kinds.items()},
        draw(st.dictionaries(st.sampled_from(able), st.sampled_from(["nan", "-999"]), max_size=2)),
        draw(st.frozensets(st.sampled_from(EXTRA), max_size=3)),
        draw(st.booleans()),
        draw(st.sampled_from([1, 1, 2, 3])),
    )


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Names of columns, the layouts of both tables, a seed of their numbers."""
    containers = [draw(st.sampled_from(sorted(CONTAINERS))) for _ in range(2)]
    able = [name for name in NAMES if name not in {"x y", "1st"} or not PLAIN_NAMES & set(containers)]
    names = tuple(draw(st.lists(st.sampled_from(able), min_size=2, max_size=5, unique=True)))
    if set(names) <= BOOLEAN | INTEGER:
        names = ("eta", *names)
    ref, gen = (draw(layouts(names, container)) for container in containers)
    name = names[0]
    titles = [
        "other",
        *([""] if len(names) > 1 else []),
        *(["pt [keV]"] if name == "pt" and ref.units else []),
    ]
    if draw(st.integers(0, 4)) == 0:
        gen = replace(gen, titles={name: draw(st.sampled_from(titles))})
    return names, (ref, gen), draw(st.integers(0, 2**31))


def truth(names: tuple[str, ...], layout: Layout, rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """What the columns are, float64[n] of what float32 holds, NaN where there is none."""
    columns = {}
    for i, name in enumerate(names):
        # Columns that are taken for each other are told apart by their location.
        values = rng.normal(7 * i, 1, n)
        if name in BOOLEAN:
            values = rng.integers(0, 2, n).astype(np.float64)
        elif name in INTEGER:
            values = rng.integers(10 * i, 10 * i + 5, n).astype(np.float64)
        columns[name] = values.astype(np.float32).astype(np.float64)
        if name in layout.missing:
            columns[name][rng.permutation(n)[: n // 10]] = np.nan
    return columns


def written(folder: Path, name: str, columns: dict[str, np.ndarray], layout: Layout, seed: int) -> list[Path]:
    """The files of a table in its layout."""
    rng = np.random.default_rng(seed)
    n = len(next(iter(columns.values())))
    frame: dict[str, object] = {}
    for key, values in columns.items():
        filled, dtype = values, layout.types[key]
        if layout.missing.get(key) == "-999":
            filled = np.where(np.isnan(values), -999, values)
            dtype = "int32" if dtype == "uint8" else dtype
        elif key in layout.missing and np.dtype(dtype).kind != "f":
            dtype = "float64"
        title = f"{key} [{UNITS[key]}]" if layout.units and key in UNITS else key
        if title := layout.titles.get(key, title):
            frame[title] = _stored(filled, dtype, layout.container)
    for key in layout.extra - set(columns):
        if key == "(text)":
            if layout.container not in NUMBERS_ONLY:
                frame["generator"] = rng.choice(["pythia", "herwig"], n)
        else:
            frame[key] = {
                "EventId": rng.permutation(10 * n)[:n],
                "event": rng.integers(0, 10**9, n),
                "counter": np.arange(n) + seed % 1000,
                "label": rng.integers(0, 2, n),
                "y": np.full(n, seed % 2, dtype=np.float32),
            }.get(key, rng.normal(1, 0.1, n))
        if layout.order % 2 and key in {"EventId", "label"}:
            frame[key] = np.where(np.arange(n) % 20 == 3, np.nan, frame[key])
    titles = list(frame)
    order = np.random.default_rng(layout.order).permutation(len(titles))
    whole = pd.DataFrame({titles[i]: frame[titles[i]] for i in order})
    ending, write = CONTAINERS[layout.container]
    edges = np.linspace(0, n, layout.parts + 1).astype(int)
    paths = []
    for part, (start, stop) in enumerate(pairwise(edges)):
        paths.append(folder / f"{name}_{part}{ending}")
        write(whole.iloc[start:stop].reset_index(drop=True), paths[-1])
    return paths


def _stored(values: np.ndarray, dtype: str, container: str) -> np.ndarray:
    """Of a type that the library behind a container can write."""
    native = not container.startswith(("hdf5", "npz"))
    return values.astype(np.dtype(dtype).newbyteorder("=") if native else dtype)


def loaded(folder: Path, pair: Pair, n: int) -> tuple[list[ts.Sample], list[dict[str, np.ndarray]]]:
    """Both tables, written and read, and what their columns are."""
    names, both, seed = pair
    rng = np.random.default_rng(seed)
    columns = [truth(names, layout, rng, n) for layout in both]
    samples = []
    for role, side, layout in zip(("ref", "gen"), columns, both, strict=True):
        paths = written(folder, role, side, layout, seed)
        samples.append(ts.load(paths if len(paths) > 1 else paths[0], name=role))
    return samples, columns


def check(pair: Pair) -> None:
    """Columns of both tables mean the same, or one sentence says which does not."""
    names, both, _ = pair
    with TemporaryDirectory() as folder:
        samples, columns = loaded(Path(folder), pair, N)
    if both[1].titles:
        with pytest.raises(PairError, match=f"^[^\n]*\\b{names[0]}\\b[^\n]*$") as error:
            matched(*samples)
        assert "ref" in str(error.value)
        return
    ref, gen = matched(*samples)
    assert ref.names == gen.names
    assert sorted(ref.names) == sorted(names)
    flagged = tuple(name for name in ref.names if any(name in layout.missing for layout in both))
    assert ref.flagged == gen.flagged == flagged
    for sample, side in zip((ref, gen), columns, strict=True):
        features = sample.inputs(np.arange(N))
        assert features.shape == (N, len(names) + len(flagged))
        for j, name in enumerate(ref.names):
            there = ~np.isnan(side[name])
            np.testing.assert_allclose(features[there, j], side[name][there], rtol=1e-6)
            np.testing.assert_allclose(sample.observables[name], side[name], rtol=1e-6)
            if name in flagged:
                assert np.array_equal(features[:, len(names) + flagged.index(name)], ~there)


def check_fit(pair: Pair) -> None:
    """Tables of one density cannot be told apart."""
    names, (first, second), seed = pair
    # Numbers that are missing in one sample alone do tell them apart.
    alike = {name: second.missing.get(name, how) for name, how in first.missing.items()}
    with TemporaryDirectory() as folder:
        samples, _ = loaded(
            Path(folder), (names, (first, replace(second, missing=alike, titles={})), seed), FITTED
        )
        config = ts.FitConfig(network="quadratic", folds=2, seed=seed % 1000, device="cpu")
        study = ts.fit(*samples, config=config, cache=folder, progress=False)
    assert abs(study.auc() - 0.5) < 4 * study.auc_error()


QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    print_blob=False,
)


@QUICK
@given(pairs())
def test_columns_in_any_layout_mean_what_their_names_say(pair: Pair) -> None:
    check(pair)


@pytest.mark.slow
@settings(QUICK, max_examples=2000)
@given(pairs())
def test_columns_of_2000_pairs_mean_what_their_names_say(pair: Pair) -> None:
    check(pair)


@pytest.mark.slow
@settings(QUICK, max_examples=100)
@given(pairs())
def test_equal_densities_in_any_layout_cannot_be_told_apart(pair: Pair) -> None:
    check_fit(pair)


@pytest.mark.parametrize("container", ["csv", "parquet", "root", "hdf5", "pandas fixed", "pandas table"])
def test_parts_in_other_units_or_of_other_names_are_no_one_sample(tmp_path: Path, container: str) -> None:
    ending, write = CONTAINERS[container]
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(N, 2)), columns=["pt [GeV]", "eta"])
    parts = {
        "a": frame,
        "b": frame,
        "unit": frame.rename(columns={"pt [GeV]": "pt [MeV]"}),
        "name": frame.rename(columns={"eta": "rapidity"}),
    }
    paths = {name: tmp_path / f"{name}{ending}" for name in parts}
    for name, part in parts.items():
        write(part, paths[name])
    if container == "hdf5":
        for name, path in paths.items():
            with h5py.File(path, "w") as file:
                file["rapidity" if name == "name" else "eta"], file["pt"] = frame["eta"], frame["pt [GeV]"]
                file["pt"].attrs["unit"] = "MeV" if name == "unit" else "GeV"
    assert len(ts.load([paths["a"], paths["b"]])) == 2 * N
    with pytest.raises(FormatError, match=r"unit\.\w+: [^\n]*MeV[^\n]*GeV\]? in a\.\w+; write [^\n]*$"):
        ts.load([paths["a"], paths["unit"]])
    if container == "hdf5":
        joined = ts.load([paths["a"], paths["name"]])
        assert joined.names == ("pt",)
        assert "a.h5: eta, rapidity left out, as not all files have them" in joined.remarks
    else:
        with pytest.raises(FormatError, match=r"name\.\w+: [^\n]*rapidity[^\n]* in a\.\w+; [^\n]*$"):
            ts.load([paths["a"], paths["name"]])
