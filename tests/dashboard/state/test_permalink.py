"""A permalink brings back everything, says what it cannot bring back, and breaks on nothing."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tailscope as ts
from helpers.pages import hostile_study
from helpers.toys import exact_study
from tailscope_dashboard.state.permalink import cut_of, follow, is_link, link_of, read
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import EventView, View, chosen, understood, usual
from tailscope_dashboard.wall.payload import data_of

TABS = ("Wall", "Focus")
STUDY = exact_study(200, name="toy")
OTHER = exact_study(200, seed=1, name="other toy")
HOSTILE = hostile_study(50)
PLACES = ("study", "selections", "visible", "active", "focus", "focus_view", "view", "tab")
numbers = st.none() | st.floats(0, width=64, allow_nan=False)
ranges = st.tuples(numbers, numbers).map(lambda e: e if None in e or e[0] <= e[1] else (e[1], e[0]))
cuts = st.builds(lambda name, ends: ts.Cut(name, *ends), st.sampled_from(["x0", "x3"]), ranges)
selections = st.builds(
    lambda ends, cuts, name, colour, sample: ts.Selection(*ends, tuple(cuts), name, colour, sample),
    ranges,
    st.lists(cuts, max_size=3),
    st.text(max_size=20).filter(lambda s: s.isprintable()),
    st.sampled_from(["", "#E69F00", "#0072B2"]),
    st.sampled_from([None, "reference", "generated"]),
)


def seen(state):
    return {place: getattr(state, place) for place in PLACES}


def brought_back(state, studies=(STUDY, OTHER)):
    new = State(studies)
    follow(new, link_of(state), TABS)
    return new


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(selections, st.booleans()), min_size=1, max_size=4), st.data())
def test_any_state_comes_back(chosen, data):
    state = State((STUDY, OTHER))
    state.param.update(
        study=data.draw(st.sampled_from([STUDY, OTHER])),
        selections=[s for s, _ in chosen],
        visible=[v for _, v in chosen],
        active=data.draw(st.integers(0, len(chosen) - 1)),
        focus="x2",
        tab="Focus",
        focus_view={
            "axis": {"observable": "x2", "low": data.draw(st.floats(-5, -1)), "high": 2.5},
            "bins": data.draw(st.integers(1, 49)), "yscale": "log", "density": False,
        },
        view={
            "yscale": "log", "density": False, "pinned": ["x1", "x0"],
            "search": data.draw(st.text(max_size=5)),
            "slice": {"observable": "x1", "low": -0.1, "high": None}, "panel_yscale": {"x0": "log"},
            "weight_axis": "linear", "weight_zoom": {"observable": "w", "low": 0.5, "high": 1.5},
        },
    )  # fmt: skip
    if not state.view["search"]:
        state.view = {key: value for key, value in state.view.items() if key != "search"}
    new = brought_back(state)
    assert new.note == ""
    assert seen(new) == seen(state)


def test_names_that_look_like_syntax_or_html_come_back():
    state = State((HOSTILE,))
    name = HOSTILE.observables[0].name
    state.selections = [ts.Selection(1.0, None, (ts.Cut(name, -1.5, 2e-300),), "a;b:c..d&e=f#g+h%41~42 é")]
    state.param.update(visible=[True], focus=name)
    link = link_of(state)
    assert not re.search(r"[^\w=&;:.,+~-]", link, re.ASCII)
    new = brought_back(state, (HOSTILE,))
    assert new.note == ""
    assert seen(new) == seen(state)


def test_a_link_can_be_read_by_people_and_outlives_mail_programs():
    state = State((STUDY,))
    state.selections = [ts.Selection(1.6, None, (ts.Cut("x1", high=0.1),), "high tail", "#E69F00")]
    state.visible = [True]
    link = link_of(state)
    assert f"v=2&study={STUDY.digest[:12]}&name=toy&tab=Wall&focus=x0&active=0" in link
    assert "s=high+tail;w:1.6..;cut:x1:..0.1;colour:E69F00" in link
    mailed = f"http://127.0.0.1:5006/?bokeh-session-id=abc&{quote(link, safe='=&')}"
    assert read(mailed, (STUDY,), TABS) == read(link, (STUDY,), TABS)


def test_a_link_to_another_study_says_what_differs_and_keeps_the_cuts():
    state = State((OTHER,))
    state.selections = [ts.Selection(low=2.0, cuts=(ts.Cut("x1", 0, 1),), name="mine")]
    state.visible = [True]
    new = State((STUDY,))
    follow(new, link_of(state), TABS)
    assert f"made for other toy (digest {OTHER.digest[:12]}), which is not open" in new.note
    assert STUDY.digest[:12] in new.note
    assert new.study is STUDY
    assert new.selections == state.selections


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("v=9&s=a;w:1..2", r"another version of tailscope \(v=9"),
        ("v=2&s=a;w:1..2;cut:gone:0..1", "cut on gone of selection a is dropped"),
        ("v=2&s=a;w:2..1", "Selection a is left out: .*inverted"),
        ("v=2&s=a;w:nan..", "Selection a is left out: nan is not an end"),
        ("v=2&s=a;w:-1..", "Selection a is left out: .*never negative"),
        ("v=2&s=a;w:12", "12 is not a range"),
        ("v=2&s=a;w:..;what:1", "what:1 is not understood"),
        ("v=2&s=a;w:..;colour:red", "colour:red is not understood"),
        ("v=2&s=a;w:..&active=7", "no selection number 7"),
        ("v=2&tab=Whale", "no tab Whale"),
        ("v=2&focus=E_99", "no observable E_99"),
        ("v=2&view.density=yes", "density=yes of the wall is not understood"),
        ("v=2&view.magic=1", "magic=1 of the wall is not understood"),
        ("v=2&view.panel_yscale=x0:cubic", "not understood"),
        ("v=2&view.yscale=cubic", "yscale=cubic of the wall is not understood"),
        ("v=2&event.order=best", "order=best of the tab Events is not understood"),
        ("v=2&view.slice=gone:0..1", "cut on gone of the slice is dropped"),
        ("v=2&focus_view.axis=gone:0..1", "cut on gone of the tab Focus is dropped"),
        ("v=2&focus_view.bins=999", "bins=999 of the tab Focus is not understood"),
        ("v=2&view.weight_zoom=w:1..x", "weight_zoom=w:1..x of the wall is not understood"),
        ("v=2&" + "s=a;w:1..2&" * 9000, "more than the"),
    ],
)  # fmt: skip
def test_a_malformed_link_says_what_was_dropped_and_the_rest_is_shown(query, sentence):
    state = State((STUDY,))
    follow(state, "view.ratio=1&" + query if len(query) < 20_000 else query, TABS)
    assert re.search(sentence, state.note)
    assert len(query) > 20_000 or state.view["ratio"] is True
    assert len(state.selections) == len(state.visible)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="vs=1&;:.,~%+-eainf0Ex\x00é", max_size=80))
def test_no_text_breaks_it(text):
    state = State((STUDY,))
    follow(state, text, TABS)
    assert 0 <= state.active <= len(state.selections)
    assert len(state.selections) == len(state.visible)
    link_of(state)


def test_a_link_of_the_first_version_shows_what_it_showed_then():
    state = State((STUDY,))
    follow(state, f"v=1&study={STUDY.digest[:12]}&s=a;w:2..;colour:E69F00&view.ratio=1", TABS)
    assert (state.note, state.view) == ("", {"order": "original", "ratio": True})
    assert link_of(state).startswith("v=2&")
    follow(state, "v=1&view.order=name", TABS)
    assert state.view == {"order": "name"}


def test_only_what_is_a_link_is_taken_for_one():
    assert is_link("?bokeh-session-id=x&v=1")
    assert not is_link("?bokeh-session-id=x&theme=dark")


@pytest.mark.parametrize("kind", [View, EventView])
def test_what_makes_no_sense_is_as_if_it_were_not_there(kind):
    assert understood({}, kind) == kind()
    wrong = dict.fromkeys(kind.__struct_fields__, 0.5) | {"whale": 1}
    assert understood(wrong, kind) == kind()
    assert understood(usual(kind), kind) == kind()
    assert chosen(kind()) == {}


def test_what_makes_sense_is_kept_beside_what_does_not():
    slice_ = {"observable": "x1", "low": None, "high": float("inf")}
    plain = {"yscale": "log", "weight_yscale": "cubic", "pinned": ["x1"], "slice": slice_, "theme": "dark"}
    expected = View(yscale="log", pinned=("x1",), slice=ts.Cut("x1", None, float("inf")))
    assert understood(plain, View) == expected
    assert understood({"yscale": "log", "slice": {**slice_, "low": 3, "high": 1}}, View) == View(yscale="log")


def test_the_wall_is_told_what_is_usual():
    assert understood(data_of(STUDY)["meta"]["view"], View) == View()
    assert set(data_of(STUDY)["meta"]["view"]) == set(View.__struct_fields__)


@given(name=st.text(min_size=1), low=st.integers(-9, 0), high=st.none() | st.floats(1, 1e9))
def test_a_cut_on_the_command_line_takes_any_name(name, low, high):
    for odd in (name, f"a:b{name}", f"{name}..2", f"x:1..2{name}"):
        assert cut_of(f"{odd}:{low}..{'' if high is None else high}") == ts.Cut(odd, low, high)
