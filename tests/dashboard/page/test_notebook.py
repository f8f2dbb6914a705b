"""docs/tailscope.ipynb in a real JupyterLab: it runs, needs no network, and a drag moves the counts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

import tailscope as ts
from helpers.pages import HOSTILE, free_port, hostile_study
from helpers.places import ROOT
from helpers.toys import exact_study
from tailscope.errors import InputError
from tailscope.trust import worst
from tailscope_dashboard import Dashboard

NOTEBOOK = ROOT / "docs" / "tailscope.ipynb"
# panel 1.9 has a newer name for a widget's label, which the oldest panel we support does not know.
pytestmark = pytest.mark.filterwarnings("ignore:Widget.name is deprecated:PendingDeprecationWarning")
PAINTED = """() => {
  for (const part of everything(document)) if (part.__tailscope) return part.__tailscope.painted();
  function* everything(root) {
    for (const part of root.querySelectorAll('*')) {
      yield part;
      if (part.shadowRoot) yield* everything(part.shadowRoot);
    }
  }
}"""


@pytest.fixture
def lab(tmp_path):
    """Address of a JupyterLab whose folder holds a copy of the notebook."""
    (tmp_path / "tailscope.ipynb").write_bytes(NOTEBOOK.read_bytes())
    port = free_port()
    settings = {"ServerApp.token": "", "ServerApp.port": port, "ServerApp.root_dir": str(tmp_path)}
    environment = os.environ | {
        "TAILSCOPE_CACHE": str(tmp_path / "cache"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--allow-root"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield _when_up(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(20)


def _when_up(url):
    for _ in range(600):
        try:
            urlopen(f"{url}/api").close()
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return url
    raise TimeoutError(url)


@pytest.mark.browser
def test_notebook_runs_in_jupyterlab_and_a_drag_moves_the_counts(lab, browser):
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    # JupyterLab asks for the kernel when the notebook was never opened before and the machine is slow.
    page.add_locator_handler(
        page.get_by_role("dialog"), lambda box: box.get_by_text("Select", exact=True).click()
    )
    page.goto(f"{lab}/lab/tree/tailscope.ipynb")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    outputs = page.locator(".jp-OutputArea-output")
    outputs.get_by_text("the first rows of the file").wait_for(
        timeout=240_000
    )  # half a minute where nothing else runs
    # The last cell draws a figure; until it has, the kernel answers nobody.
    page.locator(".jp-OutputArea-output img[src^='data:image/png']").wait_for(
        state="attached", timeout=240_000
    )
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0

    wall = page.locator(".ts-root").first
    wall.locator("canvas").first.wait_for(timeout=30_000)
    wall.scroll_into_view_if_needed()
    answered = f"() => (p => p.selections.length === 2 && p.exact === p.seq)(({PAINTED})())"
    page.wait_for_function(answered, timeout=60_000)
    assert not page.locator(".ts-static").first.is_visible()
    before = page.evaluate(PAINTED)
    plot = wall.locator(".ts-weights-plot canvas").first.bounding_box()
    middle = plot["y"] + plot["height"] / 2
    page.mouse.move(plot["x"] + 0.45 * plot["width"], middle)
    page.mouse.down()
    page.mouse.move(plot["x"] + 0.6 * plot["width"], middle, steps=6)
    page.mouse.up()
    page.wait_for_function(
        f"seq => (p => p.seq > seq && p.exact === p.seq)(({PAINTED})())", arg=before["seq"], timeout=30_000
    )
    active, old = page.evaluate(PAINTED)["selections"][0], before["selections"][0]
    assert active["low"] < old["low"]
    assert active["totals"]["reference"]["n"] > old["totals"]["reference"]["n"]
    inside = sum(active["counts"]["E_1"])
    assert inside == active["totals"]["reference"]["n"]
    # A figure is saved through the kernel.
    wall.get_by_role("button", name="save ▾").click()
    with page.expect_download(timeout=120_000) as download:
        wall.get_by_role("button", name="weights w: PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.keyboard.press("Escape")
    strangers = [
        u.geturl() for u in asked if u.scheme.startswith("http") and u.netloc != urlsplit(lab).netloc
    ]
    assert strangers == []
    page.close()


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert all(not cell.get("outputs") for cell in cells)


def test_the_pair_of_the_notebook_is_a_good_one(tmp_path, monkeypatch):
    """What somebody sees first has lights that need no excuse, both tails, and a text that fits them."""
    monkeypatch.setenv("TAILSCOPE_CACHE", str(tmp_path))
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names = {}
    for source in code[:2]:
        exec(source, names)
    study = names["study"]
    assert worst(study.checks) == "green"
    assert study.select("reference", ts.Selection(low=1.6)).size > 100
    assert study.select("generated", ts.Selection(high=0.6)).size > 100
    titles = " ".join(check.title for check in study.checks)
    text = "".join(cells[4]["source"])
    assert all(word in titles for word in re.findall(r"`(.+?)`", text))


def test_outside_of_a_notebook_nothing_is_published(capsys):
    dashboard = Dashboard(exact_study(200))
    assert dashboard.shown_study() is dashboard.state.study
    assert capsys.readouterr().out == ""


def test_a_single_view_follows_the_dashboard():
    dashboard = Dashboard(exact_study(200))
    wall = dashboard.view("Wall")
    shown = wall.__panel__()[0]
    shown._handle_msg({"ask": "hello"})  # noqa: SLF001 - as Panel does for a browser
    dashboard.state.param.update(selections=dashboard.state.selections[:1], visible=[True])
    assert [s["name"] for s in shown.selections] == ["high tail"]


def test_parts_alone_share_the_state_of_the_dashboard():
    dashboard = Dashboard(exact_study(200))
    for part in (dashboard.wall(), dashboard.weights(), dashboard.focus("x3")):
        assert part.state is dashboard.state
        assert part.shown_study() is dashboard.state.study
    assert dashboard.state.focus == "x3"
    with pytest.raises(InputError, match="no observable 'gone'"):
        dashboard.focus("gone")


def test_a_view_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"no view 'Whale'; choose Wall, "):
        Dashboard(exact_study(200)).view("Whale")


def test_hostile_names_stay_text_in_the_static_picture():
    dashboard = Dashboard(hostile_study())
    assert HOSTILE not in dashboard.shown_study()._repr_html_()
