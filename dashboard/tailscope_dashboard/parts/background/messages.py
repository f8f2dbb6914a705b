"""What the server and the process that makes null runs tell each other: one line of JSON each."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tailscope.record import Count, Record


class Question(Record, frozen=True, kw_only=True):
    """What is wanted.

    Attributes
    ----------
    study: path of the study file.
    digest: of the study that is shown, which has to be the one in the file.
    more: null runs beyond those in the file.
    places: files and folders where its samples may be.

    """

    study: str
    digest: str
    more: Count
    places: tuple[str, ...] = ()


class Going(Record, frozen=True, kw_only=True, tag_field="said", tag="going"):
    """How much of the work is done: ``share``, from 0 to 1."""

    share: Annotated[float, msgspec.Meta(ge=0, le=1)]


class Finished(Record, frozen=True, kw_only=True, tag_field="said", tag="finished"):
    """The study file has the runs."""


class Failed(Record, frozen=True, kw_only=True, tag_field="said", tag="failed"):
    """Nothing was changed, and why."""

    sentence: str


Said = Going | Finished | Failed


def said_of(line: bytes) -> Said:
    """What a line says."""
    said: Said = msgspec.json.decode(line, type=Said)
    return said
