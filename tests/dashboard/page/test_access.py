"""The page without a mouse and without eyes: what the Tab key stops at is seen, axe-core finds no fault."""

import pytest
from playwright.sync_api import expect

from helpers.axe import faults
from helpers.pages import recorded, served, visits
from helpers.toys import exact_study
from tailscope_dashboard.server.serve import prepare_panel

pytestmark = pytest.mark.browser

FOCUSED = """() => {
  let e = document.activeElement;
  while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  const own = getComputedStyle(e);
  // The wall's ring is drawn over its canvases.
  const over = [e, ...e.querySelectorAll(".ts-viewport")].map((part) => getComputedStyle(part, "::after"));
  const isSeen = (own.outlineStyle !== "none" && parseFloat(own.outlineWidth) >= 1)
    || over.some((style) => style.content === '""' && parseFloat(style.borderTopWidth) >= 2);
  const name = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.title || e.textContent;
  return [e.nodeName, name.trim(), isSeen];
}"""


@pytest.fixture(scope="module")
def dashboards():
    return []


@pytest.fixture(scope="module")
def opened(dashboards, browser):
    """One page for all of these tests."""
    prepare_panel()
    with (
        served({"toy": recorded(dashboards, exact_study(80, name="toy"))}) as origin,
        visits(browser, origin, quiet=True) as open_page,
    ):
        yield open_page("toy")


def test_axe_finds_no_fault_on_any_tab_nor_in_the_dark(opened):
    titles = ("Focus", "Events", "Trust", "Notes", "About", "Wall")
    found = {title: faults(opened.tab(title).page) for title in titles}
    dark = opened.page.get_by_role("button", name="dark")
    dark.click()
    opened.page.wait_for_timeout(300)
    found["dark"] = faults(opened.page)
    dark.click()
    assert found == {title: [] for title in (*titles, "dark")}


def test_axe_finds_a_fault_in_a_shadow_root(browser):
    page = browser.new_page()
    page.set_content('<html lang="en"><title>t</title><main><div></div></main></html>')
    assert faults(page) == []
    page.locator("div").evaluate(
        "e => e.attachShadow({ mode: 'open' }).append(document.createElement('button'))"
    )
    assert [fault.split(":")[0] for fault in faults(page)] == ["button-name"]
    page.close()


def stops(page, most=60):
    """What the Tab key stops at, until it leaves the page: (element, its name, whether the focus is seen)."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop[0] == "BODY":
            return found
        found.append(stop)
    raise AssertionError(f"the Tab key is trapped: {found[-3:]}")


@pytest.mark.parametrize(("title", "own"), [("Wall", "got it"), ("Focus", "log y")])
def test_the_tab_key_goes_through_the_page_and_the_focus_is_seen_and_named(opened, title, own):
    page = opened.tab(title).page
    page.locator("h1").click()  # where the Tab key begins
    found = stops(page)
    assert [stop for stop in found if not (stop[1] and stop[2])] == []
    names = [name for _, name, _ in found]
    at = [next(i for i, name in enumerate(names) if name.startswith(n)) for n in ("dark", title, own)]
    assert at == sorted(at)
    assert names.count(title) == 1
    assert any(name.startswith("weights, selections") for name in names)
    page.keyboard.press("Shift+Tab")  # and back again
    assert page.evaluate(FOCUSED)[1] == names[-1]


def test_page_tabs_have_keys(opened, dashboards):
    page = opened.tab("Wall").page
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(8)
    tabs.first.focus()
    for key, reached in (("ArrowLeft", "About"), ("ArrowRight", "Wall"), ("End", "About"), ("Home", "Wall")):
        page.keyboard.press(key)
        expect(page.get_by_role("tab", name=reached)).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert dashboards[-1].state.tab == "Wall"  # looked at, not opened
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Focus", selected=True)).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Focus").locator(".bk-Figure").first).to_be_visible()
    assert dashboards[-1].state.tab == "Focus"
    expect(page.get_by_role("figure", name="distribution of x0")).to_be_visible()
