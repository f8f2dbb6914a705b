"""Formats: one file each, path -> named arrays and units. No physics.

`open_events` recognises the container by its first bytes, and what is in it by keys and shapes. A new
format of named arrays (HDF5, npz) is one new module with a ``likeness(found)`` and an `EventFile`, and one
line in `ARRAY_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tailscope.errors import FormatError

from . import calochallenge, calogan, dimuon, jetnet, momenta, table
from .base import Dataset, EventFile
from .hdf5 import HDF5Store
from .nanoaod import NanoAOD
from .npz import NpzStore
from .parquet import Parquet
from .sniff import container_of
from .store import ArrayStore, Found
from .text import CSV

__all__ = ["Dataset", "EventFile", "open_events"]


class ArrayFormat(NamedTuple):
    """One layout of named arrays.

    ``likeness`` says how much of it is in a file, 0 to 1; ``open`` then checks it.
    """

    keys: str
    domain: str
    likeness: Callable[[Mapping[str, Found]], float]
    open: Callable[[Path, ArrayStore], EventFile]


ARRAY_FORMATS = (
    ArrayFormat(
        "CaloGAN showers (energy, layer_0, layer_1, layer_2)",
        calogan.CaloGAN.domain,
        calogan.likeness,
        calogan.CaloGAN,
    ),
    ArrayFormat(
        "CaloChallenge showers (incident_energies, showers)",
        calochallenge.CaloChallenge.domain,
        calochallenge.likeness,
        calochallenge.CaloChallenge,
    ),
    ArrayFormat(
        "Z+jets events (momenta, or a pandas table of 20 columns)",
        momenta.Momenta.domain,
        momenta.likeness,
        momenta.Momenta,
    ),
    ArrayFormat("jets (particle_features)", jetnet.JetNet.domain, jetnet.likeness, jetnet.JetNet),
    ArrayFormat(
        "a table (columns of shape (N,))", table.StoredColumns.domain, table.likeness, table.StoredColumns
    ),
)

_STORES: Mapping[str, Callable[[Path], ArrayStore]] = {"hdf5": HDF5Store, "npz": NpzStore}
_TABLES: Mapping[str, Callable[[Path], table.Table]] = {"text": CSV, "parquet": Parquet}


def open_events(path: str | Path, domain: str | None = None, binning: str | Path | None = None) -> EventFile:
    """Open a file of events; ``domain`` restricts the formats to those of one kind of event.

    ``binning`` is an XML file that says where the voxels of showers lie (CaloChallenge), where the number of
    voxels does not tell.

    Raises
    ------
    FormatError: no format fits, or the one that fits best finds something wrong.

    """
    path = Path(path)
    events = _opened(path, container_of(path), domain, None if binning is None else Path(binning))
    if binning is not None and not isinstance(events, calochallenge.CaloChallenge):
        events.close()
        raise FormatError(
            f"{path.name}: a binning says where CaloChallenge's voxels lie, but this is a file of "
            f"{events.title}; leave the binning out"
        )
    return events


def _opened(path: Path, container: str, domain: str | None, binning: Path | None) -> EventFile:
    if container == "root":
        if domain not in (None, NanoAOD.domain):
            raise FormatError(
                f"{path.name}: it is a ROOT file, of which muons are read, not {domain} events; leave domain "
                "out"
            )
        return NanoAOD(path)
    # Dimuon events are a table whose columns say so.
    layout = table.Table.domain if domain == dimuon.Dimuon.domain else domain
    if container in _STORES:
        store = _STORES[container](path)
        try:
            opener = _best_format(store, layout)
            if opener is calochallenge.CaloChallenge:
                return calochallenge.CaloChallenge(path, store, binning)
            events = opener(path, store)
            return dimuon.recognised(events, domain) if isinstance(events, table.Table) else events
        except FormatError:
            store.close()
            raise
    if layout not in (None, table.Table.domain):
        raise FormatError(f"{path.name}: it is a table, which has no {domain} events; leave domain out")
    return dimuon.recognised(_TABLES[container](path), domain)


def _best_format(store: ArrayStore, domain: str | None) -> Callable[[Path, ArrayStore], EventFile]:
    """Pick the format whose keys are there most; with ``domain``, that of it, whatever is there."""
    formats = [f for f in ARRAY_FORMATS if domain in (None, f.domain)]
    best = max(formats, key=lambda f: f.likeness(store.found), default=None)
    if best is not None and (domain is not None or best.likeness(store.found) >= 0.5):
        return best.open
    there = ", ".join(f"{f.name} {f.shape}" for f in list(store.found.values())[:8])
    more = f" and {len(store.found) - 8} more" if len(store.found) > 8 else ""
    known = " or ".join(f.keys for f in ARRAY_FORMATS)
    raise FormatError(
        f"{store.path.name}: the {store.container} file holds {there + more or 'no datasets'}, "
        f"expected {known}"
    )
