"""Null runs made from the page: begun, followed in two tabs, cancelled, refused. The fits are real ones."""

import asyncio
import hashlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import tailscope as ts
from helpers.pages import served, visits
from helpers.refitted import QUICK, study_file
from helpers.toys import exact_study
from tailscope.errors import ConfigError, StudyError
from tailscope_dashboard import Dashboard
from tailscope_dashboard.parts.background.null_runs import (
    MOST,
    NullRuns,
    Seen,
    newest,
    null_runs_of,
    refusal_of,
)
from tailscope_dashboard.server.serve import prepare_panel
from tailscope_dashboard.state.opened import open_studies
from tailscope_dashboard.views.null_runs import status_of

LONG = QUICK.with_(epochs=100_000)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAILSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Study files: one that is quickly refitted, one that never is, one whose samples are gone."""
    found = {}
    for name, config in (("quick", QUICK), ("long", LONG), ("moved", QUICK)):
        found[name] = study_file(tmp_path_factory.mktemp(name), config)
    (found["moved"].parent / "generated.npz").unlink()
    return found


@pytest.fixture(scope="module")
def server(paths):
    prepare_panel()

    def page(path):
        # As the launcher does: opened once, and shown by every page.
        studies = open_studies([path])
        return lambda: Dashboard(studies).__panel__()

    with served({name: page(path) for name, path in paths.items()}) as origin:
        yield origin


@pytest.fixture
def visit(server, browser):
    with visits(browser, server, quiet=True) as open_page:
        yield open_page


def begin(page, label="Null runs"):
    """The button, when the samples have been found."""
    button = page.get_by_role("button", name=label, exact=True)
    button.wait_for(timeout=60_000)
    for _ in range(200):
        if button.is_enabled():
            return button
        page.wait_for_timeout(50)
    raise AssertionError(page.locator(".ts-doubt").all_inner_texts())


def set_number(page, number):
    box = page.locator("input.bk-input:visible").last
    box.fill(str(number))
    box.press("Tab")


def header(page):
    return page.locator(".ts-chip b").first.inner_text()


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.browser
def test_the_button_makes_a_band_that_every_tab_and_the_file_have(visit, paths):
    opened = open_studies([paths["quick"]])[0]
    one, two = visit("quick").tab("Trust"), visit("quick").tab("Trust")
    assert one.page.locator("text=This study has no null runs").count() == 1
    one.page.locator(".ts-list [data-name=auc]").wait_for(timeout=60_000)
    before, light = header(one.page), one.page.locator(".ts-list [data-name=auc]").inner_text()
    button = begin(one.page)
    set_number(one.page, 12)
    button.click()
    for tab in (one, two):
        tab.page.get_by_role("progressbar", name="null runs").wait_for(timeout=20_000)
        tab.page.get_by_text("12 null runs: ").wait_for()
        assert tab.page.get_by_role("button", name="Null runs", exact=True).is_disabled()
    for tab in (one, two):
        tab.page.get_by_text("12 null runs: refits with permuted labels").wait_for(timeout=90_000)
        tab.page.get_by_role("button", name="More null runs").wait_for()
    study = ts.open(paths["quick"])
    assert len(study.null) == 12
    # The error of the AUC is now that of the null runs, in the header and in the list of lights.
    error = f"± {study.null.auc_spread:.4f}"
    assert error not in before
    for tab in (one, two):
        tab.page.locator(".ts-chip", has_text=error).wait_for(timeout=60_000)
    assert one.page.locator(".ts-list [data-name=auc]").inner_text() != light
    two.tab("Wall")
    two.page.locator(".ts-legend", has_text="null band (12 permutations)").wait_for(timeout=20_000)
    # The launcher gives every page the study as it was opened, and the page begins with what is known.
    assert newest(opened) is open_studies([paths["quick"]])[0]
    assert Dashboard(opened).state.study is newest(opened)


@pytest.mark.browser
def test_cancel_ends_the_process_and_leaves_the_study_as_it_was(visit, paths):
    before = digest(paths["long"])
    page = visit("long").tab("Trust").page
    begin(page).click()
    page.get_by_text(re.compile(r"20 null runs: \d+%, about .* left")).wait_for(timeout=90_000)
    process = null_runs_of(open_studies([paths["long"]])[0]).process
    assert process.poll() is None
    page.get_by_role("button", name="cancel").click()
    page.get_by_text("Stopped: the study is as it was").wait_for(timeout=30_000)
    assert page.get_by_role("progressbar").count() == 0
    begin(page)
    assert process.poll() is not None
    assert digest(paths["long"]) == before
    assert page.locator("text=This study has no null runs").count() == 1


@pytest.mark.browser
def test_without_the_samples_the_button_is_off_and_a_sentence_says_why(visit):
    page = visit("moved").tab("Trust").page
    page.get_by_text("Null runs cannot be made here: generated.npz (generated events").wait_for(
        timeout=20_000
    )
    assert page.get_by_role("button", name="Null runs", exact=True).is_disabled()


def finished(runs, patience=90):
    """How it stands when no process is at work any more."""
    end = time.monotonic() + patience
    while runs.seen.is_busy:
        assert time.monotonic() < end
        time.sleep(0.05)
    return runs.seen


def test_a_process_that_is_killed_is_told_of(paths, tmp_path):
    runs = NullRuns(ts.open(paths["long"]))
    runs.start(2)
    first = runs.process
    runs.start(5)
    assert runs.process is first
    assert runs.seen.more == 2
    first.kill()
    seen = finished(runs)
    assert seen.phase == "failed"
    assert "exit status -9" in seen.sentence


def test_what_goes_wrong_in_the_fit_is_a_sentence_and_changes_nothing(tmp_path):
    path = study_file(tmp_path, cache_key="0" * 64)
    kept = digest(path)
    study = ts.open(path)
    runs = null_runs_of(study)
    runs.start(2)
    seen = finished(runs)
    assert seen.phase == "failed"
    said = status_of(study, seen, "")
    assert "No null runs were made: the fit that made these weights cannot be made again" in said
    assert digest(path) == kept


def test_a_notebook_follows_by_its_own_event_loop(tmp_path):
    study = ts.open(study_file(tmp_path, cache_key="0" * 64))
    phases = []

    async def cell():
        state = Dashboard(study).state
        state.param.watch(lambda event: phases.append(event.new.phase), "null_runs")
        null_runs_of(study).start(2)
        state.null_runs = null_runs_of(study).seen
        async with asyncio.timeout(90):
            while phases[-1] != "failed":
                await asyncio.sleep(0.05)

    # In a thread of its own, since the browser of these tests has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, cell()).result()
    assert phases == ["running", "failed"]


def test_a_study_that_was_made_anew_meanwhile_is_left_alone(tmp_path):
    path = study_file(tmp_path)
    runs = NullRuns(ts.open(path))
    exact_study(300, seed=5).save(path)
    kept = digest(path)
    runs.start(2)
    assert "holds other weights now" in finished(runs).sentence
    assert digest(path) == kept


def test_numbers_that_make_no_band_are_refused(paths):
    runs = NullRuns(ts.open(paths["moved"]))
    for number in (-1, 0, 1, MOST + 1):
        with pytest.raises(ConfigError, match=f"{number} null runs are none to make"):
            runs.start(number)
    assert runs.seen.phase == "idle"


def test_studies_that_cannot_keep_them_say_so(paths, tmp_path):
    def refusal(study):
        return refusal_of(study).result(30)

    assert refusal(ts.open(paths["quick"])) == ""
    assert "is in no file" in refusal(exact_study(100))
    with pytest.raises(StudyError, match="is in no file"):
        NullRuns(exact_study(100)).start(20)
    imported = exact_study(100).save(tmp_path / "imported.study.h5")
    assert "were imported" in refusal(ts.open(imported))
    path = study_file(tmp_path)
    study = ts.open(path)
    assert refusal(study) == ""
    path.chmod(0o444)
    assert "may only be read, so that it cannot keep them" in refusal(study)
    path.chmod(0o644)
    path.rename(tmp_path / "away")
    assert "cannot be found any more" in refusal(study)


def test_how_it_stands_is_said_in_words(paths):
    study = ts.open(paths["quick"])
    assert "took 2 s" in status_of(study, Seen(), "")
    assert "looking for the samples" in status_of(study, Seen(), None)
    assert "reading the samples" in status_of(study, Seen("running", 20), "")
    for seconds, words in ((0.2, "1 s"), (80, "80 s"), (100, "2 min"), (5000, "83 min"), (7200, "2 h")):
        assert f"20 null runs: 25%, about {words} left" in status_of(
            study, Seen("running", 20, 0.25, seconds), ""
        )
    assert "writing the study" in status_of(study, Seen("running", 20, 1.0, 0.0), "")
    assert "stopping" in status_of(study, Seen("stopping", 20, 0.5), "")
    assert "&lt;b&gt;.</p>" in status_of(study, Seen("failed", 20, sentence="see <b>."), "")
