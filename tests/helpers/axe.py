"""Faults of a page for those who see it badly or not at all, or use no mouse: what axe-core finds."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
    "preload": False,
}


def faults(page):
    """What of all that is shown breaks a rule of WCAG 2.1 AA, each with the rule and the element."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{rule['id']}: {rule['help']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
