"""Loops that numba compiles. numba itself is imported at the first call of one: that takes 0.2 s."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Compiled(Generic[P, R]):
    """A function that is compiled when it is first called, or found in numba's cache on disk.

    Other compiled functions may call it: of a value that numba does not know, it takes ``_numba_type_``.
    """

    def __init__(self, function: Callable[P, R], options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self._function, self._options = function, options
        self._lock = Lock()
        self._dispatcher: Any = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:  # noqa: D102 - described by the function
        result: R = (self._dispatcher or self._made())(*args, **kwargs)
        return result

    @property
    def _numba_type_(self) -> Any:
        return self._made()._numba_type_

    def _made(self) -> Any:
        with self._lock:
            if self._dispatcher is None:
                from numba import njit

                self._dispatcher = njit(cache=True, nogil=True, **self._options)(self._function)
        return self._dispatcher


def compiled(**options: Any) -> Callable[[Callable[P, R]], Compiled[P, R]]:
    """Have numba compile a function that lets go of the GIL; ``options`` are further ones of ``njit``."""
    return lambda function: Compiled(function, options)
