"""The histogram wall: one canvas component that answers drags in the browser."""

from .component import Wall

__all__ = ["Wall"]
