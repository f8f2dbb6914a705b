"""Z -> mu mu + jets: four-momenta (E, px, py, pz) in GeV of two muons and up to three jets, zero padded.

Two layouts: a dataset ``momenta`` (N, 3..5, 4) in HDF5 or npz, and what pandas' ``to_hdf`` makes of a table
of 20 columns (``*/block0_values``; read with h5py, as pandas' own reader may unpickle). Further columns of
such a table are samples of a Bayesian generator's log-likelihood.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import Dataset, refuse_bad_numbers
from .store import ArrayStore, Found
from .stored import StoredEvents

N_MUONS, N_PARTICLES = 2, 5
N_NUMBERS = 4 * N_PARTICLES
NAMES = ("mu1", "mu2", "j1", "j2", "j3")
ORDER = "mu1, mu2, j1, j2, j3 as (E, px, py, pz)"
OTHERS = "read columns that are no Z+jets with --domain table"
"""What to do with numbered columns of pandas that are something else."""

MOST_SAMPLES = 1000
"""Samples of a log-likelihood beside the momenta, at most; more columns are something else."""
EXCESS = 0.01
"""By how much |p| may exceed E, as a fraction: rounding does not reach a thousandth of it."""
LARGEST_PT = 2000.0
"""No sample of Z+jets has muons with a median pT beyond this many GeV: those are MeV."""


def likeness(found: Mapping[str, Found]) -> float:
    """1 with ``momenta`` or a block of a pandas table whose columns are only numbered, else 0."""
    blocks = (f for f in found.values() if _is_pandas(f))
    widths = range(N_NUMBERS, N_NUMBERS + MOST_SAMPLES + 1)
    return float("momenta" in found or any(f.shape[1] in widths for f in blocks))


def _is_pandas(found: Found) -> bool:
    """A block of columns in either of pandas' formats, which are only numbered: names say what they are."""
    block = found.name.rpartition("/")[2] in {"block0_values", "values_block_0"}
    prefixes = {name.rstrip("0123456789") for name in found.columns}
    return block and len(found.shape) == 2 and len(prefixes) < 2


class Momenta(StoredEvents):
    """A file of Z+jets events; `chunks` gives ``momenta`` float32[n, 5, 4].

    With likelihood samples in the file, also ``log_likelihood`` float32[n, n_samples].
    """

    format = "momenta"
    domain = "events"
    parts = MappingProxyType({"momenta": (("E", "GeV"), ("px", "GeV"), ("py", "GeV"), ("pz", "GeV"))})

    def __init__(self, path: Path, file: ArrayStore) -> None:
        super().__init__(path, file)
        self._n_jets: Found | None = None
        self._n_samples = 0
        if "momenta" in file.found:
            self._open_momenta(file)
        else:
            self._open_pandas(file)
        if self.n_events == 0:
            raise FormatError(f"{path.name}: there are no events in it ({self._source} has no rows)")
        self.datasets = tuple(
            Dataset(f.name, f.shape, f.dtype, "GeV" if f.name == self._source else "", used=f.name in used)
            for used in [{self._source, self._n_jets.name if self._n_jets else ""}]
            for f in file.found.values()
        )

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `EventFile.shapes`."""
        samples = {"log_likelihood": (self._n_samples,)} if self._n_samples else {}
        return {"momenta": (N_PARTICLES, 4), **samples}

    def part(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """See `StoredEvents.part`."""
        where = f"{self.path.name}: dataset {self._source}"
        values = self.contents.read(self._source, rows)
        refuse_bad_numbers(where, values, rows.start)
        values = values.reshape(len(values), -1)
        momenta = np.zeros((len(values), N_PARTICLES, 4), dtype=np.float32)
        n_particles = min(values.shape[1] // 4, N_PARTICLES)
        with np.errstate(over="ignore"):  # what float32 does not hold is refused as an energy
            momenta[:, :n_particles] = values[:, : 4 * n_particles].reshape(-1, n_particles, 4)
        present = self._checked(where, momenta, rows.start)
        if self._n_jets is not None:
            self._check_n_jets(self._n_jets.name, present, rows)
        arrays = {"momenta": momenta}
        if self._n_samples:
            arrays["log_likelihood"] = values[:, N_NUMBERS:].astype(np.float32)
        return arrays

    def check_units(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Refuse MeV; nothing is scaled silently."""
        momenta = arrays["momenta"]
        pt = float(np.median(np.hypot(momenta[:, 0, 1], momenta[:, 0, 2])))
        if pt > LARGEST_PT:
            raise FormatError(
                f"{self.path.name}: dataset {self._source}: the median pT of mu1 is {pt:g}, expected some "
                "ten GeV; it looks like MeV: divide by 1000"
            )

    def _open_momenta(self, file: ArrayStore) -> None:
        momenta = file.need("momenta", "(four-momenta, shape (N, 5, 4))")
        if len(momenta.shape) != 3 or momenta.shape[2] != 4 or not 3 <= momenta.shape[1] <= N_PARTICLES:
            raise FormatError(
                f"{self.path.name}: dataset momenta has shape {momenta.shape}, expected (N, 5, 4): {ORDER}; "
                f"{_shape_advice(momenta.shape)}"
            )
        self.title = f"Z+jets four-momenta in {file.container}"
        self._source, self.n_events = "momenta", momenta.shape[0]
        for name in ("njets", "n_jets"):
            if name in file.found:
                self._n_jets = file.usable(name)
                if self._n_jets.shape not in {(self.n_events,), (self.n_events, 1)}:
                    raise FormatError(
                        f"{self.path.name}: dataset {name} has shape {self._n_jets.shape} but momenta has "
                        f"{self.n_events} events; write both from the same events"
                    )

    def _open_pandas(self, file: ArrayStore) -> None:
        blocks = [f.name for f in file.found.values() if _is_pandas(f)]
        if not blocks:
            file.need("momenta", "(four-momenta, shape (N, 5, 4))")
        if len(blocks) > 1:
            raise FormatError(
                f"{self.path.name}: there are {len(blocks)} pandas tables in it "
                f"({', '.join(sorted(blocks))}), expected one; write each to a file of its own"
            )
        block = file.usable(blocks[0])
        group = block.name.rpartition("/")[0]
        if any(name.startswith((f"{group}/block1_", f"{group}/values_block_1")) for name in file.found):
            raise FormatError(
                f"{self.path.name}: the pandas table {group} has columns of several types, so that their "
                f"order is lost; convert all columns to float32 and write it again, or {OTHERS}"
            )
        if block.shape[1] < N_NUMBERS:
            raise FormatError(
                f"{self.path.name}: dataset {block.name} has {block.shape[1]} columns, expected at least "
                f"{N_NUMBERS}: {ORDER}; pad absent jets with zeros"
            )
        self.title = "Z+jets four-momenta in a pandas HDF5 table"
        self._source, self.n_events = block.name, block.shape[0]
        self._n_samples = block.shape[1] - N_NUMBERS

    def _checked(self, where: str, momenta: NDArray[np.float32], start: int) -> NDArray[np.bool_]:
        """bool[n, 5]: which particles there are.

        Raises
        ------
        FormatError: |p| > E, no muons, no jet, a gap before a jet, a particle along the beam.

        """
        energy = momenta[:, :, 0]
        momentum = np.sqrt(np.einsum("npi,npi->np", momenta[:, :, 1:], momenta[:, :, 1:], dtype=np.float64))
        bad = ~(momentum <= energy * np.float64(1 + EXCESS)) | ~np.isfinite(energy)
        if bad.any():
            event, particle = np.argwhere(bad)[0]
            advice = "check the order E, px, py, pz"
            if self._source != "momenta":
                advice += f", or {OTHERS}"
            last = momenta[event, particle, 3]
            if np.all(momenta[bad][:, 3] >= np.abs(momenta[bad][:, :3]).max(axis=1)):
                advice = f"its last number, {last:g}, looks like E: write E first"
            raise FormatError(
                f"{where}: event {start + event}, {NAMES[particle]}, has E = {energy[event, particle]:g} GeV "
                f"but |p| = {momentum[event, particle]:g} GeV ({int(bad.any(axis=1).sum())} such in events "
                f"{start} to {start + len(bad) - 1}); {advice}"
            )
        present: NDArray[np.bool_] = energy > 0
        problems: dict[str, Any] = {
            "has fewer than two muons, expected mu1 and mu2 first": ~present[:, :N_MUONS].all(axis=1),
            "has no jet, expected one to three; remove such events": ~present[:, N_MUONS],
            "has a third jet but no second, expected absent jets (all zero) last": (
                present[:, N_MUONS + 2] & ~present[:, N_MUONS + 1]
            ),
            "has a particle with pT = 0, which has no direction in eta; remove such events": (
                present & ~momenta[:, :, 1:3].any(axis=2)
            ).any(axis=1),
        }
        for problem, events in problems.items():
            if events.any():
                raise FormatError(
                    f"{where}: event {start + int(events.argmax())} {problem} ({int(events.sum())} such "
                    f"events in {start} to {start + len(events) - 1})"
                )
        return present

    def _check_n_jets(self, name: str, present: NDArray[np.bool_], rows: slice) -> None:
        said = self.contents.read(name, rows).reshape(-1)
        counted = present[:, N_MUONS:].sum(axis=1)
        if (wrong := said != counted).any():
            event = int(wrong.argmax())
            raise FormatError(
                f"{self.path.name}: dataset {name}: event {rows.start + event} says {said[event]:g} jets but "
                f"{counted[event]} of its rows in momenta are not zero; write both from the same events"
            )


def _shape_advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 2 and shape[1] == N_NUMBERS:
        return "reshape it with .reshape(-1, 5, 4)"
    if len(shape) == 3 and shape[2] == 3:
        return "write E, px, py, pz of each particle"
    if len(shape) == 3 and shape[1] == 4:
        return "swap its last two axes"
    if len(shape) == 3 and shape[1] > N_PARTICLES:
        return "keep the three hardest jets"
    return "is it a sample of another process?"
