"""Files that are almost Z+jets events. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from helpers.particles import zjets
from helpers.showers import made_up, write

Writer = Callable[[Path], object]
N = 30
GOOD = zjets(N)
MOMENTA = GOOD["momenta"]


def arrays(**changes: Any) -> Writer:
    """A good file in which some datasets are others."""
    return lambda path: write(path, GOOD | changes)


def momenta(values: np.ndarray) -> Writer:
    return lambda path: write(path, {"momenta": values})


def with_particle(event: int, particle: int, p4: tuple[float, ...]) -> Writer:
    values = MOMENTA.copy()
    values[event, particle] = p4
    return momenta(values)


record = np.zeros(N, dtype=[("index", "i8"), ("values_block_0", "f4", (20,))])

CASES: dict[str, tuple[Writer, str]] = {
    "flat.h5": (momenta(MOMENTA.reshape(N, 20)), r"momenta has shape \(30, 20\).*reshape\(-1, 5, 4\)"),
    "three_numbers.h5": (momenta(MOMENTA[:, :, 1:]), r"\(30, 5, 3\).*write E, px, py, pz of each particle"),
    "swapped_axes.h5": (momenta(MOMENTA.transpose(0, 2, 1)), r"\(30, 4, 5\).*swap its last two axes"),
    "muons_only.h5": (momenta(MOMENTA[:, :2]), r"momenta has shape \(30, 2, 4\), expected \(N, 5, 4\)"),
    "seven.h5": (
        momenta(np.pad(MOMENTA, ((0, 0), (0, 2), (0, 0)))),
        r"\(30, 7, 4\).*keep the three hardest jets",
    ),
    "no_events.h5": (momenta(MOMENTA[:0]), r"there are no events in it \(momenta has no rows\)"),
    "nan.h5": (with_particle(4, 0, (np.nan, 1, 1, 1)), r"dataset momenta: event 4 has nan"),
    "energy_last.h5": (
        momenta(np.roll(MOMENTA, -1, axis=2)),
        r"event 0, mu1, has E = .* but \|p\| = .*looks like E: write E first",
    ),
    "tachyon.h5": (
        with_particle(7, 2, (10, 30, 0, 0)),
        r"event 7, j1, has E = 10 GeV but \|p\| = 30 GeV \(1 such .*check the order",
    ),
    "huge.h5": (
        momenta(np.where(MOMENTA == 0, 0, MOMENTA.astype(float) * 1e300)),
        r"event 0, mu1, has E = inf GeV",
    ),
    "one_muon.h5": (with_particle(3, 1, (0, 0, 0, 0)), r"event 3 has fewer than two muons"),
    "no_jet.h5": (with_particle(3, 2, (0, 0, 0, 0)), r"event 3 has no jet, expected one to three; remove"),
    "gap.h5": (with_particle(5, 3, (0, 0, 0, 0)), r"event 5 has a third jet but no second, .* last"),
    "along_the_beam.h5": (with_particle(9, 2, (50, 0, 0, 50)), r"event 9 has a particle with pT = 0"),
    "mev.h5": (momenta(1000 * MOMENTA), r"the median pT of mu1 is .*; it looks like MeV: divide by 1000"),
    "njets.h5": (
        arrays(njets=np.full(N, 2, np.int8)),
        r"dataset njets: event 0 says 2 jets but 1 of its rows in momenta are not zero",
    ),
    "short_njets.h5": (
        arrays(njets=GOOD["njets"][:-1]),
        r"dataset njets has shape \(29,\) but momenta has 30",
    ),
    "compound_momenta.h5": (
        momenta(record),
        r"dataset momenta/values_block_0: event 0 has fewer than two muons",
    ),
    "object_momenta.npz": (
        lambda path: np.savez(path, momenta=np.array([{}] * N, dtype=object)),
        r"dataset momenta holds text or variable-length objects",
    ),
    "showers_and_nothing.h5": (
        lambda path: write(path, {"momentum": MOMENTA} | {"layer_0": made_up(3)["layer_0"]}),
        r"holds layer_0 \(3, 3, 96\), momentum \(30, 5, 4\), expected CaloGAN .* or Z\+jets",
    ),
}
