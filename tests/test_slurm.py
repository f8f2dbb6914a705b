"""The Slurm script is one that bash and tailscope understand."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import tailscope as ts
from helpers.places import DOCS

SCRIPT = DOCS / "fit.slurm"


def test_bash_can_read_it():
    subprocess.run(["bash", "-n", SCRIPT], check=True)


def test_slurm_finds_its_options_before_the_first_command():
    lines = SCRIPT.read_text().splitlines()
    assert lines[0] == "#!/bin/bash"
    options = [line for line in lines if line.startswith("#SBATCH")]
    first = next(i for i, line in enumerate(lines) if line and not line.startswith("#"))
    assert max(lines.index(option) for option in options) < first
    assert all(re.fullmatch(r"#SBATCH --[a-z-]+(=\S+)?", option) for option in options)


@pytest.fixture
def environment(tmp_path):
    """A node on which srun runs a command, which is all that it does for one task."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "srun").write_text('#!/bin/bash\nexec "$@"\n')
    (folder / "tailscope").write_text(f'#!/bin/bash\nexec {sys.executable} -m tailscope_dashboard "$@"\n')
    for name in ("srun", "tailscope"):
        (folder / name).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "SCRATCH": str(tmp_path), "TAILSCOPE_CACHE": ""}


def test_it_fits(environment, tmp_path):
    rng = np.random.default_rng(0)
    for name, shift in (("ref", 0.0), ("gen", 0.5)):
        np.savez(tmp_path / f"{name}.npz", x=rng.normal(shift, 1, 200), y=rng.normal(0, 1, 200))
    files = [tmp_path / "ref.npz", tmp_path / "gen.npz", tmp_path / "my study.h5"]
    # The last --device counts: there is no GPU here.
    options = ["--device", "cpu", "--folds", "2", "--epochs", "1"]
    subprocess.run(["bash", SCRIPT, *files, *options], check=True, env=environment, capture_output=True)
    assert len(ts.open(files[2])) == 400
    assert (tmp_path / "tailscope-cache" / "fit").is_dir()


def test_too_few_arguments_are_told(environment):
    done = subprocess.run(["bash", SCRIPT, "a", "b"], env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: sbatch fit.slurm REF GEN STUDY")
