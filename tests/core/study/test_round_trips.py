"""Whatever tailscope writes, it reads and compares again: formats x commands, with all sorts of names."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tailscope as ts
from tailscope.baselines import Settings, train
from tailscope.baselines.distortions import distort, smear
from tailscope.sample.pairing import matched
from tailscope.selection import Selection
from tailscope.study.export import export_events, export_original
from tailscope.weights.events import SPREAD

N = 400
PLAIN = ("pt", "eta", "n jets")
ODD = (
    "w",
    "log_w",
    "sigma_log_w",
    "row",
    "a,b",
    'it"s',
    "Δφ",
    "1st",
    "and",
    "x..y",
    "a:b",
    "=1+1",
    "observables",
)


def frame(names: tuple[str, ...], seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: rng.normal(i, 1, N).astype(np.float32) for i, name in enumerate(names)})


def hdf5(table: pd.DataFrame, path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name in table:
            file[name] = table[name].to_numpy()


def npz(table: pd.DataFrame, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **{name: table[name].to_numpy() for name in table})


WRITERS = {
    "a.csv": lambda table, path: table.to_csv(path, index=False),
    "a.txt": lambda table, path: table.to_csv(path, index=False, sep="\t"),
    "a.parquet": lambda table, path: table.to_parquet(path),
    "a.h5": hdf5,
    "pandas.h5": lambda table, path: table.to_hdf(path, key="df", format="fixed"),
    "records.h5": lambda table, path: table.to_hdf(path, key="df", format="table"),
    "a.npz": npz,
}


def same(path: Path, table: pd.DataFrame, rows: np.ndarray) -> None:
    """The file holds these rows of the table, and can be compared with it."""
    sample = ts.load(path)
    assert set(sample.names) == set(table.columns)
    for name in table:
        np.testing.assert_array_equal(sample.observables[name], table[name].to_numpy()[rows])


def study_of(path: Path) -> ts.Study:
    sample = ts.load(path)
    log_w = np.linspace(-1, 1, len(sample))
    return ts.Study.from_weights(sample, ts.load(path), log_w, log_w)


@pytest.mark.filterwarnings("ignore::pandas.errors.PerformanceWarning")
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("names", [PLAIN, ODD], ids=["plain", "odd"])
def test_exports_originals_and_distortions_come_back(name, names, tmp_path):
    table, source = frame(names), tmp_path / name
    WRITERS[name](table, source)
    same(source, table, np.arange(N))
    study = study_of(source)
    high = np.flatnonzero(study.select("reference", Selection(1.0, None)) >= 0)
    rows = study.select("reference", Selection(1.0, None))
    assert len(high) == len(rows) > 100
    for ending in (".csv", ".h5", ".hdf5"):
        export_events(study, Selection(1.0, None), tmp_path / f"export{ending}")
        # A column that is called like the spread of the weights keeps apart from it under another name.
        same(tmp_path / f"export{ending}", table.rename(columns={SPREAD: f"observable_{SPREAD}"}), rows)
    copy = tmp_path / f"original{source.suffix}"
    export_original(study, Selection(1.0, None), copy)
    same(copy, table, rows)
    distorted = tmp_path / f"distorted{source.suffix}"
    distort(source, distorted, names[1], smear(), seed=1)
    matched(ts.load(source), ts.load(distorted))


@pytest.mark.parametrize("names", [PLAIN, ("events/pt", "p_T", "deep/er/x")], ids=["plain", "slashes"])
def test_what_is_generated_can_be_compared_with_what_it_was_learned_from(names, tmp_path):
    source = tmp_path / "a.csv"
    frame(names).to_csv(source, index=False)
    train(source, Settings("vae", epochs=1), seed=0).write(tmp_path / "made.h5", 200)
    one, other = matched(ts.load(source), ts.load(tmp_path / "made.h5"))
    assert one.names == other.names == names


NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="/[]#%"), min_size=1, max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(NAMES, min_size=2, max_size=4, unique_by=str.casefold),
    ending=st.sampled_from([".csv", ".h5"]),
)
def test_names_of_any_kind_survive_an_export(names, ending, tmp_path):
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(size=30).astype(np.float32) for name in names}
    sample = ts.Sample("s", np.stack(list(columns.values()), axis=1), columns)
    log_w = np.linspace(-1, 1, 30)
    study = ts.Study.from_weights(sample, sample, log_w, log_w)
    path = tmp_path / f"e{ending}"
    export_events(study, Selection(None, None), path, sample="reference")
    again = ts.load(path)
    for name in names:
        if name in again.observables:
            np.testing.assert_array_equal(again.observables[name], columns[name])
    # What is left out is left out by its name, and said.
    assert set(names) - set(again.observables) <= set(again.aside)
