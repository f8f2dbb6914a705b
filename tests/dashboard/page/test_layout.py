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


def test_fingers_drag_handles_and_brush_and_leave_scrolling_to_the_page(server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server)
    root = page.locator(".ts-root")
    root.locator("canvas").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    assert page.evaluate("() => innerWidth") == 390
    touch = context.new_cdp_session(page)

    def drag(start, stop):
        at = [tuple(a + (b - a) * i / 8 for a, b in zip(start, stop, strict=True)) for i in range(9)]
        for i, (x, y) in enumerate(at):
            kind = "touchMove" if i else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(400)

    def painted():
        return root.evaluate("e => e.__tailscope.painted().selections[0]")

    def weight(w):
        return tuple(root.evaluate(f"e => Object.values(e.__tailscope.weightAt({w}))"))

    before = painted()
    # A finger is broader than a handle.
    (x, y), (end, _) = weight(before["low"]), weight(before["low"] * 1.3)
    drag((x - 15, y), (end - 15, y))
    assert painted()["low"] > before["low"] * 1.1
    name = root.evaluate("e => e.__tailscope.order()[0]")
    root.locator(".ts-wall").scroll_into_view_if_needed()
    box = root.evaluate("(e, name) => e.__tailscope.plotOf(name)", name)
    drag((box["x"] + 0.2 * box["w"], box["y"] + 40), (box["x"] + 0.7 * box["w"], box["y"] + 42))
    assert [cut["observable"] for cut in painted()["cuts"]] == [name]

    # Up and down is the page's, also where it begins on a histogram.
    cuts = painted()["cuts"]
    drag((box["x"] + 50, box["y"] + 60), (box["x"] + 52, box["y"] - 120))
    assert painted()["cuts"] == cuts
    canvases = root.locator("canvas").all()
    assert all(c.evaluate("e => getComputedStyle(e).touchAction").startswith("pan-y") for c in canvases)
    context.close()
