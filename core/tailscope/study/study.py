"""Study: the face of all that is known of a pair, in memory or in one file."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Self

from numpy.typing import ArrayLike

from tailscope.record import Interpolation, Provenance
from tailscope.sample.sample import Sample
from tailscope.trust import Check, trust
from tailscope.weights.pair import WeightedPair

from . import file, summary
from .assembly import Scores, assemble


@dataclass(frozen=True, eq=False, repr=False)
class Study(WeightedPair):
    """A `WeightedPair` that is saved and opened, says whether it may be believed, and shows itself.

    Attributes
    ----------
    path: the file that it was opened from, or None.

    """

    path: Path | None = None

    @classmethod
    def of(cls, pair: WeightedPair, path: Path | None = None) -> Self:
        """The study of a pair."""
        return cls(**{f.name: getattr(pair, f.name) for f in fields(WeightedPair) if f.init}, path=path)

    @classmethod
    def from_weights(
        cls,
        reference: Sample,
        generated: Sample,
        log_w_reference: ArrayLike,
        log_w_generated: ArrayLike,
        *,
        name: str = "",
        interpolated: Interpolation | None = None,
    ) -> Self:
        """A study of weights somebody already has.

        Parameters
        ----------
        log_w_reference, log_w_generated: float[n_events], natural logarithm of w = p_reference/p_generated,
            in the order of the samples' events. -inf (w = 0) and inf are kept.
        interpolated: how those of one sample were made of the other's (`fitting.other_weights`); None where
            somebody had both.

        Raises
        ------
        PairError: samples of different domains or without a common observable.
        InputError: numbers of weights and events that differ, NaN.

        """
        scores = Scores.imported(log_w_reference), Scores.imported(log_w_generated)
        provenance = Provenance(weights="imported", interpolated=interpolated)
        pair = assemble(reference, generated, scores, name=name, provenance=provenance)
        # What their classifier saw, nobody knows.
        return cls.of(replace(pair, observables=tuple(replace(o, seen=None) for o in pair.observables)))

    def __repr__(self) -> str:
        return summary.line_of(self)

    def _repr_html_(self) -> str:
        """Give a notebook something to show that needs no script: numbers, and a picture of the weights."""
        return summary.html_of(self)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Whether the weights may be believed: a light and a sentence each; see `trust.trust`."""
        return self.once(trust)

    def take(self, rows_reference: ArrayLike, rows_generated: ArrayLike) -> Self:
        """See `WeightedPair.take`; what is taken is in memory, and in no file."""
        return replace(super().take(rows_reference, rows_generated), path=None)

    def save(self, path: str | Path) -> Path:
        """Write the study to one HDF5 file, whole or not at all.

        Raises
        ------
        StudyError: the folder does not exist or cannot be written, or the disk is full.

        """
        return file.write(self, Path(path))


def open_study(path: str | Path) -> Study:
    """Open a study file; observables are memory-mapped, so a study larger than memory opens at once.

    Raises
    ------
    StudyError: not there, not a study file, damaged, or written by a newer version of tailscope.

    """
    path = Path(path)
    return Study.of(file.read(path), path.absolute())
