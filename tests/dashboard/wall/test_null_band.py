"""The null band on the wall: what JavaScript says of a cut is what `NullBand` says in Python."""

import json
from dataclasses import replace

import numpy as np
import pytest

from helpers import toys
from helpers.pages import served
from helpers.wall_page import WallPage
from tailscope.record import plain
from tailscope.weights.null_band import GRID, NullBand, cumulative
from tailscope.weights.spectrum import weight_edges
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.share import page_of
from tailscope_dashboard.wall import Wall
from tailscope_dashboard.wall.meta import Null
from tailscope_dashboard.wall.null_counts import MOST_POINTS, null_of
from tailscope_dashboard.wall.payload import data_of

RUNS = 20


def banded_study(n=3000, width=0.12, seed=0, **kwargs):
    """Exact weights of the Gaussian pair, and a band of normal noise with some w = 0 and inf."""
    rng = np.random.default_rng(seed)

    def run():
        log_w = width * rng.standard_normal(n)
        log_w[:3], log_w[3:5] = -np.inf, np.inf
        return cumulative(log_w, None)

    sides = [np.stack([run() for _ in range(RUNS)]) for _ in range(2)]
    return replace(toys.exact_study(n, name="banded", **kwargs), null=NullBand(*sides, np.full(RUNS, 0.5)))


@pytest.fixture(scope="module")
def study():
    return banded_study()


@pytest.fixture(scope="module")
def walls():
    return []


@pytest.fixture(scope="module")
def server(study, walls):
    def make():
        walls.append(Wall(study, sizing_mode="stretch_width", height=700))
        return walls[-1]

    prepare_panel()
    with served({"wall": make}) as origin:
        yield origin


@pytest.fixture
def wall(browser, server):
    page = WallPage(browser, f"{server}/wall")
    yield page
    assert page.complaints == []
    page.close()


def assert_as_in_python(painted, study):
    for shown in painted["selections"]:
        ends = {"low": shown["low"], "high": shown["high"]}
        expected = study.null.excess(study.sample(shown["sample"]), shown["sample"], **ends)
        found = shown["underNull"]
        assert found["expected"] == pytest.approx(expected.expected, abs=1e-6 * len(study))
        assert found["spread"] == pytest.approx(expected.spread, abs=1e-6 * len(study))
        assert found["excess"] == pytest.approx(expected.excess, abs=1e-6 * len(study))
        assert found["error"] == pytest.approx(expected.error, rel=1e-6, abs=1e-6)
        assert (found["p"], found["runs"]) == (pytest.approx(expected.p), expected.runs)


def test_each_cut_says_what_noise_puts_beyond_it(wall, study):
    painted = wall.painted()
    assert len(painted["selections"]) == 2
    assert_as_in_python(painted, study)
    shown = painted["selections"][0]["underNull"]
    words = wall.card(0).locator(".ts-null").inner_text()
    assert words.startswith(f"expected under null: {shown['expected']:.1f}")
    assert "excess" in words
    assert words.replace("\xa0", " ").endswith(f"p ≤ {1 / (1 + RUNS):.3f} ({RUNS} runs can say no more)")


def test_it_follows_the_drag_and_typed_ends(wall, study):
    before = wall.painted()["selections"][0]
    words = wall.card(0).locator(".ts-null").inner_text()
    wall.drag(wall.weight(before["low"]), wall.weight(1.07))
    painted = wall.painted()
    assert painted["selections"][0]["low"] < before["low"]
    assert painted["selections"][0]["underNull"]["expected"] > 100
    assert_as_in_python(painted, study)
    assert wall.card(0).locator(".ts-null").inner_text() != words
    for end, text in (("high", "1.2"), ("low", "0.95"), ("high", ""), ("low", "0.0001")):
        wall.type_end(0, end, text)
        assert_as_in_python(wall.painted(), study)
    wall.type_end(0, "low", "")
    painted = wall.painted()
    assert painted["selections"][0]["underNull"] is None
    assert wall.card(0).locator(".ts-null").inner_text() == ""


def test_with_further_cuts_the_expectation_is_that_of_the_weight_alone(wall, study):
    wall.brush("x0", 0.5, 0.9)
    painted = wall.wait_for(lambda painted: painted["selections"][0]["cuts"])
    shown = painted["selections"][0]
    assert "excess" not in shown["underNull"]
    expected = study.null.excess(
        study.sample(shown["sample"]), shown["sample"], low=shown["low"], high=shown["high"]
    )
    assert shown["underNull"]["expected"] == pytest.approx(expected.expected, abs=0.01)
    assert "cut on w alone" in wall.card(0).locator(".ts-null").inner_text()


def test_the_band_is_drawn_and_in_the_legend(wall):
    assert wall.root.locator(".ts-legend", has_text=f"null band ({RUNS} permutations)").count() == 1
    wall.page.mouse.move(*wall.weight(1.0))
    tip = wall.root.locator(".ts-tip")
    tip.wait_for()
    assert "null band, reference" in tip.inner_text()
    shot = wall.root.locator(".ts-weights-plot canvas").screenshot
    with_band = shot()
    wall.root.locator(".ts-slice select").first.select_option(index=1)
    wall.wait_for(lambda painted: painted["view"]["slice"])
    assert wall.root.locator(".ts-legend", has_text="null band").count() == 0
    assert shot() != with_band


def test_the_static_page_carries_the_band(browser, tmp_path, study):
    path = tmp_path / "page.html"
    path.write_text(page_of([study, toys.exact_study(200, name="bare")]), encoding="utf-8")
    page = WallPage.__new__(WallPage)
    page.page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.page.goto(path.as_uri())
    root = page.page.locator(".ts-root")
    root.locator(".ts-legend", has_text="null band").wait_for()
    painted = root.evaluate("e => e.__tailscope.painted()")
    assert_as_in_python(painted, study)
    page.page.locator("#choice").select_option("1")
    root.locator(".ts-legend", has_text="null band").wait_for(state="detached")
    assert root.locator(".ts-null").count() == 0
    page.close()


@pytest.mark.parametrize("width", [0.001, 0.12, 6.0])
def test_what_is_sent_is_small_whatever_the_width(width):
    study = banded_study(500, width)
    found = null_of(study, weight_edges(study))
    assert len(found.reference.below[0]) <= MOST_POINTS + 2
    assert len(json.dumps(plain(found))) < 250_000
    last = found.first + found.step * (len(found.reference.below[0]) - 1)
    assert GRID[0] <= found.first < last <= GRID[-1] + 1e-9


def test_weighted_events_have_no_band_of_counts():
    study = banded_study(200)
    events = replace(study.reference, event_weight=np.full(200, 0.5))
    assert null_of(replace(study, reference=events), weight_edges(study)) == Null(runs=RUNS, weighted=True)


def test_a_study_without_a_band_sends_none():
    assert data_of(toys.exact_study(100))["meta"]["null"] is None
