"""Z+jets files: what pandas writes, and fewer than three jets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tailscope as ts
from helpers.particles import zjets
from helpers.places import RESOURCES
from helpers.showers import write
from tailscope.formats import open_events

WRITTEN_BY_PANDAS = RESOURCES / "valid" / "pandas_zjets.h5"
"""12 events of ``helpers.particles.zjets`` with 3 likelihood samples, by ``DataFrame.to_hdf``."""


def test_a_file_that_pandas_wrote() -> None:
    with open_events(WRITTEN_BY_PANDAS) as events:
        assert events.shapes == {"momenta": (5, 4), "log_likelihood": (3,)}
        (_, arrays), *rest = events.chunks()
        assert not rest
        assert {d.name for d in events.datasets if d.used} == {"events/block0_values"}
    np.testing.assert_array_equal(arrays["momenta"], zjets(12)["momenta"])
    sample = ts.load(WRITTEN_BY_PANDAS)
    p = np.exp(arrays["log_likelihood"].astype(np.float64))
    np.testing.assert_allclose(sample.observable("log_p"), np.log(p.mean(axis=1)), rtol=1e-6)
    np.testing.assert_allclose(sample.observable("sigma_over_mu"), p.std(axis=1) / p.mean(axis=1), rtol=1e-5)


def test_files_without_room_for_three_jets(tmp_path: Path) -> None:
    momenta = zjets(30)["momenta"]
    one = momenta[::3]  # events with one jet
    path = write(tmp_path / "one.h5", {"momenta": one[:, :3]})
    sample, padded = ts.load(path), ts.load(write(tmp_path / "padded.h5", {"momenta": one}))
    np.testing.assert_array_equal(sample.features[:], padded.features[:])
    assert np.isnan(sample.observable("pT_j2")).all()
    assert (sample.observable("n_jets") == 1).all()
