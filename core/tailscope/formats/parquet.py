"""Tables in Parquet, where pyarrow is installed."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError
from tailscope.optional import needing

from .base import Dataset
from .choice import Choice
from .contents import Contents, Rows, no_column
from .damage import RAISED, one_sentence
from .ranges import CHUNK_BYTES
from .store import TEXT, number_type, size
from .table import Columns, Table
from .units import split_units

MAX_GROUP_BYTES = 2 << 30


_one_sentence = partial(one_sentence, "Parquet", RAISED)
"""All exceptions of pyarrow derive from these."""


_INDEX = re.compile(r"__index_level_\d+__")
"""What pandas calls the row numbers that it writes."""


class Parquet(Table, Contents):
    """A Parquet file; columns of text, categories, lists and records are left alone.

    Raises
    ------
    FormatError: pyarrow is missing; the file is damaged, or stored in groups too large to read.

    """

    container = "Parquet"

    def __init__(self, path: Path, choice: Choice | None = None) -> None:
        choice = choice or Choice()
        self.path, self.contents = path, self
        self.title = "table in Parquet"
        with needing("pyarrow", f"{path.name}: reading Parquet", FormatError, "save the table as CSV"):
            parquet: Any = importlib.import_module("pyarrow.parquet")
        with _one_sentence(path, "opening it"):
            self._file: Any = parquet.ParquetFile(path)
            meta = self._file.metadata
            groups = [meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)]
            datasets = [self._described(field, meta.num_rows) for field in self._file.schema_arrow]
        if max(groups, default=0) > MAX_GROUP_BYTES:
            self.close()
            raise FormatError(
                f"{path.name}: it is stored in row groups of up to {size(max(groups))}, too large to read "
                "one at a time; write it with row_group_size=100000"
            )
        names = [d.name for d in datasets]
        try:
            self._refuse(names, choice)
            short, units = split_units(names)
            self._names = dict(zip(short, names, strict=True))
            found = [replace(d, name=n, unit=u) for d, n, u in zip(datasets, short, units, strict=True)]
            self._numbers = tuple(d.name for d in found if d.dtype != TEXT)
            self.settle(int(meta.num_rows), found, choice)
        except FormatError:
            self.close()
            raise

    def stored(self, names: Sequence[str], stop: int) -> Iterator[tuple[int, Columns]]:
        """See `Table.stored`."""
        if not names:
            return
        start = 0
        rows = max(1, CHUNK_BYTES // (8 * len(names)))
        with _one_sentence(self.path, "reading it"):
            batches = self._file.iter_batches(batch_size=rows, columns=[self._names[name] for name in names])
        while start < stop:
            with _one_sentence(self.path, "reading it"):
                batch = next(batches, None)
            if batch is None or not batch.num_rows:
                raise FormatError(
                    f"{self.path.name}: the Parquet file ends after {start} of the {self.n_events} events "
                    "that it says it holds; copy or write it again"
                )
            with _one_sentence(self.path, "reading it"):
                batch = batch.slice(0, stop - start)
                columns = {name: _numbers(batch.column(self._names[name])) for name in names}
            yield start, columns
            start += batch.num_rows

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`."""
        if name not in self._numbers:
            raise no_column(self.path, name, self._numbers)
        parts = [part[name] for _, part in self.stored([name], min(stop, self.n_events))]
        return np.concatenate(parts)

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`; ``about`` is left out."""
        importlib.import_module("pyarrow.parquet").write_table(self._file.read().take(rows), target)

    def close(self) -> None:
        """See `EventFile.close`."""
        self._file.close()

    @staticmethod
    def _described(field: Any, n_events: int) -> Dataset:
        kind, why = TEXT, TEXT
        if str(field.type).startswith("decimal"):
            kind, why = "float64", ""
        else:
            try:
                kind, problem = number_type(np.dtype(field.type.to_pandas_dtype()))
            except (NotImplementedError, TypeError):
                problem = "is not a number"
            kind, why = (TEXT, TEXT) if problem else (kind, "")
        if _INDEX.fullmatch(field.name):
            why = "row numbers"
        return Dataset(field.name, (n_events,), kind, used=not why, why=why)

    def _refuse(self, names: Sequence[str], choice: Choice) -> None:
        if choice.names:
            raise FormatError(
                f"{self.path.name}: --names is for files whose columns have no names; leave it out, here "
                f"they are {', '.join(names[:8])}"
            )
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            raise FormatError(f"{self.path.name}: column name {twice} occurs twice; rename one of the two")


def _numbers(column: Any) -> NDArray[Any]:
    """A column of a batch (pyarrow.Array, [n]) as numbers, NaN where there is none."""
    kind = str(column.type)
    if kind == "bool":
        column = column.cast("int8")
    elif kind.startswith("decimal"):
        column = column.cast("float64")
    return np.asarray(column.to_numpy(zero_copy_only=False))
