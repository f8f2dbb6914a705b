"""The files of ours that a call passes through, in order: how straight the way of the data is.

A real command runs in this process under `sys.setprofile`, in all its threads, until the file it writes is
there. A **step** is the first call from one file of ours into another: of a function, or to make an object;
neither are calls within a file, nor later ones between the same two. A straight way leads into every file
once. A **return** is a step into a file that the walk has been to before, from a file that had not called
it yet: one thread more that somebody has to follow.

A method of an object at hand is no return, as the object was handed over to be used; nor is a function that
was handed over inside another. What only defines things does not count (imports, lambdas, comprehensions,
methods that Python writes), nor that a thread begins. The numbers do not depend on how many events, chunks
or epochs there are: a tiny sample tells the same as a large one.

    python benchmarks/walks.py            # all of them, as lists
    python benchmarks/walks.py figure     # one

Run it with the Python of another version's environment to compare the two.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import h5py
import numpy as np

import tailscope
import tailscope_dashboard
from tailscope_dashboard.cli import app

DATA = Path(__file__).parents[1] / "data"
ROOTS = {
    f"{Path(package.__file__).parent}/": name
    for name, package in (("core", tailscope), ("dashboard", tailscope_dashboard))
    if package.__file__
}
N_EVENTS = 400


class Step(NamedTuple):
    """The first call from one file into another."""

    file: str
    function: str
    called_by: str


class Walk(NamedTuple):
    """The files that a call passed through, in order."""

    steps: tuple[Step, ...]

    @property
    def n_files(self) -> int:
        """Different files."""
        return len({step.file for step in self.steps})

    @property
    def n_returns(self) -> int:
        """Steps into a file that the walk had been to before."""
        return len(self.steps) - self.n_files


class Recorder:
    """Notes the steps of a call, until the file it makes is there."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._files: dict[CodeType, str] = {}
        self._steps: dict[tuple[str, str], Step] = {}
        self._importing = threading.local()

    def walk(self, run: Callable[[], object]) -> Walk:
        """The walk of a call."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            run()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type]
        return Walk(tuple(self._steps.values()))

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code.co_name == "_find_and_load":
            depth = getattr(self._importing, "depth", 0)
            self._importing.depth = depth + {"call": 1, "return": -1}.get(event, 0)
        if event != "call" or code.co_name.startswith("<") or getattr(self._importing, "depth", 0):
            return
        file = self._file_of(code)
        if not file:
            return
        caller = self._caller(frame)
        if caller == file or (caller, file) in self._steps:
            return
        been = any(step.file == file for step in self._steps.values())
        if not (been and (not caller or _was_at_hand(code))) and not self._output.exists():
            self._steps[caller, file] = Step(file, code.co_qualname, caller)

    def _caller(self, frame: FrameType) -> str:
        """The nearest file of ours up the stack; "" where a thread begins."""
        above = frame.f_back
        while above is not None:
            if file := self._file_of(above.f_code):
                return file
            above = above.f_back
        return ""

    def _file_of(self, code: CodeType) -> str:
        """The file of a function, such as ``core/reading/load.py``; "" where it is not ours."""
        if code not in self._files:
            path = code.co_filename
            root = next((root for root in ROOTS if path.startswith(root)), None)
            self._files[code] = "" if root is None else f"{ROOTS[root]}/{path.removeprefix(root)}"
        return self._files[code]


def _was_at_hand(code: CodeType) -> bool:
    """Whether it is a method of an object that is there already, or a function inside another."""
    is_method = "." in code.co_qualname and code.co_varnames[:1] == ("self",)
    return "<locals>" in code.co_qualname or (is_method and code.co_name not in {"__init__", "__post_init__"})


def small_files(folder: Path) -> tuple[Path, Path]:
    """A few of the bundled photons, with event weights."""
    made = []
    for role in ("reference", "generated"):
        path = folder / f"{role}.hdf5"
        with h5py.File(DATA / f"photons_{role}.hdf5") as old, h5py.File(path, "w") as new:
            for name in old:
                new[name] = old[name][:N_EVENTS]
            new["weight"] = np.random.default_rng(0).uniform(0.5, 1.5, N_EVENTS)
        made.append(path)
    return made[0], made[1]


def commands(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """Name, output and arguments of each walk; each needs what those before it leave behind."""
    reference, generated = small_files(folder)
    study, copy, figure = (folder / name for name in ("small.study.h5", "selected.hdf5", "figure.pdf"))
    files = [str(reference), str(generated), "--event-weight", "weight"]
    settings = ["--folds", "2", "--epochs", "2", "--device", "cpu", "--cache", str(folder / "cache")]
    yield "fit", study, ["fit", *files, *settings]
    yield "export", copy, ["export", str(study), "--low", "1", "--original"]
    yield "figure", figure, ["figure", str(study), "--all", "--low", "1"]


def main() -> None:
    """Run the commands and print their walks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("walks", nargs="*", help="fit, export, figure; all of them when none is named")
    chosen = parser.parse_args().walks
    with tempfile.TemporaryDirectory() as folder:
        for name, output, arguments in commands(Path(folder)):
            with contextlib.redirect_stdout(io.StringIO()):
                walk = Recorder(output).walk(
                    lambda: app([*arguments, "-o", str(output)], standalone_mode=False)  # noqa: B023
                )
            if not chosen or name in chosen:
                print_walk(name, walk)


def print_walk(name: str, walk: Walk) -> None:
    """One line a step; returns are marked."""
    print(f"{name}: {walk.n_files} files, {walk.n_returns} returns")
    seen: set[str] = set()
    for step in walk.steps:
        print(
            f"  {'<-' if step.file in seen else '  '} {step.file:<44} {step.function:<34} by {step.called_by}"
        )
        seen.add(step.file)


if __name__ == "__main__":
    main()
