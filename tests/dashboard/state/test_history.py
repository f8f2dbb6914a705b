"""History: every change is a step; undo takes changes back, Back goes where somebody was."""

from dataclasses import replace

import pytest

import tailscope as ts
from helpers.toys import exact_study
from tailscope_dashboard.state.history import MOST, History
from tailscope_dashboard.state.permalink import follow, link_of
from tailscope_dashboard.state.state import State


@pytest.fixture
def state():
    made = State([exact_study(200, name="first"), exact_study(200, seed=5, name="second")])
    History(made)
    return made


def names(state):
    return [s.name for s in state.selections]


def delete(state, at):
    state.param.update(
        selections=[s for i, s in enumerate(state.selections) if i != at],
        visible=[v for i, v in enumerate(state.visible) if i != at],
        active=0,
    )


def test_undo_brings_back_what_was_deleted_and_redo_deletes_it_again(state):
    before = link_of(state)
    assert (state.history.undoes, state.history.redoes) == ("", "")
    state.history.undo()
    delete(state, 0)
    assert (names(state), state.history.undoes) == (["low tail"], "deleted high tail")
    state.history.undo()
    assert link_of(state) == before
    assert (state.history.undoes, state.history.redoes) == ("", "deleted high tail")
    state.history.redo()
    assert (names(state), state.history.redoes) == (["low tail"], "")
    state.history.undo()
    state.focus = "x2"
    assert state.history.redoes == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: setattr(s, "selections", [s.selections[0], replace(s.selections[1], high=0.1)]),
         "changed low tail"),
        (lambda s: s.param.update(selections=[*s.selections, ts.Selection(name="mine")], visible=[True] * 3),
         "added mine"),
        (lambda s: setattr(s, "visible", [True, False]), "a selection shown or hidden"),
        (lambda s: setattr(s, "view", {"yscale": "log"}), "how the wall is drawn"),
        (lambda s: setattr(s, "view", {"slice": {"observable": "x1", "low": 0.0, "high": 1.0}}), "the slice"),
        (lambda s: setattr(s, "event", {"row": 7}), "the event that is shown"),
        (lambda s: s.show(s.studies[1]), "another study"),
    ],
)  # fmt: skip
def test_each_kind_of_change_has_its_words_and_is_undone(state, change, words):
    before, study = link_of(state), state.study
    change(state)
    assert (state.history.undoes, link_of(state) != before) == (words, True)
    state.history.undo()
    assert (link_of(state), state.study is study) == (before, True)


def test_where_somebody_looks_is_a_step_of_back_and_not_of_undo(state):
    first = state.step
    state.view = {"yscale": "log"}
    state.param.update(focus="x3", tab="Focus")
    changed, looking = state.history.undoes, state.step
    assert changed == "how the wall is drawn"
    assert state.history.go(first)
    assert (state.view, state.tab) == ({}, "Wall")
    assert state.history.go(looking)
    assert (state.view, state.tab, state.focus) == ({"yscale": "log"}, "Focus", "x3")
    state.history.undo()
    assert (state.view, state.tab) == ({}, "Wall")
    assert not state.history.go(looking + 100)


def test_what_says_the_same_is_no_step(state):
    step = state.step
    state.view = {"yscale": "linear"}
    state.selections = list(state.selections)
    state.note = "told"
    assert (state.step, state.history.undoes) == (step, "")


def test_a_change_that_undo_would_have_made_is_an_undo(state):
    old = list(state.selections)
    state.selections = [replace(old[0], low=9.0), old[1]]
    first = state.step
    state.param.update(focus="x3", tab="Focus")
    state.tab = "Wall"
    state.selections = old
    assert (state.history.undoes, state.history.redoes, state.focus) == ("", "changed high tail", "x3")
    assert state.step < first
    state.selections = [replace(old[0], low=9.0), old[1]]
    assert (state.history.undoes, state.history.redoes) == ("changed high tail", "")


def test_who_made_the_last_change_is_known(state):
    state.selections = state.selections[:1] * 2
    assert state.history.undoes_on_wall
    state.event = {"row": 3}
    assert not state.history.undoes_on_wall


def test_a_link_is_one_step_and_the_oldest_are_forgotten(state):
    follow(state, "v=2&s=one;w:2..&tab=Focus&focus=x2&view.yscale=log", ["Wall", "Focus"])
    state.history.undo()
    assert (names(state), state.tab, state.view) == (["high tail", "low tail"], "Wall", {})
    first = state.step
    for row in range(MOST + 2):
        state.event = {"row": row}
    assert not state.history.go(first)
    state.history.undo()
    assert state.event == {"row": MOST}
