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
    """Put a fresh session id into each request for the page that carries one signed with ``key``."""
    rule = Rule(_Renew(key), RequestHandler)
    application.default_router.rules.insert(0, application.default_router.process_rule(rule))


class _Renew(Matcher):
    """Matches nothing: it looks at each request before the rules that answer it do."""

    def __init__(self, key: str) -> None:
        self.key = key

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Renew the id of a page load; leave everything else, and ids that are not ours, to Bokeh."""
        given = [value.decode("utf-8", "replace") for value in request.arguments.get(NAME, [])]
        if (
            request.method == "GET"
            and request.path == "/"
            and len(given) == 1
            and check_session_id_signature(given[0], secret_key=self.key, signed=True)
        ):
            request.arguments[NAME] = [generate_session_id(secret_key=self.key, signed=True).encode()]
        return None
