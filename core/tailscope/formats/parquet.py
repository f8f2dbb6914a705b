"""Tables in Parquet, where pyarrow is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError
from tailscope.optional import needing

from .base import Dataset
from .contents import Contents, Rows, no_column
from .damage import RAISED, one_sentence
from .ranges import CHUNK_BYTES
from .store import TEXT, number_type, size
from .table import Table

MAX_GROUP_BYTES = 2 << 30


_one_sentence = partial(one_sentence, "Parquet", RAISED)
"""All exceptions of pyarrow derive from these."""


class Parquet(Table, Contents):
    """A Parquet file; columns of text, lists and records are left alone.

    Raises
    ------
    FormatError: pyarrow is missing; the file is damaged, or stored in groups too large to read.

    """

    container = "Parquet"

    def __init__(self, path: Path) -> None:
        self.path, self.contents = path, self
        self.title = "table in Parquet"
        with needing("pyarrow", f"{path.name}: reading Parquet", FormatError, "save the table as CSV"):
            parquet: Any = importlib.import_module("pyarrow.parquet")
        with _one_sentence(path, "opening it"):
            self._file: Any = parquet.ParquetFile(path)
            meta = self._file.metadata
            groups = [meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)]
            datasets = [self._describe(field, meta.num_rows) for field in self._file.schema_arrow]
        if max(groups, default=0) > MAX_GROUP_BYTES:
            self.close()
            raise FormatError(
                f"{path.name}: it is stored in row groups of up to {size(max(groups))}, too large to read "
                "one at a time; write it with row_group_size=100000"
            )
        self._settle(int(meta.num_rows), datasets)
        self._numbers = self.columns

    def chunks(self, stop: int | None = None) -> Iterator[tuple[int, Mapping[str, NDArray[Any]]]]:
        """See `EventFile.chunks`."""
        start, n = 0, self.n_events if stop is None else min(stop, self.n_events)
        rows = max(1, CHUNK_BYTES // (8 * len(self.columns)))
        with _one_sentence(self.path, "reading it"):
            batches = self._file.iter_batches(batch_size=rows, columns=list(self.columns))
        while start < n:
            with _one_sentence(self.path, "reading it"):
                batch = next(batches, None)
            if batch is None or not batch.num_rows:
                raise FormatError(
                    f"{self.path.name}: the Parquet file ends after {start} of the {self.n_events} events "
                    "that it says it holds; copy or write it again"
                )
            with _one_sentence(self.path, "reading it"):
                batch = batch.slice(0, n - start)
                arrays = {
                    name: np.asarray(batch.column(name).to_numpy(zero_copy_only=False))
                    for name in self.columns
                }
            yield start, {name: self._checked(name, values, start) for name, values in arrays.items()}
            start += batch.num_rows

    def column(self, name: str, stop: int) -> NDArray[Any]:
        """See `Contents.column`."""
        if name not in self._numbers:
            raise no_column(self.path, name, self._numbers)
        with _one_sentence(self.path, f"reading column {name}"):
            column = self._file.read(columns=[name]).column(0)
            return np.asarray(column.to_numpy(zero_copy_only=False))[:stop]

    def copy_rows(self, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `Contents.copy_rows`; ``about`` is left out."""
        importlib.import_module("pyarrow.parquet").write_table(self._file.read().take(rows), target)

    def close(self) -> None:
        """See `EventFile.close`."""
        self._file.close()

    @staticmethod
    def _describe(field: Any, n_events: int) -> Dataset:
        try:
            kind, problem = number_type(np.dtype(field.type.to_pandas_dtype()))
        except (NotImplementedError, TypeError):
            kind, problem = TEXT, "is not a number"
        return Dataset(field.name, (n_events,), kind, used=not problem)
