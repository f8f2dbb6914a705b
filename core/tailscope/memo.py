"""Memo: what is computed once for as long as its owner lives, however many threads ask for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """Values by key. The first thread that asks for one computes it, all others wait for that one.

    A computation that fails is forgotten: those who waited for it see its error, the next one tries again.

    Parameters
    ----------
    most: values that are kept, those asked for last; None for all.

    """

    def __init__(self, most: int | None = None) -> None:
        self._lock = Lock()
        self._most = most
        self._found: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the value of ``key``, which ``compute`` gives where it is not known."""
        future: Future[Any] = Future()
        try:
            with self._lock:
                first = self._found.pop(key, future)
                self._found[key] = first
                if self._most is not None and len(self._found) > self._most:
                    del self._found[next(iter(self._found))]
            if first is future:
                future.set_result(compute())
        except BaseException as error:
            with self._lock:
                if self._found.get(key) is future:
                    del self._found[key]
            future.set_exception(error)
            raise
        value: T = first.result()
        return value

    def __reduce__(self) -> tuple[type[Memo], tuple[int | None]]:
        """A copy, also in another process, knows nothing yet."""
        return Memo, (self._most,)

    def knows(self, key: Hashable) -> bool:
        """Whether the value of ``key`` is there already."""
        with self._lock:
            future = self._found.get(key)
        return future is not None and future.done()
