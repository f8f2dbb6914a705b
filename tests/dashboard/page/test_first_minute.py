"""The first minute in a real Chromium: three steps above the histograms, read once and gone for good."""

import pytest

from helpers.pages import Visit, served
from helpers.toys import exact_study
from tailscope_dashboard import Dashboard
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.share import page_of

pytestmark = pytest.mark.browser
FIRST = ".ts-first"


def test_the_steps_are_read_once_and_come_back_when_asked_for(browser):
    prepare_panel()
    study = exact_study(300)
    with served({"page": lambda: Dashboard(study).__panel__()}) as origin:
        visit = Visit(browser, f"{origin}/page")
        page, steps = visit.page, visit.page.locator(FIRST)
        steps.wait_for(timeout=60_000)
        assert steps.locator("li").count() == 3
        assert steps.get_attribute("role") == "note"  # nothing that is announced
        apart = (
            "e => e.getBoundingClientRect().bottom <= e.nextElementSibling.getBoundingClientRect().top + 1"
        )
        assert steps.evaluate(apart)
        steps.get_by_role("button", name="got it").click()
        assert not steps.is_visible()
        page.reload()
        page.locator(".ts-root canvas").first.wait_for(timeout=60_000)
        assert not steps.is_visible()
        page.get_by_role("button", name="keys").click()
        page.get_by_role("button", name="first steps").click()
        assert steps.is_visible()
        assert visit.complaints == []
        visit.close()


def test_a_page_without_tabs_has_no_steps(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page_of([exact_study(300)]), encoding="utf-8")
    visit = Visit(browser, path.as_uri())
    visit.page.locator(".ts-root canvas").first.wait_for(timeout=60_000)
    assert not visit.page.locator(FIRST).is_visible()
    visit.page.get_by_role("button", name="keys").click()
    assert visit.page.get_by_role("button", name="first steps").count() == 0
    assert visit.complaints == []
    visit.close()
