"""Every exception that tailscope raises on purpose.

::

    TailscopeError                 one sentence a physicist can act on; the command line exits with 2
    ├── InputError                 a file or an array that cannot be used as it is
    │   ├── FormatError            the file is not what its format says (truncated, wrong shape, ...)
    │   ├── PluginError            a format or domain of another package, which does not work
    │   └── PairError              reference and generated do not go together (domains differ, identical, ...)
    ├── SelectionError             a cut that makes no sense (inverted range, unknown observable)
    ├── ConfigError                a setting of a fit that makes no sense
    ├── TrainingError              a training that diverged or could not be run
    └── StudyError                 a study file that cannot be opened or written

Every sentence names the file, the dataset, what was found, what was expected and what to do.
"""

import re


class TailscopeError(Exception):
    """Base of all errors that are meant for the reader of the message.

    Names in files can hold anything: what is not printable, such as codes for the terminal, is replaced.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in sentence))


class InputError(TailscopeError):
    """A file or an array that cannot be used as it is."""


class FormatError(InputError):
    """A file that is not what its format says."""


class PluginError(InputError):
    """A format or domain of another package, which does not work."""


class PairError(InputError):
    """Two samples that cannot be compared with each other."""


class SelectionError(TailscopeError):
    """A selection or cut that makes no sense."""


class ConfigError(TailscopeError):
    """A setting of a fit that makes no sense."""


class TrainingError(TailscopeError):
    """A training that diverged or could not be run."""


class StudyError(TailscopeError):
    """A study file that cannot be opened or written."""


def said_by(error: BaseException) -> str:
    """A library's message on one line, without addresses in memory."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(str(error).split()))[:200] or type(error).__name__
