"""What the page saves, in a real Chromium: files arrive and hold what was on the screen."""

import io
import json

import h5py
import numpy as np
import pytest
from pypdf import PdfReader

import tailscope as ts
from helpers.pages import Visit, served
from helpers.toys import exact_study
from tailscope_dashboard import Dashboard
from tailscope_dashboard.figures import Choice
from tailscope_dashboard.parts.saving import MOST_BYTES, Shown, answer
from tailscope_dashboard.server.serve import prepare_panel

STUDY = exact_study(3000, name="toy")


@pytest.fixture(scope="module")
def server():
    prepare_panel()
    with served({"toy": lambda: Dashboard(STUDY).__panel__()}) as origin:
        yield origin


@pytest.fixture
def visit(server, browser):
    page = Visit(browser, f"{server}/toy")
    yield page
    assert page.complaints == []
    assert page.strangers == []
    page.close()


def saved(visit, name):
    """The name and the bytes of the file that a button of an open menu saves."""
    with visit.page.expect_download(timeout=60_000) as download:
        visit.page.get_by_role("button", name=name, exact=True).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


@pytest.mark.browser
def test_the_wall_saves_figures_and_the_events_of_the_active_selection(visit):
    page = visit.tab("Wall").page
    field = page.locator(".ts-card").nth(0).locator("input[data-end=low]")
    field.fill("2.25")
    field.press("Enter")
    page.get_by_role("button", name="save ▾").click()
    name, pdf = saved(visit, "weights w: PDF")
    assert name == "w.pdf"
    text = "".join("".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages).split())
    assert "hightail:" in text
    assert "2.25" in text
    rows = np.flatnonzero(STUDY.weights("reference") >= 2.25)
    name, table = saved(visit, "rows, weights, observables: HDF5")
    assert name == "high_tail.h5"
    with h5py.File(io.BytesIO(table)) as file:
        np.testing.assert_array_equal(file["row"], rows)
        np.testing.assert_array_equal(file["observables"]["x3"], STUDY.reference.observables["x3"][rows])
        assert json.loads(file.attrs["tailscope"])["digest"] == STUDY.digest
    _, table = saved(visit, "rows, weights, observables: CSV")
    assert len(table.splitlines()) == 2 + rows.size
    # These events were arrays: there is no file to copy from, and the menu says so.
    page.get_by_role("button", name="as in the original file: copy").click()
    page.locator(".ts-save-said").get_by_text("given as arrays").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator(".ts-save-box").first.is_visible()


@pytest.mark.browser
def test_the_focus_saves_its_figure_with_its_bins_and_says_the_python(visit):
    page = visit.tab("Focus").page
    bins = page.locator("input[type=text]:visible").first
    bins.fill("7")
    bins.press("Enter")
    page.get_by_role("button", name="events", exact=True).click()
    page.get_by_role("button", name="figure ▾").click()
    name, data = saved(visit, "numbers, Python: JSON")
    assert name == "x0.json"
    shown = json.loads(data)["x0/reference"]
    assert len(shown["axes"][0]["edges"]) == 8
    assert sum(shown["storage"]["values"]) == 3000
    name, svg = saved(visit, "for a paper or a talk: SVG")
    assert name == "x0.svg"
    assert b"events per bin" in svg
    page.get_by_role("button", name="numbers, Python: Python").click()
    code = page.locator(".ts-save-code:visible")
    code.get_by_text("savefig").wait_for(timeout=20_000)
    compile(code.inner_text(), "shown", "exec")
    assert "density=False" in code.inner_text()
    assert "This study was never saved" in code.inner_text()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"what": "everything"}, "nothing that can be saved"),
        ({"what": "figure", "names": ["gone"], "format": "pdf"}, "no observable 'gone'"),
        ({"what": "figure", "names": ["x0"], "format": "exe"}, "not written as exe"),
        ({"what": "events", "format": "csv", "selection": {"low": 1e9}}, "holds no event"),
        ({"what": "events", "format": "csv", "selection": {"low": 2, "high": 1}}, "inverted"),
    ],
)
def test_what_cannot_be_saved_is_a_sentence(data, sentence):
    said = answer(data | {"token": "t"}, Shown(STUDY, Choice(), ["x0"]))
    assert sentence in said["sentence"]
    assert said["token"] == "t"


def test_too_many_events_for_a_browser_are_refused_before_they_are_written(monkeypatch):
    monkeypatch.setattr("tailscope_dashboard.parts.saving.MOST_BYTES", 1000)
    data = {"token": "t", "what": "events", "format": "csv", "selection": ts.Selection(low=0.5).to_dict()}
    said = answer(data, Shown(STUDY, Choice(), ["x0"]))
    assert "too much for a browser; `tailscope export` writes them" in said["sentence"]
    assert MOST_BYTES > 1000
