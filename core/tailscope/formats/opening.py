"""open_events: from a path to an opened file of events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tailscope.errors import FormatError, TailscopeError
from tailscope.plugins import DOMAINS, plugins

from . import calochallenge, dimuon, foreign, stored_columns, table
from .arrays import Opener
from .base import EventFile
from .choice import Choice
from .containers import container_of
from .kept import KeptRows, finite_rows
from .layouts import ARRAY_FORMATS, OWN_DOMAINS
from .store import ArrayStore
from .stored_columns import StoredColumns


def open_events(
    path: str | Path,
    domain: str | None = None,
    binning: str | Path | None = None,
    choice: Choice | None = None,
    *,
    drop_undefined: bool = False,
) -> EventFile:
    """Open a file of events; ``domain`` restricts the formats to those of one kind of event.

    ``binning`` is an XML file that says where the voxels of showers lie (CaloChallenge), where the number of
    voxels does not tell. A table can be read as a domain of another package, which takes its columns.
    ``choice`` says which part of the file and which columns of a table. With ``drop_undefined`` events are
    left out of which a number that is used is not finite; those of plain tables the sample leaves out.

    Raises
    ------
    FormatError: no format fits, or the one that fits best finds something wrong.
    PluginError: that is one of another package, which does not work.

    """
    path, choice = Path(path), choice or Choice()
    events = _opened(path, domain, None if binning is None else Path(binning), choice, drop_undefined)
    if choice.of_columns and events.format not in {table.Table.format, dimuon.Dimuon.format}:
        events.close()
        raise FormatError(
            f"{path.name}: the columns of a table can be chosen, but this is a file of {events.title}; leave "
            "--columns, --drop, --label and --names out, or read it with --domain table"
        )
    if binning is not None and not isinstance(events, calochallenge.CaloChallenge):
        events.close()
        raise FormatError(
            f"{path.name}: a binning says where CaloChallenge's voxels lie, but this is a file of "
            f"{events.title}; leave the binning out"
        )
    return events


def _opened(path: Path, domain: str | None, binning: Path | None, choice: Choice, drop: bool) -> EventFile:
    if domain not in {None, *OWN_DOMAINS} and path.is_file():
        if domain not in {plugin.name for plugin in plugins(DOMAINS)}:
            raise FormatError(
                f"{path.name}: {domain} events need the package that brings this domain, which is not "
                "installed here"
            )
        if events := foreign.open_file(path, domain):
            return events
    try:
        return _built_in(path, domain, binning, choice, drop)
    except FormatError:
        if path.is_file() and (events := foreign.open_file(path, domain)):
            return events
        raise


def _built_in(path: Path, domain: str | None, binning: Path | None, choice: Choice, drop: bool) -> EventFile:
    """Give the events of one of the containers that tailscope knows."""
    container = container_of(path)
    if domain is not None and (problem := container.lacks(domain)):
        raise FormatError(f"{path.name}: {problem}; leave domain out")
    # Dimuon events are a table whose columns say so.
    layout = table.Table.domain if domain == dimuon.Dimuon.domain else domain
    contents = container.open(path, choice)
    try:
        if not isinstance(contents, ArrayStore):
            assert isinstance(contents, EventFile)  # see `Container.open`
            return _as(contents, domain)
        opener = _best_format(contents, layout)
        events = _made(path, opener, contents, binning, choice)
        if drop:
            events = _finite(events, lambda store: _made(path, opener, store, binning, choice), contents)
        return _as(events, domain)
    except TailscopeError:
        contents.close()
        raise


def _made(path: Path, opener: Opener, store: ArrayStore, binning: Path | None, choice: Choice) -> EventFile:
    if opener is calochallenge.CaloChallenge:
        return calochallenge.CaloChallenge(path, store, binning)
    if opener is StoredColumns:
        return StoredColumns(path, store, choice)
    return opener(path, store)


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


def _as(events: EventFile, domain: str | None) -> EventFile:
    """Give the events back; a table as dimuon events or as a domain of another package, where it is to be."""
    if isinstance(events, table.Table):
        events = dimuon.recognised(events, domain)
        if domain is not None:
            events.domain = domain
    return events


def _best_format(store: ArrayStore, domain: str | None) -> Opener:
    """Pick the format whose keys are there most; with ``domain``, that of it, whatever is there."""
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
    if domain is not None and stored_columns.likeness(store.found):
        return StoredColumns
    # A format of that domain says what it misses.
    if domain is not None and (brought := foreign.best_of_arrays(store.found, domain, -1)):
        return brought
    if {"reference/log_w", "generated/log_w"} <= set(store.found):
        raise FormatError(
            f"{store.path.name}: this is a tailscope study, not a file of events; `tailscope serve` shows "
            "it, and a fit wants the files that it was made of"
        )
    there = ", ".join(f"{f.name} {f.shape}" for f in list(store.found.values())[:8])
    more = f" and {len(store.found) - 8} more" if len(store.found) > 8 else ""
    known = " or ".join([*(f.keys for f in ARRAY_FORMATS), *foreign.known()])
    raise FormatError(
        f"{store.path.name}: the {store.container} file holds {there + more or 'no datasets'}, "
        f"expected {known}"
    )
