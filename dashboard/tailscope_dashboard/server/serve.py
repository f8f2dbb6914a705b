"""The safe launcher: loopback only, signed sessions, known hosts, studies opened once for all pages."""

from __future__ import annotations

import asyncio
import getpass
import logging
import secrets
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import panel as pn
from bokeh.util.token import generate_session_id
from panel.io.resources import LOCAL_DIST
from panel.io.server import get_server

from tailscope.errors import ConfigError
from tailscope.study.study import Study
from tailscope.weights.events import SAMPLES
from tailscope_dashboard.look.palette import DARK, LIGHT
from tailscope_dashboard.page.page import Dashboard, plain_page
from tailscope_dashboard.parts.link import query_of
from tailscope_dashboard.parts.trouble import Guarded, ignore_known_references
from tailscope_dashboard.state.opened import open_studies

from . import guard, sessions
from .key import stable_key

log = logging.getLogger("tailscope")

ADDRESS = "127.0.0.1"
PORTS_TRIED = 30
BODY_CSS = f"""
body {{ margin: 0; background: {LIGHT.background}; }}
body:has(.ts-dark) {{ background: {DARK.background}; }}
"""


@dataclass(frozen=True)
class Launched:
    """A server that has its port and waits for `run`.

    Attributes
    ----------
    url: with a signed session id; nothing is shown without one.
    port: what was free; ``wanted`` is what was asked for.

    """

    server: Any
    url: str
    port: int
    wanted: int
    studies: tuple[Study, ...]

    @property
    def tunnel(self) -> str:
        """Command that brings the page to another machine; the port must be the same at both ends."""
        return f"ssh -N -L {self.port}:{ADDRESS}:{self.port} {getpass.getuser()}@{socket.gethostname()}"

    def run(self, when_up: Callable[[], object] = lambda: None) -> None:
        """Serve until SIGINT or SIGTERM, then close every session."""
        loop = self.server.io_loop

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            loop.asyncio_loop.call_soon_threadsafe(loop.stop)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        self.server.start()
        loop.add_callback(when_up)
        loop.add_callback(_build_indices, self.studies)
        loop.start()
        self.server.stop()


def launch(
    paths: Sequence[Path],
    *,
    port: int = 5006,
    allow_hosts: Sequence[str] = (),
    new_key: bool = False,
    events: Sequence[Path] = (),
) -> Launched:
    """Open the studies and take a port: the wanted one, or the next that is free.

    Addresses are signed with the user's key (`key.stable_key`), so that they outlive the server; where it
    cannot be kept, with one of this server's own.

    Parameters
    ----------
    allow_hosts: further names under which the page may be reached, as NAME:PORT.
    new_key: renew the user's key, which ends all addresses from before.
    events: files and folders where the studies' events may be now.

    Raises
    ------
    StudyError: a file that is not a study.
    ConfigError: no free port, a host without port, a key that cannot be renewed, no such file or folder.

    """
    check_places(events)
    for host in allow_hosts:
        if not host.rpartition(":")[2].isdigit() or "*" in host:
            raise ConfigError(f"--allow-host {host}: write NAME:PORT, such as localhost:8000")
    studies = open_studies(paths)
    prepare_panel()
    key = _key(new_key)
    for candidate in range(port, min(port + PORTS_TRIED, 65_536)):
        if not _is_free(candidate):
            continue
        server = get_server(
            {"/": lambda: page(studies, events)},
            port=candidate,
            address=ADDRESS,
            websocket_origin=[f"{ADDRESS}:{candidate}", f"localhost:{candidate}", *allow_hosts],
            title="tailscope",
            sign_sessions=True,
            secret_key=key,
            generate_session_ids=False,
            # A tunnel over a slow link: BokehJS alone is 4.8 MB, and 1.3 MB packed.
            compress_response=True,
            websocket_compression_level=3,
        )
        sessions.install(server._tornado, key)
        guard.install(server._tornado)
        session = urlencode({"bokeh-session-id": generate_session_id(secret_key=key, signed=True)})
        return Launched(server, f"http://{ADDRESS}:{candidate}/?{session}", candidate, port, studies)
    raise ConfigError(
        f"none of the ports {port} to {port + PORTS_TRIED - 1} is free; choose another with --port"
    )


def _key(renew: bool) -> str:
    try:
        return stable_key(renew=renew)
    except ConfigError as error:
        if renew:
            raise
        log.warning("%s. Addresses end with this server", error)
        return secrets.token_urlsafe(32)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def prepare_panel() -> None:
    """Settings of panel that hold for all pages: everything is served from here, nothing from a CDN."""
    ignore_known_references()
    pn.extension("mathjax", raw_css=[BODY_CSS], notifications=False)


async def _build_indices(studies: Sequence[Study]) -> None:
    """Build what pages wait for, while the browser opens; requests get their turn in between.

    Not in a thread: this is where numba and much else is imported, and two threads that import the same
    packages can see them half made. What fails is told by the page that asks for it again.
    """
    for study in studies:
        for sample in SAMPLES:
            with suppress(Exception):
                study.index(sample)
            await asyncio.sleep(0)


def _styles_from_here() -> None:
    """Have panel name its style sheets as this server's from the beginning, not as a CDN's.

    Panel renames them when it answers the request for the page. But a session that no browser takes up within
    15 s (a slow machine, a slow tunnel) is thrown away, and the one that the browser's websocket then makes
    has answered no request: its page would be without any style.
    """
    if pn.state.curdoc is not None:
        pn.state.curdoc.template_variables.setdefault("dist_url", LOCAL_DIST)


def page(studies: Sequence[Study], events: Sequence[Path] = ()) -> pn.viewable.Viewable:
    """Make one session's page; if that fails, one that says so."""
    _styles_from_here()
    with Guarded() as guarded:
        dark = pn.state.session_args.get("theme", [b""])[0] == b"dark"
        dashboard = Dashboard(studies, dark=dark, link=query_of(pn.state.session_args), events=events)
        return dashboard.__panel__()
    return plain_page(guarded.sentence or "")


def app(arguments: Sequence[str]) -> None:
    """Add the page to the document: what `panel serve dashboard/app.py --args STUDY... [--events PATH]` does.

    There the server is not ours: its guard is put up with the first page.
    """
    prepare_panel()
    _app(arguments, pn.state.headers.get("Host", "")).servable(title="tailscope")


def _app(arguments: Sequence[str], host: str) -> pn.viewable.Viewable:
    if not guard.install_everywhere(host):
        return plain_page("This page does not answer to that name; see panel serve --allow-websocket-origin.")
    with Guarded() as guarded:
        studies, events = paths_of(arguments)
        if not studies:
            raise ConfigError("name at least one study: panel serve dashboard/app.py --args STUDY")
        check_places(events)
        return page(open_studies(studies), events)
    return plain_page(guarded.sentence or "")


def paths_of(arguments: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """Studies, and the files or folders of events: each behind an ``--events``, or joined to it by an =.

    Raises
    ------
    ConfigError: another option, or an ``--events`` that names nothing.

    """
    studies, events = [], []
    rest = iter(arguments)
    for argument in rest:
        option, _, value = argument.partition("=")
        if option == "--events":
            path = value or next(rest, "")
            if not path:
                raise ConfigError("--events names no file or folder: write --events /data/showers")
            events.append(Path(path))
        elif argument.startswith("-"):
            raise ConfigError(
                f"{argument[:60]} is no option of this page; it takes studies and --events PATH"
            )
        else:
            studies.append(Path(argument))
    return studies, events


def check_places(events: Sequence[Path]) -> None:
    """See that what ``--events`` names is there.

    Raises
    ------
    ConfigError: no such file or folder.

    """
    for place in events:
        if not place.exists():
            raise ConfigError(f"--events {place}: there is no such file or folder")
