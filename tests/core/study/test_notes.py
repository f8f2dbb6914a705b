"""Notes stay with their study, whoever writes at once, and nothing that is there is ever lost."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import tailscope as ts
from helpers.toys import exact_study
from tailscope.errors import InputError, StudyError
from tailscope.study import notes


@pytest.fixture
def study(tmp_path):
    return ts.open(exact_study(100, name="toy").save(tmp_path / "toy.study.h5"))


def file_of(study):
    return study.path.with_name("toy.study.notes.json")


def test_a_note_comes_back_with_time_and_author(study):
    before = study.path.read_bytes()
    note = notes.add(study, "  E_1 too soft\r\nbelow 1 GeV\x00 ", " Marie \n Curie ", "v=2&s=high;w:2..")
    found = notes.read(study)
    assert found == notes.Notes((note,), "", can_write=True)
    assert note.text == "E_1 too soft\nbelow 1 GeV"
    assert note.author == "Marie Curie"
    assert note.link == "v=2&s=high;w:2.."
    assert note.digest == study.digest
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", note.time)
    assert file_of(study).is_file()
    assert study.path.read_bytes() == before


def test_one_changes_and_deletes_only_ones_own(study):
    mine, theirs = notes.add(study, "mine", "me"), notes.add(study, "theirs", "them")
    notes.edit(study, mine.id, "better", "me")
    changed, other = notes.read(study).notes
    assert (changed.text, changed.time, other) == ("better", mine.time, theirs)
    assert changed.changed
    with pytest.raises(InputError, match="this note is them's"):
        notes.delete(study, theirs.id, "me")
    notes.delete(study, mine.id, "me")
    assert notes.read(study).notes == (theirs,)
    with pytest.raises(InputError, match="not there any more"):
        notes.edit(study, mine.id, "again", "me")


@pytest.mark.parametrize("text", ["", " \n\x07 ", "x" * (notes.MOST_TEXT + 1)])
def test_texts_that_cannot_be_kept(study, text):
    with pytest.raises(InputError, match=r"a note (without|holds)"):
        notes.add(study, text, "me")
    assert not file_of(study).exists()


def test_many_people_at_once_lose_nothing(study):
    code = (
        "import sys, tailscope as ts; from tailscope.study import notes; study = ts.open(sys.argv[1]);"
        "[notes.add(study, f'{sys.argv[2]} {i}', sys.argv[2]) for i in range(10)]"
    )
    people = [subprocess.Popen([sys.executable, "-c", code, study.path, name]) for name in "abc"]
    assert [person.wait(120) for person in people] == [0, 0, 0]
    texts = [note.text for note in notes.read(study).notes]
    assert sorted(texts) == sorted(f"{name} {i}" for name in "abc" for i in range(10))
    assert [t for t in texts if t[0] == "a"] == [f"a {i}" for i in range(10)]


def test_notes_of_another_study_are_shown_and_said(study):
    old = notes.add(study, "of the old fit", "me")
    exact_study(100, seed=1, name="toy").save(study.path)
    again = ts.open(study.path)
    found = notes.read(again)
    assert found.notes == (old,)
    assert "1 of the 1 notes in toy.study.notes.json were made for another study (digest" in found.trouble
    new = notes.add(again, "of the new one", "me")
    assert notes.read(again).notes == (old, new)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no UTF-8"),
        (b"[" * 100_000, "no JSON"),
        (b'{"notes": []}', "something else than notes"),
        (b'{"format": "tailscope notes", "schema": 1, "notes": {}}', "something else than notes"),
        (b'{"format": "tailscope notes", "schema": 9, "notes": []}', "newer tailscope"),
        (b'{"format": "tailscope notes", "schema": "x", "notes": []}', "newer tailscope"),
    ],
)
def test_a_broken_or_strange_file_is_said_and_left_alone(study, content, sentence):
    file_of(study).write_bytes(content)
    found = notes.read(study)
    assert found.notes == ()
    assert not found.can_write
    assert sentence in found.trouble
    with pytest.raises(StudyError, match=sentence):
        notes.add(study, "text", "me")
    assert file_of(study).read_bytes() == content


def test_single_notes_that_cannot_be_read_stay_as_they_are(study):
    good = notes.add(study, "good", "me")
    data = json.loads(file_of(study).read_text())
    strange = [{"id": 3, "text": None}, "text", {**data["notes"][0], "mood": "happy"}]
    file_of(study).write_text(json.dumps(data | {"notes": [*strange, *data["notes"]]}))
    found = notes.read(study)
    assert found.notes == (good, good)
    assert "2 of the 4 notes in toy.study.notes.json cannot be read" in found.trouble
    notes.add(study, "more", "me")
    assert json.loads(file_of(study).read_text())["notes"][:3] == strange


def test_a_folder_that_cannot_be_written_is_said(study):
    # Not even root makes files there.
    elsewhere = replace(study, path=Path("/proc/toy.study.h5"))
    with pytest.raises(StudyError, match="copy it to a folder of your own"):
        notes.add(elsewhere, "text", "me")
    assert notes.read(elsewhere) == notes.Notes((), "", can_write=True)


def test_a_path_that_cannot_be_written_is_said(study):
    file_of(study).mkdir()
    with pytest.raises(StudyError, match=r"toy.study.notes.json cannot be read as notes \(Is a directory\)"):
        notes.add(study, "text", "me")


def test_a_study_in_memory_has_nowhere_to_keep_them():
    found = notes.read(exact_study(100))
    assert not found.can_write
    assert "save it, and open the file" in found.trouble
    with pytest.raises(StudyError, match="not a file"):
        notes.add(exact_study(100), "text", "me")
