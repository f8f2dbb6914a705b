"""Whether two samples can be compared at all."""

from __future__ import annotations

from tailscope.errors import PairError

from .sample import Sample


def check_pair(reference: Sample, generated: Sample) -> None:
    """Refuse samples that cannot be compared.

    Raises
    ------
    PairError: different domains, different kinds or numbers of classifier inputs, no common observable.

    """
    if reference.domain != generated.domain:
        raise PairError(
            f"{reference.name} holds {reference.domain} events and {generated.name} {generated.domain} "
            "events; reference and generated must be of the same kind"
        )
    if reference.level != generated.level:
        raise PairError(
            f"{reference.name} was read with {reference.level or 'other'} features and {generated.name} with "
            f"{generated.level or 'other'} ones; read both alike"
        )
    if (reference.n_inputs, reference.features.shape[1]) != (generated.n_inputs, generated.features.shape[1]):
        raise PairError(
            f"{reference.name} has {reference.n_inputs} classifier inputs an event and {generated.name} "
            f"{generated.n_inputs}; {_why_not_as_many(reference, generated)}"
        )
    if not set(reference.observables) & set(generated.observables):
        raise PairError(
            f"{reference.name} ({', '.join(reference.observables)}) and {generated.name} "
            f"({', '.join(generated.observables)}) have no observable in common"
        )


def _why_not_as_many(reference: Sample, generated: Sample) -> str:
    """What one sample has and the other has not, and what to do."""
    for one, other in ((reference, generated), (generated, reference)):
        alone = [name for name in one.observables if name not in other.observables]
        if not alone:
            continue
        names = ", ".join(alone[:5]) + (", ..." if len(alone) > 5 else "")
        found = f"{names} of {one.name} has no counterpart in {other.name}"
        if one.event_weight is None and other.event_weight is not None:
            return (
                f"{found}, where event weights were set aside; if these are event weights too, name the "
                f"column for both files (--event-weight {alone[0]}), else take it out of the file"
            )
        return f"{found}; take it out, or write it to both files"
    return "both files need the same datasets with the same shapes"
