"""The tab Pairs: its link, its hidden life; and in a real Chromium, a rectangle that makes two cuts."""

import numpy as np
import pytest

import tailscope as ts
from helpers import wall_page
from helpers.pages import Visit, hostile_study, recorded, served
from helpers.toys import exact_study, sample
from tailscope_dashboard.page.tabs import LazyTabs
from tailscope_dashboard.state.permalink import VERSION, follow, link_of
from tailscope_dashboard.state.state import State
from tailscope_dashboard.state.view import PairView
from tailscope_dashboard.views.about import About
from tailscope_dashboard.views.pairs import Pairs

FRAME = """() => {
  const models = Bokeh.documents.flatMap((d) => d.roots()).flatMap((root) => [...root.references()]);
  const selects = (tool) => tool.type === "BoxSelectTool";
  const model = models.find((m) => m.type === "Figure" && m.toolbar.tools.some(selects));
  const view = model && Bokeh.index.find_one(model);
  if (!view) return null;
  const box = view.el.getBoundingClientRect(), { left, top, width, height } = view.frame.bbox;
  const [x, y] = [model.x_range, model.y_range].map((range) => [range.start, range.end]);
  const dashed = (one) => one.glyph.line_dash?.value === "dashed" || one.glyph.line_dash === "dashed";
  const boxes = model.renderers.filter((one) => dashed(one) && one.data_source.get_length()).length;
  const label = model.left[0].axis_label;
  return { left: box.x + left, top: box.y + top, width, height, x, y, boxes, label };
}"""
"""Where the heat map lies on the screen, the ends of its axes, its label and how many cuts it shows."""


@pytest.fixture(scope="module")
def study():
    return exact_study(900, name="toy")


@pytest.fixture
def shown(study):
    """A page of the tab and of another one, and the tab."""
    state = State([study])
    view = Pairs(state)
    LazyTabs(state, [view, About(state)])
    return state, view


def test_a_hidden_tab_counts_nothing_and_is_up_to_date_when_it_comes_back(shown):
    state, view = shown
    before = view.found
    assert before is not None
    state.tab = "About"
    state.selections = [ts.Selection(low=2.0)]
    state.visible = [True]
    assert view.found is before
    state.tab = "Pairs"
    assert len(view.found.selections) == 1


def test_a_rectangle_cuts_the_active_selection_at_edges_and_the_cuts_can_be_removed(shown):
    state, view = shown
    other = ts.Cut("x3", 0.0)
    state.selections = [ts.Selection(low=1.2), ts.Selection(high=0.9, cuts=(other, ts.Cut("x1", 5.0)))]
    state.active = 1
    view.draw_box(-0.5, -99, 1, 1)
    first, second = state.selections
    assert first == ts.Selection(low=1.2)
    assert second.cuts[0] == other
    (x, y) = second.cuts[1:]
    assert (x.observable, y.observable, y.low) == ("x0", "x1", None)
    edges = state.study.observable("x0").binning.edges
    assert {x.low, x.high} < set(edges.tolist())
    assert [x.low, x.high] == pytest.approx([-0.5, 1], abs=0.3)
    view.remove_cuts()
    assert state.selections[1].cuts == (other,)


def test_without_a_selection_a_rectangle_says_what_to_do(shown):
    state, view = shown
    state.param.update(selections=[], visible=[])
    view.draw_box(-1, -1, 1, 1)
    assert "no selection to cut; add one on the tab Wall" in state.note


def _flat():
    """One event on each side, w = 0 and inf, two constant observables."""
    sides = (ts.Sample(name, np.ones((1, 1)), {"flat": np.ones(1), "same": np.ones(1)}) for name in "ab")
    return ts.Study.from_weights(*sides, [np.inf], [-np.inf])


@pytest.mark.parametrize("colour", ["log_w", "ratio", "closure", "reference", "generated"])
@pytest.mark.parametrize("make", [_flat, hostile_study, lambda: exact_study(2)])
def test_studies_that_are_hardly_any_are_drawn(make, colour):
    state = State([make()], pair={"colour": colour})
    view = Pairs(state)
    view.content()
    view.refresh()
    assert view.found is not None
    state.selections = [ts.Selection(low=1e30), ts.Selection()]
    view.refresh()


def test_a_study_of_one_observable_says_so():
    one = np.zeros((3, 1), np.float32)
    study = ts.Study.from_weights(sample("r", one), sample("g", one + 1), np.zeros(3), np.zeros(3))
    view = Pairs(State([study]))
    view.content()
    view.refresh()
    assert view.found is None


def test_a_link_brings_the_pair_back(study):
    state = State([study], pair={"x": "x3", "y": "x1", "colour": "closure"})
    new = State([study])
    follow(new, link_of(state), ["Wall", "Pairs"])
    assert new.pair == state.pair
    assert new.note == ""
    follow(new, f"v={VERSION}&pair.x=gone&pair.y=x2&pair.colour=red", ["Wall", "Pairs"])
    assert "There is no observable gone for the tab Pairs." in new.note
    assert "colour=red of the tab Pairs is not understood" in new.note
    assert new.pair == {"y": "x2"}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ("a", "b")),
        ({"x": "b"}, ("b", "a")),
        ({"y": "a"}, ("b", "a")),
        ({"x": "c", "y": "c"}, ("c", "a")),
        ({"x": "gone", "y": "b"}, ("a", "b")),
    ],
)
def test_there_are_always_two_observables(settings, names):
    assert PairView(**settings).names(["a", "b", "c"]) == names


@pytest.mark.browser
def test_in_a_browser_a_rectangle_makes_two_cuts_that_the_wall_follows(browser, study):
    dashboards = []
    with served({"toy": recorded(dashboards, study)}) as origin:
        visit = Visit(browser, f"{origin}/toy?v={VERSION}&tab=Pairs")
        visit.tab("Pairs")
        state = dashboards[-1].state
        page = visit.page
        page.get_by_label("y", exact=True).select_option("x2")
        page.wait_for_function(f"() => ({FRAME})()?.label.includes('x2')")
        assert state.pair == {"x": "x0", "y": "x2"}
        page.wait_for_timeout(300)  # until it has its place
        frame = page.evaluate(FRAME)

        def at(x, y):
            across = (x - frame["x"][0]) / (frame["x"][1] - frame["x"][0])
            along = (y - frame["y"][0]) / (frame["y"][1] - frame["y"][0])
            return frame["left"] + across * frame["width"], frame["top"] + (1 - along) * frame["height"]

        page.mouse.move(*at(-1, -0.5))
        page.mouse.down()
        page.mouse.move(*at(0, 0.5), steps=4)
        page.mouse.move(*at(1.2, 0.9), steps=4)
        page.mouse.up()
        page.wait_for_function(f"() => ({FRAME})()?.boxes === 1")
        cuts = state.selections[state.active].cuts
        assert [cut.observable for cut in cuts] == ["x0", "x2"]
        ends = [end for cut in cuts for end in (cut.low, cut.high)]
        assert ends == pytest.approx([-1, 1.2, -0.5, 0.9], abs=0.3)
        visit.tab("Wall")
        page.wait_for_timeout(500)
        painted = page.locator(".ts-root").evaluate("e => e.__tailscope.painted()")
        selection = painted["selections"][0]
        assert [cut["observable"] for cut in selection["cuts"]] == ["x0", "x2"]
        passed = wall_page.mask(study, wall_page.right_sample(selection), selection)
        assert selection["totals"][wall_page.right_sample(selection)]["n"] == passed.sum()
        assert visit.complaints == []
        assert visit.strangers == []
        visit.close()
