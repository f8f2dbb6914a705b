"""What a reader of a file should know: what was left alone and why, and which numbers are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tailscope.formats import EventFile
from tailscope.formats.roles import GUESSED
from tailscope.formats.store import PARTIAL
from tailscope.sample.pairing import listed


def left_alone(events: EventFile, event_weight: str | None) -> Iterator[str]:
    """Sentences about columns of a table that are no inputs, where nobody asked for that."""
    by_reason: dict[str, list[str]] = {}
    for dataset in events.datasets:
        if not dataset.used and dataset.why and dataset.name != event_weight:
            by_reason.setdefault(dataset.why, []).append(dataset.name)
    for why, names in by_reason.items():
        them = "it" if len(names) == 1 else "them"
        if why in GUESSED:
            how = (
                f"--event-weight {names[0]} weighs with it"
                if why == "an event weight"
                else f"--columns takes {them}"
            )
            said = why if len(names) == 1 else why.split(" ", 1)[1] + "s"
            yield f"{events.path.name}: {listed(names)} left out as {said} ({how})"
        elif why == "text":
            yield f"{events.path.name}: {listed(names)} left out as text"
        elif why == PARTIAL:
            yield f"{events.path.name}: {listed(names)} left out, as not all files have {them}"


def undefined(
    name: str, columns: Mapping[str, NDArray[np.float32]], sentinels: Mapping[str, float]
) -> Iterator[str]:
    """Sentences about columns (float32[n] each) with undefined numbers."""
    counts = {key: int(np.isnan(values).sum()) for key, values in columns.items()}
    missing = {key: count for key, count in counts.items() if count}
    if not missing:
        return
    written = sorted({sentinels[key] for key in missing if key in sentinels})
    as_what = f" (written as {', '.join(f'{value:g}' for value in written)})" if written else ""
    most = sorted(missing, key=lambda key: -missing[key])
    counted = [f"{key} in {missing[key]:,} events" for key in most]
    yield (
        f"{name}: undefined{as_what}: {listed(counted)}; the classifier is told where "
        "(--drop-undefined leaves such events out)"
    )


def without_rows(name: str, events: EventFile) -> str:
    """How many events of a file are left out, as their numbers are not finite."""
    assert events.rows is not None
    of = int(events.rows[-1]) + 1
    return f"{name}: {of - events.n_events:,} of the first {of:,} events left out, as a number is undefined"
