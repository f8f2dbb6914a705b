"""Servers as people start them: processes with a printed address."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "bokeh",
}


@dataclass
class Served:
    """A running server; ``said`` is everything it has printed so far."""

    process: subprocess.Popen
    said: list = field(default_factory=list)
    url: str = ""

    @property
    def port(self):
        return urlsplit(self.url).port

    def get(self, path=None, **headers):
        """(status, headers, text) of one request; ``path`` is the printed one when not given."""
        parts = urlsplit(self.url)
        path = f"{parts.path}?{parts.query}" if path is None else path
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": parts.netloc, **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        text = "" if answer.status == 101 else answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text


@contextlib.contextmanager
def served(arguments, ready=r"(http://\S+)", patience=120, python=sys.executable, **environment):
    """Start ``python -m ...`` and wait (seconds) until its output matches ``ready``; stop it with SIGTERM."""
    command = [str(python), "-m", *map(str, arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "300", **environment},
    )  # fmt: skip
    server = Served(process)
    is_up = threading.Event()

    def listen():
        for line in process.stdout:
            server.said.append(line)
            if not server.url and (found := re.search(ready, line)):
                server.url = found.group(1)
                is_up.set()
        is_up.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        assert is_up.wait(patience), "the server did not start"
        assert server.url, "".join(server.said)
        yield server
    finally:
        process.terminate()
        process.wait(30)
        listener.join(30)
        process.stdout.close()
