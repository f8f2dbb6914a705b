"""The tab Compare: what its figures hold, and how its table behaves in a real Chromium."""

from __future__ import annotations

import numpy as np
import pytest

import tailscope as ts
from helpers.folded import folded_study
from helpers.pages import HOSTILE, Visit, hostile_study, served
from helpers.toys import exact_study, sample
from tailscope_dashboard import Dashboard
from tailscope_dashboard.compare.view import MOST_DRAWN, Compare
from tailscope_dashboard.page.page import views_of
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.weights_figure import shared_edges, shares, weights_figure


def test_shares_are_those_of_all_events():
    log_w = np.array([-np.inf, -0.5, 0.1, 0.2, np.inf])
    v = np.array([1.0, 2.0, 1.0, 1.0, 1.0])
    side = sample("a", np.ones((5, 1)), event_weight=v)
    study = ts.Study.from_weights(side, sample("b", np.zeros((5, 1))), log_w, log_w)
    share, error = shares(study, "reference", np.array([-1.0, 0.0, 1.0]))
    assert share == pytest.approx([3 / 6, 3 / 6])
    assert error == pytest.approx([np.sqrt(5) / 6, np.sqrt(3) / 6])


def test_all_studies_lie_on_the_same_axis():
    studies = [exact_study(500), exact_study(500, seed=1)]
    edges = shared_edges(studies)
    plot = weights_figure(studies, "generated", studies[0], dark=False)
    assert (plot.x_range.start, plot.x_range.end) == (np.exp(edges[0]), np.exp(edges[-1]))
    assert len([r for r in plot.renderers if type(r.glyph).__name__ == "Step"]) == 2


def test_studies_beyond_the_colours_are_in_the_table_only():
    study = exact_study(100)
    view = Compare(State([study] * (MOST_DRAWN + 1)))
    view.refresh()
    assert len(view.table.rows) == MOST_DRAWN + 1
    assert "1 are in the table only" in view.words.object


def test_one_study_has_nothing_to_be_compared_with():
    assert Compare not in views_of([exact_study(50)])
    assert Compare in views_of([exact_study(50)] * 2)


@pytest.fixture(scope="module")
def server():
    """A page of checkpoints, and one with a hostile study of another reference."""
    checkpoints = [
        folded_study(800, seed=s, extra=x, name=f"flow {n}") for s, x, n in ((1, 0.3, 5), (2, 0.0, 10))
    ]
    prepare_panel()
    pages = {
        "series": lambda: Dashboard(checkpoints).__panel__(),
        "hostile": lambda: Dashboard([checkpoints[0], hostile_study()]).__panel__(),
    }
    with served(pages) as origin:
        yield origin


@pytest.mark.browser
def test_the_table_sorts_and_a_click_shows_the_study(server, browser):
    page = Visit(browser, f"{server}/series")
    page.tab("Compare")
    names = page.page.locator("tbody tr td:first-child")
    assert names.all_inner_texts() == ["flow 10", "flow 5"]  # by AUC
    assert page.page.locator("tr[aria-selected=true] td").first.inner_text() == "flow 5"
    page.page.get_by_role("button", name="study", exact=True).click()
    assert names.all_inner_texts() == ["flow 5", "flow 10"]
    page.page.get_by_role("button", name="study ▴").click()
    assert names.all_inner_texts() == ["flow 10", "flow 5"]
    page.page.locator("tbody tr", has_text="flow 10").click()
    page.page.locator("tr[aria-selected=true]", has_text="flow 10").wait_for()
    page.page.locator(".ts-title", has_text="flow 10").wait_for()
    assert page.page.locator(".bk-Figure:visible").count() == 4  # weights twice, tails and AUC by epoch
    assert page.complaints == []
    assert page.strangers == []
    page.close()


@pytest.mark.browser
def test_hostile_names_stay_text_and_another_reference_is_set_apart(server, browser):
    page = Visit(browser, f"{server}/hostile")
    page.tab("Compare")
    apart = page.page.locator("tr.ts-apart td").first
    assert apart.inner_text() == HOSTILE + "s"
    page.page.get_by_text("was made with other reference events").wait_for()
    assert page.page.locator(".bk-Figure:visible").count() == 2
    assert page.ran() is None
    assert page.complaints == []
    page.close()
