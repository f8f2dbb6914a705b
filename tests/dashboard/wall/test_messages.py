"""What a page and Python tell each other fits the types, and the schema that ships with them."""

import json

import fastjsonschema
import msgspec
import param
import pytest

import tailscope as ts
from helpers.pages import served
from helpers.wall_page import WallPage, assert_painted, shower_study
from tailscope.errors import InputError, SelectionError
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.wall import Wall
from tailscope_dashboard.wall.messages import question_of
from tailscope_dashboard.wall.schema import SCHEMA, made

EXACT = {"ask": "exact", "seq": 1, "reweighted": False, "state": None}
STATE = {"selections": [], "slice": None}


class Heard(Wall):
    """A wall that remembers what was said, as JSON."""

    def __init__(self, *args, **params):
        self.questions, self.answers = [], []
        super().__init__(*args, **params)

    def _handle_msg(self, data):
        self.questions.append(as_json(data))
        super()._handle_msg(data)

    def _send_msg(self, data):
        self.answers.append(as_json(data))
        super()._send_msg(data)


def as_json(data):
    return json.loads(msgspec.json.encode(data))


def checker():
    return fastjsonschema.compile(json.loads(SCHEMA.read_text(encoding="utf-8")), use_default=False)


def test_the_schema_that_ships_is_that_of_the_types():
    """After a change: python -m tailscope_dashboard.wall.schema."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == made()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("hello", r"\$: expected object"),
        ({}, r"\$: object missing required field ask"),
        ({"ask": "everything"}, r"\$\.ask: invalid value 'everything'"),
        ({"ask": "exact", "seq": 1}, r"\$: object missing required field reweighted"),
        (EXACT | {"seq": "1"}, r"\$\.seq: expected int, got str"),
        (EXACT | {"stamp": "old"}, r"\$: object contains unknown field stamp"),
        (EXACT | {"state": STATE | {"slice": {"low": 1}}}, r"\$\.state\.slice: object missing .* observable"),
        (EXACT | {"state": STATE | {"selections": [{"low": "1"}]}}, r"\$\.state\.selections\[0\]\.low: "),
    ],
)
def test_what_does_not_fit_is_a_sentence(data, words):
    with pytest.raises(InputError, match=rf"what tailscope does not understand: {words}.*; reload it"):
        question_of(data)


def test_a_selection_that_makes_no_sense_says_so():
    with pytest.raises(SelectionError, match="inverted"):
        question_of(EXACT | {"state": STATE | {"selections": [{"low": 2, "high": 1}]}})


@pytest.mark.browser
@pytest.mark.parametrize("most_rows", [60_000, 0], ids=["rows", "cube"])
def test_real_messages_fit_the_schema_and_tell_the_state_once(browser, most_rows):
    study = shower_study()
    wall = Heard(study, most_rows=most_rows)
    prepare_panel()
    with served({"wall": lambda: wall}) as origin:
        page = WallPage(browser, f"{origin}/wall")
        page.drag(page.weight(wall.selections[0]["low"]), page.weight(0.8))
        page.brush("depth", 0.2, 0.7)
        page.drag(page.weight(wall.selections[0]["low"]), page.weight(1.2))
        page.root.get_by_label("slice", exact=True).select_option("E_inc")
        page.root.get_by_text("reweighted").first.click()
        page.root.get_by_role("button", name="save ▾").click()
        page.root.get_by_role("button", name="all, as numbers or Python: Python").click()
        page.root.locator(".ts-save-code").get_by_text("savefig").wait_for(timeout=20_000)
        assert_painted(page.painted(), study, wall.selections, wall.view["slice"])
        assert page.complaints == []
        page.close()
    check = checker()
    check({"meta": as_json(wall.meta)})
    for message in wall.questions:
        check({"question": message})
    for message in wall.answers:
        check({"answer": message})
    assert {message["answer"] for message in wall.answers} >= {"hello", "exact", "saved"}
    exact = [message for message in wall.questions if message["ask"] == "exact"]
    # A state is told with the question while something moves (on a slow page also when that began before the
    # last move was asked about), and when another was counted; at rest Python holds it.
    assert any(message["state"] for message in exact) or most_rows > 0
    assert exact[-1]["state"] is None
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check({"question": exact[-1] | {"selections": []}})


@pytest.mark.browser
def test_over_a_cube_a_hand_that_moves_tells_where_it_is_and_one_that_lets_go_does_not(browser):
    wall = Heard(shower_study(), most_rows=0)
    prepare_panel()
    with served({"wall": lambda: wall}) as origin:
        page = WallPage(browser, f"{origin}/wall")
        held = wall.selections[0]["low"]
        mouse = page.page.mouse
        mouse.move(*page.weight(held))
        mouse.down()
        mouse.move(*page.weight(0.8), steps=4)
        until(page, lambda: exact_lows(wall)[-1][0] not in (None, held))
        assert wall.selections[0]["low"] == held
        mouse.up()
        until(page, lambda: exact_lows(wall)[-1] == (None, False))
        assert wall.selections[0]["low"] != held
        assert page.complaints == []
        page.close()


def until(page, holds):
    for _ in range(200):
        if holds():
            return
        page.page.wait_for_timeout(50)
    raise AssertionError("it never came to hold")


def exact_lows(wall):
    """Of each exact question: the first selection's low weight where the state is told, and whether it is."""
    states = [message["state"] for message in wall.questions if message["ask"] == "exact"]
    return [(state["selections"][0]["low"] if state else None, bool(state)) for state in states]


@pytest.mark.browser
@pytest.mark.parametrize("most_rows", [60_000, 0], ids=["rows", "cube"])
def test_an_answer_to_another_state_is_not_shown(browser, most_rows):
    """Python's state is changed behind the page's back, as another view can do at the same moment."""
    study = shower_study()
    wall = Heard(study, most_rows=most_rows)
    prepare_panel()
    with served({"wall": lambda: wall}) as origin:
        page = WallPage(browser, f"{origin}/wall")
        shown = wall.selections
        with param.parameterized.discard_events(wall):
            wall.selections = [ts.Selection(low=0.9, high=1.1).to_dict()]
        page.root.focus()
        page.page.keyboard.press("d")
        painted = page.painted()
        assert len(painted["selections"]) == len(shown) == 2
        assert_painted(painted, study, shown)
        page.close()
    answers = [message["state"]["selections"] for message in wall.answers if message["answer"] == "exact"]
    assert [s["low"] for s in answers[-2]] == [0.9]
    assert [s["low"] for s in answers[-1]] == [s["low"] for s in shown]


def test_a_view_that_greets_again_gets_all_that_may_have_passed_it_by():
    """Verdicts too: one that came while the view was being opened was never shown."""
    wall, given = Wall(shower_study(50)), []

    def note(*events):
        given.extend((event.name, event.new) for event in events)

    wall.param.watch(note, ["verdict", "view"], onlychanged=False)
    wall.push(verdict={"light": "green"})
    assert given == []
    for _ in range(2):
        given.clear()
        wall._handle_msg({"ask": "hello"})  # noqa: SLF001 - as Panel does for a browser
        assert ("verdict", {"light": "green"}) in given
    assert "view" in dict(given)
