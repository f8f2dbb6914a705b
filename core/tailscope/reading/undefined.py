"""Events of which a number is undefined, left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tailscope.errors import FormatError
from tailscope.sample.sample import Sample


def defined(sample: Sample) -> Sample:
    """The events of a table of which every column is a number.

    Raises
    ------
    FormatError: none is.

    """
    columns = [sample.observables[name] for name in sample.raw]
    missing = np.zeros(len(sample), dtype=bool)
    for values in columns:
        missing |= np.isnan(values)
    if not missing.any():
        return sample
    if missing.all():
        raise FormatError(
            f"{sample.name}: no event has all of its numbers; leave out columns that are mostly "
            "undefined (--drop)"
        )
    left = sample.take(np.flatnonzero(~missing), sample.name)
    said = (
        f"{sample.name}: {int(missing.sum()):,} of {len(sample):,} events left out, as a number is undefined"
    )
    return replace(left, remarks=(*(r for r in left.remarks if "undefined" not in r), said), checked=True)
