"""open_events: from a path to an opened file of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tailscope.errors import FormatError, TailscopeError
from tailscope.plugins import DOMAINS, plugins

from . import calochallenge, dimuon, foreign, root, stored_columns, table, tabled_jets
from .arrays import Opener
from .base import EventFile
from .choice import Choice
from .constituents import JetFile
from .containers import container_of
from .joined import JoinedStore
from .kept import KeptRows, finite_rows
from .layouts import ARRAY_FORMATS, OWN_DOMAINS
from .several import Several
from .store import ArrayStore
from .stored_columns import StoredColumns
from .trees import Trees


class _Asked(NamedTuple):
    """What `open_events` was asked for beside the files."""

    domain: str | None
    binning: Path | None
    choice: Choice
    drop_undefined: bool
    most_particles: int | None


def open_events(
    path: str | Path | Sequence[str | Path],
    domain: str | None = None,
    binning: str | Path | None = None,
    choice: Choice | None = None,
    *,
    drop_undefined: bool = False,
    most_particles: int | None = None,
) -> EventFile:
    """Open a file of events, or several as one; ``domain`` restricts the formats to one kind of event.

    ``binning`` is an XML file that says where the voxels of showers lie (CaloChallenge), where the number of
    voxels does not tell. A table can be read as a domain of another package, which takes its columns.
    ``choice`` says which part of the file and which columns of a table. With ``drop_undefined`` events are
    left out of which a number that is used is not finite; those of plain tables the sample leaves out.
    Of jets, the hardest ``most_particles`` constituents are given where a file has more, as many as the other
    sample has.

    Raises
    ------
    FormatError: no format fits, or the one that fits best finds something wrong; files that do not fit.
    PluginError: that is one of another package, which does not work.

    """
    paths = [Path(one) for one in ((path,) if isinstance(path, (str, Path)) else path)]
    if not paths:
        raise FormatError("no file was named; name at least one")
    asked = _Asked(
        domain, None if binning is None else Path(binning), choice or Choice(), drop_undefined, most_particles
    )
    events = _opened(paths[0], asked) if len(paths) == 1 else _joined(paths, asked)
    if asked.choice.of_columns and events.format not in {table.Table.format, dimuon.Dimuon.format}:
        events.close()
        raise FormatError(
            f"{paths[0].name}: the columns of a table can be chosen, but this is a file of {events.title}; "
            "leave --columns, --drop, --label and --names out, or read it with --domain table"
        )
    if binning is not None and events.format != calochallenge.CaloChallenge.format:
        events.close()
        raise FormatError(
            f"{paths[0].name}: a binning says where CaloChallenge's voxels lie, but this is a file of "
            f"{events.title}; leave the binning out"
        )
    _make_room([events], most_particles)
    return events


def _joined(paths: Sequence[Path], asked: _Asked) -> EventFile:
    """Several files as one: joined arrays where they are files of arrays."""
    with ExitStack() as stack:
        containers = [container_of(path) for path in paths]
        stores = []
        for path, container in zip(paths, containers, strict=True):
            if container is not containers[0]:
                raise FormatError(
                    f"{path.name}: it is {container.name} but {paths[0].name} is {containers[0].name}; join "
                    "only files of one kind"
                )
            contents = container.open(path, asked.choice)
            stack.callback(contents.close)
            if not isinstance(contents, ArrayStore):
                break
            stores.append(contents)
        if len(stores) == len(paths):
            joined = JoinedStore(stores)
            events = _of_arrays(paths[0], joined, asked)
            events.title += f", {len(paths)} files"
            events.counts = _counts(events, joined)
            stack.pop_all()
            return events
    with ExitStack() as stack:
        files = []
        for path in paths:
            files.append(_opened(path, asked))
            stack.callback(files[-1].close)
        _make_room(files, asked.most_particles)
        several = Several(files)
        stack.pop_all()
    return several


def _make_room(files: Sequence[EventFile], most_particles: int | None) -> None:
    """Give the jets of all files room for equally many constituents."""
    jets = [file for file in files if isinstance(file, JetFile)]
    room = max((file.slots for file in jets), default=0)
    for file in jets:
        file.slots = room if most_particles is None else min(room, most_particles)


def _counts(events: EventFile, joined: JoinedStore) -> tuple[int, ...]:
    """Events of each file."""
    n = events.n_events if events.rows is None else 1 + int(events.rows[-1])
    lengths = [joined.counts(name) for name, found in joined.found.items() if found.shape[0] >= n]
    return min(lengths, key=sum)


def _opened(path: Path, asked: _Asked) -> EventFile:
    if asked.domain not in {None, *OWN_DOMAINS} and path.is_file():
        if asked.domain not in {plugin.name for plugin in plugins(DOMAINS)}:
            raise FormatError(
                f"{path.name}: {asked.domain} events need the package that brings this domain, which is not "
                "installed here"
            )
        if events := foreign.open_file(path, asked.domain):
            return events
    try:
        return _built_in(path, asked)
    except FormatError:
        if path.is_file() and (events := foreign.open_file(path, asked.domain)):
            return events
        raise


def _built_in(path: Path, asked: _Asked) -> EventFile:
    """Give the events of one of the containers that tailscope knows."""
    container = container_of(path)
    if asked.domain is not None and (problem := container.lacks(asked.domain)):
        raise FormatError(f"{path.name}: {problem}; leave domain out")
    contents = container.open(path, asked.choice)
    try:
        if isinstance(contents, Trees):
            events = root.events_of(contents, asked.domain, asked.choice, drop_undefined=asked.drop_undefined)
            return _as(events, asked)
        if not isinstance(contents, ArrayStore):
            assert isinstance(contents, EventFile)  # see `Container.open`
            return _as(contents, asked)
        return _of_arrays(path, contents, asked)
    except TailscopeError:
        contents.close()
        raise


def _of_arrays(path: Path, store: ArrayStore, asked: _Asked) -> EventFile:
    """Give the events of the layout that these arrays have."""
    # Dimuon events are a table whose columns say so.
    layout = table.Table.domain if asked.domain == dimuon.Dimuon.domain else asked.domain
    opener = _best_format(store, layout)

    def made(arrays: ArrayStore) -> EventFile:
        if opener is calochallenge.CaloChallenge:
            return calochallenge.CaloChallenge(path, arrays, asked.binning)
        if opener is StoredColumns:
            return StoredColumns(path, arrays, asked.choice)
        return opener(path, arrays)

    events = made(store)
    return _as(_finite(events, made, store) if asked.drop_undefined else events, asked)


def _finite(events: EventFile, again: Callable[[ArrayStore], EventFile], store: ArrayStore) -> EventFile:
    """The same events without those of which a number is not finite; of plain tables all of them.

    Raises
    ------
    FormatError: none is left.

    """
    if isinstance(events, table.Table):
        return events
    rows = finite_rows(events, store)
    if rows.size == events.n_events:
        return events
    if not rows.size:
        raise FormatError(f"{events.path.name}: no event has all of its numbers; write the file again")
    finite = again(KeptRows(events.path, store, rows, events.n_events))
    finite.rows = rows
    return finite


def _as(events: EventFile, asked: _Asked) -> EventFile:
    """Give the events back; a table as what its columns say, or as a domain of another package."""
    if isinstance(events, table.Table) and not isinstance(events, StoredColumns):
        found = tabled_jets.recognised(events, asked.domain, drop_undefined=asked.drop_undefined)
        if not isinstance(found, table.Table):
            return found
    if isinstance(events, table.Table):
        events = dimuon.recognised(events, asked.domain)
        if isinstance(events, dimuon.Dimuon) and asked.drop_undefined:
            events.drop_undefined()
        if asked.domain is not None:
            events.domain = asked.domain
        if asked.domain not in {None, *OWN_DOMAINS} and isinstance(events, table.Table):
            events.take_all()
    return events


def _best_format(store: ArrayStore, domain: str | None) -> Opener:
    """Pick the format whose keys are there most; with ``domain``, that of it, whatever is there."""
    if {"reference/log_w", "generated/log_w"} <= set(store.found):
        raise FormatError(
            f"{store.path.name}: this is a tailscope study, not a file of events; `tailscope serve` shows "
            "it, and a fit wants the files that it was made of"
        )
    formats = [f for f in ARRAY_FORMATS if domain in (None, f.domain)]
    best = max(formats, key=lambda f: f.likeness(store.found), default=None)
    likeness = 0.0 if best is None else best.likeness(store.found)
    if likeness < 1:
        least = 0.5 if domain is None else 0
        if brought := foreign.best_of_arrays(store.found, domain, likeness, least):
            return brought
    if best is not None and (
        domain is not None or likeness >= 0.5 or (best.open is StoredColumns and likeness)
    ):
        return best.open
    # Domains of other packages take columns; an array of several numbers an event is no column to them.
    columns = stored_columns.likeness(store.found)
    if domain is not None and columns > (0 if domain in OWN_DOMAINS else 0.4):
        return StoredColumns
    # A format of that domain says what it misses.
    if domain is not None and (brought := foreign.best_of_arrays(store.found, domain, -1)):
        return brought
    there = ", ".join(f"{f.name} {f.shape}" for f in list(store.found.values())[:8])
    more = f" and {len(store.found) - 8} more" if len(store.found) > 8 else ""
    known = " or ".join([*(f.keys for f in ARRAY_FORMATS), *foreign.known()])
    raise FormatError(
        f"{store.path.name}: the {store.container} file holds {there + more or 'no datasets'}, "
        f"expected {known}"
    )
