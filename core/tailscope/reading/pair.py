"""Two samples that are to be compared: read alike, where one file says more of its events than the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tailscope.formats.constituents import JetFile
from tailscope.sample.sample import Sample

from .load import read
from .reading import Reading

Read = Callable[[Reading], Sample]


def read_with(
    reference: Sample, how: Reading, generated: Reading, reading: Read = read
) -> tuple[Sample, Sample]:
    """Read the generated sample, and jets of both again with what both files have of them.

    A generator makes constituents alone, perhaps, or fewer of them than the reference has: then whole jets'
    numbers are left out, and the hardest constituents of each jet are compared; `Sample.remarks` say so.

    Parameters
    ----------
    reference, how: the reference sample, and how it was read.
    generated: how the other one is.
    reading: what reads a file, `load.read` or one that shows its progress.

    Raises
    ------
    FormatError, InputError: as `load`.

    """
    other = reading(generated)
    if not reference.domain == other.domain == JetFile.domain or reference.n_inputs == other.n_inputs:
        return reference, other
    alike = _alike(how, generated)
    if alike is None:
        return reference, other
    samples = [reading(one) for one in alike]
    said = _said(reference, other, alike[0])
    return (
        replace(samples[0], remarks=(*samples[0].remarks, said), checked=True),
        replace(samples[1], remarks=(*samples[1].remarks, said), checked=True),
    )


def _alike(*pair: Reading) -> tuple[Reading, Reading] | None:
    """How both files are read with the arrays and the number of constituents that both have."""
    shapes = []
    for how in pair:
        with how.opened() as events:
            shapes.append(dict(events.shapes))
    arrays = tuple(name for name in shapes[0] if name in shapes[1])
    if not arrays:
        return None
    most = min(shape[0] for found in shapes for shape in found.values() if len(shape) == 2)
    first, second = (replace(how, arrays=arrays, most_particles=most) for how in pair)
    return first, second


def _said(reference: Sample, generated: Sample, how: Reading) -> str:
    return (
        f"{reference.name} and {generated.name} say different things of their jets: compared are "
        f"{' and '.join(how.arrays)}, the {how.most_particles} hardest constituents of each jet"
    )
