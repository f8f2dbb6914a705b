"""Notes on the page and on the command line: kept, restored, foreign ones said, and never run."""

import json

import pytest
from typer.testing import CliRunner

import tailscope as ts
from helpers.pages import HOSTILE, Visit, served
from helpers.toys import exact_study
from tailscope.study import notes
from tailscope_dashboard import Dashboard
from tailscope_dashboard.cli import app
from tailscope_dashboard.parts.notes import about
from tailscope_dashboard.server.serve import prepare_panel

LINK = "v=2&s=mine;w:2..;cut:x1:..0.5;colour:D55E00&view.slice=x2:-1..1"


@pytest.fixture
def study(tmp_path):
    return ts.open(exact_study(500, name="toy").save(tmp_path / "toy.study.h5"))


@pytest.mark.browser
def test_a_note_is_kept_seen_by_others_and_brings_its_selections_back(study, browser):
    made = []

    def page():
        made.append(Dashboard(study))
        return made[-1].__panel__()

    prepare_panel()
    page()  # what is computed once a study need not be waited for by a browser
    with served({"toy": page}) as origin:
        first = Visit(browser, f"{origin}/toy").tab("Notes")
        state = made[-1].state
        tail = ts.Selection(low=2.0, name=HOSTILE, cuts=(ts.Cut("x1", high=0.5),), colour="#D55E00")
        state.param.update(selections=[tail], visible=[True], active=0)
        first.page.get_by_text("w ≥ 2, x1 < 0.5").wait_for()
        first.page.get_by_label("your name").fill("Marie")
        text = f"too soft\n{HOSTILE}"
        first.page.get_by_label("text of the note").fill(text)
        first.page.get_by_role("button", name="keep note").click()
        first.page.locator(".ts-notes-text").get_by_text("too soft").wait_for()
        assert first.page.get_by_label("text of the note").input_value() == ""
        (kept,) = notes.read(study).notes
        assert (kept.text, kept.author, kept.digest) == (text, "Marie", study.digest)

        # Somebody else, at the same time, with other selections.
        second = Visit(browser, f"{origin}/toy").tab("Notes")
        second.page.locator(".ts-notes-text").get_by_text("too soft").wait_for()
        other = made[-1].state
        assert other is not state
        assert second.page.get_by_role("button", name="edit").count() == 0
        notes.add(study, "from the terminal", "Pierre")
        second.page.locator(".ts-notes-text").get_by_text("from the terminal").wait_for(timeout=20_000)
        second.page.locator("li", has_text="too soft").get_by_role("button", name="show").click()
        second.page.locator(".ts-card").first.wait_for(timeout=20_000)
        second.page.wait_for_function("() => location.search.includes('w:2..')")
        assert other.selections == [tail]
        assert other.tab == "Wall"

        # One's own note is changed and taken away, in the browser that remembers the name.
        first.page.get_by_role("button", name="edit").click()
        first.page.get_by_label("changed text").fill("too hard")
        first.page.get_by_role("button", name="save", exact=True).click()
        first.page.locator(".ts-notes-text").get_by_text("too hard").wait_for()
        first.page.reload()
        first.tab("Notes").page.locator(".ts-notes-text").get_by_text("too hard").wait_for()
        assert first.page.get_by_label("your name").input_value() == "Marie"
        first.page.get_by_text("delete", exact=True).click()
        first.page.locator(".ts-notes-text").get_by_text("too hard").wait_for(state="detached")
        assert [note.text for note in notes.read(study).notes] == ["from the terminal"]

        # A file that is not ours is said, and left alone.
        study.path.with_name("toy.study.notes.json").write_text("not notes")
        first.page.get_by_text("cannot be read as notes (no JSON)").wait_for(timeout=20_000)
        assert not first.page.get_by_role("button", name="keep note").is_visible()
        for visit in (first, second):
            assert visit.ran() is None
            assert visit.complaints == []
            assert visit.strangers == []
            visit.close()


def test_what_a_note_is_about_in_words(study):
    assert about(LINK, [study]) == ["mine: w ≥ 2, x1 < 0.5", "-1 ≤ x2 < 1"]
    assert about("", [study]) == []
    assert about("nonsense", [study]) == []


def run(*arguments):
    return CliRunner().invoke(app, ["notes", *map(str, arguments)])


def test_notes_on_the_command_line(study):
    assert "no notes" in run(study.path).output
    said = run(study.path, "--add", "[bold]look[/]", "--author", "Marie", "--link", f"http://x/app?{LINK}")
    assert said.exit_code == 0, said.output
    assert "[bold]look[/]" in said.output
    assert "mine: w ≥ 2, x1 < 0.5" in said.output
    (note,) = json.loads(run(study.path, "--json").output)["notes"]
    assert (note["author"], note["link"]) == ("Marie", LINK)
    refused = run(study.path, "--delete", note["id"], "--author", "Pierre")
    assert refused.exit_code == 2
    assert "Marie's" in refused.output
    assert "no notes" in run(study.path, "--delete", note["id"], "--author", "Marie").output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--link", "?v=1"], "write it with --add"),
        (["--add", "x", "--link", "nothing"], "not a permalink"),
        (["--add", " "], "without a text"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(study, arguments, sentence):
    said = run(study.path, *arguments)
    assert said.exit_code == 2
    assert sentence in said.output.replace("\n", " ")
    assert notes.read(study).notes == ()
