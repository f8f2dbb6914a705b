"""Several generated samples against one reference, laid over each other on the wall and in the focus."""

import re
from dataclasses import replace

import numpy as np
import pytest

import tailscope as ts
from helpers.toys import exact_study, gaussian_log_ratio, gaussian_pair, sample
from tailscope.weights.curves import curves
from tailscope_dashboard.share import write_page
from tailscope_dashboard.state.overlays import counts_of, overlays_of, strangers_of
from tailscope_dashboard.state.permalink import follow, link_of
from tailscope_dashboard.state.state import State
from tailscope_dashboard.wall.payload import data_of

N = 2000


def study_of(name, shift, n=1500):
    """The reference of `gaussian_pair(N)` against Gaussians that are shifted in x0."""
    ref, _ = gaussian_pair(N)
    x = np.random.default_rng(n).normal(shift, 1, (n, 5)).astype(np.float32)
    gen = sample(name, x)
    return ts.Study.from_weights(
        ref, gen, gaussian_log_ratio(ref.features), gaussian_log_ratio(x), name=f"study of {name}"
    )


@pytest.fixture(scope="module")
def studies():
    """Three of one reference, the last with one observable less; and one of another reference."""
    flow, gan, vae = study_of("flow", 0.3), study_of("gan", 1.0), study_of("vae", -0.4, 700)
    vae = replace(vae, observables=vae.observables[:-1], generated=_without_last(vae.generated))
    return flow, gan, vae, exact_study(900, seed=5, name="stranger")


def _without_last(events):
    return replace(events, observables=dict(list(events.observables.items())[:-1]))


def test_studies_of_the_same_reference_are_laid_over(studies):
    flow, gan, vae, stranger = studies
    assert [o.study for o in overlays_of(flow, studies)] == [gan, vae]
    assert [o.label for o in overlays_of(flow, studies)] == ["gan", "vae"]
    assert overlays_of(stranger, studies) == ()
    by_study = {o.label: o.colour for shown in studies[:3] for o in overlays_of(shown, studies)}
    assert len(set(by_study.values())) == 3  # a study keeps its colour, whichever is shown
    sentence = strangers_of(flow, studies)
    assert sentence.startswith("“stranger” has other reference events than “study of flow”")
    assert strangers_of(flow, studies[:3]) == ""
    same_names = [replace(s, generated=replace(s.generated, name="net")) for s in studies[:3]]
    assert [o.label for o in overlays_of(same_names[0], same_names)] == ["study of gan", "study of vae"]


def test_counts_are_those_of_the_other_sample_in_the_bins_of_the_shown_one(studies):
    flow, _, vae, _ = studies
    counts, at = counts_of(flow, vae), 0
    for o in flow.observables:
        n = len(o.binning) + 3
        found, at = counts[at : at + n], at + n
        if o.name not in vae.generated.observables:
            assert sum(found) == 0
            continue
        values = vae.generated.observables[o.name].astype(np.float64)
        edges = o.binning.edges
        assert list(found[1:-2]) == np.histogram(values[values < edges[-1]], edges)[0].tolist()
        assert (found[0], found[-2]) == ((values < edges[0]).sum(), (values >= edges[-1]).sum())
        assert sum(found) == 700
    assert at == len(counts)


def test_one_study_alone_has_no_overlays(studies):
    assert "overlays" not in data_of(studies[0])["meta"]
    assert "overlays" not in data_of(studies[0], studies=studies[:1])["meta"]


def test_the_focus_follows_bins_and_slice(studies):
    flow, gan, vae, _ = studies
    cut = ts.Cut("x1", 0.0, None)
    binning = ts.Binning(np.linspace(-2, 2, 9))
    for own, binning_ in ((binning, binning), (flow.observable("x0").binning, None)):
        found = curves(flow, "x0", [], binning_, (cut,), [gan])
        x = gan.generated.observables
        values = x["x0"][x["x1"] >= 0].astype(np.float64)
        inside = values[values < own.edges[-1]]
        assert found.overlays[0].values.tolist() == np.histogram(inside, own.edges)[0].tolist()
        assert found.overlays[0].total == values.size
    last = flow.observables[-1].name
    assert curves(flow, last, [], None, (), [vae]).overlays[0].total == 0
    assert curves(flow, "x0", [], None, (ts.Cut(last, 0.0),), [vae]).overlays[0].total == 0


def test_an_overlay_that_is_hidden_stays_hidden_by_link(studies):
    state = State(studies)
    key = overlays_of(studies[0], studies)[0].key
    state.view = {"overlays_off": [key]}
    assert [o.label for o in state.overlays] == ["vae"]
    other = State(studies)
    follow(other, link_of(state), ["Wall"])
    assert [o.label for o in other.overlays] == ["vae"]
    other.show(studies[1])
    assert [o.label for o in other.overlays] == ["flow", "vae"]


@pytest.mark.browser
def test_the_page_shows_hides_and_explains(browser, studies, tmp_path):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(write_page(studies, tmp_path / "all.html").as_uri())
    root = page.locator(".ts-root")

    def drawn():
        page.wait_for_timeout(300)  # some frames
        return {o["label"]: o["counts"] for o in root.evaluate("e => e.__tailscope.painted()")["overlays"]}

    page.locator(".ts-overlay").first.wait_for()
    shown = drawn()
    assert list(shown) == ["gan", "vae"]
    flat = [n for counts in shown["gan"].values() for n in counts]
    assert flat == list(counts_of(studies[0], studies[1]))
    box = root.evaluate("e => e.__tailscope.plotOf('x0')")
    page.mouse.move(box["x"] + box["w"] / 2, box["y"] + box["h"] / 2)
    assert {"flow", "gan", "vae"} <= set(page.locator(".ts-tip-name").all_inner_texts())
    page.mouse.move(1, 1)
    stranger = page.locator(".ts-entry", has_text="other reference: not laid over")
    assert "“stranger” has other reference events" in stranger.get_attribute("title")
    gan = page.get_by_role("button", name=re.compile("gan$"))
    gan.click()
    assert list(drawn()) == ["vae"]
    assert gan.get_attribute("aria-pressed") == "false"
    gan.click()
    assert list(drawn()) == ["gan", "vae"]
    page.locator("#choice").select_option("2")
    page.locator(".ts-overlay", has_text="flow").wait_for()
    assert list(drawn()) == ["flow", "gan"]
    page.locator("#choice").select_option("3")
    page.locator(".ts-overlay").first.wait_for(state="detached")
    assert drawn() == {}
    assert complaints == []
    page.close()


@pytest.mark.browser
def test_with_a_slice_whole_samples_are_not_drawn(browser, studies, tmp_path):
    state = State(studies[:2])
    state.view = {"slice": {"observable": "x1", "low": 0.0, "high": None}}
    page = browser.new_page()
    page.goto(write_page(studies[:2], tmp_path / "sliced.html", state).as_uri())
    entry = page.locator(".ts-overlay")
    entry.wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".ts-root").evaluate("e => e.__tailscope.painted()")["overlays"] == []
    assert entry.is_disabled()
    assert "does not follow the slice" in entry.get_attribute("title")
    page.close()
