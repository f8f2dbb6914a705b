"""How much memory, and how many processors, this process may use."""

from __future__ import annotations

import math
import os
from contextlib import suppress
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
    """Bytes that the batch system or container allows (control groups, version 2), or infinity."""
    return min((float(text) for text in _limits("memory.max", own, root) if text.isdigit()), default=math.inf)


def processors_of_job(own: Path = Path("/proc/self/cgroup"), root: Path = CGROUPS) -> float:
    """Processors that the batch system or container allows, such as 1.5, or infinity.

    ``cpu.max`` is a quota and a period of time, in which all processors together may work so long.
    """
    shares = [text.split() for text in _limits("cpu.max", own, root)]
    return min((float(quota) / float(period) for quota, period in shares if quota != "max"), default=math.inf)


def _limits(name: str, own: Path, root: Path) -> list[str]:
    """What a limit of the job's control group is, and of all above it: these hold for all groups below."""
    try:
        line = next(line for line in own.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return []
    group = root / line.removeprefix("0::").strip().lstrip("/")
    found = []
    for folder in (group, *group.parents):
        if not folder.is_relative_to(root):
            break
        with suppress(OSError):
            found.append((folder / name).read_text().strip())
    return found
