"""The view of several studies: a table of them, their weights over each other, and tails by epoch."""

from .view import Compare

__all__ = ["Compare"]
