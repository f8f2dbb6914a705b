"""The whole page in a real Chromium: local, quiet, deaf to names that are code, alive after errors."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

import tailscope as ts
from helpers.chromium import FLAGS, executable
from helpers.pages import HOSTILE, Visit, hostile_study, odd_study, recorded, served, visits
from helpers.toys import exact_study
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.state.permalink import follow, link_of
from tailscope_dashboard.views.focus import Focus
from tailscope_dashboard.views.training import Training

pytestmark = pytest.mark.browser

LEAK = "/home/somebody/secret.h5"


@pytest.fixture(scope="module")
def studies():
    toy = exact_study(3000, name="toy")
    seen = tuple(replace(o, seen=o.name != "x1") for o in toy.observables)
    own = replace(seen[0], expression="x3 - x2 + 0")
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=200) for i in range(40)}
    many = [ts.Sample(name, columns["x0"], columns) for name in ("a", "b")]
    return {
        "toy": toy,
        "hostile": hostile_study(),
        "odd": odd_study(),
        "many": ts.Study.from_weights(*many, *rng.normal(size=(2, 200)), name="a rather long name, of April"),
        "marked": replace(toy, observables=(own, *seen[1:])),
    }


@pytest.fixture(scope="module")
def dashboards():
    """Every page that was opened, newest last."""
    return []


@pytest.fixture(scope="module")
def server(studies, dashboards):
    prepare_panel()
    pages = {name: recorded(dashboards, study) for name, study in studies.items()}
    pages["two"] = recorded(dashboards, studies["toy"], studies["hostile"])
    with served(pages) as origin:
        yield origin


@pytest.fixture
def visit(server, browser):
    with visits(browser, server) as open_page:
        yield open_page


def state_of(dashboards):
    return dashboards[-1].state


def numbers_of(page):
    """The table below the focus: curve -> entries in all."""
    rows = page.page.locator(".ts-table.ts-numbers:visible tr").all_inner_texts()
    return {cells[0]: float(cells[1].replace(",", "")) for row in rows[1:] if (cells := row.split("\t"))}


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_the_page_fits_the_window(visit, width, height):
    page = visit("many", width=width, height=height)
    page.tab("About").tab("Wall")  # a long tab that is hidden again adds nothing
    inner, outer = page.page.evaluate("() => [[innerWidth, innerHeight], "
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]]")  # fmt: skip
    assert outer[0] == inner[0]
    wall = page.page.locator(".ts-wall")
    assert wall.evaluate("e => e.scrollHeight > 1.5 * e.clientHeight")  # histograms scroll, weights stay
    if width > 1000:
        assert outer[1] == inner[1]
    for name in ("copy link", "share page", "dark"):
        box = page.page.get_by_role("button", name=name).first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("name", ["toy", "odd"])
def test_every_tab_opens_quietly_and_asks_nobody(visit, name):
    page = visit(name)
    for title in (*Visit.TABS, "Focus", "Wall"):
        page.tab(title)
    assert page.status == 200
    assert page.strangers == []
    assert page.complaints == []


def test_a_browser_without_webgl_shows_everything(server, browser):
    plain = browser.browser_type.launch(executable_path=executable(), args=[*FLAGS, "--disable-3d-apis"])
    page = Visit(plain, f"{server}/toy")
    assert page.page.evaluate("() => document.createElement('canvas').getContext('webgl')") is None
    for title in Visit.TABS:
        page.tab(title)
    assert page.complaints == []
    plain.close()


def test_names_are_never_run(visit, dashboards, studies):
    page = visit("hostile")
    page.tab("Wall")
    state_of(dashboards).param.update(
        selections=[ts.Selection(low=1.6, name=HOSTILE, colour=HOSTILE)], visible=[True], note=HOSTILE
    )
    for title in (*Visit.TABS, "Focus"):
        page.tab(title)
    assert page.ran() is None
    assert page.complaints == []
    assert page.strangers == []
    for text in (studies["hostile"].name, HOSTILE + "r", HOSTILE + "g"):
        assert page.page.get_by_text(text, exact=True).first.is_visible(), text
    assert page.page.get_by_role("alert").inner_text() == HOSTILE


def test_a_cut_typed_on_the_wall_is_counted_in_the_focus(visit, dashboards, studies):
    page, study = visit("toy"), studies["toy"]
    page.tab("Wall")
    field = page.page.locator(".ts-card").nth(0).locator("input[data-end=low]")
    field.fill("2.25")
    field.press("Enter")
    expected = np.count_nonzero(study.weights("reference") >= 2.25)
    page.tab("Focus").page.get_by_role("cell", name=f"{expected}", exact=True).wait_for()
    assert state_of(dashboards).selections[0].low == 2.25
    shown = numbers_of(page)
    assert shown["high tail"] == expected
    assert shown["reference (reference)"] == 3000


def test_a_clicked_panel_opens_large(visit, dashboards):
    page = visit("toy")
    page.tab("Wall")
    state_of(dashboards).focus = "x3"
    page.tab("Focus")
    assert page.page.locator("select:visible").first.input_value() == "x3"


def test_what_is_own_and_what_the_classifier_did_not_see_is_marked(visit, dashboards):
    page = visit("marked")
    page.tab("Wall")
    for mark in ("own", "not seen by the classifier"):
        assert page.page.locator(".ts-entry", has_text=re.compile(f"{mark}$")).is_visible()
    root = page.page.locator(".ts-root")
    for name, remark in (
        ("x0", "x0 = x3 - x2 + 0, one's own observable"),
        ("x1", "not seen by the classifier"),
        ("x2", ""),
    ):
        box = root.evaluate("(e, name) => e.__tailscope.plotOf(name)", name)
        page.page.mouse.move(box["x"] + 10, box["y"] - 12)
        tip = page.page.locator(".ts-tip")
        tip.get_by_text("click to open large").wait_for()
        assert remark in tip.inner_text()
        assert ("classifier" in tip.inner_text()) == (name == "x1")
        state_of(dashboards).focus = name
        page.tab("Focus")
        expected = [re.compile(re.escape(remark))] if remark else []
        expect(page.page.locator(".ts-remark:visible")).to_have_text(expected)
        page.tab("Wall")
    page.tab("About")
    rows = [row.split("\t") for row in page.page.locator(".ts-table:visible tr").all_inner_texts()]
    assert [row[3:] for row in rows if row[0] in {"x0", "x1"}] == [["yes", "x3 - x2 + 0"], ["no", ""]]


def test_bins_that_make_no_sense_are_refused_in_a_sentence_and_others_are_kept(visit, dashboards):
    page = visit("toy")
    page.tab("Focus")
    fields = page.page.locator("input[type=text]:visible")
    low = fields.nth(1)
    low.fill("99")
    low.press("Enter")
    note = page.page.get_by_role("alert")
    note.wait_for()
    assert "is empty" in note.inner_text()
    low.fill("-1")
    low.press("Enter")
    note.wait_for(state="hidden")
    # Bins and axes are part of what is shown: undone, and brought back by a link.
    log_y = page.page.locator("input[type=checkbox]:visible").nth(1)
    log_y.check()
    page.page.wait_for_timeout(300)
    state = state_of(dashboards)
    link = link_of(state)
    assert "focus_view.axis=x0:-1.." in link
    assert "focus_view.yscale=log" in link
    page.page.get_by_title("undo: how the focus is drawn").click()
    expect(log_y).not_to_be_checked()
    page.page.get_by_title("undo: how the focus is drawn").click()
    expect(low).not_to_have_value("-1")
    follow(state, link, ["Focus"])
    expect(low).to_have_value("-1")
    expect(log_y).to_be_checked()
    state.focus_view = {"axis": {"observable": "x0", "low": 5.0, "high": 5.0}}
    expect(note).to_contain_text("is empty")
    expect(low).not_to_have_value("5")
    assert page.complaints == []


def test_hidden_tabs_are_not_updated(visit, dashboards, monkeypatch):
    drawn = []
    refresh = Focus.refresh

    def counted(self):
        drawn.append([s.name for s in self.state.selections])
        refresh(self)

    monkeypatch.setattr(Focus, "refresh", counted)
    page = visit("toy")
    page.tab("Wall")
    state = state_of(dashboards)
    state.param.update(selections=[ts.Selection(low=1.1, name="early")], visible=[True])
    assert drawn == []
    page.tab("Focus").tab("Wall")
    assert drawn == [["early"]]
    state.param.update(selections=[ts.Selection(low=1.1, name="late")], visible=[True])
    assert drawn == [["early"]]
    page.tab("Focus").page.get_by_role("cell", name="late").wait_for()
    assert drawn == [["early"], ["late"]]


def test_a_broken_callback_leaves_a_note_and_the_page_alive(visit, monkeypatch, caplog):
    def broken(self):
        raise RuntimeError(f"cannot read {LEAK}")

    page = visit("toy")
    page.tab("Wall")
    monkeypatch.setattr(Training, "refresh", broken)
    page.page.locator(".bk-tab", has_text="Training").click()
    note = page.page.get_by_role("alert")
    note.wait_for()
    number = re.search(r"reference ([0-9a-f]{6})", note.inner_text())[1]
    assert number in caplog.text
    assert LEAK in caplog.text
    page.tab("About")
    assert LEAK not in page.page.content() + " ".join(page.console)
    page.page.get_by_role("button", name="×").click()
    note.wait_for(state="hidden")


def test_studies_are_switched_and_selections_stay(visit, dashboards, studies):
    page = visit("two")
    page.tab("Wall")
    state = state_of(dashboards)
    kept = ts.Selection(low=1.3, name="kept", cuts=(ts.Cut("x1", high=0.0),))
    state.param.update(selections=[kept], visible=[True])
    page.page.locator("select:visible").first.select_option(index=1)
    page.page.get_by_text(studies["hostile"].name, exact=True).first.wait_for()
    assert state.study is studies["hostile"]
    assert state.selections == [ts.Selection(low=1.3, name="kept")]
    for title in Visit.TABS:
        page.tab(title)
    assert page.complaints == []
    assert page.ran() is None


def test_dark_and_light(visit):
    page = visit("toy")
    page.tab("Focus")
    background = "() => getComputedStyle(document.body).backgroundColor"
    light = page.page.evaluate(background)
    page.page.get_by_role("button", name="dark").click()
    page.page.wait_for_function(f"old => ({background})() !== old", arg=light)
    for title in Visit.TABS:
        page.tab(title)
    assert page.complaints == []


def test_undo_by_key_and_button_and_the_browser_s_own_back_and_forward(visit, dashboards):
    page = visit("toy")
    state = state_of(dashboards)

    def wait(condition):
        for _ in range(200):
            if condition():
                return
            page.page.wait_for_timeout(25)
        raise AssertionError(f"never: {state.selections}, {state.tab}, {page.page.url}")

    cards = page.page.locator(".ts-card")
    cards.nth(0).get_by_label("delete").click()
    page.page.get_by_text("“high tail” is deleted.").wait_for()
    wait(lambda: len(state.selections) == 1)
    page.page.get_by_role("button", name="undo", exact=True).click()
    wait(lambda: [s.name for s in state.selections] == ["high tail", "low tail"])
    assert cards.count() == 2
    page.page.keyboard.press("Control+Shift+Z")
    wait(lambda: len(state.selections) == 1)
    page.page.keyboard.press("Control+Z")
    wait(lambda: len(state.selections) == 2)
    page.page.keyboard.press("l")
    wait(lambda: state.view.get("yscale") == "log")
    page.page.locator(".bk-tab", has_text="Focus").click()
    page.page.locator(".bk-Figure").first.wait_for()
    wait(lambda: "tab=Focus" in page.page.url)

    page.page.go_back()
    wait(lambda: state.tab == "Wall" and "tab=Wall" in page.page.url)
    assert state.view["yscale"] == "log"
    page.page.go_back()
    wait(lambda: state.view.get("yscale", "linear") == "linear")
    page.page.go_forward()
    wait(lambda: state.view.get("yscale") == "log")
    page.page.go_forward()
    wait(lambda: state.tab == "Focus")
    # Wherever it was done; and the button says what it would take back.
    page.page.get_by_title("undo: how the wall is drawn (Ctrl+Z)").click()
    wait(lambda: state.view.get("yscale", "linear") == "linear" and "view.yscale" not in page.page.url)
    assert page.page.get_by_title("nothing to undo (Ctrl+Z)").is_disabled()


def test_the_weights_stand_beside_what_follows_them_and_move_it_while_they_are_dragged(visit, dashboards):
    page = visit("toy")
    state = state_of(dashboards)
    root = page.page.locator(".ts-root")
    page.tab("Focus")
    page.page.locator(".ts-table.ts-numbers:visible").wait_for()
    expect(root.locator(".ts-main")).to_be_hidden()

    def place(w):
        return tuple(root.evaluate(f"e => Object.values(e.__tailscope.weightAt({w}))"))

    before, step = numbers_of(page)["high tail"], state.step
    page.page.mouse.move(*place(1.6))
    page.page.mouse.down()
    page.page.mouse.move(*place(1.8))
    page.page.mouse.move(*place(2.2), steps=4)
    # The hand is still down: what is shown follows, and no step is made of it.
    expect(page.page.locator(".ts-table.ts-numbers:visible")).not_to_contain_text(f"{before:,.6g}")
    assert numbers_of(page)["high tail"] < before
    assert (state.moving, state.step) == (True, step)
    page.page.mouse.up()
    for _ in range(100):
        if not state.moving and state.step != step:
            break
        page.page.wait_for_timeout(30)
    low = state.selections[0].low
    assert low == pytest.approx(2.2, rel=0.03)
    assert state.history.undoes == "changed high tail"
    page.page.wait_for_timeout(300)
    assert numbers_of(page)["high tail"] == np.sum(state.study.weights("reference") >= low)
    page.page.keyboard.press("Control+Z")
    expect(page.page.locator(".ts-table.ts-numbers:visible")).to_contain_text(f"{before:,.6g}")
    assert state.selections[0].low == 1.6
    for title, beside in (("Events", True), ("About", False), ("Notes", True)):
        page.tab(title)
        expect(root).to_be_visible(visible=beside)
    # In a narrow window there is no room beside it.
    page.page.set_viewport_size({"width": 900, "height": 700})
    expect(root).to_be_hidden()
