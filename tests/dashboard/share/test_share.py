"""The static page, opened from disk in a Chromium without a network."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import tailscope as ts
from helpers.axe import faults
from helpers.pages import HOSTILE, hostile_study
from helpers.toys import exact_study
from helpers.wall_page import assert_painted, shower_study
from tailscope.errors import StudyError
from tailscope.study import notes
from tailscope_dashboard.cli import app
from tailscope_dashboard.share import page_of, write_page
from tailscope_dashboard.share.button import file_name
from tailscope_dashboard.share.opening import opening_of
from tailscope_dashboard.state.permalink import link_of
from tailscope_dashboard.state.state import State
from tailscope_dashboard.wall.payload import plain_selections


class StaticPage:
    """A page from disk; every request beside the file itself, every error and every dialog is a complaint."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type == "error" else None
        )
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.complaints.append(request.url))
        self.page.goto(path.as_uri())
        self.complaints.remove(path.as_uri())
        self.root = self.page.locator(".ts-root")
        self.root.locator("canvas").first.wait_for()

    def painted(self):
        self.page.wait_for_timeout(300)  # some frames
        return self.root.evaluate("e => e.__tailscope.painted()")

    def drag_weight(self, start, stop):
        ends = [self.root.evaluate("(e, w) => e.__tailscope.weightAt(w)", w) for w in (start, stop)]
        self.page.mouse.move(ends[0]["x"], ends[0]["y"])
        self.page.mouse.down()
        self.page.mouse.move(ends[1]["x"], ends[1]["y"], steps=6)
        self.page.mouse.up()


@pytest.fixture
def opened(browser, tmp_path):
    pages = []

    def open_page(*studies, state=None, **options):
        path = write_page(studies, tmp_path / f"{len(pages)}.html", state)
        pages.append(StaticPage(browser, path, **options))
        return pages[-1]

    yield open_page
    complaints = [page.complaints for page in pages]
    for page in pages:
        page.context.close()
    assert complaints == [[]] * len(pages)


@pytest.mark.browser
def test_a_drag_without_a_network_paints_what_numpy_counts(opened):
    study = shower_study()
    page = opened(study)
    assert faults(page.page) == []
    assert_painted(page.painted(), study, plain_selections(study))
    page.drag_weight(plain_selections(study)[0]["low"], 0.8)
    painted = page.painted()
    assert painted["selections"][0]["low"] == pytest.approx(0.8, rel=0.02)
    states = [{**state, **{k: s[k] for k in ("low", "high", "cuts")}}
              for state, s in zip(plain_selections(study), painted["selections"], strict=True)]  # fmt: skip
    assert_painted(painted, study, states)
    assert not painted["approximate"]


@pytest.mark.browser
def test_notes_are_read_and_bring_back_what_they_are_about(opened, tmp_path):
    toy, other = (
        ts.open(exact_study(500, seed=i, name=f"toy {i}").save(tmp_path / f"{i}.study.h5")) for i in range(2)
    )
    link = (
        f"v=2&study={other.digest[:12]}&s=mine;w:2..;cut:x1:..0.5;colour:D55E00&active=0&view.slice=x2:-1..1"
    )
    notes.add(toy, f"look here\n{HOSTILE}", HOSTILE, link)
    page = opened(toy, other)
    summary = page.page.get_by_text("notes (1)")
    summary.click()
    assert page.page.locator(".notes .text").inner_text() == f"look here\n{HOSTILE}"
    assert page.page.locator(".notes b").inner_text() == HOSTILE
    assert page.page.get_by_text("mine: w ≥ 2, x1 < 0.5").is_visible()
    page.page.locator(".notes button").click()
    page.page.wait_for_function(
        "() => document.querySelector('header:not([hidden]) h1').innerText === 'toy 1'"
    )
    painted = page.painted()
    (mine,) = painted["selections"]
    assert (mine["name"], mine["low"]) == ("mine", 2)
    inside = ts.Selection(2.0, cuts=(ts.Cut("x1", high=0.5), ts.Cut("x2", -1, 1)))
    assert mine["cuts"] == [{"observable": "x1", "low": None, "high": 0.5}]
    assert painted["view"]["slice"] == {"observable": "x2", "low": -1, "high": 1}
    near = other.select("reference", inside).size  # cuts lie at bin edges in this page
    assert mine["totals"]["reference"]["n"] == pytest.approx(near, abs=0.2 * near + 3)
    assert page.page.evaluate("() => window.__ran") is None


@pytest.mark.browser
def test_several_studies_in_one_page(opened):
    first, second = exact_study(500, name="first"), exact_study(800, seed=3, name="second")
    page = opened(first, second)
    assert page.page.locator("h1:visible").inner_text() == "first"
    page.page.get_by_label("study").select_option(label="2. second")
    page.page.wait_for_function(
        "() => document.querySelector('header:not([hidden]) h1').innerText === 'second'"
    )
    assert page.painted()["n"] == {"reference": 800, "generated": 800}


@pytest.mark.browser
def test_it_opens_with_what_a_page_shows_and_keeps_it_for_another_study(opened):
    toy, showers = exact_study(500, name="toy"), shower_study()
    state = State((toy, showers))
    chosen = [
        ts.Selection(1.2, math.inf, (ts.Cut("E_2", high=0.1),), "soft", "#009E73"),
        ts.Selection(high=0.8, name="low"),
    ]
    edge = float(showers.observable("E_inc").binning.edges[8])
    view = {"yscale": "log", "slice": {"observable": "E_inc", "low": edge, "high": math.inf}}
    state.param.update(study=showers, selections=chosen, visible=[True, False], active=1, view=view)
    page = opened(*state.studies, state=state)
    assert page.page.locator("h1:visible").inner_text() == "showers"
    assert page.page.get_by_label("study").input_value() == "1"
    painted = page.painted()
    assert painted["active"] == 1
    assert painted["view"]["yscale"] == "log"
    assert [s["visible"] for s in painted["selections"]] == [True, False]
    assert_painted(painted, showers, [s.to_dict() for s in chosen], view["slice"])

    page.page.get_by_label("study").select_option(label="1. toy")
    page.page.wait_for_function("() => document.querySelector('header:not([hidden]) h1').innerText === 'toy'")
    bare = [s.to_dict() | {"cuts": []} for s in chosen]
    assert_painted(page.painted(), toy, bare)


@pytest.mark.browser
def test_names_never_run(opened):
    study = hostile_study()
    page = opened(study)
    assert page.page.evaluate("() => window.__ran") is None
    assert page.page.locator("h1").inner_text() == study.name


@pytest.mark.browser
def test_a_study_too_large_for_rows_says_its_resolution(opened):
    study = exact_study(31_000)
    page = opened(study)
    page.page.get_by_text("about these numbers").click()
    text = page.page.locator(".about").inner_text()
    assert "62,000 events are too many to carry" in text
    assert study.digest in text
    painted = page.painted()
    everything = np.histogram(study.reference.observables["x0"], study.observable("x0").binning.edges)[0]
    assert sum(painted["reference"]["x0"]) == 31_000
    assert abs(sum(painted["reference"]["x0"][1:-2]) - everything.sum()) <= 1


def test_the_page_refers_to_nothing_outside():
    page = page_of([exact_study(50)])
    policy = "default-src 'none'; script-src 'sha256-"
    assert policy in page
    assert "unsafe-eval" not in page
    assert "src=" not in page.replace("script-src", "").split("<script", maxsplit=1)[0]


def test_forty_observables_of_the_most_events_stay_below_five_megabytes():
    rng = np.random.default_rng(0)
    n = 30_000
    columns = {f"x{i}": rng.normal(size=n).astype(np.float32) for i in range(40)}
    log_w = rng.normal(0, 0.5, n)
    ref, gen = (ts.Sample(name, columns["x0"], columns) for name in ("a", "b"))
    study = ts.Study.from_weights(ref, gen, log_w, log_w[::-1])
    assert len(page_of([study])) < 5e6


def test_the_command_writes_the_page_and_says_how_exact_it_is(tmp_path, toy_file):
    target = tmp_path / "page.html"
    said = CliRunner().invoke(app, ["share", str(toy_file), "-o", str(target)])
    assert said.exit_code == 0
    assert "carries all 6,000 events" in said.output.replace("\n", " ")
    assert target.read_text().startswith("<!doctype html>")


def opening_in(path):
    """What a static page opens with."""
    packed = re.search(r'id="opening">([^<]*)<', path.read_text())[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_the_command_takes_the_opening_from_a_link_or_from_cuts(tmp_path, toy_file):
    state = State((ts.open(toy_file),))
    cut = ts.Selection(1.4, None, (ts.Cut("x1", high=0.5),), "mine", "#009E73")
    state.param.update(selections=[cut], visible=[True], view={"yscale": "log"})
    target = tmp_path / "page.html"

    def share(*arguments):
        command = ["share", str(toy_file), "-o", str(target), *arguments]
        return CliRunner().invoke(app, command, env={"COLUMNS": "300"})

    assert share("--link", f"http://127.0.0.1:5006/?bokeh-session-id=a&{link_of(state)}").exit_code == 0
    assert opening_in(target) == opening_of(state)
    assert share("--low", "2.5").exit_code == 0
    shown = opening_in(target)["selections"]
    assert [(s["name"], s["low"], s["high"]) for s in shown] == [("high tail", 2.5, None)]
    assert share("--low", "2.5", "--high", "0.3").exit_code == 0
    assert len(opening_in(target)["selections"]) == 2
    old = share("--link", "#v=0&study=123456789abc&name=gone&s=a;w:2..")
    assert old.exit_code == 0
    assert "another version of tailscope" in old.output
    assert "made for gone" in old.output
    assert opening_in(target)["selections"][0]["low"] == 2.0
    for wrong, words in (
        (["--link", link_of(state), "--low", "2"], "leave out --low"),
        (["--link", "http://127.0.0.1:5006/"], "is not a permalink"),
        (["--low", "-2"], "never negative"),
    ):
        refused = share(*wrong)
        assert refused.exit_code == 2
        assert words in refused.output


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Photons, 1-20 GeV", "Photons-1-20-GeV.html"), ("../../etc/passwd", "etc-passwd.html"),
     ("é<script>", "script.html"), ("...", "tailscope.html"), ("a" * 300, "a" * 60 + ".html")],
)  # fmt: skip
def test_the_saved_file_has_a_harmless_name(name, expected):
    assert file_name(name) == expected


def test_what_cannot_be_shared_is_refused(tmp_path, toy_file):
    with pytest.raises(StudyError, match="no study to share"):
        page_of([])
    with pytest.raises(StudyError, match="is a folder"):
        write_page([exact_study(50)], tmp_path)
    said = CliRunner().invoke(app, ["share", str(toy_file), "-o", str(toy_file)])
    assert said.exit_code == 2
