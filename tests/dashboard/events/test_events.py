"""The tab Events: its pictures hold what the file holds, and in a real Chromium it can be walked through."""

from __future__ import annotations

import re
import threading
import time

import h5py
import numpy as np
import pytest

import tailscope as ts
from helpers.kinds import KINDS
from helpers.pages import HOSTILE, Visit, hostile_study, served
from helpers.places import DATA
from helpers.shown import study_of_kind, weighted
from helpers.toys import exact_study
from tailscope.looking.picking import ordered
from tailscope_dashboard import Dashboard
from tailscope_dashboard.events import Events, work
from tailscope_dashboard.events.choice import choice_of
from tailscope_dashboard.events.pictures import LARGEST, common_scale, drawn_radii, energy_text
from tailscope_dashboard.events.shown import quantile
from tailscope_dashboard.events.values import number, weight
from tailscope_dashboard.events.work import Worker
from tailscope_dashboard.parts.table import SortedTable
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.state.permalink import follow, link_of
from tailscope_dashboard.state.state import State

TABS = ("Wall", "Events")
SOURCES = """() => {
  const found = [];
  for (const root of Bokeh.documents.flatMap((d) => d.roots()))
    for (const source of root.references())
      if (source.type === "ColumnDataSource" && source.data.E && source.data.left)
        found.push(Object.fromEntries(Object.entries(source.data).map(([k, v]) => [k, Array.from(v)])));
  return found;
}"""


def shown(study, **event):
    """The tab of a study, refreshed; files are read in a thread, which is waited for."""
    state = State([study])
    view = Events(state)
    view.content()
    state.event = event
    waited(view)
    return view


def waited(view):
    """Refresh, and wait until nothing is read any more and nothing waits to be."""
    view.refresh()
    for _ in range(6000):
        if view.worker.is_idle:
            break
        time.sleep(0.01)
    assert view.worker.is_idle
    assert view.shown is not None
    return view


def cells(source):
    """(left, bottom) -> E of the cells of an image that are drawn."""
    return {
        (left, low): e for left, low, e in zip(source["left"], source["bottom"], source["E"], strict=True)
    }


def voxels_of(path):
    """The layers of a file; read before a server has it open too."""
    with h5py.File(path) as file:
        return [file[f"layer_{i}"][:1500] for i in range(3)]


def expected_cells(voxels, event):
    """(left, bottom) -> E from the file, layer by layer."""
    for layer in voxels:
        values = layer[event]
        phi, eta = (np.linspace(-240, 240, n + 1) for n in values.shape)
        row, column = np.nonzero(values)
        yield dict(zip(zip(eta[column], phi[row], strict=True), map(float, values[row, column]), strict=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["event", "average"])
def test_every_kind_of_study_has_this_tab(tmp_path, kind, mode):
    view = shown(study_of_kind(tmp_path, kind, 120), mode=mode)
    pictured = kind not in {"table", "old dimuon"}
    assert (view.gallery is not None) == pictured
    assert bool(view.problems.object) != pictured or kind == "calochallenge"
    assert len(view.table.rows) == view.shown.rows.size > 0


def test_pictures_hold_the_voxels_of_the_file(tmp_path):
    study = study_of_kind(tmp_path, "calogan")
    view = shown(study, selection=1)
    found = view.shown
    assert found.choice.sample == "generated"  # a low tail is read off the generated sample
    tail = view.state.selections[1]
    np.testing.assert_array_equal(found.rows, ordered(study, "generated", tail, "outermost"))
    for picture, path, event in zip(
        view.gallery.pictures,
        (tmp_path / "generated.h5", tmp_path / "reference.h5"),
        (found.event, found.nearest.event),
        strict=True,
    ):
        for source, wanted in zip(picture.sources, expected_cells(voxels_of(path), event), strict=True):
            assert cells(source.data) == wanted
    heading = view.gallery.headings[0].object
    assert f"generated event {found.event:,}" in heading
    assert weight(float(study.log_weights("generated")[found.event])) in heading


@pytest.mark.parametrize("kind", ["zjets", "dimuon"])
def test_particles_at_either_end_of_the_azimuth_are_seen_whole(tmp_path, kind):
    plot = shown(study_of_kind(tmp_path, kind, 120)).gallery.pictures[0].plots[0]
    drawn = plot.y_range.end - plot.y_range.start
    assert plot.y_range.start == -plot.y_range.end
    assert (plot.y_range.end - np.pi) / drawn * 400 > LARGEST / 2  # pixels, in a window of 1280 x 720
    assert plot.yaxis.ticker.ticks[-1] == np.pi


def test_new_pictures_are_fed_before_they_are_placed(tmp_path):
    """What is placed may reach the browser after what is fed to it later, which would then be lost."""
    view = Events(State([study_of_kind(tmp_path, "calogan")]))
    view.content()
    placed = []

    def sizes(event):
        del event
        sources = [source for picture in view.gallery.pictures for source in picture.sources]
        placed.append([len(source.data["E"]) for source in sources])

    view.pictures.param.watch(sizes, "objects")
    waited(view)
    view.state.event = {"mode": "average"}
    waited(view)
    assert [len(found) for found in placed] == [6, 9]
    assert all(sum(found[i : i + 3]) > 0 for found in placed for i in range(0, len(found), 3))


def test_averages_and_their_ratio_are_cell_by_cell(tmp_path):
    study = study_of_kind(tmp_path, "calogan")
    view = shown(study, mode="average", selection=0, against="generated")
    rows = study.select("reference", view.state.selections[0])
    pairs = view.shown.matched
    with h5py.File(tmp_path / "reference.h5") as file:
        mean = file["layer_1"][()][pairs.own].mean(axis=0, dtype=np.float64)
    with h5py.File(tmp_path / "generated.h5") as file:
        whole = np.average(file["layer_1"][()][pairs.partners], axis=0, weights=pairs.weights)
    got = view.shown.ratio.images[1].values[0]
    np.testing.assert_allclose(
        got, np.divide(mean, whole, out=np.zeros(mean.shape), where=whole > 0), rtol=1e-6
    )
    total = f"layer 1: {mean.sum() / whole.sum():.3g}"
    assert view.gallery.pictures[2].plots[1].title.text == total
    assert pairs.own.size + pairs.alone.size == rows.size
    counted = f"{pairs.own.size:,} of {rows.size:,}" if pairs.alone.size else f"{rows.size:,}"
    assert f"mean of {counted} events" in view.gallery.headings[0].object
    assert f"worth {pairs.effective:,.0f}" in view.gallery.headings[1].object
    assert "Compared at equal incident energies" in view.compared.object
    assert len(view.profiles) == 2


def test_where_generators_are_given_nothing_all_events_are_the_backdrop(tmp_path):
    view = shown(study_of_kind(tmp_path, "jets", 120), mode="average", selection=0, against="generated")
    assert view.shown.matched is None
    assert "given nothing: compared with all generated events" in view.compared.object
    assert "all generated events" in view.gallery.headings[1].object
    assert len(view.profiles) == 0


def test_where_no_energy_is_near_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("tailscope.looking.matching.NEAR", -1.0)
    view = shown(study_of_kind(tmp_path, "calogan", 120), mode="average", selection=0, against="generated")
    assert view.shown.matched is None
    assert "No generated event has an incident energy within" in view.compared.object


def test_a_missing_file_is_said_and_values_are_shown_all_the_same(tmp_path):
    study = study_of_kind(tmp_path, "calogan")
    (tmp_path / "generated.h5").rename(tmp_path / "moved.h5")
    view = shown(study, selection=1)
    assert "Generated.h5 (generated events" in view.problems.object
    assert "--events FILE_OR_FOLDER" in view.problems.object
    assert str(tmp_path) not in view.problems.object
    assert view.shown.drawing is None
    assert view.shown.nearest_drawing is not None  # that file is there
    assert f"{study.generated.observables['E_1'][view.shown.event]:.4g}" in view.values.object
    state = State([study], places=(tmp_path,))
    again = Events(state)
    again.content()
    state.event = {"selection": 1}
    assert waited(again).shown.drawing is not None


def test_a_choice_is_in_the_link_and_nonsense_is_not_followed():
    study = exact_study(300)
    state = State([study])
    state.event = {
        "selection": 1,
        "sample": "reference",
        "order": "random",
        "seed": 7,
        "row": 33,
        "mode": "average",
    }
    state.tab = "Events"
    new = State([study])
    follow(new, link_of(state), TABS)
    assert new.event == state.event
    assert new.note == ""
    for wrong in (
        "event.order=best",
        "event.row=999999",
        "event.seed=-3",
        "event.selection=9",
        "event.mode=x",
    ):
        other = State([study])
        follow(other, f"v=2&{wrong}", TABS)
        choice = choice_of(other)
        assert choice.rows.size > 0
        assert choice.asked is None
    follow(new, "v=2&event.row=x&event.whale=1", TABS)
    assert "event.row" not in new.note
    assert "row=x of the tab Events is not understood" in new.note


def test_another_study_begins_with_its_first_event():
    first, second = exact_study(300), exact_study(50, seed=1)
    state = State([first, second])
    state.event = {"row": 290, "order": "random"}
    state.show(second)
    assert state.event == {"order": "random"}


def test_the_tab_alone_follows_the_dashboard_it_was_taken_from(tmp_path):
    dashboard = Dashboard(study_of_kind(tmp_path, "calogan"), events=[tmp_path])
    single = dashboard.view("Events")
    waited(single.view)
    dashboard.state.event = {"row": 17, "sample": "generated"}
    assert waited(single.view).shown.event == 17
    assert dashboard.state.places == (tmp_path,)


def test_scales_are_common_and_round():
    rng = np.random.default_rng(0)
    from tailscope.sample.drawing import Axis, Drawing, Grid

    def drawing(values):
        edges = np.arange(3.0)
        return Drawing((Grid("", "", Axis("x"), Axis("y"), edges, edges, np.array(values)[None]),))

    assert common_scale([drawing([[0, 3.1], [0.002, 0]]), drawing([[0, 0], [0, 41]])]) == (0.001, 50)
    assert common_scale([drawing([[0, 1e6], [1e-9, 0]])]) == (pytest.approx(1e-2), 1e6)
    assert common_scale([drawing(np.zeros((2, 2)))]) == (1e-3, 1)
    low, high = common_scale([drawing(np.full((2, 2), 10.0))])
    assert low < high
    assert drawn_radii(np.array([0, 1, 2, 4.0])).tolist() == [0, 0.25, 0.5, 1]
    assert drawn_radii(np.array([0, 1, 2, 400.0])).tolist() == [0, 1 / 3, 2 / 3, 1]
    assert [energy_text(e, "MeV") for e in (0, 2e-4, 0.02, 45, 1230, 4e6)] == [
        "0 MeV", "200 eV", "20 keV", "45 MeV", "1.23 GeV", "4 TeV",
    ]  # fmt: skip
    assert [weight(x) for x in (-np.inf, np.inf, 0.0, 1000.0)] == ["0", "∞", "1", "10^434"]
    assert number(float("nan")) == "–"
    study = exact_study(2000)
    column = study.reference.observables["x0"]
    for value in rng.normal(size=5):
        assert quantile(study, "x0", value) == pytest.approx(np.mean(column < value), abs=0.05)


def test_of_jobs_that_wait_only_the_newest_is_done():
    began, go_on = threading.Event(), threading.Event()
    done, said = [], []

    def slow(say):
        began.set()
        assert go_on.wait(30)
        say("half way")  # somebody else waits by now: this job ends here
        return "slow"

    worker = Worker(said.append, done.append)
    worker.ask(slow, done.append)
    assert began.wait(30)
    assert said == ["reading …"]
    finished = threading.Event()
    for name in ("skipped", "newest"):
        worker.ask(lambda say, name=name: name, lambda result: (done.append(result), finished.set()))
    go_on.set()
    assert finished.wait(30)
    assert done == ["newest"]
    worker.ask(lambda say: 1 / 0, done.append)
    assert re.match(r"Something went wrong \(reference \w{6}\)", done[-1])


def test_a_table_lets_others_wait_until_a_browser_has_drawn_it():
    table, done = SortedTable(), []
    table.when_drawn(lambda: done.append("first"))
    table._handle_msg({"hello": False})  # noqa: SLF001 - as Panel does for a browser
    assert done == []
    table._handle_msg({"hello": True})  # noqa: SLF001 - as Panel does for a browser
    table.when_drawn(lambda: done.append("second"))
    table._handle_msg({"hello": True})  # noqa: SLF001 - as Panel does for a browser
    assert done == ["first", "second"]


@pytest.fixture(scope="module")
def photons():
    """Studies of bundled photon showers: the weights grow with E_2."""
    sides = [ts.load(DATA / f"photons_{role}.hdf5", max_events=1500) for role in ("reference", "generated")]
    return weighted(*sides, name="photons")


@pytest.fixture(scope="module")
def server(photons, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gone")
    gone = study_of_kind(folder, "calogan")
    for path in folder.iterdir():
        path.unlink()
    prepare_panel()
    pages = {"photons": photons, "gone": gone, "hostile": hostile_study()}
    with served({name: lambda s=study: Dashboard(s).__panel__() for name, study in pages.items()}) as origin:
        yield origin


def heading(page):
    return page.page.locator("text=/^(reference|generated) event/").first.inner_text()


@pytest.mark.browser
def test_walking_through_the_photons(server, browser, photons):
    voxels = voxels_of(DATA / "photons_reference.hdf5")
    page = Visit(browser, f"{server}/photons")
    page.tab("Events")
    page.page.locator("text=/^reference event/").wait_for(timeout=30_000)
    tail = State([photons]).selections[0]
    rows = ordered(photons, "reference", tail, "outermost")

    def follows(event):
        """Title and picture are those of the event; both come when its file has been read."""
        layers = list(expected_cells(voxels, int(event)))
        for _ in range(300):
            drawn = [cells(source) for source in page.page.evaluate(SOURCES)]
            if heading(page) == f"reference event {event:,}" and all(layer in drawn for layer in layers):
                return
            page.page.wait_for_timeout(100)
        raise AssertionError(f"{heading(page)} instead of {event:,}, or other voxels")

    follows(rows[0])
    page.page.get_by_role("button", name="▶").click()
    follows(rows[1])
    page.page.locator("tr", has_text=f"{rows[4]:,}").first.click()
    follows(rows[4])
    page.page.locator("tr[aria-selected=true]", has_text=f"{rows[4]:,}").wait_for()
    page.page.get_by_role("button", name="◀").click()
    follows(rows[3])
    page.page.get_by_role("button", name="average").click()
    page.page.locator("text=selection over these").wait_for(timeout=30_000)
    page.page.locator("text=/mean of .* events/").first.wait_for()
    assert page.complaints == []
    assert page.strangers == []
    page.close()


@pytest.mark.browser
def test_pictures_that_come_late_are_whole(server, browser, photons, monkeypatch):
    """A file that takes its time: what is drawn then reaches a tab that the browser is still building."""
    monkeypatch.setattr(work, "PATIENCE", 0.0)
    event = int(ordered(photons, "reference", State([photons]).selections[0], "outermost")[0])
    layers = list(expected_cells(voxels_of(DATA / "photons_reference.hdf5"), event))
    page = Visit(browser, f"{server}/photons")
    page.tab("Events")
    page.page.locator("text=/^reference event/").wait_for(timeout=30_000)
    page.page.wait_for_function(f"() => ({SOURCES})().length >= 6", timeout=30_000)
    drawn = [cells(source) for source in page.page.evaluate(SOURCES)]
    assert all(layer in drawn for layer in layers)
    assert page.complaints == []
    page.close()


@pytest.mark.browser
def test_without_the_file_the_page_says_what_to_do(server, browser):
    page = Visit(browser, f"{server}/gone")
    page.tab("Events")
    page.page.get_by_text("Reference.h5 (reference events").wait_for(timeout=30_000)
    page.page.get_by_text("tailscope bundle STUDY").first.wait_for()
    page.page.locator("td", has_text="E_tot_over_E_inc").wait_for()
    assert page.page.locator("table[aria-label=events] tbody tr").count() > 5
    assert page.page.locator(".bk-Figure:visible").count() == 0
    assert page.complaints == []
    page.close()


@pytest.mark.browser
def test_hostile_names_stay_text(server, browser):
    page = Visit(browser, f"{server}/hostile")
    page.tab("Events")
    page.page.locator("table[aria-label=events] th", has_text=HOSTILE + "a").wait_for()
    page.page.locator("td", has_text=HOSTILE + "a").first.wait_for()
    assert page.ran() is None
    assert page.complaints == []
    page.close()
