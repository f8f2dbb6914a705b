"""A study shown where nothing runs."""

import base64
import html
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import tailscope as ts
from helpers.toys import exact_study, gaussian_pair
from tailscope.study import summary as study_repr


def picture(shown):
    found = re.search(r"base64,([^\"]+)\"", shown).group(1)
    return ET.fromstring(base64.b64decode(found))


def test_the_line_tells_sizes_and_auc():
    study = exact_study(500, name="toy")
    assert repr(study).startswith(
        "Study('toy': 500 reference and 500 generated events, 5 observables, AUC 0."
    )
    assert f"{study.auc():.4f}" in repr(study)


def test_html_has_the_numbers_and_a_picture_that_parses():
    study = exact_study(500)
    shown = study._repr_html_()
    assert f"{study.auc():.4f}" in shown
    assert study.digest[:12] in shown
    assert len(picture(shown).findall("{http://www.w3.org/2000/svg}path")) >= 3 + 3


def test_the_light_says_what_speaks_against_the_weights():
    fine, wrong = exact_study(3000), exact_study(3000)
    wrong = replace(wrong, reference=replace(wrong.reference, log_w=-wrong.reference.log_w))
    assert "weights: <b>good</b>, nothing speaks against these weights" in fine._repr_html_()
    shown = wrong._repr_html_()
    assert 'alt="red light"' in shown
    assert "weights: <b>unreliable</b>, " in shown
    for check in wrong.checks:
        assert (html.escape(f"{check.why}. {check.advice}.") in shown) == (check.light != "green")
    for mark in re.findall(r'width="16"[^>]*base64,([^"]+)"', shown):
        ET.fromstring(base64.b64decode(mark))


def test_a_large_study_is_shown_before_it_is_checked(monkeypatch):
    monkeypatch.setattr(study_repr, "MOST_CHECKED", 100)
    study = exact_study(200)
    assert "weights: <b>" not in study._repr_html_()
    assert study.checks
    assert "weights: <b>" in study._repr_html_()


def test_hostile_names_are_shown_as_text():
    study = exact_study(50)
    hostile = replace(study.reference, name="<img src=x onerror=alert(1)>")
    shown = replace(study, name="<script>alert(1)</script>", reference=hostile)._repr_html_()
    assert "<script" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("log_w", [0.0, np.inf, -np.inf, 800.0, -40.0])
def test_any_weights_can_be_drawn(log_w):
    ref, gen = gaussian_pair(20)
    study = ts.Study.from_weights(ref, gen, np.full(20, log_w), np.full(20, log_w))
    picture(study._repr_html_())


def test_the_drawn_reference_is_its_histogram():
    study = exact_study(2000)
    path = picture(study._repr_html_()).find("{http://www.w3.org/2000/svg}path").get("d")
    heights = 150 - np.array([float(y) for y in re.findall(r"V([\d.]+)H", path)][:80])
    values = study.log_weights("reference") / np.log(10)
    every = np.concatenate([values, study.log_weights("generated") / np.log(10)])
    counts = np.histogram(values, 80, (every.min(), every.max()))[0]
    np.testing.assert_allclose(heights / heights.max(), counts / counts.max(), atol=1e-3)
