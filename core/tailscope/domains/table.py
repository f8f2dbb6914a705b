"""Any table: every column is an observable and a classifier input."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tailscope.sample.observable import Arrays, Observable

from .base import Domain


def table(columns: Sequence[str]) -> Domain:
    """Make the domain of a table with these columns, in this order; features are the columns as they are.

    A number that is undefined (NaN) is 0 among the features.
    """

    def features(arrays: Arrays) -> NDArray[np.float32]:
        # What is undefined is filled where both samples are known (`pairing.matched`).
        return np.nan_to_num(np.stack([_column(arrays, name=name) for name in columns], axis=1), copy=False)

    return Domain(
        name="table",
        observables=tuple(Observable(c, _label(c), compute=partial(_column, name=c)) for c in columns),
        features=features,
        n_features=len(columns),
        first_row=tuple(columns[:12]),
        inputs="every column as it is",
        has_levels=False,
        feature_names=tuple(columns),
    )


def _column(arrays: Arrays, *, name: str) -> NDArray[np.float32]:
    return np.asarray(arrays[name], dtype=np.float32)


def _label(name: str) -> str:
    r"""LaTeX that prints a column's name as it is: ``p_T`` is ``\mathrm{p\_T}``."""
    special = {c: "\\" + c for c in "_%#&${}"} | {
        "\\": r"\backslash ",
        "^": r"\hat{\ }",
        "~": r"\sim ",
        " ": r"\ ",
    }
    return r"\mathrm{" + "".join(special.get(c, c) for c in name) + "}"
