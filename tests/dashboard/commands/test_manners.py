"""What everybody expects of a command: pipes that close, full disks, Ctrl-C, colours, completion."""

import os
import pty
import re
import resource
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import typer

import tailscope as ts
from tailscope.storage.atomic import atomic_path
from tailscope.storage.new_hdf5 import new_hdf5
from tailscope_dashboard.commands.terminal import Sentences

FULL = Path("/dev/full")
TAILSCOPE = [sys.executable, "-m", "tailscope_dashboard"]
INTERRUPTED = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "h5py":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""


def tailscope(*arguments, **options):
    usual = {"capture_output": True, "text": True}
    return subprocess.run([*TAILSCOPE, *map(str, arguments)], check=False, **{**usual, **options})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("manners") / "events.csv"
    rng = np.random.default_rng(0)
    np.savetxt(path, rng.normal(size=(500, 2)), delimiter=",", header="x,y", comments="")
    return path


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_closed_pipe_is_silent(table, options):
    reading, writing = os.pipe()
    os.close(reading)
    done = tailscope("show", table, *options, stdout=writing, stderr=subprocess.PIPE, capture_output=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("arguments", [("show", "--json"), ("--version",)])
def test_a_full_disk_under_stdout_is_a_sentence(table, arguments):
    named = (*arguments, table) if "show" in arguments else arguments
    with FULL.open("w") as full:
        done = tailscope(*named, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 2
    assert done.stderr == (
        "error: stdout cannot be written: No space left on device; print to another place\n"
    )


def test_a_full_disk_under_an_output_is_a_sentence(tmp_path):
    """HDF5 itself ends by a segmentation fault there."""
    rng = np.random.default_rng(0)
    samples = [
        ts.Sample(name=n, features=x, observables={"x": x[:, 0]})
        for n, x in zip("ab", rng.normal(size=(2, 4000, 1)), strict=True)
    ]
    ts.Study.from_weights(*samples, np.zeros(4000), np.zeros(4000)).save(tmp_path / "a.study.h5")
    out = tmp_path / "out.h5"
    done = tailscope(
        *("export", tmp_path / "a.study.h5", "-o", out),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384)),
    )
    assert done.returncode == 2
    assert (
        done.stderr
        == f"error: {out} could not be written: File too large; what was there before is untouched\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.study.h5"]


def test_a_full_disk_elsewhere_is_a_sentence(capsys):
    with pytest.raises(typer.Exit) as caught, Sentences(debug=False):
        FULL.write_text("x")
    assert caught.value.exit_code == 2
    said = capsys.readouterr().err
    assert "could not be written: No space left on device; make room and try again" in said


def test_what_fits_is_written(tmp_path):
    values = np.arange(10_000.0)
    with atomic_path(tmp_path / "a.h5") as temporary, new_hdf5(temporary) as file:
        file.create_dataset("x", data=values)
        file.create_dataset("y", data=values, compression="gzip", shuffle=True)
    with h5py.File(tmp_path / "a.h5") as file:
        assert np.array_equal(file["x"], values)
        assert np.array_equal(file["y"], values)


def test_ctrl_c_while_the_command_loads(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED)
    done = tailscope("--help", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nStopped.\n")


def on_a_terminal(*arguments, **environment):
    ours, theirs = pty.openpty()
    told = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"}
    subprocess.run(
        [*TAILSCOPE, *arguments], stdout=theirs, stderr=theirs, env=told | environment, check=False
    )
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    return said


COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3|4|9)\d")


def test_colours_are_for_terminals_whose_owner_wants_them():
    assert COLOUR.search(on_a_terminal("show", "nothing.h5"))
    assert not COLOUR.search(on_a_terminal("show", "nothing.h5", NO_COLOR="1"))
    assert "\x1b" not in tailscope("show", "nothing.h5").stderr


def completed(words):
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_TAILSCOPE_COMPLETE": "complete_bash"}
    return tailscope(env={**os.environ, **asked, "PYTHONPROFILEIMPORTTIME": "1"})


def test_the_shell_completes_without_what_is_slow():
    done = completed("tailscope sh")
    assert done.stdout.split() == ["show", "share"]
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert not loaded & {"torch", "panel", "bokeh", "sklearn", "matplotlib"}
    assert "--preset" in completed("tailscope fit --pre").stdout.split()


def test_completion_is_installed_on_request(tmp_path):
    """The shell is guessed, or named where typer is told not to guess."""
    home = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert tailscope("--install-completion", "bash", env=home).returncode == 0
    assert "tailscope" in (tmp_path / ".bashrc").read_text()
    assert "_TAILSCOPE_COMPLETE" in tailscope("--show-completion", "bash", env=home).stdout


def test_without_arguments_it_says_what_to_type():
    done = tailscope()
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for line, command in zip(lines, ("demo", "fit REFERENCE GENERATED -o STUDY", "serve STUDY"), strict=True):
        assert line.startswith(f"tailscope {command} ")
