"""Arrays with room for what several observables share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from numpy.typing import NDArray

from tailscope.sample.observable import Arrays


class Wrapped(Mapping[str, NDArray[Any]]):
    """The arrays of some events; a kind of event adds what its observables share as cached properties."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    @classmethod
    def of(cls, arrays: Arrays) -> Self:
        """Wrap arrays that are not wrapped yet."""
        return arrays if isinstance(arrays, cls) else cls(arrays)
