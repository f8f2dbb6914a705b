"""A study that carries some of its events, so that they can be looked at where the files are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tailscope.domains import NUMBERS_ONLY, drawer_of
from tailscope.errors import InputError
from tailscope.selection import SampleName, Selection
from tailscope.weights.bundle import Bundle, Rows
from tailscope.weights.events import SAMPLES
from tailscope.weights.pair import Pair
from tailscope.weights.tails import TAILS, tail_cut, tail_selection

from .nearest import nearest_reference
from .originals import FromArrays, arrays_of


def with_bundle(
    study: Pair,
    n_events: int = 100,
    *,
    selections: Sequence[Selection] | None = None,
    places: Sequence[str | Path] = (),
    seed: int = 0,
) -> Pair:
    """The same study with the arrays of some events in it, such as their voxels.

    Carried are ``n_events`` random ones of each selection, as many of each sample, and of each of these the
    nearest reference event.

    Parameters
    ----------
    selections: read off their right sample; both tails at their default cuts when None.
    places: where the files may be, as in `originals`.

    Raises
    ------
    InputError: a file that is not there or has changed, events that are drawn from their observables or not
        at all, ``n_events`` below 1.

    """
    if n_events < 1:
        raise InputError(f"a bundle of {n_events} events carries nothing; give at least 1")
    if study.domain in NUMBERS_ONLY or drawer_of(study.domain) is not None:
        raise InputError(
            f"{study.name}: {study.domain} events are shown from their observables, which the study has "
            "already; nothing need be carried"
        )
    bare = replace(
        study,
        reference=replace(study.reference, bundle=None),
        generated=replace(study.generated, bundle=None),
    )
    found = {sample: arrays_of(bare, sample, places) for sample in SAMPLES}
    if selections is None:
        selections = [tail_selection(tail, tail_cut(study, tail)) for tail in TAILS]
    rng = np.random.default_rng(seed)
    chosen: dict[SampleName, list[Rows]] = {sample: [] for sample in SAMPLES}
    for sample, selection in [
        *((s.right_sample, s) for s in selections),
        *((sample, Selection()) for sample in SAMPLES),
    ]:
        rows = study.select(sample, selection)
        chosen[sample].append(rng.permutation(rows)[:n_events])
    own = {sample: np.unique(np.concatenate(parts)) for sample, parts in chosen.items()}
    near = [nearest_reference(study, sample, int(row)).event for sample in SAMPLES for row in own[sample]]
    own["reference"] = np.union1d(own["reference"], near)
    parts = {sample: _bundle(found[sample], own[sample]) for sample in SAMPLES}
    return replace(
        study,
        reference=replace(study.reference, bundle=parts["reference"]),
        generated=replace(study.generated, bundle=parts["generated"]),
    )


def _bundle(found: FromArrays, events: Rows) -> Bundle:
    blocks = list(found.blocks(events, 1000))
    arrays = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return Bundle(events, arrays, found.geometry)
