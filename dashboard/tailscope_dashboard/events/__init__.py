"""The events of a selection, one by one and on average: pictures, table, view."""

from .view import Events

__all__ = ["Events"]
