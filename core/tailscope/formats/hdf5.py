"""Open HDF5 files that nobody vouches for: everything is checked before a single value is read.

An HDF5 file can point outside itself (external links, virtual datasets, external storage), declare
terabytes in a few kilobytes, expand a thousandfold, or hold space that was never written and reads as
zeros. Each of these is refused with one sentence; so is every exception of the library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailscope.errors import FormatError
from tailscope.storage.new_hdf5 import new_hdf5

from .contents import Rows, hint
from .damage import RAISED, one_sentence
from .hdf5_rows import copy_into
from .pandas_names import fixed_names, is_pandas, table_names
from .store import MAX_OBJECTS, TEXT, ArrayStore, Found, expands_too_far, is_index, number_type, size

_LOW: Any = h5py
"""Its low-level modules are compiled, and known to no type checker."""

MAX_CHUNK_BYTES = 512 << 20
MAX_UNIT = 40
CACHE_BYTES, MAX_CACHE_BYTES = 32 << 20, 512 << 20
"""Keep the compressed chunks that straddle two ranges of rows; h5py's own 1 MB inflates them twice.

Where chunks cut the columns too (h5py itself makes 391 x 159 of 100,000 x 40,500), all that hold one row are
kept: 63 MB there. With less, every chunk would be inflated thirty times.
"""

_ERRORS = (*RAISED, AttributeError)
"""What h5py was seen to raise on damaged files."""
_one_sentence = partial(one_sentence, "HDF5", _ERRORS)


def _opened(path: Path) -> Any:
    options = {"rdcc_nbytes": CACHE_BYTES, "rdcc_nslots": 100_003}
    try:
        return h5py.File(path, "r", locking=False, **options)
    except OSError as error:
        # One process has to open a file alike each time, and somebody's notebook may have opened it first.
        if "locking flag" not in str(error):
            raise
        return h5py.File(path, "r", **options)


class HDF5Store(ArrayStore):
    """A checked HDF5 file: ``found`` lists its datasets by path, `read` gives rows of one.

    Raises
    ------
    FormatError: not HDF5, truncated or damaged; links, virtual datasets or storage outside the file.

    """

    container = "HDF5"

    def __init__(self, path: Path, part: str = "") -> None:
        self.path = path
        with _one_sentence(path, "opening it"):
            self._file = _opened(path)
        try:
            with _one_sentence(path, "listing its datasets"):
                walked = {found.name: found for found in self._walk()}
            self._root, inside = self._file, walked
            if part:
                inside = _inside(path, walked, part)
                with _one_sentence(path, f"opening group {part}"):
                    self._root = self._file[part]
            with _one_sentence(path, "listing its columns"):
                self.found = {f.name: f for found in inside.values() for f in self._expanded(found)}
        except FormatError:
            self.close()
            raise
        self._open: dict[str, Any] = {}

    def close(self) -> None:
        """Close the file."""
        with _one_sentence(self.path, "closing it"):
            self._file.close()

    def read(self, name: str, rows: slice) -> NDArray[Any]:
        """Rows of one dataset as they are stored."""
        with _one_sentence(self.path, f"reading dataset {name}"):
            if name not in self._open:
                self._open[name] = self._reader(name)
            return np.asarray(self._open[name][rows])

    def copy_from(self, source: ArrayStore, target: Path, rows: Rows, n_events: int, about: str) -> None:
        """See `ArrayStore.copy_from`; ``about`` becomes the attribute ``tailscope``."""
        with new_hdf5(target) as new:
            copy_into(source, self._root, new, rows, n_events)
            if about:
                new.attrs["tailscope"] = about

    def _reader(self, name: str) -> Any:
        """What gives rows of an array: a dataset, or one field of its records."""
        record = self.found[name].record if name in self.found else ""
        return self._dataset(record).fields(name[len(record) + 1 :]) if record else self._dataset(name)

    def _expanded(self, found: Found) -> Iterator[Found]:
        """The fields of records as arrays of their own, and what the file says of others: units, columns."""
        dataset = self._root[found.name] if found.shape and found.dtype != "link" else None
        if dataset is None:
            yield found
            return
        parent = dataset.parent
        by_pandas = is_pandas(parent)
        last = found.name.rpartition("/")[2]
        if not dataset.dtype.names:
            unit = _unit(dataset)
            if is_index(found.name):
                yield replace(found, inner=True)
            elif not by_pandas:
                yield replace(found, unit=unit)
            elif last.endswith("_values"):
                yield replace(found, columns=fixed_names(parent, last))
            else:
                yield replace(found, inner=True)
            return
        for field in dataset.dtype.names:
            kind = dataset.dtype[field]
            base, shape = kind.subdtype or (kind, ())
            dtype, problem = number_type(base)
            width = math.prod(shape)
            columns = table_names(dataset, field, width) if by_pandas and len(shape) == 1 else ()
            yield Found(
                f"{found.name}/{field}",
                (*found.shape, *shape),
                dtype,
                found.problem or problem,
                columns,
                record=found.name,
                inner=by_pandas and field == "index",
            )

    def _dataset(self, name: str) -> Any:
        """Open a dataset with room for all chunks that hold one row."""
        dataset = self._root[name]
        if dataset.chunks is None:
            return dataset
        across = (-(-n // c) * c for n, c in zip(dataset.shape[1:], dataset.chunks[1:], strict=True))
        band = dataset.chunks[0] * math.prod(across) * dataset.dtype.itemsize
        if band <= CACHE_BYTES:
            return dataset
        access = _LOW.h5p.create(_LOW.h5p.DATASET_ACCESS)
        # Chunks that were read to their end go first (1.0); a quarter more for those of the next rows.
        access.set_chunk_cache(100_003, min(band + band // 4, MAX_CACHE_BYTES), 1.0)
        del dataset  # as long as it is open, its cache is everyone's
        return h5py.Dataset(_LOW.h5d.open(self._root.id, name.encode("utf-8", "backslashreplace"), access))

    def _walk(self) -> Iterator[Found]:
        """All datasets through hard and inner soft links; nothing outside the file is ever opened."""
        groups: list[tuple[str, Any]] = [("", self._file.id)]
        soft: list[tuple[str, str]] = []
        seen: set[Any] = set()
        count = 0
        while groups:
            prefix, group = groups.pop()
            for raw in group:
                name = prefix + raw.decode("utf-8", "backslashreplace")
                count += 1
                if count > MAX_OBJECTS:
                    raise FormatError(
                        f"{self.path.name}: there are more than {MAX_OBJECTS} objects in it, which no known "
                        "format has; is it the right file?"
                    )
                link = group.links.get_info(raw)
                if link.type == _LOW.h5l.TYPE_SOFT:
                    soft.append((name, group.links.get_val(raw).decode("utf-8", "backslashreplace")))
                    continue
                if link.type != _LOW.h5l.TYPE_HARD:
                    self._refuse_outside(name, "is a link to another file")
                kind = _LOW.h5o.get_info(group, raw)
                if kind.type == _LOW.h5o.TYPE_GROUP:
                    if (kind.fileno, kind.addr) not in seen:
                        seen.add((kind.fileno, kind.addr))
                        groups.append((name + "/", _LOW.h5g.open(group, raw)))
                elif kind.type == _LOW.h5o.TYPE_DATASET:
                    yield self._describe(name, _LOW.h5d.open(group, raw))
        # Only now is it known that no link leaves the file, so that following these stays inside it.
        for name, target in soft:
            yield self._follow(name, target)

    def _follow(self, name: str, target: str) -> Found:
        raw = name.encode("utf-8", "backslashreplace")
        try:
            kind = _LOW.h5o.get_info(self._file.id, raw)
        except _ERRORS:
            return Found(name, (), "link", f"is a link to {target}, which is not in the file; write it again")
        if kind.type != _LOW.h5o.TYPE_DATASET:
            return Found(name, (), "link", f"is a link to {target}, which is not a dataset; write it again")
        return self._describe(name, _LOW.h5d.open(self._file.id, raw))

    def _refuse_outside(self, name: str, what: str) -> None:
        raise FormatError(
            f"{self.path.name}: {name} {what}, which is not followed because it could be any file of this "
            "machine; copy the data into one file (h5repack does, or read and write it again with h5py)"
        )

    def _describe(self, name: str, dataset: Any) -> Found:
        properties = dataset.get_create_plist()
        layout = properties.get_layout()
        # The extent of a virtual dataset may open its source files: ask for the layout first.
        if layout == _LOW.h5d.VIRTUAL:
            self._refuse_outside(name, "is a virtual dataset that takes its values from other files")
        if properties.get_external_count() > 0:
            self._refuse_outside(name, "keeps its values in an external file")
        space = dataset.get_space()
        if space.get_simple_extent_type() != _LOW.h5s.SIMPLE:
            return Found(name, (), "scalar", "is a single value, expected one row for each event")
        shape = tuple(int(n) for n in dataset.shape)
        try:
            dtype = dataset.dtype
        except _ERRORS:
            problem = (
                "is of a type that numpy does not have, expected real numbers; write it again as float32"
            )
            return Found(name, shape, "unknown", problem)
        kind, problem = number_type(dtype)
        if h5py.check_string_dtype(dtype) is not None:
            kind = TEXT
        unreadable = _unreadable(dataset, properties, layout, shape)
        # Of records each field has its own type.
        return Found(name, shape, kind, unreadable if dtype.names else problem or unreadable)


def _inside(path: Path, walked: Mapping[str, Found], part: str) -> dict[str, Found]:
    """The datasets of one group, by their names in it.

    Raises
    ------
    FormatError: there is no such group, or nothing in it.

    """
    prefix = part.strip("/") + "/"
    inside = {
        name.removeprefix(prefix): replace(found, name=name.removeprefix(prefix))
        for name, found in walked.items()
        if name.startswith(prefix)
    }
    if not inside:
        groups = {name.rpartition("/")[0] for name in walked} - {""}
        raise FormatError(f"{path.name}: there is no group {part} in it; {hint(part, groups)}")
    return inside


def _unit(dataset: Any) -> str:
    """The unit that an attribute of a dataset says."""
    for key in ("unit", "units"):
        value = dataset.attrs.get(key)
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if isinstance(text, str) and len(text) <= MAX_UNIT:
            return text.strip()
    return ""


def _unreadable(dataset: Any, properties: Any, layout: int, shape: tuple[int, ...]) -> str:
    """Why reading would fail, give zeros that nobody wrote, or fill the memory; "" when it would not."""
    itemsize = int(dataset.dtype.itemsize)
    declared = math.prod(shape) * itemsize
    if declared == 0:
        return ""
    for i in range(properties.get_nfilters()):
        code, _, _, label = properties.get_filter(i)
        if not _LOW.h5z.filter_avail(code):
            label = label.decode("utf-8", "replace") or "unnamed"
            return f"is compressed with filter {code} ({label}), which is not installed; write it with gzip"
    stored = int(dataset.get_storage_size())
    if stored == 0:
        return f"declares {size(declared)} of shape {shape} but was never written; write the file again"
    if problem := expands_too_far(shape, declared, stored):
        return problem
    if layout == _LOW.h5d.CHUNKED:
        chunk = properties.get_chunk()
        if math.prod(chunk) * itemsize > MAX_CHUNK_BYTES:
            return f"has chunks of shape {chunk}, too large to read one at a time; write it with chunks=True"
        expected = math.prod(-(-n // c) for n, c in zip(shape, chunk, strict=True))
        written = int(dataset.get_num_chunks())
        if written < expected:
            return (
                f"was only partly written ({written} of {expected} chunks); let the job that writes it finish"
            )
    elif stored < declared:
        return f"declares {size(declared)} but stores only {size(stored)}; copy or write the file again"
    return ""
