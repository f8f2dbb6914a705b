"""What the command line prints: tables, and sentences instead of tracebacks."""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tailscope.errors import TailscopeError
from tailscope.fitting.outlook import Outlook
from tailscope.formats import Dataset
from tailscope.reading.description import Description, Range, Undefined
from tailscope.record import plain
from tailscope.study.report import StudyReport
from tailscope.study.study import Study
from tailscope.trust import WORDS, Check, Light, doubts, fine, headline, worst

out = Console(highlight=False)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Sentences:
    """``with Sentences(debug):`` - errors become one sentence on stderr and an exit code.

    2 for what the user can put right (`TailscopeError`, a full disk), 1 for everything unexpected, 130 for
    Ctrl-C. ``debug`` lets the traceback through.
    """

    def __init__(self, debug: bool, kept: str = "") -> None:
        self.debug = debug
        self.kept = kept

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            err.print(f"\nStopped. {escape(self.kept)}".rstrip())
            raise typer.Exit(130)
        if isinstance(error, OSError) and error.errno in FULL:
            what = error.filename or "a file"
            _end(f"{what} could not be written: {error.strerror}; make room and try again")
        if error is None or self.debug or not isinstance(error, Exception) or isinstance(error, typer.Exit):
            return
        if isinstance(error, TailscopeError):
            _end(str(error))
        err.print(
            f"[bold red]unexpected error:[/] {escape(type(error).__name__)}: {escape(str(error))}. This "
            "should not happen; `tailscope --debug ...` shows where it did, which makes a good bug report"
        )
        raise typer.Exit(1) from None


COLOURS: dict[Light, str] = {"green": "green", "amber": "yellow", "red": "red"}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _end(sentence: str) -> NoReturn:
    err.print(f"[bold red]error:[/] {escape(sentence)}")
    raise typer.Exit(2) from None


def print_json(record: object) -> None:
    """Write a record as plain JSON, nothing else, to stdout."""
    out.file.write(json.dumps(plain(record), indent=2, allow_nan=False) + "\n")


def new_table(title: str, *columns: str) -> Table:
    """Table without lines; its first column is never broken."""
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        show_header=any(columns),
    )
    for i, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=i == 0)
    return table


def add_row(table: Table, *cells: object) -> None:
    """Add plain texts: no markup in a name is followed."""
    table.add_row(*(escape(str(cell)) for cell in cells))


def remark(sentence: str) -> None:
    """Something to know about what was printed, such as a doubt."""
    out.print(f"[yellow]{escape(sentence)}[/]", soft_wrap=True)


def print_study(study: Study, path: Path, *, settings: bool) -> None:
    """Samples, AUC and tails; with ``settings`` also how the study was made."""
    report = StudyReport.of(study)
    samples = new_table(study.name, "", "sample", "events", "file")
    for role, sample in (("reference", report.samples.reference), ("generated", report.samples.generated)):
        add_row(samples, role, sample.name, f"{sample.events:,}", sample.path or "arrays")
    out.print(samples)
    numbers = new_table("\nWeights", "", "", "")
    add_row(
        numbers,
        "AUC",
        f"{report.auc:.4f} ± {report.auc_error:.4f}",
        "error: of a null pair of these sizes" + (", at most" if study.auc_error_is_bound else ""),
    )
    calibration = report.calibration
    if calibration.chi2 is not None:
        add_row(numbers, "calibration", f"χ²/ndf {calibration.chi2:.1f}/{calibration.ndf}", "")
    low, high = report.tails.low, report.tails.high
    for tail, found, weighted, events, role in (
        ("low", low, study.generated, low.generated, "generated"),
        ("high", high, study.reference, high.reference, "reference"),
    ):
        of = "" if weighted.event_weight is None else " of the sum of event weights"
        add_row(
            numbers,
            f"{tail} tail",
            f"w {'<' if tail == 'low' else '≥'} {found.cut:g}",
            f"{events:,} {role} events ({found.fraction:.1%} ± {found.fraction_error:.1%}{of})"
            if events
            else f"no {role} event: there is no such tail",
        )
    shared = report.provenance.shared_events
    if shared:
        add_row(
            numbers, "shared", f"{shared:,}", "events occur in both samples; they were kept in the same folds"
        )
    out.print(numbers)
    print_doubts(study.checks)
    if settings:
        for title, part in (("\nSettings of the fit", report.config), ("\nProvenance", report.provenance)):
            table = new_table(title, "", "")
            for name, value in plain(part or {}).items():
                add_row(table, name, value if isinstance(value, str) else json.dumps(value))
            if table.row_count:
                out.print(table)
        print_observables(study)
    out.print(f"\nstudy: {escape(str(path))} ({path.stat().st_size / 1e6:.1f} MB)")


def print_outlook(found: Outlook, output: Path) -> None:
    """What a fit would do, and how long it may take."""
    kinds = f" ({', '.join(found.kinds)})" if found.kinds else ""
    out.print(
        f"{found.reference:,} reference and {found.generated:,} generated events, {found.n_inputs:,} inputs; "
        f"{found.trainings} trainings{kinds}",
        soft_wrap=True,
    )
    if found.cached:
        out.print(
            f"the cache holds this fit: {escape(str(output))} would be written in seconds", soft_wrap=True
        )
        return
    low, high = (_duration(seconds) for seconds in found.seconds)
    out.print(f"{escape(str(output))} may take {low} to {high} on this machine", soft_wrap=True)


def _duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def print_doubts(checks: Sequence[Check]) -> None:
    """What speaks against the weights and what to do about it, the worst first; or that nothing does."""
    out.print(
        f"[{COLOURS[worst(checks)]}]{headline(checks)}[/]" + (f"; {told}" if (told := fine(checks)) else "")
    )
    for doubt in doubts(checks):
        colour = COLOURS[doubt.light]
        out.print(
            f"[{colour}]{WORDS[doubt.light]}[/] {escape(doubt.title)}: {escape(doubt.why)}. "
            f"[dim]{escape(doubt.advice)}.[/]",
            soft_wrap=True,
        )


def print_observables(study: Study) -> None:
    """Names; what is somebody's own, and what the classifier did not see."""
    out.print(f"\nobservables: {escape(', '.join(o.name for o in study.observables))}", soft_wrap=True)
    for o in study.observables:
        if o.expression:
            out.print(f"own observable: {escape(o.name)} = {escape(o.expression)}", soft_wrap=True)
    unseen = [o.name for o in study.observables if o.seen is False]
    if unseen:
        out.print(f"not seen by the classifier: {escape(', '.join(unseen))}", soft_wrap=True)


def print_description(found: Description) -> None:
    """What a file of events was recognised as, and what would be done with it."""
    out.print(
        f"[bold]{escape(found.path)}[/]: {escape(found.title)}; {found.n_events:,} events, "
        f"{found.size / 1e6:.1f} MB",
        soft_wrap=True,
    )
    table = new_table("\nDatasets", "name", "shape", "type", "unit", "range", "")
    for d in found.datasets:
        parts = found.parts.get(d.name, ())
        span = "" if parts else _range(found.ranges.get(d.name))
        unit = "" if parts else d.unit
        add_row(table, d.name, d.shape, d.dtype, unit, span, _about(d, found.undefined.get(d.name)))
        for part in parts:
            add_row(table, f"  {part.name}", "", "", part.unit, _range(part.range), "")
    known = {d.name for d in found.datasets}
    for name, span_as_read in found.ranges.items():
        if name not in known:
            add_row(table, f"  read as {name}", "", "", "", _range(span_as_read), "")
    out.print(table)
    if found.layers:
        out.print(f"\nlayers of voxels: {escape(found.layers)}", soft_wrap=True)
    names = ", ".join(f"{o.name} [{o.unit}]" if o.unit else o.name for o in found.observables)
    out.print(f"\nobservables: {escape(names)}", soft_wrap=True)
    if found.left_out:
        out.print(
            f"left out, because the file has too little for them: {escape(', '.join(found.left_out))}",
            soft_wrap=True,
        )
    for name, own in found.own.items():
        undefined = f", undefined in {own.undefined:,} events" if own.undefined else ""
        out.print(
            f"own observable: {escape(name)} = {escape(own.expression)}: "
            f"{_range(own.range) or 'nowhere defined'}{undefined}",
            soft_wrap=True,
        )
    if found.where:
        share = f"{found.n_passing:,} of {found.n_events:,} events"
        out.print(f"\nwhere {escape(found.where)}: {share}", soft_wrap=True)
    _print_inputs(found)
    for sentence in found.remarks:
        remark(sentence)
    out.print(f"\nSHA-256: {found.sha256}", soft_wrap=True)


def _about(dataset: Dataset, undefined: Undefined | None) -> str:
    """Why a dataset is left alone, or how often it is undefined."""
    if not dataset.used:
        return f"left alone{f': {dataset.why}' if dataset.why else ''}"
    if undefined is None:
        return ""
    written = "" if undefined.written is None else f" (written as {undefined.written:g})"
    return f"undefined in {undefined.events:,} events{written}"


def _range(span: Range | None) -> str:
    return f"{span.low:.4g} to {span.high:.4g}" if span else ""


def _print_inputs(found: Description) -> None:
    """What the classifier would see."""
    about = {
        "low": found.low_level,
        "high": "the observables, on the scale of their axes",
        "both": "one after the other",
    }
    table = new_table("\nWhat tailscope fit would give the classifier", "", "inputs", "")
    for level, n in found.inputs.items():
        option = f"--features {level}" if len(found.inputs) > 1 else "columns"
        default = " (default)" if level == found.level and len(found.inputs) > 1 else ""
        add_row(table, option + default, f"{n:,}", about[level])
    out.print(table)
    if found.reason:
        out.print(f"{found.level} is the default because {escape(found.reason)}.", soft_wrap=True)
    if found.unseen:
        out.print(
            f"not seen by it, and marked on the page: {escape(', '.join(found.unseen))}", soft_wrap=True
        )
