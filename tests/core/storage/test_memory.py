from __future__ import annotations

import math
from pathlib import Path

import pytest

from tailscope.storage import memory


def test_the_tightest_limit_of_the_groups_around_the_process_holds(tmp_path: Path) -> None:
    job = tmp_path / "slurm" / "job_7" / "task_0"
    job.mkdir(parents=True)
    own = tmp_path / "cgroup"
    own.write_text("12:cpu:/elsewhere\n0::/slurm/job_7/task_0\n")
    assert memory.share_of_job(own, tmp_path) == math.inf
    (job / "memory.max").write_text("max\n")
    (job.parent / "memory.max").write_text("4000000000\n")
    (job.parent.parent / "memory.max").write_text("9000000000\n")
    assert memory.share_of_job(own, tmp_path) == 4e9
    # Whatever lies above the root of the groups is no limit.
    assert memory.share_of_job(own, job) == math.inf


def test_the_smallest_quota_of_processors_around_the_process_holds(tmp_path: Path) -> None:
    job = tmp_path / "slurm" / "job_7"
    job.mkdir(parents=True)
    own = tmp_path / "cgroup"
    own.write_text("0::/slurm/job_7\n")
    (job / "cpu.max").write_text("max 100000\n")
    assert memory.processors_of_job(own, tmp_path) == math.inf
    (job.parent / "cpu.max").write_text("150000 100000\n")
    assert memory.processors_of_job(own, tmp_path) == 1.5


@pytest.mark.parametrize("text", [None, "", "4:memory:/old\n"])
def test_systems_that_tell_nothing_allow_everything(text: str | None, tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    if text is not None:
        own.write_text(text)
    assert memory.share_of_job(own, tmp_path) == math.inf


def test_this_machine_has_some_memory() -> None:
    assert memory.usable() > 1e8
