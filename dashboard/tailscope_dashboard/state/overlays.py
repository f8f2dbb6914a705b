"""Other studies' generated samples, laid over the study that is shown: one reference, many generators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tailscope.comparing.compare import same_reference
from tailscope.counting.binning import Binning
from tailscope.counting.fill import fill
from tailscope.study.study import Study

COLOURS = ("#B0359A", "#2E8B57", "#6C5CE7", "#B8860B", "#1C8FA0", "#C0504D")
"""Of the outlines; none of them is a selection's."""

KEY_DIGITS = 12


@dataclass(frozen=True, eq=False)
class Overlay:
    """One other study.

    Attributes
    ----------
    study: whose generated events are drawn.
    key: the beginning of its digest, which a view and a permalink name it by.
    label: its generated sample's name; the study's where that does not tell them apart.
    colour: "#rrggbb", the same whichever study is shown.

    """

    study: Study
    key: str
    label: str
    colour: str


def overlays_of(shown: Study, studies: Sequence[Study]) -> tuple[Overlay, ...]:
    """Those of the other studies that were made with the reference events of the one that is shown."""
    names = [study.generated.name for study in studies]
    telling = len(set(names)) == len(names)
    return tuple(
        Overlay(
            study,
            study.digest[:KEY_DIGITS],
            study.generated.name if telling else study.name,
            COLOURS[number % len(COLOURS)],
        )
        for number, study in enumerate(studies)
        if study is not shown and same_reference(shown, study)
    )


def strangers_of(shown: Study, studies: Sequence[Study]) -> str:
    """A sentence about the studies that cannot be laid over; "" when all can."""
    names = [f"“{study.name}”" for study in studies if not same_reference(shown, study)]
    if not names:
        return ""
    verb = "has" if len(names) == 1 else "have"
    return (
        f"{', '.join(names)} {verb} other reference events than “{shown.name}” and cannot be laid over it: a "
        "difference of the generated samples could not be told from one of the references."
    )


def counts_of(shown: Study, other: Study) -> tuple[int, ...]:
    """Generated events of another study in the slots of the one that is shown, observable by observable.

    Slots of an observable: underflow, bins, overflow, undefined. All of an observable that the other study
    does not have are 0.
    """
    slots = shown.index("reference").slots
    return other.once(_counts, tuple(zip(slots.names, slots.binnings, strict=True)))


def _counts(study: Study, binnings: tuple[tuple[str, Binning], ...]) -> tuple[int, ...]:
    """The same in given bins, which say nothing of the study that they are of: that one is not kept alive."""
    known = study.generated.observables
    rows = [fill(known.get(name, np.empty(0)), binning.edges).slots for name, binning in binnings]
    return tuple(np.concatenate(rows).astype(int).tolist()) if rows else ()
