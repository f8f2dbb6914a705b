"""Trust in a real Chromium: lights that differ, beside the weights, and clicks that lead to the plots."""

import json
import re
import threading
from concurrent.futures import Future

import pytest

from helpers import three
from helpers.pages import Visit, recorded, served, visits
from tailscope.trust import WORDS, doubts, fine, headline, in_order, worst
from tailscope_dashboard.parts.verdict import plain_verdict
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.share import page_of
from tailscope_dashboard.state.judge import Judge, checks_of, when_done
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.epochs import epoch_figures, epoch_numbers

CASES = ("difference", "null", "overfitted")


@pytest.fixture(scope="module")
def dashboards():
    return []


@pytest.fixture(scope="module")
def server(dashboards):
    prepare_panel()
    pages = {case: recorded(dashboards, three.fitted(case)) for case in CASES}
    with served(pages | {"all": recorded(dashboards, *map(three.fitted, CASES))}) as origin:
        yield origin


@pytest.fixture
def visit(server, browser):
    with visits(browser, server, quiet=True) as open_page:
        yield open_page


def lit(page):
    """What the light beside the weights says, once it says something: (light, word)."""
    page.locator(".ts-verdict svg:not([data-light=unknown])").wait_for(timeout=60_000)
    button = page.locator(".ts-verdict")
    return button.locator("svg").get_attribute("data-light"), button.inner_text().strip()


def listed(page):
    """Every check of the page's list: name -> light."""
    page.locator(".ts-list .ts-check").first.wait_for(timeout=60_000, state="attached")
    return {
        row.get_attribute("data-name"): row.get_attribute("data-light")
        for row in page.locator(".ts-list .ts-check").all()
    }


@pytest.mark.parametrize("case", CASES)
def test_lights_are_those_of_core_beside_the_weights_in_the_header_and_in_trust(visit, case):
    checks = three.fitted(case).checks
    page = visit(case)
    light = worst(checks)
    assert lit(page.page) == (light, WORDS[light])
    assert page.page.locator(".ts-lamp svg").get_attribute("data-light") == light
    assert WORDS[light] in page.page.locator(".ts-lamp").inner_text()
    page.tab("Trust")
    assert listed(page.page) == {check.name: check.light for check in checks}
    if doubts(checks) and fine(checks):
        page.page.locator(".ts-list .ts-fine > summary").click()
    for check in checks:
        text = page.page.locator(f".ts-list [data-name={check.name}]").inner_text()
        assert check.why.replace("`", "") in text
        assert check.advice.replace("`", "") in text
    shapes = page.page.locator(".ts-list svg path:first-child").evaluate_all(
        "paths => paths.map((p) => [p.parentNode.dataset.light, p.getAttribute('d')])"
    )
    assert len({shape for _, shape in shapes}) == len({light for light, _ in shapes})


def test_the_three_cases_do_not_look_alike():
    found = {case: {c.name: c.light for c in three.fitted(case).checks} for case in CASES}
    assert found["difference"]["auc"] == "green"
    assert found["null"]["auc"] == "amber"
    assert worst(three.fitted("null").checks) == "amber"
    assert worst(three.fitted("overfitted").checks) == "red"
    assert worst(three.fitted("difference").checks) != "red"


def test_a_click_on_a_check_leads_to_its_plot(visit, dashboards):
    page = visit("overfitted", height=500)
    page.tab("Trust")
    page.page.locator(".ts-list [data-name=closure]").click()
    heading = page.page.get_by_role("heading", name=re.compile("Closure"))
    page.page.wait_for_function("y => window.scrollY > y", arg=200)
    page.page.wait_for_function(
        "e => e.getBoundingClientRect().top < innerHeight", arg=heading.element_handle()
    )
    page.page.locator(".ts-list [data-name=overfit]").click()
    page.page.locator("text=epoch kept").first.wait_for(timeout=20_000)
    assert dashboards[-1].state.tab == "Training"
    page.page.locator(".ts-lamp").click()
    row = page.page.locator(".ts-list [data-name=effective_size]")
    if not row.is_visible():
        page.page.locator(".ts-list .ts-fine > summary").click()
    row.click()
    page.page.locator(".ts-root canvas").first.wait_for()
    assert dashboards[-1].state.tab == "Wall"


def test_the_light_beside_the_weights_lists_the_checks_and_opens_trust(visit, dashboards):
    page = visit("overfitted")
    lit(page.page)
    box = page.page.locator(".ts-verdict-box")
    assert not box.is_visible()
    page.page.locator(".ts-verdict").click()
    assert box.is_visible()
    checks = in_order(three.fitted("overfitted").checks)
    rows = box.locator(".ts-check")
    assert [row.get_attribute("data-name") for row in rows.all()] == [check.name for check in checks]
    assert headline(checks) in box.inner_text()
    against = len(doubts(checks))
    assert [row.is_visible() for row in rows.all()] == [True] * against + [False] * (len(checks) - against)
    assert rows.first.locator("summary").inner_text().startswith(f"{checks[0].title}: {checks[0].brief}")
    rows.first.locator("summary").click()
    assert checks[0].why.replace("`", "") in rows.first.inner_text()
    box.get_by_text(fine(checks)).click()
    assert all(row.is_visible() for row in rows.all())
    inside = box.evaluate(
        "e => [e.getBoundingClientRect().bottom <= innerHeight, e.scrollWidth <= e.clientWidth]"
    )
    assert inside == [True, True]
    page.page.locator(".ts-root").focus()
    page.page.keyboard.press("Escape")
    assert not box.is_visible()
    page.page.locator(".ts-verdict").click()
    box.get_by_role("button", name="open Trust").click()
    page.page.locator(".ts-list .ts-check").first.wait_for(timeout=20_000)
    assert dashboards[-1].state.tab == "Trust"


def test_training_draws_weights_auc_and_calibration_of_watched_epochs(visit):
    study = three.fitted("overfitted")
    page = visit("overfitted")
    page.tab("Training")
    page.page.locator("text=Weights by epoch").wait_for()
    page.page.locator(".bk-Figure:visible").nth(5).wait_for(timeout=30_000)
    assert page.page.locator("text=--watch-epochs").count() == 0
    for one in epoch_numbers(study)[:-1]:
        stage = study.at_epoch(int(one.label))
        assert one.auc.value == stage.auc()
        assert one.ratio == stage.calibration().chi2 / stage.calibration().ndf
    plots = epoch_figures(study, False)
    assert len(plots) == 4
    for plot in plots[:2]:
        labels = [item.label.value for item in plot.legend[0].items]
        assert labels == [*(f"epoch {e}" for e in (1, 5, 40)), "kept"]
    other = visit("difference")
    other.tab("Training")
    assert "--watch-epochs 1,5,15" in other.page.locator("text=--watch-epochs").inner_text()


def test_another_study_brings_its_own_light(visit):
    page = visit("all")
    lit(page.page)
    for case in ("overfitted", "null"):
        light = worst(three.fitted(case).checks)
        page.page.locator("select:visible").first.select_option(label=f"{CASES.index(case) + 1}. {case}")
        page.page.locator(f".ts-verdict svg[data-light={light}]").wait_for(timeout=60_000)
        page.page.locator(f".ts-lamp svg[data-light={light}]").wait_for()


def test_the_static_page_has_the_lights_of_each_study_and_no_server(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page_of([three.fitted("difference"), three.fitted("overfitted")]), encoding="utf-8")
    page = Visit(browser, path.as_uri())
    for number, case in enumerate(("difference", "overfitted")):
        page.page.locator("#choice").select_option(str(number))
        light = worst(three.fitted(case).checks)
        page.page.locator(f".ts-verdict svg[data-light={light}]").wait_for()
        page.page.locator(".ts-verdict").click()
        rows = page.page.locator(".ts-verdict-box .ts-check")
        assert rows.count() == len(three.fitted(case).checks)
        assert page.page.get_by_role("button", name="open Trust").count() == 0
        page.page.locator(".ts-verdict").click()
    assert page.complaints == []
    page.close()


def test_the_checks_are_made_once_for_all_pages_and_never_before_somebody_looks():
    study = three.fitted("null")
    first = checks_of(study)
    assert checks_of(study) is first
    state = State((study,))
    assert state.checks == ()
    Judge(state)
    assert state.checks == study.checks


def test_without_an_event_loop_whoever_asks_waits():
    future, told = Future(), []
    threading.Timer(0.2, lambda: future.set_result(None)).start()
    # In a thread of its own, since the browser of these tests has a loop in this one.
    asking = threading.Thread(target=when_done, args=(future, lambda: told.append(future.done())))
    asking.start()
    asking.join(20)
    assert told == [True]


def test_lights_are_plain_data():
    assert plain_verdict(()) == {}
    for case in CASES:
        json.dumps(plain_verdict(three.fitted(case).checks), allow_nan=False)
