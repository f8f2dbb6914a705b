"""Studies with names that try to run as HTML, and pages that report whatever goes wrong in the browser."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np
import panel as pn

import tailscope as ts
from tailscope_dashboard import Dashboard

HOSTILE = "<img src=x onerror=window.__ran=1><script>window.__ran=2</script>'\"&"


def hostile_study(n=400):
    """Study, samples, observables, labels and units named `HOSTILE`, with different ends."""
    rng = np.random.default_rng(0)

    def side(name, shift):
        columns = {HOSTILE + "a": rng.normal(shift, 1, n), "plain": rng.normal(0, 1, n)}
        specs = (
            ts.Observable(
                HOSTILE + "a", r"\text{" + HOSTILE + r"}\href{javascript:window.__ran=3}{x}", HOSTILE
            ),
            ts.Observable("plain", "x_{unclosed", "GeV"),
        )
        return ts.Sample(name, columns["plain"], columns, specs)

    return ts.Study.from_weights(
        side(HOSTILE + "r", 0.0), side(HOSTILE + "g", 0.5), rng.normal(0.2, 0.5, n), rng.normal(-0.2, 0.5, n),
        name=HOSTILE + "s",
    )  # fmt: skip


def odd_study():
    """One event on each side, w = 0 and inf, a constant and an undefined observable."""

    def side(name):
        columns = {"flat": np.array([3.0]), "none": np.array([np.nan])}
        return ts.Sample(name, np.ones((1, 1)), columns)

    return ts.Study.from_weights(side("a"), side("b"), [np.inf], [-np.inf])


def free_port():
    """A port of the loopback interface that nobody has, a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(pages):
    """Serve pages (name -> function that makes one) in a thread; the origin of their addresses."""
    port = free_port()
    serving = pn.serve(
        pages,
        address="127.0.0.1",
        port=port,
        show=False,
        threaded=True,
        websocket_origin=[f"127.0.0.1:{port}"],
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        serving.stop()


def recorded(dashboards, *studies):
    """A page of studies for `served`; the dashboard that each visitor gets joins ``dashboards``."""

    def make():
        dashboards.append(Dashboard(studies))
        return dashboards[-1].__panel__()

    return make


@contextmanager
def visits(browser, origin, *, quiet=False):
    """What opens pages of `served` by their names, for as long as a test runs; ``quiet``: none complains."""
    opened = []

    def open_page(name, **options):
        opened.append(Visit(browser, f"{origin}/{name}", **options))
        return opened[-1]

    yield open_page
    for page in opened:
        assert not (quiet and page.complaints), page.complaints
        page.close()


class Visit:
    """One open page; `complaints` are errors in the console, `strangers` requests to other machines."""

    TABS = ("Wall", "Focus", "Pairs", "Events", "Trust", "Training", "Notes", "About")

    def __init__(self, browser, url, width=1280, height=720):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.origin = urlsplit(url).netloc
        self.complaints, self.strangers, self.console = [], [], []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)
        self.page.on("websocket", self._asked)
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.status = self.page.goto(url).status

    def _heard(self, message):
        self.console.append(message.text)
        if message.type == "error":
            self.complaints.append(message.text)

    def _asked(self, request):
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.origin:
            self.strangers.append(request.url)

    def tab(self, title):
        """Bring a tab to the front and wait until it is drawn."""
        self.page.locator(".bk-tab", has_text=title).click()
        landmark = {
            "Wall": ".ts-root canvas",
            "Focus": ".bk-Figure >> nth=2",
            "Pairs": "text=/Lines hold|one observable only/",
            "Events": "table[aria-label=events]",
            "Trust": "text=Closure: reweighted",
            "Training": "text=/imported|epoch kept/",
            "Compare": "table[aria-label=studies]",
            "Notes": ".ts-notes-list",
            "About": "text=SHA-256",
        }[title]
        self.page.locator(landmark).first.wait_for(timeout=60_000)
        self.page.wait_for_timeout(250)
        return self

    def ran(self):
        """Whether a name was run as code."""
        return self.page.evaluate("() => window.__ran")

    def close(self):
        self.page.close()
