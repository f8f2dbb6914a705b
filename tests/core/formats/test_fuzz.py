"""Damaged bytes end in a sentence or in a sample, never in an exception of a library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from helpers import muons, particles
from helpers.showers import challenge, made_up, write
from tailscope.errors import InputError
from tailscope.load import load

MUTATIONS = 40


def latest(path: Path) -> None:
    """The layout of newer HDF5 libraries, with checksums."""
    with h5py.File(path, "w", libver="latest") as file:
        for name, values in made_up(5).items():
            file.create_dataset(name, data=values, chunks=True, compression="gzip")


WRITERS: dict[str, Callable[[Path], object]] = {
    "plain.h5": lambda path: write(path, made_up(5)),
    "gzip.h5": lambda path: write(path, made_up(5), compression="gzip", chunks=True),
    "latest.h5": latest,
    "showers.npz": lambda path: np.savez_compressed(path, **made_up(5)),
    "challenge.h5": lambda path: write(path, challenge(5)),
    "zjets.h5": lambda path: write(path, particles.zjets(5), compression="gzip"),
    "jets.h5": lambda path: write(path, particles.jets(5)),
    "muons.root": lambda path: muons.write_nanoaod(path, muons.table(5)),
    "table.csv": lambda path: path.write_text(
        "pt,eta,name\n" + "".join(f"{1.5 * i},{i},mu{i}\n" for i in range(40))
    ),
}


def mutated(good: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes replaced, flipped, set to 0xff or cut away, more often near the front where headers are."""
    data = bytearray(good)
    reach = len(data) if rng.random() < 0.4 else min(len(data), 4096)
    kind = rng.integers(4)
    for at in rng.integers(reach, size=rng.integers(1, 9)):
        if kind == 0:
            data[at : at + 1] = rng.bytes(1)
        elif kind == 1:
            data[at : at + 8] = b"\xff" * 8
        elif kind == 2:
            data[at : at + 8] = rng.bytes(8)
        else:
            del data[at : at + int(rng.integers(1, 30))]
    return bytes(data)


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_give_a_sentence_or_a_sample(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    good, rng = path.read_bytes(), np.random.default_rng(5)
    assert len(load(path)) == (40 if name == "table.csv" else 5)
    sentences = []
    for _ in range(MUTATIONS):
        path.write_bytes(mutated(good, rng))
        try:
            load(path)
        except InputError as error:
            sentences.append(str(error))
    assert len(sentences) > MUTATIONS / 4
    assert not any("\n" in sentence for sentence in sentences)
