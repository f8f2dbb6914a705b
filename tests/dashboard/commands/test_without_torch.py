"""What `pip install tailscope` alone can do: everything but training. torch is hidden, or not installed."""

import json
import os
import re
import subprocess
import sys
import venv

import numpy as np
import pytest

from helpers.pages import free_port
from helpers.places import ROOT
from helpers.served import served
from helpers.toys import exact_study

FITTING = "error: fitting needs PyTorch: pip install 'tailscope[fit]'\n"
GENERATING = "error: a generative network needs PyTorch: pip install 'tailscope[fit]'\n"


@pytest.fixture(scope="module")
def without_torch(tmp_path_factory):
    """Environment of processes in which importing torch fails as where it is not installed."""
    folder = tmp_path_factory.mktemp("hidden")
    (folder / "torch.py").write_text('raise ModuleNotFoundError("No module named \'torch\'", name="torch")\n')
    return {"PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two studies and two tables of events."""
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(0)
    for i, name in enumerate(("first", "second")):
        exact_study(1000, seed=i, name=name).save(folder / f"{name}.study.h5")
        np.savez(folder / f"{name}.npz", x=rng.normal(i / 2, 1, 300), y=rng.normal(0, 1, 300))
    return folder


def run(python, folder, command, **environment):
    return subprocess.run(
        [python, "-m", "tailscope_dashboard", *command.split()],
        cwd=folder, env={**os.environ, "COLUMNS": "300", **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


WORKS = {
    "show first.study.h5": r"1,000",
    "compare first.study.h5 second.study.h5": r"second",
    "share first.study.h5 -o page.html": r"page\.html",
    "distort first.npz --observable x --smear 0.3 -o smeared.npz": r"smeared\.npz",
}


@pytest.mark.parametrize("command", WORKS)
def test_studies_are_shown_shared_and_compared(files, without_torch, command):
    done = run(sys.executable, files, command, **without_torch)
    assert done.returncode == 0, done.stderr
    assert re.search(WORKS[command], done.stdout + done.stderr)


def test_a_study_is_served(files, without_torch):
    arguments = ("tailscope_dashboard", "serve", files / "first.study.h5", "--no-open", "--port", free_port())
    with served(arguments, **without_torch) as server:
        status, _, text = server.get()
    assert status == 200
    assert "<title>tailscope</title>" in text


NEEDS = {
    "fit first.npz second.npz -o new.study.h5 --cache cache": FITTING,
    "demo --no-open --cache cache": FITTING,
    "generate first.npz -o new.npz --model vae": GENERATING,
}


@pytest.mark.parametrize("command", NEEDS)
def test_what_trains_says_in_one_sentence_what_to_install(files, without_torch, command):
    done = run(sys.executable, files, command, **without_torch)
    assert done.returncode == 2
    assert done.stderr.endswith(NEEDS[command])
    assert "Traceback" not in done.stderr
    assert not (files / "new.study.h5").exists()


@pytest.mark.slow
def test_the_wheel_alone_serves_and_shares(files, tmp_path):
    """For real: the package in an environment of its own, with what it requires and nothing else."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", ROOT], check=True)
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True, text=True
    )
    assert "torch" not in {package["name"] for package in json.loads(listed.stdout)}
    for command in ("show first.study.h5", "share first.study.h5 -o page.html"):
        done = run(python, files, command)
        assert done.returncode == 0, done.stderr
    with served(
        ("tailscope_dashboard", "serve", files / "first.study.h5", "--no-open", "--port", free_port()),
        python=python,
    ) as server:
        assert server.get()[0] == 200
    done = run(python, files, "fit first.npz second.npz -o new.study.h5 --cache cache")
    assert (done.returncode, done.stderr.endswith(FITTING)) == (2, True)
