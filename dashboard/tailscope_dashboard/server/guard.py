"""Who may talk to the server: a list of host names, and the headers every answer carries.

Bokeh compares the websocket's Origin with a list but looks at no Host header, so that a page whose name was
re-bound to 127.0.0.1 could read everything (DNS rebinding). Here pages, resources and the websocket are all
refused unless the Host header is on that same list.
"""

from __future__ import annotations

import gc
import html
from collections.abc import Set as AbstractSet
from typing import Any

from bokeh.server.tornado import BokehTornado
from bokeh.server.util import check_allowlist
from bokeh.settings import settings
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import OutputTransform, RequestHandler

_INSTALLED = "tailscope_guard"


def headers() -> dict[str, str]:
    """Response headers: nothing is loaded from, sent to or framed by another origin.

    BokehJS needs inline scripts and styles, compiles its models' code with ``new Function``, and Panel's
    components are modules in blob: URLs.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' blob:",
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def install(application: BokehTornado) -> None:
    """Refuse foreign hosts with 403 and add `headers` to every answer of this application, once."""
    if application.settings.get(_INSTALLED):
        return
    application.settings[_INSTALLED] = True
    rule = Rule(_Foreign(application), _Refusal, {"hosts": allowed_hosts(application)})
    application.default_router.rules.insert(0, application.default_router.process_rule(rule))
    application.add_transform(_Headers)


def install_everywhere(host: str) -> bool:
    """Guard all servers of this process, and say whether one of them answers to this host.

    That is what an app under `panel serve` can do, which is not told which server is its own.
    """
    servers = [thing for thing in gc.get_objects() if isinstance(thing, BokehTornado)]
    for server in servers:
        install(server)
    return any(is_allowed(host, allowed_hosts(server)) for server in servers)


def allowed_hosts(application: BokehTornado) -> AbstractSet[str]:
    """Host names with ports that this application answers to: those that may open its websocket."""
    return set(settings.allowed_ws_origin() or ()) or set(application.websocket_origins)


def is_allowed(host: str, hosts: AbstractSet[str]) -> bool:
    """Whether a Host header names one of the hosts; a missing port is 80."""
    host = host.lower()
    return bool(host) and check_allowlist(host if ":" in host.rsplit("]", 1)[-1] else f"{host}:80", hosts)


class _Foreign(Matcher):
    """Requests whose Host header is not on the list."""

    def __init__(self, application: BokehTornado) -> None:
        self.application = application

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Say {} for a match, as tornado wants it."""
        hosts = allowed_hosts(self.application)
        return None if is_allowed(request.headers.get("Host", ""), hosts) else {}


class _Refusal(RequestHandler):
    """403 with a sentence, whatever was asked."""

    def initialize(self, hosts: AbstractSet[str]) -> None:
        """Keep what the sentence names."""
        self.hosts = hosts

    def prepare(self) -> None:
        """Answer before any method is looked at."""
        names = html.escape(" or ".join(sorted(self.hosts)))
        self.set_status(403)
        self.finish(
            f"This page answers to {names} only. Behind a tunnel with another port or name, start it with "
            "tailscope serve --allow-host NAME:PORT."
        )


class _Headers(OutputTransform):
    """Adds `headers` to an answer that is about to be sent."""

    def transform_first_chunk(
        self, status_code: int, headers_: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """See `tornado.web.OutputTransform`."""
        del finishing
        for name, value in headers().items():
            headers_[name] = value
        return status_code, headers_, chunk
