"""Every page load is a session of its own, whatever key opened it.

Bokeh keys sessions by the id in the address. All tabs with the printed address would be one session: they
would mirror each other, a reload would come back to it, and a permalink would be read once only. Here the id
in the address only proves that its bearer may come in; each load then gets a fresh one.
"""

from __future__ import annotations

from typing import Any

from bokeh.server.tornado import BokehTornado
from bokeh.util.token import check_session_id_signature, generate_session_id
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import RequestHandler

NAME = "bokeh-session-id"


def install(application: BokehTornado, key: str) -> None:
    """Put a fresh session id into each request for the page that carries one signed with ``key``.

    Others get 403 and a sentence.
    """
    rule = Rule(_Strangers(key), _Refusal)
    application.default_router.rules.insert(0, application.default_router.process_rule(rule))


class _Strangers(Matcher):
    """Requests for the page without our key; those with it are given a fresh id on their way."""

    def __init__(self, key: str) -> None:
        self.key = key

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Say {} for a match, as tornado wants it; leave everything but page loads to Bokeh."""
        if request.method != "GET" or request.path != "/":
            return None
        given = [value.decode("utf-8", "replace") for value in request.arguments.get(NAME, [])]
        if len(given) != 1 or not check_session_id_signature(given[0], secret_key=self.key, signed=True):
            return {}
        request.arguments[NAME] = [generate_session_id(secret_key=self.key, signed=True).encode()]
        return None


class _Refusal(RequestHandler):
    """403 and what to do about it."""

    def get(self) -> None:
        """Answer the request for the page."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            "This address does not carry the key of this server: the key has been renewed, the server is "
            "another user's, or the address was cut short. Use the one that tailscope serve printed when it "
            "was started."
        )
