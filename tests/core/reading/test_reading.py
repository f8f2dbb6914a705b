"""What a source says is enough to read the same again; a file is opened once for all that is read of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

import tailscope as ts
from helpers.muons import table
from helpers.particles import zjets
from helpers.showers import made_up, write
from tailscope.errors import InputError
from tailscope.reading.load import read
from tailscope.reading.reading import Reading

N = 60
WEIGHTS = np.linspace(-0.1, 1, N)

OPTIONS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "high": {"features": "high"},
    "both, the first": {"features": "both", "max_events": 41},
    "own observable and condition": {"observables": {"R [GeV]": "sqrt(E_1*E_tot)"}, "where": "R > 0"},
    "weighted": {"event_weight": "weight"},
    "as a table": {"domain": "table"},
}


def showers(folder: Path) -> Path:
    return write(folder / "s.h5", made_up(N) | {"weight": WEIGHTS})


def assert_same(one: ts.Sample, other: ts.Sample) -> None:
    assert (one.domain, one.level, one.source) == (other.domain, other.level, other.source)
    np.testing.assert_array_equal(one.inputs(slice(None)), other.inputs(slice(None)))
    assert list(one.observables) == list(other.observables)
    for name, column in one.observables.items():
        np.testing.assert_array_equal(column, other.observables[name])
    np.testing.assert_array_equal(one.relative_weight, other.relative_weight)
    assert [s.name for s in one.specs] == [s.name for s in other.specs]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_source_is_read_again(tmp_path: Path, options: dict[str, Any]) -> None:
    sample = ts.load(showers(tmp_path), **options)
    assert_same(read(Reading.of(sample.source)), sample)


def test_a_study_still_knows_how_its_samples_were_read(tmp_path: Path) -> None:
    sample = ts.load(
        showers(tmp_path), where="E_1 > 1", event_weight="weight", observables={"R": "E_1/E_tot"}
    )
    half = len(sample) // 2
    parts = [sample.take(rows, str(rows[0])) for rows in np.split(np.arange(2 * half), 2)]
    study = ts.Study.from_weights(*parts, np.zeros(half), np.zeros(half))
    opened = ts.open(study.save(tmp_path / "s.study.h5"))
    again = Reading.of(opened.reference.source, (tmp_path / "s.h5",))
    assert_same(read(again), sample)


def test_arrays_are_not_read_again() -> None:
    sample = ts.Sample("toy", np.ones((3, 1)), {"x": [1, 2, 3]})
    with pytest.raises(InputError, match="given as arrays, not as a file"):
        Reading.of(sample.source)


def test_a_file_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [
        showers(tmp_path),
        write(tmp_path / "z.h5", zjets(N) | {"weight": WEIGHTS}),
        write(tmp_path / "t.h5", table(N) | {"weight": WEIGHTS}),
    ]
    opened: list[str] = []

    class Counting(h5py.File):
        def __init__(self, name: object, *arguments: Any, **options: Any) -> None:
            opened.append(str(name))
            super().__init__(name, *arguments, **options)

    monkeypatch.setattr(h5py, "File", Counting)
    for path in paths:
        ts.load(path, event_weight="weight")
    assert opened == [str(path) for path in paths]


def test_weights_come_from_the_table_that_is_open(tmp_path: Path) -> None:
    pd.DataFrame(table(N) | {"weight": WEIGHTS}).to_csv(tmp_path / "t.csv", index=False)
    with Reading(tmp_path / "t.csv").opened() as events:
        np.testing.assert_allclose(events.event_weights("weight", 10), WEIGHTS[:10], rtol=1e-15)
