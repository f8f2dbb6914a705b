from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tailscope as ts
from tailscope.classifier import Pool
from tailscope.errors import InputError
from tailscope.fitting.null_runs import null_band
from tailscope.storage import scratch
from tailscope.storage.scratch import RowsOf, ScratchRows
from tailscope.weights.events import SAMPLES


def filled(rows: np.ndarray, folder: Path, pieces: int = 3) -> ScratchRows:
    features = ScratchRows(rows.shape[1], folder)
    for piece in np.array_split(rows, pieces):
        features.append(piece)
    return features


def sparse(n: int, width: int, share: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, width), dtype=np.float32)
    rows[rng.random(rows.shape) >= share] = 0
    return rows


@settings(deadline=None, max_examples=60)  # the first example compiles
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 30),
    width=st.integers(1, 40),
    share=st.sampled_from([0.0, 0.05, 0.5, 0.7, 1.0]),
    pieces=st.integers(1, 5),
    data=st.data(),
)
def test_rows_come_back_to_the_last_bit(seed, n, width, share, pieces, data, tmp_path_factory):
    rows = sparse(n, width, share, seed)
    # Bits that a comparison of numbers would lose.
    special = np.array([-0.0, np.nan, np.inf, 1e-45], np.float32)
    rows.flat[: min(4, rows.size)] = special[: min(4, rows.size)]
    features = filled(rows, tmp_path_factory.getbasetemp(), pieces)
    assert features.shape == rows.shape
    assert features.nbytes <= rows.nbytes
    wanted = data.draw(st.lists(st.integers(0, n - 1), max_size=2 * n))
    start, stop = data.draw(st.integers(-n, n)), data.draw(st.integers(-n, n))
    for index in (np.array(wanted, np.int64), slice(start, stop), slice(None)):
        np.testing.assert_array_equal(features[index].view(np.uint32), rows[index].view(np.uint32))


@pytest.mark.parametrize("width", [scratch.SHORT - 1, scratch.SHORT, scratch.SHORT + 1])
def test_places_of_many_features_need_more_room(width, tmp_path):
    rows = sparse(5, width, 0.01)
    rows[0, -1] = 7
    features = filled(rows, tmp_path)
    np.testing.assert_array_equal(features[[4, 0, 0, 2]], rows[[4, 0, 0, 2]])


def test_empty_events_take_two_bytes_a_filled_feature_and_four_for_its_value(tmp_path):
    rows = sparse(100, 2_000, 0.05)
    features = filled(rows, tmp_path)
    assert features.nbytes <= 6 * np.count_nonzero(rows) + 2 * len(rows)
    assert filled(np.zeros((10, 50), np.float32), tmp_path).nbytes == 0


def test_long_stretches_are_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "READ_TOGETHER", 4_000)
    rows = sparse(300, 200, 0.3)
    features = filled(rows, tmp_path)
    np.testing.assert_array_equal(features[:], rows)
    np.testing.assert_array_equal(features[::-1], rows[::-1])


def test_rows_that_are_not_there(tmp_path):
    features = filled(sparse(5, 3, 1.0), tmp_path)
    for wrong in ([-1], [5]):
        with pytest.raises(IndexError):
            features[wrong]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot hold features.*choose another folder with --cache"):
        ScratchRows(3, tmp_path / "file" / "scratch")


def test_rows_of_several_features(tmp_path):
    first, second = sparse(20, 7, 0.4, 1), sparse(30, 7, 0.4, 2)
    rows = np.random.default_rng(0).permutation(50)
    view = RowsOf((filled(first, tmp_path), second), rows)
    expected = np.concatenate([first, second])[rows]
    assert view.shape == (50, 7)
    np.testing.assert_array_equal(view[:], expected)
    np.testing.assert_array_equal(view[[3, 40, 3]], expected[[3, 40, 3]])
    np.testing.assert_array_equal(RowsOf((view,), np.arange(10))[2:5], expected[2:5])


def on_disk(sample: ts.Sample, folder: Path) -> ts.Sample:
    return ts.Sample(
        sample.name,
        filled(sample.features[:], folder),
        sample.observables,
        condition=sample.condition,
        event_weight=sample.event_weight,
    )


def pair() -> tuple[ts.Sample, ts.Sample]:
    rng = np.random.default_rng(3)
    return tuple(
        ts.Sample(name, x, {"x": x[:, 0]}, condition=rng.random((len(x), 1)))
        for name, x in (("ref", sparse(400, 30, 0.3, 1)), ("gen", 1.2 * sparse(300, 30, 0.3, 2)))
    )


@pytest.mark.parametrize("protocol", ["crossfit", "split"])
def test_a_fit_from_disk_gives_the_same_weights_to_the_last_bit(protocol, tmp_path):
    config = ts.FitConfig(epochs=2, folds=2, hidden=16, device="cpu", protocol=protocol)
    ref, gen = pair()
    here = ts.fit(ref, gen, config=config, cache=tmp_path / "a", progress=False)
    there = ts.fit(
        on_disk(ref, tmp_path), on_disk(gen, tmp_path), config=config, cache=tmp_path / "b", progress=False
    )
    assert here.digest == there.digest
    # One of the two in memory is as good.
    mixed = ts.fit(ref, on_disk(gen, tmp_path), config=config, cache=tmp_path / "c", progress=False)
    for name in SAMPLES:
        np.testing.assert_array_equal(here.log_weights(name), there.log_weights(name))
        np.testing.assert_array_equal(here.log_weights(name), mixed.log_weights(name))


def test_halves_leave_the_features_on_disk(tmp_path):
    ref, _ = pair()
    for a, b in zip(ts.null_pair(ref), ts.null_pair(on_disk(ref, tmp_path)), strict=True):
        assert isinstance(a.features, np.ndarray)
        assert isinstance(b.features, RowsOf)
        np.testing.assert_array_equal(a.inputs(slice(None)), b.inputs(slice(None)))


def test_a_null_band_from_disk_is_the_same(tmp_path):
    config = ts.FitConfig(epochs=2, folds=2, hidden=16, device="cpu")
    here, there = (
        null_band(*samples, config, runs=2, cache=tmp_path / name, progress=False)
        for name, samples in (("a", pair()), ("b", [on_disk(s, tmp_path) for s in pair()]))
    )
    np.testing.assert_array_equal(here.reference, there.reference)
    np.testing.assert_array_equal(here.auc, there.auc)


def test_an_open_hdf5_dataset_will_do_as_features(tmp_path):
    x = sparse(50, 6, 0.5)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        dataset = file.create_dataset("x", data=x.astype(np.float64), chunks=(10, 3), compression="gzip")
        sample = ts.Sample("x", dataset, {"x": x[:, 0]})
        pool = Pool(sample, ts.Sample("y", x, {"x": x[:, 0]}), torch.device("cpu"))
        rows = torch.from_numpy(np.random.default_rng(0).permutation(100))
        ascending = np.concatenate([rows[rows < 50], rows[rows >= 50]])
        np.testing.assert_array_equal(pool.inputs(rows)[0].numpy(), np.concatenate([x, x])[ascending])
