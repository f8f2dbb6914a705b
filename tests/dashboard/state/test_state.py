"""State: the default tails, and what survives a change of study."""

from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers.pages import odd_study
from helpers.toys import exact_study, sample
from tailscope.errors import StudyError
from tailscope.weights.tails import tail_cut
from tailscope_dashboard.state.state import State


def study_of(log_ref, log_gen):
    ref, gen = (
        sample(n, np.arange(len(x), dtype=np.float32)[:, None]) for n, x in (("r", log_ref), ("g", log_gen))
    )
    return ts.Study.from_weights(ref, gen, np.asarray(log_ref), np.asarray(log_gen))


def test_default_tails_are_the_paper_s_where_they_hold_some_events():
    assert (tail_cut(exact_study(5000), "low"), tail_cut(exact_study(5000), "high")) == (0.6, 1.6)


@pytest.mark.parametrize("spread", [0.01, 3.0])
def test_other_tails_take_a_twentieth(spread):
    rng = np.random.default_rng(0)
    study = study_of(rng.normal(0, spread, 4000), rng.normal(0, spread, 4000))
    low, high = tail_cut(study, "low"), tail_cut(study, "high")
    assert np.mean(study.weights("generated") < low) == pytest.approx(0.05, abs=0.03)
    assert np.mean(study.weights("reference") >= high) == pytest.approx(0.05, abs=0.03)
    assert low < 1 < high


def test_the_oddest_study_has_a_state():
    state = State([odd_study()])
    assert len(state.drawn) == 2
    assert all(np.isfinite(s.low or 0) and np.isfinite(s.high or 0) for s in state.selections)


def test_a_page_without_a_study_is_refused():
    with pytest.raises(StudyError, match="no study to show"):
        State([])


def test_a_study_that_more_is_known_of_takes_the_place_of_the_old_one():
    first, second = exact_study(100), exact_study(100, seed=0, name="second")
    state = State([first, second])
    newer = replace(first, name="newer")
    state.renew(first, newer)
    assert state.studies == (newer, second)
    assert state.study is newer
    # Nothing of it is laid over itself.
    assert [overlay.study for overlay in state.overlays] == [second]
    state.renew(second, replace(second, name="newer, too"))
    assert state.study is newer
    assert [overlay.study.name for overlay in state.overlays] == ["newer, too"]


def test_what_a_new_study_does_not_know_is_dropped():
    first, second = exact_study(100), study_of(np.zeros(50), np.zeros(60))
    state = State([first, second])
    state.param.update(
        selections=[ts.Selection(low=1.0, cuts=(ts.Cut("x4", high=0.0), ts.Cut("x0", low=0.0)))],
        visible=[True],
        focus="x4",
        view={"slice": {"observable": "x3", "low": 0.0, "high": 1.0}, "yscale": "log"},
    )
    assert state.slice == (ts.Cut("x3", 0.0, 1.0),)
    state.show(second)
    assert [c.observable for c in state.selections[0].cuts] == ["x0"]
    assert state.focus == "x0"
    assert state.slice == ()
    assert state.view["yscale"] == "log"


def test_hidden_selections_are_not_drawn_and_colours_are_filled_in():
    state = State([exact_study(100)])
    state.param.update(selections=[ts.Selection(low=1), ts.Selection(low=2)], visible=[False, True])
    assert [(s.low, s.colour != "") for s in state.drawn] == [(2, True)]
