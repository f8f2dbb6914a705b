"""Arrays without known names that are almost jets' constituents; each writes itself beside its sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.constituents import lab_jets, momenta
from helpers.particles import jets

Writer = Callable[[Path], object]
N = 25
PT, ETA, PHI, MASS = lab_jets(N).values()
MASSLESS, RELATIVE = np.stack([PT, ETA, PHI], axis=-1), jets(N)["particle_features"]
MOMENTA = momenta(lab_jets(N))


def saved(values: np.ndarray) -> Writer:
    """One array in an npy file."""
    return lambda path: np.save(path, values)


def with_fourth(values: np.ndarray) -> Writer:
    """PT, eta, phi and another column."""
    return saved(np.concatenate([MASSLESS, values[..., None]], axis=-1))


def changed(values: np.ndarray, at: tuple[int, ...], value: float) -> Writer:
    """The same with another number."""
    values = values.copy()
    values[at] = value
    return saved(values)


def cut_short(path: Path) -> None:
    np.save(path, RELATIVE)
    path.write_bytes(path.read_bytes()[:-100])


CASES: dict[str, tuple[Writer, str]] = {
    "matrix.npy": (
        saved(np.zeros((N, 5))),
        r"single numpy array without names, of shape \(25, 5\); save it with numpy.savez",
    ),
    "objects.npy": (
        lambda path: np.save(path, np.array([[[{}]]], dtype=object), allow_pickle=True),
        "the array holds text or variable-length objects, expected real numbers",
    ),
    "by_columns.npy": (
        saved(np.asfortranarray(RELATIVE)),
        "stored column by column; save np.ascontiguousarray",
    ),
    "cut_short.npy": (cut_short, r"the array declares 12 kB of shape \(25, 30, 4\) but holds 11.9 kB; write"),
    "damaged.npy": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{oops"), "the npy file is damaged"),
    "few_particles.npy": (saved(MOMENTA[:, :5]), r"holds array \(25, 5, 4\), expected .* or jets"),
    "no_jets.npy": (saved(RELATIVE[:0]), r"there are no jets in it \(array has shape \(0, 30, 4\)\)"),
    "nan.npy": (changed(MASSLESS, (4, 2, 1), np.nan), "dataset array: event 4 has nan"),
    "negative_pt.npy": (
        changed(MASSLESS, (4, 2, 0), -5),
        "is none of what jets' constituents are known to be",
    ),
    "degrees.npy": (saved(np.stack([PT, ETA, np.degrees(PHI)], axis=-1)), "is none of what jets'.* radians"),
    "mev.npy": (
        saved(MASSLESS * [1000, 1, 1]),
        r"array: the median pT is \d+, expected GeV; it looks like MeV: divide pT and mass by 1000",
    ),
    "charge.npy": (
        with_fourth(np.where(PT > 0, -1.0, 0)),
        r"is none of what .* \(pT, eta, phi, mass or pid\)",
    ),
    "massive.npy": (changed(MOMENTA, (3, 1, 1), 5000), "is none of what jets' constituents"),
    "empty_jet.npy": (changed(RELATIVE, (6,), 0), "jet 6 has zero momentum: no particle with pT_rel above 0"),
    "empty_lab_jet.npy": (
        changed(MASSLESS, (6,), 0),
        "jet 6 has zero momentum: no constituent with pT above 0",
    ),
    "huge.npy": (changed(MOMENTA, (3, 1, 0), 1e300), "jet 3 has a constituent of more than 1e.15 GeV"),
    "two.npz": (
        lambda path: np.savez(path, reference=RELATIVE, generated=RELATIVE),
        r"there are 2 arrays that may be the constituents of jets \(reference \(25, 30, 4\), generated",
    ),
}
