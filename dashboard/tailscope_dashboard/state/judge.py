"""The lights of trust on the page: made once a study, while its pages are open already; and as plain data."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

import panel as pn
import param

from tailscope.study.study import Study
from tailscope.trust import WORDS, Check, worst

from .state import State

MOST_SIGMAS = 10.0
"""Standard deviations beyond which noise of a few runs is not known."""

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trust")
_asked: WeakKeyDictionary[Study, Future[tuple[Check, ...]]] = WeakKeyDictionary()


class Judge:
    """Brings the checks of the study that is shown into ``state.checks`` as soon as they are made.

    The first page of a study has them made in a thread, so that nothing that moves waits for them; all other
    pages find them made.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        state.param.watch(self._on_study, "study")
        self._on_study()

    def _on_study(self, *events: param.parameterized.Event) -> None:
        del events
        state, study = self.state, self.state.study
        if not checks_of(study).done():
            state.checks = ()

        def tell() -> None:
            if state.study is study:
                state.checks = checks_of(study).result()

        when_done(checks_of(study), tell)


def checks_of(study: Study) -> Future[tuple[Check, ...]]:
    """The checks of a study, made once for all pages, one study after the other."""
    if study not in _asked:
        _asked[study] = _worker.submit(lambda: study.checks)
    return _asked[study]


def when_done(future: Future[Any], tell: Callable[[], None]) -> None:
    """Call ``tell`` where the page lives: now, or by its event loop; without one, wait."""
    document = pn.state.curdoc
    if future.done():
        tell()
    elif document is not None and document.session_context is not None:
        future.add_done_callback(lambda _: document.add_next_tick_callback(tell))
    else:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            future.result()
            tell()
        else:
            future.add_done_callback(lambda _: loop.call_soon_threadsafe(tell))


def plain_verdict(checks: tuple[Check, ...]) -> dict[str, Any]:
    """Lights as the browser takes them; {} while there are none."""
    if not checks:
        return {}
    light = worst(checks)
    return {
        "light": light,
        "word": WORDS[light],
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "light": check.light,
                "word": WORDS[check.light],
                "found": found(check),
                "why": f"{check.why}.",
                "advice": f"{check.advice}." if check.advice else "",
                "view": check.view,
            }
            for check in checks
        ],
    }


def found(check: Check) -> str:
    """The value of a check with its error, in its own unit."""
    value, error = check.value, check.error
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞"
    if check.name in {"overfit", "closure"}:
        return f"{100 * value:,.0f}%" + (f" ± {error:.0%}" if math.isfinite(error) else "")
    if check.name == "tails":
        return f"{value:.1f} σ" if value < MOST_SIGMAS else f"more than {MOST_SIGMAS:g} σ"
    if check.name in {"effective_size", "shared_events"}:
        return f"{value:,.0f}"
    if check.name == "calibration":
        return f"χ²/ndf {value:.2f}" if value < 1000 else f"χ²/ndf {value:.1e}"
    if abs(value) > 100:
        return f"{value:.1e} ± {error:.1e}"
    digits = 4 if check.name == "auc" else 3
    return f"{value:.{digits}f} ± {error:.{digits}f}"
