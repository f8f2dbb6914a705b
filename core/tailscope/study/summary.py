"""What a study looks like where nothing runs: a line of text, and HTML with a picture of the weights."""

from __future__ import annotations

import base64
import html
import math

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.fill import fill
from tailscope.trust import WORDS, Light, doubts, headline, trust, worst
from tailscope.weights.pair import WeightedPair

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 460, 190, 10, 40, 10
BINS = 80
MOST_CHECKED = 500_000
"""Events of a study up to which a picture of it waits for its checks, unless they are made already."""
LIGHTS: dict[Light, tuple[str, str, str]] = {
    "green": ("#12805c", "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z", "M5 8.2l2.1 2.2L11 6"),
    "amber": ("#f0a81c", "M8 1.2 15.2 14.4H.8Z", "M8 5.8v4 M8 11.6v1"),
    "red": (
        "#c62f2f",
        "M5.2 1.4h5.6l3.8 3.8v5.6l-3.8 3.8H5.2L1.4 10.8V5.2Z",
        "M5.6 5.6l4.8 4.8 M10.4 5.6l-4.8 4.8",
    ),
}
"""Colour, outline and sign of the lights: as on the page, shapes that need no colour."""
LN10 = math.log(10)


def line_of(study: WeightedPair) -> str:
    """One line: name, sizes and AUC."""
    return (
        f"Study({study.name!r}: {len(study.reference):,} reference and {len(study.generated):,} generated "
        f"events, {len(study.observables)} observables, AUC {study.auc():.4f} ± {study.auc_error():.4f})"
    )


def html_of(study: WeightedPair) -> str:
    """Table of numbers and histogram of the weights; runs no script, fetches nothing, all names escaped."""
    cells = [
        ("reference", f"{study.reference.name}, {len(study.reference):,} events"),
        ("generated", f"{study.generated.name}, {len(study.generated):,} events"),
        ("observables", f"{len(study.observables)} ({study.domain})"),
        ("AUC", f"{study.auc():.4f} ± {study.auc_error():.4f}"),
        ("digest", study.digest[:12]),
    ]
    rows = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(value)}</td></tr>'
        for name, value in cells
    )
    picture = base64.b64encode(picture_of(study).encode()).decode()
    return (
        f"<div><b>{html.escape(study.name)}</b><table>{rows}</table>"
        f'<img alt="histogram of log10 w, reference filled and generated as a line" width="{WIDTH}" '
        f'height="{HEIGHT}" src="data:image/svg+xml;base64,{picture}">{verdict_of(study)}</div>'
    )


def verdict_of(study: WeightedPair) -> str:
    """HTML: the worst light of trust with its word, and the sentences of all that is not green to open."""
    if not study.knows(trust) and len(study) > MOST_CHECKED:
        return ""
    checks = study.once(trust)
    light = worst(checks)
    lines = "".join(
        f"<li><b>{html.escape(check.title)}</b>, {WORDS[check.light]}: {html.escape(check.why)}. "
        f"{html.escape(check.advice)}.</li>"
        for check in doubts(checks)
    )
    mark = base64.b64encode(_mark(light).encode()).decode()
    image = f'<img alt="{light} light" width="16" height="16" src="data:image/svg+xml;base64,{mark}">'
    words = f"{image} weights: <b>{WORDS[light]}</b>"
    if not lines:
        return f"<p>{words}, {headline(checks)}</p>"
    return f"<details><summary>{words}, {headline(checks)}</summary><ul>{lines}</ul></details>"


def _mark(light: Light) -> str:
    fill, outline, sign = LIGHTS[light]
    stroke = "#1b1f23" if light == "amber" else "#fff"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="{outline}" fill="{fill}"/>'
        f'<path d="{sign}" fill="none" stroke="{stroke}" stroke-width="1.9" stroke-linecap="round"/></svg>'
    )


def picture_of(study: WeightedPair) -> str:
    """SVG of both samples' log10 w: shares of the finite weights, reference filled, generated as a line."""
    samples = [np.asarray(study.log_weights(name)) / LN10 for name in ("reference", "generated")]
    finite = [values[np.isfinite(values)] for values in samples]
    everything = np.concatenate(finite)
    low, high = (float(everything.min()), float(everything.max())) if everything.size else (0.0, 0.0)
    if high - low < 0.5:
        low, high = (low + high) / 2 - 0.25, (low + high) / 2 + 0.25
    edges = np.linspace(low, high, BINS + 1)
    shares = [
        fill(part, edges).folded().values / max(1, whole.size)
        for part, whole in zip(finite, samples, strict=True)
    ]
    top = max(float(s.max()) for s in shares) or 1.0
    reference, generated = (_steps(s / top) for s in shares)
    ticks = "".join(_tick(value, low, high) for value in _round_values(low, high))
    floor = HEIGHT - BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-size="12" '
        f'font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>'
        f'<path d="{reference}V{floor}H{LEFT}Z" fill="#d5d9dd" stroke="#a3abb3"/>'
        f'<path d="{generated}" fill="none" stroke="#22272c" stroke-width="1.5"/>'
        f'<path d="M{LEFT} {floor}H{WIDTH - LEFT}" stroke="#6b747d"/>{ticks}'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 4}" text-anchor="middle">w = p_ref/p_gen; filled: reference, '
        "line: generated</text></svg>"
    )


def _steps(shares: NDArray[np.float64]) -> str:
    """Path of a histogram with heights from 0 to 1."""
    x = LEFT + (WIDTH - 2 * LEFT) * np.arange(shares.size + 1) / shares.size
    y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * shares
    steps = "".join(f"V{height:.1f}H{right:.1f}" for height, right in zip(y, x[1:], strict=True))
    return f"M{LEFT} {HEIGHT - BOTTOM}{steps}"


def _round_values(low: float, high: float) -> list[float]:
    """Between three and eight round numbers of log10 w."""
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if (high - low) / s < 8)
    return [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _tick(value: float, low: float, high: float) -> str:
    x = LEFT + (WIDTH - 2 * LEFT) * (value - low) / (high - low)
    text = f"{10**value:.3g}" if -4 < value < 4 else f"1e{value:g}"
    floor = HEIGHT - BOTTOM
    return (
        f'<path d="M{x:.1f} {floor}v5" stroke="#6b747d"/>'
        f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{text}</text>'
    )
