"""The main job, end to end, as a user does it: fit two files, serve the study, drag a cut in Chromium."""

import hashlib
import subprocess
import sys

import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers.places import DATA
from helpers.served import served
from helpers.wall_page import WallPage, assert_painted

pytestmark = pytest.mark.browser

PAIR = [DATA / "photons_reference.hdf5", DATA / "photons_generated.hdf5"]
TAILSCOPE = "tailscope_dashboard"
FIG_5 = {f"{kind}_{layer}" for kind in ("E", "brightest", "sparsity") for layer in range(3)}
FIG_5 |= {"E_inc", "E_tot_over_E_inc", "depth"}


@pytest.fixture(scope="module")
def study_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photons")
    path = folder / "photons.study.h5"
    command = [sys.executable, "-m", TAILSCOPE, "fit", *PAIR, "-o", path, "--cache", folder / "cache"]
    small = ["--max-events", "4000", "--folds", "2", "--epochs", "2", "--device", "cpu"]
    result = subprocess.run([*map(str, command), *small], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return path


def test_the_bundled_samples_are_what_their_checksums_say():
    sums = dict(reversed(line.split()) for line in (DATA / "SHA256SUMS").read_text().splitlines())
    for path in PAIR:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[path.name]
        assert len(ts.load(path)) == 12_000
    assert sum(path.stat().st_size for path in PAIR) <= 12e6


def test_no_generated_incident_energy_is_copied_from_the_reference():
    ref, gen = (ts.load(path) for path in PAIR)
    same = np.isin(gen.observable("E_inc"), ref.observable("E_inc"))
    assert same.mean() < 0.001  # single precision lets a few coincide


def test_a_dragged_cut_shows_exactly_what_numpy_computes_from_the_study_file(study_file, browser):
    study = ts.open(study_file)
    assert {o.name for o in study.observables} >= FIG_5
    with h5py.File(study_file) as file:  # the reader and the file tell the same
        assert (file["generated/log_w"][()] == study.log_weights("generated")).all()
        assert (file["reference/observables/E_2"][()] == study.reference.observables["E_2"]).all()
    with served([TAILSCOPE, "serve", study_file, "--no-open", "--port", "5440"]) as server:
        wall = WallPage(browser, server.url)
        before = wall.painted()
        assert {"E_0", "sparsity_2"} <= set(before["reference"])
        assert_painted(before, study, before["selections"])
        high = next(s for s in before["selections"] if s["high"] is None)
        low = high["low"]
        wall.drag(wall.weight(low), wall.weight(low * 1.15))
        after = wall.wait_for(lambda painted: painted["selections"] != before["selections"])
        assert_painted(after, study, after["selections"])
        moved = next(s for s in after["selections"] if s["high"] is None)
        assert moved["low"] > low
        assert moved["totals"]["reference"]["n"] < high["totals"]["reference"]["n"]
        wall.brush("E_1", 0.2, 0.6)
        brushed = wall.wait_for(lambda painted: any(s["cuts"] for s in painted["selections"]))
        assert_painted(brushed, study, brushed["selections"])
        assert not wall.complaints
        wall.close()
