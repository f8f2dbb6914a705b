"""Jets in tables of Parquet or text, with top tagging's columns of four-momenta."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError

from .base import EventFile, refuse_bad_numbers
from .constituents import Floats, JetFile, jets_of, refuse_mev
from .contents import Rows
from .table import Table
from .toptagging import COLUMNS, KINDS, Layout, has_constituent


def recognised(table: Table, domain: str | None, *, drop_undefined: bool = False) -> EventFile:
    """Give the table back, as jets if it has a constituent's columns and ``domain`` does not forbid it.

    Raises
    ------
    FormatError: ``domain`` says jets, and the columns do not.

    """
    names = [d.name for d in table.datasets]
    if domain not in {None, JetFile.domain}:
        return table
    if has_constituent({"": names}):
        return TabledJets(table, drop_undefined=drop_undefined)
    if domain is None:
        return table
    raise FormatError(
        f"{table.path.name}: there are the columns {', '.join(names[:12])}, expected those of jets' "
        f"constituents: {COLUMNS}"
    )


class TabledJets(JetFile):
    """Jets of a table; `chunks` gives what `JetFile` says. With ``drop_undefined`` only whole ones.

    Raises
    ------
    FormatError: as `Layout`; no jet has all of its numbers.

    """

    format = "toptagging"

    def __init__(self, table: Table, *, drop_undefined: bool = False) -> None:
        self._table, self._drops = table, drop_undefined
        self.path, self.contents, self.n_events = table.path, table.contents, table.n_events
        names = [d.name for d in table.datasets]
        layout = Layout(self.path, table.contents.container, {"": names})
        self.title, self.slots, self._n_slots = layout.said, layout.slots, layout.slots
        self._slots, self._kinds, columns = layout.places[""].T
        self._names = [names[column] for column in columns]
        self.datasets = tuple(
            replace(d, unit="GeV" if used else d.unit, used=used, role="feature" if used else d.role, why="")
            for d in table.datasets
            for used in [d.name in self._names]
        )
        if drop_undefined:
            self._leave_out_undefined()

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        where = f"{self.path.name}: {COLUMNS}"
        start, n = 0, self.n_events if stop is None else min(stop, self.n_events)
        for _, read in self._momenta():
            momenta = (read[_whole(read)] if self._drops else read)[: n - start]
            if len(momenta):
                refuse_bad_numbers(where, momenta, start)
                arrays = jets_of(where, momenta, self.slots, start)
                if start == 0:
                    refuse_mev(where, arrays["jet_features"])
                yield start, {name: arrays[name] for name in self._gives}
            start += len(momenta)
            if start >= n:
                return

    def named(self, name: str, stop: int) -> NDArray[Any]:
        """See `EventFile.named`."""
        if self.rows is None:
            return self._table.named(name, stop)
        return self._table.named(name, self._table.n_events)[self.rows[:stop]]

    def close(self) -> None:
        """See `EventFile.close`."""
        self._table.close()

    def _momenta(self) -> Iterator[tuple[int, Floats]]:
        """(first row, E, px, py, pz of the constituents of some rows: float64[n, any, 4])."""
        for start, columns in self._table.stored(self._names, self._table.n_events):
            momenta = np.zeros((len(next(iter(columns.values()))), self._n_slots, len(KINDS)))
            for slot, kind, name in zip(self._slots, self._kinds, self._names, strict=True):
                momenta[:, slot, kind] = columns[name]
            yield start, momenta

    def _leave_out_undefined(self) -> None:
        whole: Rows = np.concatenate([start + np.flatnonzero(_whole(m)) for start, m in self._momenta()])
        if not whole.size:
            raise FormatError(f"{self.path.name}: no event has all of its numbers; write the file again")
        if whole.size < self.n_events:
            self.rows, self.n_events = whole, int(whole.size)


def _whole(momenta: Floats) -> NDArray[np.bool_]:
    """Which jets have finite numbers alone, bool[n]."""
    return np.asarray(np.isfinite(momenta).all(axis=(1, 2)))
