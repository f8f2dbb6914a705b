"""Every view in windows of a projector and of a phone: nothing is cut off, cramped or broken."""

import pytest

import tailscope as ts
from helpers import three
from helpers.layout import broken_words, figure_widths, outside
from helpers.pages import Visit, served
from tailscope.study import notes
from tailscope_dashboard import Dashboard
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.share import write_page

pytestmark = pytest.mark.browser

SIZES = ((1280, 720), (390, 844))
LEAST = 290
"""Pixels that a figure with axes needs to be read."""


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Fitted ones, with epochs, names that are long, and a note."""
    folder = tmp_path_factory.mktemp("layout")
    saved = [three.fitted(case).save(folder / f"{case}.study.h5") for case in ("overfitted", "difference")]
    found = [ts.open(path) for path in saved]
    notes.add(found[0], "what is this tail, and is it in the other generator too? " * 5, "Marie")
    return found


@pytest.fixture(scope="module")
def server(studies):
    def page():
        return Dashboard(studies).__panel__()

    prepare_panel()
    with served({"both": page}) as origin:
        yield f"{origin}/both"


@pytest.fixture(scope="module", params=SIZES, ids=str)
def open_page(server, browser, request):
    width, height = request.param
    page = Visit(browser, server, width=width, height=height)
    yield page
    page.close()


@pytest.mark.parametrize("title", [*Visit.TABS, "Compare"])
def test_a_view_fits_the_window(open_page, title):
    open_page.tab(title)
    page = open_page.page
    page.wait_for_function(
        "() => document.fonts.status === 'loaded' && document.documentElement.scrollWidth <= innerWidth"
    )
    assert outside(page) == []
    assert broken_words(page) == []
    assert all(width >= LEAST for width in figure_widths(page))
    assert open_page.complaints == []


@pytest.mark.parametrize("title", ["Wall", "Focus"])
def test_a_menu_opens_inside_the_window(open_page, title):
    page = open_page.tab(title).page
    page.get_by_role("button", name="▾").filter(visible=True).first.click()
    page.locator(".ts-save-box:visible").wait_for()
    assert outside(page) == []
    page.keyboard.press("Escape")


def test_on_a_phone_all_selections_are_seen_without_scrolling_in_a_box(server, browser):
    visit = Visit(browser, server, width=390, height=844)
    visit.tab("Wall")
    cards = visit.page.locator(".ts-cards")
    assert cards.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    assert cards.locator(".ts-card").count() == 2
    visit.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_static_page_fits_the_window(studies, browser, tmp_path, width, height):
    path = write_page(studies, tmp_path / "page.html")
    context = browser.new_context(offline=True, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(path.as_uri())
    page.locator(".ts-root canvas").first.wait_for()
    assert outside(page) == []
    for summary in page.locator("summary:visible").all():
        summary.click()
        assert outside(page) == []
        assert broken_words(page) == []
        summary.click()
    if width < 480:
        assert page.locator(".ts-cards").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    context.close()
