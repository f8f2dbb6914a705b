"""What a drag on the wall costs in a real Chromium, beside the same number of Bokeh figures in the same run.

The wall shows every observable at once: reference, generated, and two or more selections. The Bokeh page has
as many figures with as many step lines each, fed in the fastest way we know: one ColumnDataSource for all of
them, changed in the browser.

Main-thread time of a frame is what the browser's own trace says that the renderer's main thread worked from
one animation frame to the next; the cut moves once in each. Where there is no GPU, that includes handing the
canvas over to a rasteriser in software.
"""

from __future__ import annotations

import argparse
import bisect
import json
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
import panel as pn
from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, CustomJS, Slider
from bokeh.plotting import figure
from playwright.sync_api import Browser, Page, sync_playwright

import tailscope as ts
from tailscope_dashboard.wall import Wall

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.chromium import launch
from helpers.pages import served

TASK = "RunTask"
"""Everything that a thread does is in one of these; they do not nest."""
FRAME = "FireAnimationFrame"
SCRIPTED_DRAG = """async ([seconds, move]) => {
  const step = new Function("return " + move)();
  const times = [];
  return await new Promise((done) => {
    const frame = (now) => {
      times.push(now);
      const part = (now - times[0]) / (1000 * seconds);
      if (part >= 1) { step(null); done(times); return; }
      step(1 - Math.abs((4 * part) % 2 - 1));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}"""
"""Calls ``step(part)`` once a frame, 0 to 1 and back; ``step(null)`` lets go. Returns the frame times."""

WALL_STEP = """(() => {
  const root = (function find(node) { for (const e of node.querySelectorAll("*")) {
    if (e.__tailscope) return e; const inner = e.shadowRoot && find(e.shadowRoot); if (inner) return inner;
  } return null; })(document);
  const canvas = root.querySelector(".ts-weights-plot canvas");
  const [a, b] = [1.6, 0.6].map((w) => root.__tailscope.weightAt(w));
  const send = (kind, part) => canvas.dispatchEvent(new PointerEvent(kind, { pointerId: 1, bubbles: true,
    button: 0, clientX: a.x + part * (b.x - a.x), clientY: a.y }));
  let held = false;
  return (part) => {
    if (part === null) { send("pointerup", 0); return; }
    if (!held) send("pointerdown", 0);
    held = true;
    send("pointermove", part);
  };
})()"""

BOKEH_STEP = """(() => {
  const slider = Bokeh.documents[0].get_model_by_name("cut");
  return (part) => { if (part !== null) slider.value = Math.round(1000 * part); };
})()"""


def gaussian_study(events: int, observables: int) -> ts.Study:
    """``events`` of each sample, with analytic weights in one of the observables."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, events, observables)).astype(np.float32)
    x[1, :, 0] += 0.5
    samples = [
        ts.Sample(name, side, {f"x_{i}": side[:, i] for i in range(observables)})
        for name, side in zip(("reference", "generated"), x, strict=True)
    ]
    return ts.Study.from_weights(*samples, *(0.125 - 0.5 * side[:, 0].astype(float) for side in x))


def wall_page(study: ts.Study, curves: int, most_rows: int) -> Wall:
    """A wall with ``curves`` lines a panel: two samples and selections."""
    cuts = np.linspace(1.1, 1.6, curves - 2)
    selections = [
        {**ts.Selection(low=float(c), name=f"w > {c:.2f}").to_dict(), "visible": True} for c in cuts
    ]
    return Wall(study, selections=selections, most_rows=most_rows)


def bokeh_page(figures: int, curves: int, bins: int = 50) -> Any:
    """Bokeh figures that all follow one slider in the browser."""
    rng = np.random.default_rng(0)
    columns = {
        f"y_{f}_{c}": np.histogram(rng.normal(size=5000), bins, (-4, 4))[0].astype(float)
        for f in range(figures)
        for c in range(curves)
    }
    source = ColumnDataSource({"x": np.linspace(-4, 4, bins), **columns})
    plots = []
    for f in range(figures):
        plot = figure(width=230, height=165, toolbar_location=None, y_range=(0, 600), output_backend="canvas")
        for c, colour in zip(range(curves), ("grey", "black", "#E69F00", "#0072B2"), strict=False):
            plot.step("x", f"y_{f}_{c}", source=source, color=colour, mode="center")
        plots.append(plot)
    slider = Slider(start=0, end=1000, value=0, step=1, title="cut", width=600, name="cut")
    # Every line of every selection moves, as it does on the wall.
    moved = CustomJS(
        args={"source": source, "figures": figures, "curves": curves},
        code="""
        const data = {...source.data};
        for (let f = 0; f < figures; f++) for (let c = 2; c < curves; c++) {
            const key = `y_${f}_${c}`; const k = 1 + 0.3 * Math.sin(cb_obj.value / 50 + f);
            data[key] = source.data[key].map((_, i) => 300 * k * Math.exp(-((i - 25) ** 2) / 120));
        }
        source.data = data;""",
    )
    slider.js_on_change("value", moved)
    return pn.Column(pn.pane.Bokeh(slider), pn.pane.Bokeh(gridplot(plots, ncols=8, toolbar_location=None)))


class Trace:
    """Busy time of the renderer's main thread while something happens, from Chromium's trace."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.browser, self.page = browser, page

    def __enter__(self) -> Self:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "trace.json"
        self.browser.start_tracing(
            page=self.page,
            path=self.path,
            categories=["devtools.timeline", "disabled-by-default-devtools.timeline"],
        )
        return self

    def __exit__(self, *error: object) -> None:
        self.browser.stop_tracing()
        events = json.loads(self.path.read_text())["traceEvents"]
        self.folder.cleanup()
        names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e.get("name") == "thread_name"}
        threads: dict[tuple[int, int], list[Any]] = {}
        for event in events:
            place = (event["pid"], event.get("tid"))
            if names.get(place) == "CrRendererMain":
                threads.setdefault(place, []).append(event)
        self.frames = max((busy_frames(thread) for thread in threads.values()), key=sum)


def busy_frames(thread: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of work from one frame to the next, from the trace of one thread.

    A frame begins with the task in which animation callbacks are fired, of which there may be several.
    """
    tasks = sorted((e for e in thread if e["name"] == TASK and e["ph"] == "X"), key=lambda e: e["ts"])
    begins = [task["ts"] for task in tasks]
    fired = {bisect.bisect_right(begins, e["ts"]) - 1 for e in thread if e["name"] == FRAME}
    firsts = sorted(fired - {-1})
    return [
        sum(task.get("tdur", task["dur"]) for task in tasks[first:following]) / 1000
        for first, following in pairwise(firsts)
    ]


def measured(browser: Browser, page: Page, step: str, seconds: float) -> dict[str, float]:
    """Frames a second and main-thread milliseconds a frame of one scripted drag, one move a frame."""
    page.evaluate(SCRIPTED_DRAG, [0.5, step])
    page.wait_for_timeout(500)
    with Trace(browser, page) as trace:
        times = page.evaluate(SCRIPTED_DRAG, [seconds, step])
    return {
        "frames a second": 1000 * (len(times) - 1) / (times[-1] - times[0]),
        "main thread a frame, median ms": statistics.median(trace.frames),
        "main thread a frame, mean ms": statistics.mean(trace.frames),
    }


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--panels", type=int, default=40, help="observables, and Bokeh figures")
    parser.add_argument(
        "--curves", type=int, default=4, help="curves a panel, reference and generated included"
    )
    parser.add_argument("--events", type=int, default=20_000, help="events of each sample")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of the scripted drag")
    parser.add_argument("--cube", action="store_true", help="send cubes instead of rows")
    options = parser.parse_args()
    study = gaussian_study(options.events, options.panels)
    pages = {
        "wall": lambda: wall_page(study, options.curves, 0 if options.cube else 60_000),
        "bokeh": lambda: bokeh_page(options.panels, options.curves),
    }
    result: dict[str, Any] = {
        "panels": options.panels,
        "curves": options.curves,
        "events": 2 * options.events,
    }
    with served(pages) as origin, sync_playwright() as playwright:
        browser = launch(playwright)
        result["wall"] = run_wall(browser, f"{origin}/wall", options.seconds)
        result["bokeh"] = run_bokeh(browser, f"{origin}/bokeh", options.seconds)
        browser.close()
    key = "main thread a frame, mean ms"
    result["bokeh / wall"] = result["bokeh"][key] / result["wall"][key]
    print(json.dumps(result, indent=2))


def run_wall(browser: Browser, url: str, seconds: float) -> dict[str, float]:
    """A page tall enough to show every panel at once."""
    page = browser.new_page(viewport={"width": 1920, "height": 1400})
    page.goto(url)
    root = page.locator(".ts-root")
    root.wait_for()
    page.wait_for_timeout(1500)
    root.evaluate("e => e.__tailscope.frames().length = 0")
    result = measured(browser, page, WALL_STEP, seconds)
    frames = root.evaluate("e => e.__tailscope.frames().map(f => f.ms)")
    result["the wall's own code a frame, median ms"] = statistics.median(frames)
    page.close()
    return result


def run_bokeh(browser: Browser, url: str, seconds: float) -> dict[str, float]:
    """The same drag on a Bokeh slider."""
    page = browser.new_page(viewport={"width": 1920, "height": 1400})
    page.goto(url)
    page.locator(".noUi-handle").first.wait_for()
    page.wait_for_timeout(3000)
    result = measured(browser, page, BOKEH_STEP, seconds)
    page.close()
    return result


if __name__ == "__main__":
    main()
