"""A pair of samples as what a training reads."""

from tailscope.classifier import Labelled, Pool
from tailscope.fitting.plan import Labels


def labelled(reference, generated, device, *, pool=Pool, **options):
    """The rows of both samples on a device, with the labels and event weights that they have."""
    labels = Labels.of(reference, generated)
    return Labelled(pool(reference, generated, device, **options), labels.is_reference, labels.weight)
