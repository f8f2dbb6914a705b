"""Training of the classifier: arrays in, parameters and history out. No paths, no prints.

Imported by `fit` when it trains, because torch takes seconds to load.
"""

from .network import Classifier
from .pool import Pool
from .progress import Progress, as_arrays, as_tensors, packed, unpacked
from .scoring import choose_device, score
from .training import train

__all__ = [
    "Classifier",
    "Pool",
    "Progress",
    "as_arrays",
    "as_tensors",
    "choose_device",
    "packed",
    "score",
    "train",
    "unpacked",
]
