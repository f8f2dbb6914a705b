"""Files that are almost CaloChallenge samples, and binning files that are not. Each writes itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helpers.showers import challenge, write

Writer = Callable[[Path], object]
N = 20
GOOD = challenge(N)


def changed(**changes: Any) -> Writer:
    """A good file in which some datasets are others; None leaves one out."""
    datasets = {name: values for name, values in (GOOD | changes).items() if values is not None}
    return lambda path: write(path, datasets)


def scaled(**factors: float) -> Writer:
    return changed(**{name: GOOD[name] * np.float32(factor) for name, factor in factors.items()})


def with_value(name: str, event: int, value: float) -> Writer:
    values = GOOD[name].copy()
    values[event, 0] = value
    return changed(**{name: values})


CASES: dict[str, tuple[Writer, str]] = {
    "no_showers.h5": (
        changed(showers=None, voxels=GOOD["showers"]),
        r"dataset showers \(voxel energies in MeV, .*\) is missing; there are incident_energies, voxels",
    ),
    "no_energies.h5": (changed(incident_energies=None), r"dataset incident_energies .* is missing"),
    "two_energies.h5": (
        changed(incident_energies=np.ones((N, 2))),
        r"incident_energies has shape \(20, 2\), expected \(N, 1\)",
    ),
    "image.h5": (
        changed(showers=np.ones((N, 45, 16, 9))),
        r"showers has shape \(20, 45, 16, 9\), .*reshape\(-1, 6480\), radius fastest",
    ),
    "fewer_energies.h5": (
        changed(incident_energies=GOOD["incident_energies"][1:]),
        r"dataset showers has 20 events but incident_energies has 19",
    ),
    "no_showers_at_all.h5": (
        lambda p: write(p, {name: values[:0] for name, values in GOOD.items()}),
        r"there are no events in it \(showers has shape \(0, 368\)\)",
    ),
    "other_detector.h5": (
        changed(showers=np.ones((N, 500))),
        r"has 500 voxels a shower, expected 368 \(dataset_1_photons photon\), .*give its binning file",
    ),
    "nan_voxel.h5": (with_value("showers", 4, np.nan), r"dataset showers: event 4 has nan MeV"),
    "negative_voxel.h5": (with_value("showers", 6, -2), r"dataset showers: event 6 has -2 MeV"),
    "no_energy.h5": (with_value("incident_energies", 3, 0), r"event 3 has an incident energy of 0 MeV"),
    "enormous_voxel.h5": (
        changed(showers=np.full((N, 368), 1e300)),
        r"dataset showers: there are values up to 1e\+300, more than float32 holds",
    ),
    "incident_gev.h5": (scaled(incident_energies=1e-3), r"incident_energies looks like GeV: multiply it"),
    "showers_gev.h5": (scaled(showers=1e-3), r"dataset showers looks like GeV: multiply it by 1000"),
    "empty_showers.h5": (scaled(showers=0), r"most showers are empty; were the voxels written\?"),
    "text_showers.h5": (changed(showers=np.full((N, 368), b"1")), r"dataset showers holds text"),
    "normalised.h5": (scaled(showers=1e-6), r"deposit 9e-07 times .*check the units of both"),
}

LAYER = '<Layer id="{}" r_edges="{}" n_bin_alpha="{}"/>'
GOOD_LAYER = LAYER.format(0, ",".join(map(str, range(369))), 1)


def binning(*layers: str) -> str:
    return f'<Bins><Bin name="x">{"".join(layers)}</Bin></Bins>'


BINNINGS: dict[str, tuple[str, str]] = {
    "not_xml": ("r_edges: 0, 5, 10", r"the binning file is not XML"),
    "cut_short": (binning(GOOD_LAYER)[:-9], r"the binning file is not XML"),
    "other_xml": ("<html><body/></html>", r"there is no Bin with a Layer of voxels"),
    "only_absent_layers": (binning(LAYER.format(0, 0, 1)), r"there is no Bin with a Layer of voxels"),
    "other_count": (
        binning(LAYER.format(0, "0,5,10", 10)),
        r"has 368 voxels a shower but binning.xml describes 20",
    ),
    "falling": (binning(LAYER.format(3, "0,10,5", 10)), r"layer 3 has r_edges that do not increase"),
    "words": (binning(LAYER.format(3, "0,ten", 10)), r'layer 3 has id="3" r_edges="0,ten"'),
    "no_angle": (binning(LAYER.format(3, "0,10", 0)), r"layer 3 has n_bin_alpha=0, expected at least 1"),
    "no_id": (binning('<Layer r_edges="0,5" n_bin_alpha="1"/>'), r"layer without id has id=\"None\""),
    "twice": (binning(GOOD_LAYER, GOOD_LAYER), r"a layer id occurs twice"),
    "infinite": (binning(LAYER.format(3, "0,inf", 1)), r"layer 3 has r_edges that do not increase"),
    "entities": (
        f'<!DOCTYPE x [<!ENTITY a "b">]>{binning(GOOD_LAYER)}',
        r"declares entities, which are not read",
    ),
    "long": (" " * (1 << 20) + binning(GOOD_LAYER), r"more than 1 MB"),
    "many": (binning(LAYER.format(3, "0,1", 2_000_000)), r"with 2000000 voxels in it"),
}
