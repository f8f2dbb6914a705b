"""The wall in a real Chromium, served by Panel: what is painted equals numpy on the study."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import tailscope as ts
from helpers.pages import served
from helpers.wall_page import SAMPLES, WallPage, assert_painted, mask, shower_study
from tailscope.weights.auc import auc
from tailscope_dashboard.wall import Wall
from tailscope_dashboard.wall.payload import plain_selections

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
MODES = ("rows", "cube")


def odd_studies():
    """Name -> a study that is hard to draw."""
    rng = np.random.default_rng(1)

    def study(columns, log_w):
        def side(name, shift):
            table = {
                k: np.asarray(v, np.float32) + np.float32(shift * (k == "plain")) for k, v in columns.items()
            }
            return ts.Sample(name, np.arange(log_w.size, dtype=np.float32) + shift, table)

        return ts.Study.from_weights(side("a", 0), side("b", 0.5), log_w, log_w)

    n = 200
    plain = rng.normal(size=n)
    return {
        "constant": study(
            {"plain": plain, "flat": np.full(n, 3.0), "none": np.full(n, np.nan)}, rng.normal(size=n)
        ),
        "two": study({"plain": plain, "bit": plain > 0, "equal": np.zeros(n)}, np.zeros(n)),
        "infinite": study({"plain": plain, "x": np.where(plain > 0, np.inf, -np.inf)}, np.full(n, np.inf)),
        "single": study({"plain": [0.5]}, np.array([0.1])),
    }


@pytest.fixture(scope="module")
def study():
    return shower_study()


@pytest.fixture(scope="module")
def walls():
    """Name of a page -> its wall; the newest where it was opened more than once."""
    return {}


@pytest.fixture(scope="module")
def server(study, walls):
    def page(name, shown, **params):
        def make():
            walls[name] = Wall(shown, **params)
            return walls[name]

        return make

    hostile = ts.Study.from_weights(*_hostile_pair(), np.zeros(50), np.zeros(50), name=HOSTILE)
    walls["shared"] = Wall(study)
    pages = {
        "rows": page("rows", study),
        "cube": page("cube", study, most_rows=0),
        "dense": page("dense", study),
        "shared": lambda: walls["shared"],
        "hostile": page("hostile", hostile, selections=[plain(ts.Selection(name=HOSTILE, low=0.5))]),
        **{name: page(name, odd) for name, odd in odd_studies().items()},
    }
    with served(pages) as origin:
        yield origin


@pytest.fixture(scope="module")
def opened():
    """Pages that stay open from test to test: opening one takes longer than a test."""
    return {}


@pytest.fixture
def wall(server, browser, opened, walls, study, request):
    """Give a page as it is when it opens; it must not complain until the test is over."""
    used = []

    def get(name):
        if name not in opened:
            opened[name] = WallPage(browser, f"{server}/{name}")
        elif name in MODES:
            opened[name].reset(walls[name], plain_selections(study), request.node.nodeid)
        used.append(opened[name])
        return opened[name]

    yield get
    assert [page.complaints for page in used] == [[]] * len(used)


def plain(selection):
    return {**selection.to_dict(), "visible": True}


def _hostile_pair():
    rng = np.random.default_rng(0)
    label = rf"{HOSTILE}_{{{HOSTILE}}}"
    specs = (ts.Observable("x", label, HOSTILE), ts.Observable("y", "y_1"))
    for name in (HOSTILE, f"{HOSTILE} 2"):
        x = rng.normal(size=(50, 2)).astype(np.float32)
        yield ts.Sample(name, x, {"x": x[:, 0], "y": x[:, 1]}, specs)


@pytest.mark.parametrize("mode", MODES)
def test_at_rest_everything_equals_numpy(wall, walls, study, mode):
    page = wall(mode)
    assert_painted(page.painted(), study, walls[mode].selections)


@pytest.mark.parametrize("mode", MODES)
def test_a_dragged_weight_handle_paints_what_numpy_counts(wall, walls, study, mode):
    page = wall(mode)
    page.drag(page.weight(walls[mode].selections[0]["low"]), page.weight(0.8))
    painted = page.painted()
    assert painted["selections"][0]["low"] == pytest.approx(0.8, rel=0.02)
    assert_painted(painted, study, walls[mode].selections)


def test_what_is_under_the_pointer_moves_of_any_selection(wall, walls):
    """The low tail's edge is the low tail's, whichever selection is the active one; that one stays."""
    page = wall("rows")
    high, low = (dict(selection) for selection in walls["rows"].selections[:2])
    cards = page.root.locator(".ts-card")
    cards.first.locator(".ts-count").first.click()
    page.settle()
    assert cards.first.get_attribute("data-active") == "true"
    page.drag(page.weight(low["high"]), page.weight(0.45))
    page.settle()
    assert walls["rows"].selections[1]["high"] == pytest.approx(0.45, rel=0.02)
    assert walls["rows"].selections[1]["low"] is None
    assert walls["rows"].selections[0] == high
    assert cards.nth(1).get_attribute("data-active") == "true"


def test_every_field_takes_the_first_click(wall, walls):
    """A click into a field of another card makes that the active one, and typing goes into the field."""
    page = wall("rows")
    cards = page.root.locator(".ts-card")
    for number, name in ((0, "errors and all"), (cards.count() - 1, "leptons")):
        view = dict(walls["rows"].view)
        cards.nth(number).locator(".ts-name").click(click_count=3, delay=60)
        page.settle()
        page.page.keyboard.type(name)
        page.page.keyboard.press("Enter")
        page.settle()
        page.wait_for(lambda _, at=number, new=name: walls["rows"].selections[at]["name"] == new)
        assert cards.nth(number).get_attribute("data-active") == "true"
        assert walls["rows"].view == view  # no letter was taken for a key of the wall
    end = cards.first.locator("input[data-end=high]").first
    end.click()
    page.page.keyboard.press("Control+A")
    page.page.keyboard.type("3.5")
    page.page.keyboard.press("Enter")
    page.settle()
    assert walls["rows"].selections[0]["high"] == 3.5


def test_a_click_in_the_weight_plot_moves_nothing(wall, walls):
    page = wall("rows")
    before = [(s["low"], s["high"]) for s in walls["rows"].selections]
    for w in (0.3, 1.0, before[0][0], 2.2):
        page.drag(page.weight(w), page.weight(w))
        x, y = page.weight(w)
        page.drag((x, y), (x + 2, y))  # a hand is never quite still
        page.settle()
        assert [(s["low"], s["high"]) for s in walls["rows"].selections] == before
    # Beyond that it is a drag, of the active selection's nearer end.
    page.drag(page.weight(1.2), page.weight(0.9))
    page.settle()
    assert walls["rows"].selections[0]["low"] == pytest.approx(0.9, rel=0.02)


@pytest.mark.parametrize("mode", MODES)
def test_handles_snap_to_zero_and_infinity(wall, walls, study, mode):
    page = wall(mode)
    page.drag(page.weight(walls[mode].selections[0]["low"]), page.weight(0))
    painted = page.painted()
    assert (painted["selections"][0]["low"], painted["selections"][0]["high"]) == (None, None)
    assert painted["selections"][0]["totals"]["generated"]["n"] == len(study.generated)
    assert painted["selections"][0]["totals"]["generated"]["left"] == 8


@pytest.mark.parametrize("mode", MODES)
def test_a_brush_is_a_cut_and_its_own_panel_ignores_it(wall, walls, study, mode):
    page = wall(mode)
    # Fig. 5's orange: w > 1.6 and E_2 < 0.1 MeV; the first bin of E_2 ends at 0.1.
    page.brush("E_2", 0.0, 0.0015)
    page.type_end(0, "low", "1.6")
    box = page.card(0).locator(".ts-cut")
    assert box.count() <= 1
    page.brush("E_2", 0.3, -0.05)
    painted = page.painted()
    (cut,) = painted["selections"][0]["cuts"]
    assert cut["observable"] == "E_2"
    assert cut["low"] is None
    assert cut["high"] in study.observable("E_2").binning.edges
    assert_painted(painted, study, walls[mode].selections)
    field = page.card(0).locator(".ts-cut input[data-end=high]")
    field.fill("0.1")
    field.press("Enter")
    painted = page.painted()
    assert painted["selections"][0]["cuts"] == [{"observable": "E_2", "low": None, "high": 0.1}]
    assert_painted(painted, study, walls[mode].selections)
    orange = ts.Selection(low=1.6, cuts=(ts.Cut("E_2", high=0.1),))
    assert painted["selections"][0]["totals"]["reference"]["n"] == study.select("reference", orange).size


@pytest.mark.parametrize("mode", MODES)
def test_zeros_have_a_box_of_their_own_and_a_click_cuts_on_exactly_them(wall, walls, study, mode):
    page, edges = wall(mode), study.observable("f_2").binning.edges
    zeros = {sample: np.count_nonzero(study.sample(sample).observables["f_2"] == 0) for sample in SAMPLES}
    assert {sample: page.painted()[sample]["f_2"][0] for sample in SAMPLES} == zeros
    box = page.plot("f_2")
    at = (box["x"] - 11, box["y"] + box["h"] / 2)
    page.page.mouse.move(*at)
    tip = page.root.locator(".ts-tip")
    assert "exactly 0" in tip.inner_text()
    assert f"{100 * zeros['reference'] / 3000:.1f} %" in tip.inner_text()
    page.page.mouse.click(*at)
    painted = page.painted()
    shown = painted["selections"][painted["active"]]
    assert shown["cuts"] == [{"observable": "f_2", "low": None, "high": edges[0]}]
    assert_painted(painted, study, walls[mode].selections)
    events = study.sample(shown["sample"])
    selected = mask(study, shown["sample"], walls[mode].selections[painted["active"]])
    assert not events.observables["f_2"][selected].any()
    # All of them are zeros, and the box of another observable's panel shows them.
    page.page.mouse.move(1, 1)
    page.brush("f_2", 0.5, 0.9)
    painted = page.painted()
    cut = painted["selections"][painted["active"]]["cuts"][0]
    assert cut["low"] >= edges[0]
    page.brush("f_2", -0.2, 0.5)
    assert page.painted()["selections"][painted["active"]]["cuts"][0]["low"] is None
    assert_painted(page.painted(), study, walls[mode].selections)


@pytest.mark.parametrize("mode", MODES)
def test_weights_dragged_under_further_cuts(wall, walls, study, mode):
    page = wall(mode)
    page.brush("sparsity_0", 0.2, 0.7)
    page.brush("depth", 0.3, 1.1)
    page.drag(page.weight(walls[mode].selections[0]["low"]), page.weight(0.7), steps=25)
    painted = page.painted()
    assert len(painted["selections"][0]["cuts"]) == 2
    assert_painted(painted, study, walls[mode].selections)


@pytest.mark.parametrize("mode", MODES)
def test_a_cut_between_bin_edges_is_exact_at_rest(wall, walls, study, mode):
    page = wall(mode)
    page.brush("depth", 0.2, 0.8)
    field = page.card(0).locator(".ts-cut input[data-end=high]")
    field.fill("0.12345")
    field.press("Enter")
    painted = page.painted()
    assert painted["selections"][0]["cuts"][0]["high"] == 0.12345
    assert_painted(painted, study, walls[mode].selections)


@pytest.mark.parametrize("mode", MODES)
def test_six_selections_at_once(wall, walls, study, mode):
    page = wall(mode)
    for preset in ("low", "high", "all", "low"):
        page.root.locator(f"button[data-preset={preset}]").click()
    for number, (low, high) in enumerate(
        [("0.3", "0.9"), ("", "0.5"), ("1.1", "2"), ("0", "inf"), ("0.5", "0.6")], 1
    ):
        page.type_end(number, "low", low)
        page.type_end(number, "high", high)
    painted = page.painted()
    assert len({s["colour"] for s in painted["selections"]}) == 6
    assert len({s["name"] for s in painted["selections"]}) == 6
    assert_painted(painted, study, walls[mode].selections)
    page.card(1).get_by_label("duplicate").click()
    page.card(0).get_by_label("delete").click()
    page.card(0).get_by_label("hide").click()
    painted = page.painted()
    assert [s["visible"] for s in painted["selections"]] == [False, True, True, True, True, True]
    assert_painted(painted, study, walls[mode].selections)


@pytest.mark.parametrize("active", [0, 2])
def test_a_button_of_another_card_answers_a_press_as_long_as_a_persons(wall, active):
    """The pressed card becomes active, and one above it shrinks: but not under the pointer."""
    page = wall("rows")
    page.root.locator("button[data-preset=low]").click()
    for label, expected in (
        ("hide", lambda found: not found[1]["visible"]),
        ("duplicate", lambda found: len(found) == 4),
        ("delete", lambda found: len(found) == 3),
    ):
        page.card(active).locator(".ts-numbers").click(position={"x": 2, "y": 2})
        page.card(1).get_by_label(label, exact=True).click(delay=150)
        assert expected(page.painted()["selections"])


@pytest.mark.parametrize("mode", MODES)
def test_a_slice_applies_to_selections_and_backdrop(wall, walls, study, mode):
    page = wall(mode)
    page.root.get_by_label("slice", exact=True).select_option("E_inc")
    page.root.locator(".ts-slice .ts-segments button", has_text="10").click()
    painted = page.painted()
    slice_ = walls[mode].view["slice"]
    assert slice_["observable"] == "E_inc"
    assert painted["n"]["reference"] == (study.reference.observables["E_inc"] == 10).sum()
    assert_painted(painted, study, walls[mode].selections, slice_)
    page.root.get_by_label("slice", exact=True).select_option("depth")
    page.settle()
    thumb = page.root.locator(".ts-range[data-end=low]").bounding_box()
    start = thumb["x"] + 8, thumb["y"] + 12
    page.drag(start, (start[0] + 60, start[1]))
    painted = page.painted()
    slice_ = walls[mode].view["slice"]
    assert slice_["low"] is not None
    assert_painted(painted, study, walls[mode].selections, slice_)
    # Every number is one of the slice, and says so.
    everything = {"low": None, "high": None, "cuts": []}
    inside = {s: mask(study, s, everything, slice_) for s in SAMPLES}
    for s in SAMPLES:
        totals = painted["selections"][0]["totals"][s]
        assert totals["fraction"] == pytest.approx(totals["n"] / inside[s].sum())
    ref, gen = (study.sample(s).log_w[inside[s]] for s in SAMPLES)
    assert painted["auc"]["value"] == pytest.approx(auc(ref, gen))
    null = np.sqrt((ref.size + gen.size + 1) / (ref.size * gen.size) / (6001 / 9e6))
    assert painted["auc"]["error"] == pytest.approx(study.auc_error() * null)
    assert page.root.locator(".ts-auc").inner_text().endswith(", slice")
    assert page.root.locator(".ts-columns").get_by_text("of the slice").is_visible()


def test_a_typed_weight_is_taken_as_typed_and_an_inverted_one_refused(wall, walls):
    page = wall("rows")
    page.type_end(0, "low", "1.23456789")
    page.settle()
    assert walls["rows"].selections[0]["low"] == 1.23456789
    for end, text, word in (
        ("high", "1e-3", "above"),
        ("low", "ten", "not a number"),
        ("low", "-2", "never negative"),
    ):
        page.type_end(0, end, text)
        page.settle()
        assert word in page.root.get_by_role("alert").inner_text()
        assert (walls["rows"].selections[0]["low"], walls["rows"].selections[0]["high"]) == (1.23456789, None)


def test_every_pixel_of_a_dense_screen_is_used(browser, server, walls, study):
    page = WallPage(browser, f"{server}/dense", device_scale_factor=2)
    canvas = page.root.locator(".ts-wall canvas").last
    box = canvas.bounding_box()
    assert canvas.evaluate("c => [c.width, c.height]") == [2 * box["width"], 2 * box["height"]]
    page.drag(page.weight(1.6), page.weight(0.8))
    assert_painted(page.painted(), study, walls["dense"].selections)
    assert page.complaints == []
    page.close()


def test_an_empty_selection_is_drawn(wall, walls, study):
    page = wall("rows")
    page.type_end(0, "high", "1.6")
    painted = page.painted()
    assert painted["selections"][0]["totals"]["generated"]["n"] == 0
    assert_painted(painted, study, walls["rows"].selections)


def test_the_sample_can_be_toggled(wall, walls, study):
    page = wall("rows")
    page.card(0).locator("button[data-sample=generated]").click()
    painted = page.painted()
    assert painted["selections"][0]["sample"] == "generated"
    assert_painted(painted, study, walls["rows"].selections)


def test_python_and_page_hold_one_state(wall, walls, study):
    page = wall("cube")
    walls["cube"].push(selections=[plain(ts.Selection(low=0.5, high=2, name="core"))])
    painted = page.wait_for(lambda p: len(p["selections"]) == 1)
    assert_painted(painted, study, walls["cube"].selections)
    # A cut on something this study does not have is marked, and the rest of the page goes on.
    unknown = plain(ts.Selection(cuts=(ts.Cut("nothing", high=1.0),), name="lost"))
    walls["cube"].push(selections=[*walls["cube"].selections, unknown], view={"yscale": "log"})
    page.root.locator(".ts-card").nth(1).locator(".ts-unknown").wait_for()
    page.settle()
    page.card(0).get_by_label("delete").click()
    page.settle()
    assert [s["name"] for s in walls["cube"].selections] == ["lost"]


def test_keys(wall, walls, study):
    page = wall("rows")
    press = page.page.keyboard.press
    low = walls["rows"].selections[0]["low"]
    page.root.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Shift+ArrowLeft", "l", "d"):
        press(key)
    page.page.wait_for_timeout(400)
    painted = page.painted()
    assert walls["rows"].selections[0]["low"] > low
    assert (walls["rows"].view["yscale"], walls["rows"].view["density"]) == ("log", False)
    assert_painted(painted, study, walls["rows"].selections)
    # At rest a screen reader is told where the cut is now, and what it holds.
    told = page.root.get_by_role("status")
    expect(told).to_have_text(
        re.compile(r"^high tail, lower end of w [\d.]+: [\d,]+ reference, [\d,]+ generated")
    )
    press("n")
    page.settle()
    assert walls["rows"].active == 1
    expect(told).to_have_text(re.compile("^low tail, upper end of w "))
    press("p")
    page.settle()
    assert walls["rows"].active == 0
    press("?")
    keys = page.root.get_by_role("dialog")
    assert keys.is_visible()
    expect(keys.get_by_role("button", name="close")).to_be_focused()
    press("Escape")
    assert not keys.is_visible()
    expect(page.root).to_be_focused()
    press("Tab")  # leaves the selections as they are
    expect(page.root).not_to_be_focused()
    assert walls["rows"].active == 0
    press("/")
    page.page.keyboard.type("brightest")
    page.page.wait_for_timeout(100)
    assert page.plot("E_1") is None
    assert page.plot("brightest_2") is not None


def test_a_click_on_a_title_asks_for_the_observable(wall, walls):
    page = wall("rows")
    box = page.plot("sparsity_0")
    page.page.mouse.click(box["x"] + 20, box["y"] - 10)
    page.settle()
    page.page.wait_for_timeout(200)
    assert walls["rows"].focus == "sparsity_0"


def test_two_views_of_one_wall_stay_together(wall, server, browser, walls, study):
    first = wall("shared")
    second = WallPage(browser, f"{server}/shared")
    shared = walls["shared"]
    first.type_end(0, "low", "1.3")
    painted = second.wait_for(lambda p: p["selections"][0]["low"] == 1.3)
    assert_painted(painted, study, shared.selections)
    second.brush("depth", 0.2, 0.7)
    painted = first.wait_for(lambda p: p["selections"][0]["cuts"])
    assert_painted(painted, study, shared.selections)
    shared.push(selections=[plain(ts.Selection(low=2.0, name="from Python"))])
    for page in (first, second):
        page.wait_for(lambda p: [s["name"] for s in p["selections"]] == ["from Python"])
    assert second.complaints == []
    second.close()


def test_names_are_text_and_never_markup(wall):
    page = wall("hostile")
    page.root.locator("button[data-preset=low]").click()
    name = page.card(0).get_by_label("name of the selection")
    name.fill(HOSTILE * 2)
    name.press("Enter")
    page.root.locator("select.ts-adder").select_option("x")
    page.root.get_by_label("slice", exact=True).select_option("x")
    box = page.plot("x")
    for y in (-10, 20):
        page.page.mouse.move(box["x"] + 30, box["y"] + y)
        page.page.wait_for_timeout(100)
    weight = page.weight(1.0)
    page.page.mouse.move(*weight)
    page.settle()
    assert page.root.locator("img").count() == 0
    assert not page.complaints


@pytest.mark.parametrize("name", ["constant", "two", "infinite", "single"])
def test_hard_to_draw(wall, walls, name):
    page = wall(name)
    page.root.locator("button[data-preset=low]").click()
    for key in ("l", "d", "e", "r"):
        page.root.focus()
        page.page.keyboard.press(key)
    page.root.get_by_text("reweighted").first.click()
    page.brush("plain", 0.2, 0.6)
    page.drag(page.weight(1.0), page.weight(0))
    assert_painted(page.painted(), walls[name].study, walls[name].selections)
    colours = page.root.locator(".ts-wall canvas").first.evaluate(
        "c => { const image = c.getContext('2d').getImageData(0, 0, c.width, c.height);"
        " return new Set(new Uint32Array(image.data.buffer)).size; }"
    )
    assert colours > 20


@pytest.mark.parametrize("mode", MODES)
def test_fifty_random_steps(wall, walls, study, mode):
    page = wall(mode)
    rng = np.random.default_rng(7)
    names = [o.name for o in study.observables]
    mouse = page.page.mouse

    def step():
        kind = rng.integers(10)
        name = str(rng.choice(names))
        if kind <= 2:
            page.brush(name, *rng.uniform(-0.1, 1.1, 2))
        elif kind <= 4:
            page.drag(page.weight(rng.uniform(0.3, 2)), page.weight(rng.uniform(0.3, 2)), steps=5)
        elif kind == 5:
            page.root.focus()
            key = rng.choice(
                ["Tab", "ArrowLeft", "ArrowRight", "ArrowUp", "l", "d", "e", "r", "Delete", "?", "?"]
            )
            page.page.keyboard.press(str(key))
        elif kind == 6:
            page.root.locator(f"button[data-preset={rng.choice(['low', 'high', 'all'])}]").click()
        elif kind == 7 and page.root.locator(".ts-card").count() > 1:
            card = page.card(int(rng.integers(page.root.locator(".ts-card").count())))
            card.get_by_label(str(rng.choice(["delete", "duplicate"]))).click()
        elif kind == 8:
            box = page.plot(name)
            mouse.dblclick(box["x"] + 40, box["y"] + 40)
        else:
            page.root.get_by_label("slice", exact=True).select_option(str(rng.choice(["", *names])))

    for _ in range(50):
        step()
    if page.root.get_by_role("dialog").is_visible():
        page.page.keyboard.press("Escape")
    assert_painted(page.painted(), study, walls[mode].selections, walls[mode].view.get("slice"))


def test_what_differs_most_stands_first_once_the_hand_is_still(wall, walls):
    page = wall("rows")

    def order():
        page.settle()
        return page.root.evaluate("e => e.__tailscope.order()")

    def largest_first():
        different = page.painted()["different"]
        return different, sorted(different, key=lambda name: -different[name]["value"])

    # Half of the high tail are soft showers: E_2 and f_2 are 0 there, and they are sparse.
    different, expected = largest_first()
    assert order()[:4] == expected[:4]
    assert {"E_2", "f_2", "sparsity_0", "E_1"} <= set(order()[:5])
    assert (different["E_2"]["seen"], different["depth"]["seen"]) == (True, False)
    # The hand is on a histogram: every panel stays where it is, though the numbers are others.
    before = order()
    page.brush("sparsity_0", 0.6, 0.9)
    after, now_expected = largest_first()
    assert (order(), now_expected != before, after != different) == (before, True, True)
    # Another range in w is another question.
    page.type_end(0, "low", "0.9")
    assert order()[:3] == largest_first()[1][:3]
    page.root.get_by_label("order").select_option("original")
    assert order()[:3] == ["E_1", "E_2", "sparsity_0"]


def test_the_axis_of_w_is_chosen_and_zoomed_and_a_handle_is_where_its_weight_is(wall, walls, study):
    page = wall("rows")
    state = walls["rows"]
    for axis in ("linear", "log", "body"):
        page.root.get_by_label("axis of w").select_option(axis)
        page.settle()
        page.drag(page.weight(1.6), page.weight(1.25))
        painted = page.painted()
        assert painted["selections"][0]["low"] == pytest.approx(1.25, rel=0.02), axis
        assert_painted(painted, study, state.selections)
        page.type_end(0, "low", "1.6")
    x, y = page.weight(1.0)
    page.page.mouse.move(x, y)
    for _ in range(12):
        page.page.mouse.wheel(0, -200)
    page.page.wait_for_timeout(400)
    zoom = state.view["weight_zoom"]
    assert zoom["low"] < 1 < zoom["high"] < zoom["low"] * 1.1
    # A pixel is worth less than before.
    page.type_end(0, "low", "1.001")
    page.drag(page.weight(1.001), page.weight(1.002))
    assert page.painted()["selections"][0]["low"] == pytest.approx(1.002, abs=2e-4)
    page.page.mouse.dblclick(x, y - 40)
    page.page.wait_for_timeout(400)
    assert state.view["weight_zoom"] is None


def test_meeting_mode_is_large_fills_the_window_and_can_be_used(wall, walls, study):
    page = wall("rows")
    state = walls["rows"]
    plain_width = page.plot("E_1")["w"]
    page.root.focus()
    page.page.keyboard.press("m")
    page.settle()
    box = page.root.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == pytest.approx((0, 0, 1280, 720), abs=2)
    assert page.plot("E_1")["w"] > 1.3 * plain_width
    assert not page.root.locator(".ts-search").is_visible()
    # Handles and histograms are where they look, though everything is zoomed.
    page.drag(page.weight(1.6), page.weight(1.2))
    assert page.painted()["selections"][0]["low"] == pytest.approx(1.2, rel=0.02)
    page.brush("depth", 0.25, 0.75)
    painted = page.painted()
    (cut,) = painted["selections"][0]["cuts"]
    edges = study.observable("depth").binning.edges
    assert [cut["low"], cut["high"]] == pytest.approx(
        np.quantile(edges, [0.25, 0.75]).tolist(), abs=edges[1] - edges[0]
    )
    assert_painted(painted, study, state.selections)
    for key, active in (("ArrowRight", 1), ("ArrowRight", 0), ("ArrowLeft", 1)):
        page.page.keyboard.press(key)
        page.settle()
        assert state.active == active
    assert page.root.locator(".ts-card:visible").count() == 1
    page.page.keyboard.press("Escape")
    page.settle()
    assert page.root.locator(".ts-search").is_visible()
    assert page.plot("E_1")["w"] == pytest.approx(plain_width, abs=1)
