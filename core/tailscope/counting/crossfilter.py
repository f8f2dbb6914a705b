"""Crossfiltering: which cuts the events of each observable's own histogram pass.

A selection is a set of clauses, each with its source as in Mosaic (Heer and Moritz, IEEE TVCG 30 (2024) 436).
A histogram ignores the clauses of which it is the source, so that one sees what they leave out. A slice has
no source: every histogram passes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tailscope.selection import Cut


@dataclass(frozen=True)
class Clause:
    """One cut, and the observable whose histogram it was made in; None where every histogram passes it."""

    cut: Cut
    source: str | None = None


@dataclass(frozen=True)
class Resolver:
    """What a set of clauses lets through, for the whole selection and for each observable's histogram."""

    clauses: tuple[Clause, ...] = ()

    @classmethod
    def of(cls, cuts: tuple[Cut, ...], within: tuple[Cut, ...] = (), *, cross: bool = True) -> Resolver:
        """Clauses of a selection's cuts, and of those that all is ``within``.

        ``cross``: the histograms of their own observables ignore the selection's cuts; else none does.
        """
        own = (Clause(cut, cut.observable if cross else None) for cut in cuts)
        return cls((*own, *map(Clause, within)))

    @property
    def sources(self) -> tuple[str, ...]:
        """Observables whose histograms are not those of the whole selection, each once."""
        return tuple(dict.fromkeys(c.source for c in self.clauses if c.source is not None))

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """What the whole selection passes: all clauses."""
        return tuple(clause.cut for clause in self.clauses)

    def cuts_for(self, *observables: str) -> tuple[Cut, ...]:
        """What an observable's own histogram passes, or that of several: the clauses of other sources."""
        return tuple(clause.cut for clause in self.clauses if clause.source not in observables)
