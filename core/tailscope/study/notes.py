"""Notes: text that people keep with what a study shows, in a file beside the study.

``photons.study.h5`` has its notes in ``photons.study.notes.json``. The study itself is never touched. Every
change reads the file, changes one note and writes it again, under a lock: pages of many people add to one
file. A note says which study it was made for; after a new fit the old ones stay, and say that they are of
another study.
"""

from __future__ import annotations

import getpass
import json
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tailscope.errors import InputError, StudyError
from tailscope.record import MisfitError, plain, typed
from tailscope.storage.atomic import atomic_path

from .study import Study

FORMAT, SCHEMA = "tailscope notes", 1
MOST_TEXT, MOST_AUTHOR, MOST_LINK = 20_000, 200, 20_000
"""Letters."""
MOST_BYTES = 20_000_000
PATIENCE = 30.0
"""Seconds that a change waits for the changes of others."""

_UNSAVED = "this study is not a file, so there is nowhere to keep notes; save it, and open the file"


@dataclass(frozen=True)
class Note:
    """A text about what a study shows.

    Attributes
    ----------
    id: of this note, in its file.
    text: as it was typed; plain text.
    author: whatever its author calls himself.
    time: of writing, UTC, "2023-05-25T12:00:00Z".
    changed: of the last change, or "".
    digest: of the study that it was made for.
    link: what was shown, as the query of a permalink; "" for nothing.

    """

    id: str
    text: str
    author: str
    time: str
    changed: str
    digest: str
    link: str


@dataclass(frozen=True)
class Notes:
    """What the notes of a study's file are.

    Attributes
    ----------
    notes: oldest first.
    trouble: what the reader must be told; "" for nothing.
    can_write: whether notes can be added.

    """

    notes: tuple[Note, ...]
    trouble: str
    can_write: bool


def path_of(study: Study) -> Path:
    """Where the notes of a study are.

    Raises
    ------
    StudyError: a study that is not a file.

    """
    if study.path is None:
        raise StudyError(_UNSAVED)
    return study.path.with_suffix(".notes.json")


def read(study: Study) -> Notes:
    """All notes of a study's file. What cannot be read is said, and the rest is given."""
    if study.path is None:
        return Notes((), _UNSAVED[0].upper() + _UNSAVED[1:] + ".", can_write=False)
    path = path_of(study)
    try:
        entries = _entries(path)
    except StudyError as error:
        return Notes((), f"{error}.", can_write=False)
    notes = [_note(entry) for entry in entries]
    good = tuple(note for note in notes if note is not None)
    said = []
    if len(good) < len(notes):
        said.append(
            f"{len(notes) - len(good)} of the {len(notes)} notes in {path.name} cannot be read; they are "
            "left as they are."
        )
    strange = [note for note in good if note.digest != study.digest]
    if strange:
        said.append(
            f"{len(strange)} of the {len(good)} notes in {path.name} were made for another study (digest "
            f"{strange[0].digest[:12]}, this one is {study.digest[:12]}); its numbers differ."
        )
    return Notes(good, " ".join(said), can_write=True)


def add(study: Study, text: str, author: str, link: str = "") -> Note:
    """Keep a note.

    Raises
    ------
    InputError: no text, or more than a note holds.
    StudyError: a study that is not a file, a file of notes that is damaged or cannot be written.

    """
    note = Note(
        secrets.token_hex(6), _checked_text(text), _line(author, MOST_AUTHOR) or "anonymous", _now(), "",
        study.digest, _line(link, MOST_LINK),
    )  # fmt: skip
    _change(study, lambda entries: [*entries, plain(note)])
    return note


def edit(study: Study, note_id: str, text: str, author: str) -> None:
    """Change the text of one's own note. A name is all that tells people apart: nobody has a password.

    Raises
    ------
    InputError: no text, a note that is gone or somebody else's.
    StudyError: as `add`.

    """
    checked = _checked_text(text)

    def changed(entries: list[Any]) -> list[Any]:
        at = _own(entries, note_id, author)
        entries[at] = {**entries[at], "text": checked, "changed": _now()}
        return entries

    _change(study, changed)


def delete(study: Study, note_id: str, author: str) -> None:
    """Take one's own note away.

    Raises
    ------
    InputError: a note that is gone or somebody else's.
    StudyError: as `add`.

    """

    def changed(entries: list[Any]) -> list[Any]:
        del entries[_own(entries, note_id, author)]
        return entries

    _change(study, changed)


def _change(study: Study, change: Callable[[list[Any]], list[Any]]) -> None:
    """Read, change and write; entries that are not understood stay as they are."""
    path = path_of(study)
    try:
        # A lock that cannot be made would be waited for.
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE):
            entries = change(_entries(path))
            content = {"format": FORMAT, "schema": SCHEMA, "notes": entries}
            with atomic_path(path) as temporary:
                temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    except Timeout as error:
        raise StudyError(f"{path} is being changed by somebody else; try again") from error
    except OSError as error:
        raise StudyError(
            f"{path} cannot be written: {error.strerror}; notes are kept beside the study, so copy it to a "
            "folder of your own"
        ) from error


def _entries(path: Path) -> list[Any]:
    """The notes of a file as plain data; none where there is no file.

    Raises
    ------
    StudyError: something else than notes, or of a newer version.

    """
    advice = "it is left as it is; move it away to begin anew"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise StudyError(f"{path.name} is too large for a file of notes; {advice}")
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise StudyError(f"{path.name} cannot be read as notes ({_reason(error)}); {advice}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("notes"), list):
        raise StudyError(f"{path.name} holds something else than notes of tailscope; {advice}")
    schema = data.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise StudyError(
            f"{path.name} was written by a newer tailscope (schema {str(schema)[:20]}, this one reads "
            f"{SCHEMA}); upgrade tailscope"
        )
    return list(data["notes"])


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror)
    return "no UTF-8" if isinstance(error, UnicodeError) else "no JSON"


def _note(entry: Any) -> Note | None:
    try:
        return typed(entry, Note)
    except MisfitError:
        return None


def _own(entries: list[Any], note_id: str, author: str) -> int:
    for at, entry in enumerate(entries):
        note = _note(entry)
        if note is not None and note.id == note_id:
            if note.author != (_line(author, MOST_AUTHOR) or "anonymous"):
                raise InputError(f"this note is {note.author[:60]}'s; only its author changes it")
            return at
    raise InputError("this note is not there any more; somebody has taken it away")


def _checked_text(text: str) -> str:
    text = _printable(text.replace("\r\n", "\n"), keep="\n\t").strip()
    if not text:
        raise InputError("a note without a text is not kept; write something")
    if len(text) > MOST_TEXT:
        raise InputError(f"a note holds {MOST_TEXT:,} letters, this text has {len(text):,}; make two of it")
    return text


def _line(text: str, most: int) -> str:
    return " ".join(_printable(text).split())[:most]


def _printable(text: str, keep: str = "") -> str:
    """Without control characters, and in letters that UTF-8 has."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(letter for letter in text if letter in keep or (letter >= " " and letter != "\x7f"))


def user_name() -> str:
    """Who somebody is when nothing else is known: the user that runs this process; "" where nobody tells."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, as in some containers
        return ""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
