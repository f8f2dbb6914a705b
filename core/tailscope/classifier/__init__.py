"""Training of the classifier: arrays in, parameters and history out. No paths, no prints.

Imported by `fit` when it trains, because torch takes seconds to load.
"""

from tailscope.errors import TrainingError
from tailscope.optional import needing

with needing("torch", "fitting", TrainingError):
    from .additive import additive
    from .attempts import DivergedError, Stopped, refusing, slower, with_second_chance
    from .choice import blank_network, network_of
    from .graph import no_capture
    from .knots import Knots
    from .pace import Batches
    from .pool import Labelled, Pool, Rows
    from .progress import Progress, as_arrays, as_tensors, packed, unpacked
    from .quadratic import quadratic
    from .ridge import Events, Form, Terms, regression
    from .scoring import choose_device, outputs_of, score, score_all, score_rows
    from .stack import Member, Stack
    from .stack_rows import StackRows
    from .standardise import central_ranges, squeezed
    from .threads import at_most, processors, threads_each
    from .training import train
    from .trees import Boosted, boosted
    from .whitening import Whitened, spread

__all__ = [
    "Batches",
    "Boosted",
    "DivergedError",
    "Events",
    "Form",
    "Knots",
    "Labelled",
    "Member",
    "Pool",
    "Progress",
    "Rows",
    "Stack",
    "StackRows",
    "Stopped",
    "Terms",
    "Whitened",
    "additive",
    "as_arrays",
    "as_tensors",
    "at_most",
    "blank_network",
    "boosted",
    "central_ranges",
    "choose_device",
    "network_of",
    "no_capture",
    "outputs_of",
    "packed",
    "processors",
    "quadratic",
    "refusing",
    "regression",
    "score",
    "score_all",
    "score_rows",
    "slower",
    "spread",
    "squeezed",
    "threads_each",
    "train",
    "unpacked",
    "with_second_chance",
]
