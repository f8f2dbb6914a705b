"""Who somebody is when nothing else is known: the user of the operating system."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """Name of the user that runs this process; "" where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, as in some containers
        return ""
