"""The launcher and `panel serve`: who gets the page, and who does not."""

import gzip
import os
import socket
import time
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest
from bokeh.client import pull_session
from bokeh.models import ImportedStyleSheet

from helpers import pages
from helpers.pages import Visit, free_port
from helpers.places import ROOT
from helpers.served import SOCKET, served
from helpers.shown import study_of_kind
from helpers.toys import exact_study
from tailscope.errors import ConfigError, StudyError
from tailscope_dashboard.server.serve import launch, page, paths_of, prepare_panel
from tailscope_dashboard.state.opened import open_studies

APP = ROOT / "dashboard" / "app.py"
CLI = ("tailscope_dashboard", "serve")


@pytest.fixture(scope="module")
def server(toy_file, hostile_file):
    with served([*CLI, toy_file, hostile_file, "--no-open", "--port", free_port()]) as running:
        yield running


def test_a_session_that_a_websocket_makes_has_its_styles_from_here_too():
    """As when the first one was given up, because the browser took more than 15 s to come back."""
    prepare_panel()
    study = exact_study(200)
    with pages.served({"app": lambda: page([study])}) as origin:
        session = None
        for _ in range(300):
            try:
                session = pull_session(url=f"{origin}/app")
                break
            except OSError:  # it does not listen yet
                time.sleep(0.1)
        styles = {sheet.url for sheet in session.document.select({"type": ImportedStyleSheet})}
        session.close()
    assert [url for url in styles if "static/extensions/panel/css/loading.css" in url]
    assert not [url for url in styles if "://" in url]


@pytest.fixture(scope="module")
def panel_server(toy_file):
    port = free_port()
    arguments = ["panel", "serve", APP, "--port", port, "--args", toy_file]
    with served(arguments, ready=r"running at: (http://\S+)") as running:
        # The guard is put up by the first page: a hostile one must not get anything either.
        running.first = running.get(Host=f"evil.example:{port}")
        yield running


def test_what_a_page_loads_is_packed(server):
    address = f"http://127.0.0.1:{server.port}/static/js/bokeh.min.js"
    request = Request(address, headers={"Accept-Encoding": "gzip"})
    with urlopen(request, timeout=30) as answer:
        packed = answer.read()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(gzip.decompress(packed)) / 3


def test_the_printed_address_shows_the_page(server):
    status, headers, text = server.get()
    assert status == 200
    assert "<title>tailscope</title>" in text
    assert headers["Content-Type"].startswith("text/html")


def test_the_tunnel_is_printed(server):
    said = "".join(server.said)
    assert f"ssh -N -L {server.port}:127.0.0.1:{server.port} " in said


@pytest.mark.parametrize("path", ["/", "/?bokeh-session-id=abc", "/?bokeh-session-id=abc.def"])
def test_no_signed_session_id_no_page(server, path):
    assert server.get(path)[0] == 403


def test_a_changed_session_id_is_refused(server):
    session = server.url.partition("=")[2]
    other = ("b" if session[0] == "a" else "a") + session[1:]
    assert server.get(f"/?bokeh-session-id={other}")[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "", "[::1]:{port}"]
)
def test_a_foreign_host_header_gets_nothing(server, host):
    host = host.format(port=server.port)
    for path in (None, "/ws", "/static/js/bokeh.min.js", "/nowhere"):
        status, _, text = server.get(path, Host=host)
        assert status == 403
        assert "toy" not in text


def test_localhost_is_the_same_machine(server):
    assert server.get(Host=f"localhost:{server.port}")[0] == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1", "http://127.0.0.1", 101),
        ("evil.example", "http://evil.example", 403),
        ("127.0.0.1", "http://evil.example", 403),
        ("evil.example", "http://127.0.0.1", 403),
    ],
)
def test_the_websocket_is_guarded_too(server, host, origin, status):
    headers = {**SOCKET, "Host": f"{host}:{server.port}", "Origin": f"{origin}:{server.port}"}
    query = server.url.partition("?")[2]
    assert server.get(f"/ws?{query}", **headers)[0] == status


def test_nothing_may_come_from_elsewhere(server):
    for path in (None, "/static/js/bokeh.min.js", "/nowhere"):
        policy = server.get(path)[1]["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy.replace("https", "http").replace("'self'", "")


def test_only_the_loopback_interface_listens(server):
    connections = psutil.Process(server.process.pid).net_connections("inet")
    assert {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_a_used_port_is_passed_over(toy_file):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        launched = launch([toy_file], port=port)
    assert launched.wanted == port
    assert launched.port > port
    assert f":{launched.port}/" in launched.url
    launched.server.stop()


def test_sigterm_ends_it_quietly(toy_file):
    with served([*CLI, toy_file, "--no-open", "--port", free_port()]) as running:
        assert running.get()[0] == 200
        running.process.terminate()
        assert running.process.wait(20) == 0
    assert "Stopped." in "".join(running.said)
    assert "Traceback" not in "".join(running.said)


def test_panel_serve_shows_the_page(panel_server):
    status, headers, text = panel_server.get()
    assert status == 200
    assert "<title>tailscope</title>" in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("form", ["{option} {place}", "{option}={place}"])
def test_panel_serve_finds_events_where_it_is_told(tmp_path, browser, form):
    kept, moved = tmp_path / "kept", tmp_path / "moved"
    kept.mkdir()
    study = study_of_kind(kept, "calogan").save(tmp_path / "showers.study.h5")
    kept.rename(moved)
    told = form.format(option="--events", place=moved).split(" ")
    arguments = ["panel", "serve", APP, "--port", free_port(), "--args", study, *told]
    with served(arguments, ready=r"running at: (http://\S+)") as running:
        page = Visit(browser, running.url)
        page.tab("Events")
        page.page.locator("text=/^(reference|generated) event/").first.wait_for(timeout=60_000)
        page.page.locator(".bk-Figure:visible").nth(5).wait_for(timeout=60_000)
        assert page.complaints == []
        page.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a.study.h5", "--events"], "names no file or folder"),
        (["a.study.h5", "--events="], "names no file or folder"),
        (["--port", "80"], "--port is no option of this page"),
    ],
)
def test_arguments_of_the_app_that_make_no_sense(arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        paths_of(arguments)


def test_arguments_of_the_app():
    assert paths_of(["a", "--events", "x y", "b", "--events=z"]) == (
        [Path("a"), Path("b")], [Path("x y"), Path("z")],
    )  # fmt: skip


def test_a_tab_that_was_opened_a_moment_ago_warns_of_nothing(server, browser):
    page = Visit(browser, server.url)
    for title in ("Compare", "Events", "Notes"):
        page.tab(title)
    page.page.get_by_label("text of the note").fill("hm")
    page.page.get_by_label("your name").fill("")
    page.page.get_by_role("button", name="keep note").click()
    page.page.locator(".ts-notes-text").get_by_text("hm").wait_for()
    page.close()
    assert "already known" not in "".join(server.said)


def test_panel_serve_gives_a_foreign_host_nothing(panel_server):
    status, _, text = panel_server.first
    assert status == 200
    assert "toy" not in text
    assert "does not answer to that name" in text or "docs_json" in text
    panel_server.get()
    for path in (None, "/app/ws"):
        assert panel_server.get(path, Host=f"evil.example:{panel_server.port}")[0] == 403


def test_studies_are_opened_once_until_they_change(toy_file):
    (first,) = open_studies([toy_file])
    (again,) = open_studies([toy_file.parent / "." / toy_file.name])
    assert first is again
    later = time.time_ns() + 10**9
    os.utime(toy_file, ns=(later, later))
    (fresh,) = open_studies([toy_file])
    assert fresh is not first


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(StudyError, match="no such file"):
        launch([tmp_path / "none.h5"])


@pytest.mark.parametrize("host", ["*", "tunnel", "*:80", "tunnel:"])
def test_hosts_are_named_in_full(toy_file, host):
    with pytest.raises(ConfigError, match="NAME:PORT"):
        launch([toy_file], allow_hosts=[host])
