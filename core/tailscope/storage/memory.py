"""How much memory this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def usable() -> float:
    """Bytes of memory in this machine, or of the job's share of it; unlimited where the system does not tell.

    Asked beforehand because Linux promises any amount, and ends the process when it is used.
    """
    try:
        machine = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        machine = math.inf
    return min(machine, share_of_job())


def share_of_job(own: Path = Path("/proc/self/cgroup"), root: Path = CGROUPS) -> float:
    """Bytes that the batch system or container allows (control groups, version 2), or infinity.

    A group's limit holds for all groups below it.
    """
    try:
        line = next(line for line in own.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return math.inf
    group = root / line.removeprefix("0::").strip().lstrip("/")
    limits = [math.inf]
    for folder in (group, *group.parents):
        if not folder.is_relative_to(root):
            break
        try:
            text = (folder / "memory.max").read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            limits.append(float(text))
    return min(limits)
