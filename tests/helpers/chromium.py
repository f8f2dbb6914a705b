"""Finds a Chromium for the browser tests, or installs one; run as a script by `make browser`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """$CHROMIUM, or a Chromium on the PATH; None when only playwright's own could serve."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in _NAMES if (found := shutil.which(name))), None)


def launch(playwright):
    """Start a headless Chromium; a missing one is an error, never a skip."""
    return playwright.chromium.launch(executable_path=executable(), args=FLAGS)


def _works() -> bool:
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            launch(playwright).close()
    except Error:
        return False
    return True


def _install() -> None:
    """Debian's package where we may install it, else playwright's own download."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        commands = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"], *commands]
    for command in commands:
        sys.stdout.write(f"no Chromium that starts; trying: {' '.join(command)}\n")
        sys.stdout.flush()
        subprocess.run(
            command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900
        )
        if command[1] != "update" and _works():
            return


if __name__ == "__main__":
    if not _works():
        _install()
    if not _works():
        sys.exit(
            "The browser tests need a Chromium and none could be installed. On Debian and Ubuntu: "
            "sudo apt-get install chromium; elsewhere: "
            f"{Path(sys.executable).parent}/playwright install chromium; "
            "or set CHROMIUM=/path/to/chromium."
        )
