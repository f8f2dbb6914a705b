"""What happens to an exception: a note on the page with a number, and the rest in the log."""

from __future__ import annotations

import logging
import secrets
import warnings
from types import TracebackType
from typing import Self

from bokeh.util.warnings import BokehUserWarning

from tailscope.errors import TailscopeError

log = logging.getLogger("tailscope")


def explain(error: BaseException) -> str:
    """One sentence for the page.

    Errors raised on purpose speak for themselves. Of all others the page only gets a reference number:
    their text may hold paths; the log has it under that number.
    """
    if isinstance(error, TailscopeError):
        log.info("refused: %s", error)
        return str(error)
    number = secrets.token_hex(3)
    log.error("error %s", number, exc_info=error)
    return (
        f"Something went wrong (reference {number}); the server's log has the details. The page still works."
    )


class Guarded:
    """``with Guarded() as guarded:`` - an exception inside ends the block, and `sentence` explains it.

    KeyboardInterrupt and its like pass.
    """

    sentence: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.sentence = explain(error)
        return True


def ignore_known_references() -> None:
    """Keep a warning of Bokeh's off the terminal that is nobody's fault and that nobody could act on.

    BokehJS 3.9 sends a model whole, not by name, when the browser is the first to speak of it, as in a tab
    that was opened a moment ago. Bokeh takes the model that it has, and warns.
    """
    warnings.filterwarnings("ignore", "reference already known", BokehUserWarning)
