"""Training of the classifier: arrays in, parameters and history out. No paths, no prints.

Imported by `fit` when it trains, because torch takes seconds to load.
"""

from .attempts import refusing, with_second_chance
from .choice import network_of
from .pool import Pool
from .progress import Progress, as_arrays, as_tensors, packed, unpacked
from .scoring import choose_device, outputs_of, score, score_all
from .standardise import central_ranges, squeezed
from .training import train

__all__ = [
    "Pool",
    "Progress",
    "as_arrays",
    "as_tensors",
    "central_ranges",
    "choose_device",
    "network_of",
    "outputs_of",
    "packed",
    "refusing",
    "score",
    "score_all",
    "squeezed",
    "train",
    "unpacked",
    "with_second_chance",
]
