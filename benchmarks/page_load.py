"""What opening a page costs in a Chromium with an empty cache: bytes over the wire, time to its controls.

Bytes are those that this machine's loopback interface carried, headers and packing of the websocket included,
so nothing else may use it meanwhile. The time goes from the request to the first drawing of the wall, medians
of several visits; the server has answered once before, as it has for anybody but its first visitor.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from helpers.chromium import launch
from helpers.pages import free_port
from helpers.served import served


def visit(browser: Browser, url: str) -> tuple[float, float]:
    """Seconds until the controls are there, and megabytes received until nothing comes any more."""
    page = browser.new_context().new_page()
    before, began = psutil.net_io_counters(pernic=True)["lo"].bytes_recv, time.perf_counter()
    page.goto(url)
    page.locator(".ts-card").first.wait_for(timeout=60_000)
    took = time.perf_counter() - began
    page.wait_for_timeout(3000)
    received = psutil.net_io_counters(pernic=True)["lo"].bytes_recv - before
    page.context.close()
    return took, received / 1e6


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "study", help="a study file; tailscope demo photons keeps one of 12,000 + 12,000 events"
    )
    parser.add_argument("--visits", type=int, default=5)
    arguments = parser.parse_args()
    command = ("tailscope_dashboard", "serve", arguments.study, "--no-open", "--port", free_port())
    with served(command) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        found = [visit(browser, server.url) for _ in range(arguments.visits + 1)][1:]
        browser.close()
    times, sizes = zip(*found, strict=True)
    Console().print(f"{statistics.median(times):.2f} s to the controls, {statistics.median(sizes):.2f} MB")


if __name__ == "__main__":
    main()
