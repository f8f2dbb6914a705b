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
    # Only what moves over a cube is told with the question, and what is asked again because another state was
    # counted; everything else Python holds.
    carried = [message for message in exact if message["state"]]
    assert len(carried) < len(exact)
    assert carried or most_rows > 0
    if most_rows > 0:
        plainly = {message["seq"] for message in exact if message["state"] is None}
        assert {message["seq"] for message in carried} <= plainly
    assert exact[-1]["state"] is None
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check({"question": exact[-1] | {"selections": []}})


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
