"""tailscope shows where a generative network is wrong, by the weights of a classifier.

import tailscope as ts
study = ts.fit(ts.load("geant4.hdf5"), ts.load("generated.hdf5"))
study.save("photons.study.h5")
"""

from .config import FitConfig
from .counting.binning import Binning
from .counting.histogram import Histogram
from .counting.rules import AutoBinning
from .errors import TailscopeError
from .fitting.fit import fit
from .fitting.null_pair import null_pair
from .formats import Choice
from .reading.description import describe
from .reading.load import load
from .sample.observable import Observable
from .sample.sample import Sample
from .selection import Cut, Selection
from .study.study import Study
from .study.study import open_study as open  # noqa: A004 - the public contract's name
from .version import __version__

__all__ = [
    "AutoBinning",
    "Binning",
    "Choice",
    "Cut",
    "FitConfig",
    "Histogram",
    "Observable",
    "Sample",
    "Selection",
    "Study",
    "TailscopeError",
    "__version__",
    "describe",
    "fit",
    "load",
    "null_pair",
    "open",
]
