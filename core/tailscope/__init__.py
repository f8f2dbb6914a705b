"""tailscope shows where a generative network is wrong, by the weights of a classifier.

import tailscope as ts
study = ts.fit(ts.load("geant4.hdf5"), ts.load("generated.hdf5"))
study.save("photons.study.h5")
"""

from .config import FitConfig
from .description import describe
from .errors import TailscopeError
from .fit import fit, null_pair
from .histogram import AutoBinning, Binning, Histogram
from .load import load
from .sample import Observable, Sample
from .selection import Cut, Selection
from .study import Study
from .study_file import open_study as open  # noqa: A004 - the public contract's name

__version__ = "0.1.0"

__all__ = [
    "AutoBinning",
    "Binning",
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
