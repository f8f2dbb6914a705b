"""The address bar in a real browser: it follows what is shown, and brings it back after a restart."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from helpers.pages import free_port
from helpers.served import served

CLI = ("tailscope_dashboard", "serve")


def state_of(url):
    """The part of an address that is ours: no host, no key."""
    return re.sub(r"^bokeh-session-id=[^&]*&", "", urlsplit(url).query)


@pytest.mark.browser
def test_a_link_brings_the_page_back_after_a_restart(browser, toy_file):
    command = [*CLI, toy_file, "--no-open", "--port", free_port()]
    with served(command) as server:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(server.url)
        page.locator(".ts-root canvas").first.wait_for(timeout=30_000)
        page.wait_for_function("() => location.search.includes('v=2')")
        first = state_of(page.url)
        page.locator(".bk-tab", has_text="Focus").click()
        page.wait_for_function("() => location.search.includes('tab=Focus')")
        page.get_by_label("observable", exact=True).select_option("x3")
        page.wait_for_function("() => location.search.includes('focus=x3')")
        page.get_by_role("button", name="copy link").click()
        page.get_by_text("copied").wait_for()
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied == page.url
        assert "bokeh-session-id" in copied

        # After a reload the entries of before are still there, and lead to what they say.
        page.reload()
        page.locator(".bk-Figure").first.wait_for(timeout=30_000)
        page.go_back()
        page.wait_for_function(
            "() => location.search.includes('focus=x0') && location.search.includes('tab=Focus')"
        )
        expect(page.get_by_label("observable", exact=True)).to_have_value("x0")
        page.go_forward()
        expect(page.get_by_label("observable", exact=True)).to_have_value("x3")
        assert state_of(page.url) == state_of(copied)

        # Another tab with the printed address is a page of its own.
        other = context.new_page()
        other.goto(server.url)
        other.locator(".ts-root canvas").first.wait_for(timeout=30_000)
        other.wait_for_function("() => location.search.includes('v=2')")
        assert state_of(other.url) == first
        assert state_of(page.url) == state_of(copied)
        other.goto(copied)
        other.locator(".bk-Figure").first.wait_for(timeout=30_000)
        assert other.get_by_label("observable", exact=True).input_value() == "x3"
        context.close()

    with served(command) as server:
        page = browser.new_context().new_page()
        page.goto(copied)
        page.locator(".bk-Figure").first.wait_for(timeout=30_000)
        assert page.get_by_label("observable", exact=True).input_value() == "x3"
        page.wait_for_function("() => location.search.includes('v=2')")
        assert state_of(page.url) == state_of(copied)

        page.goto(f"{server.url}&v=2&study=123456789abc&name=gone&s=mine;w:2..;cut:E_99:0..1;colour:D55E00")
        page.locator(".ts-root canvas").first.wait_for(timeout=30_000)
        note = page.get_by_role("alert")
        note.get_by_text("made for gone (digest 123456789abc), which is not open").wait_for()
        assert "cut on E_99" in note.inner_text()
        page.context.close()

    with served([*command, "--new-key"]) as server:
        assert server.get()[0] == 200
        parts = urlsplit(copied)
        status, _, text = server.get(f"{parts.path}?{parts.query}")
        assert status == 403
        assert "the key has been renewed" in text
