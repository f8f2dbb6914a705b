"""Damaged bytes end in a sentence or in a sample, never in an exception of a library."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from helpers import constituents, muons, particles
from helpers.showers import challenge, made_up, write
from tailscope.errors import InputError
from tailscope.formats.binning import SHIPPED
from tailscope.reading.load import load

MUTATIONS = 40
JETS = constituents.lab_jets(5, slots=8)
BINNINGS = sorted(path.name for path in SHIPPED.glob("*.xml"))


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
    "bare_jets.npy": lambda path: np.save(path, particles.jets(5)["particle_features"]),
    "top_tagging.h5": lambda path: constituents.top_tagging(constituents.momenta(JETS)).to_hdf(
        path, key="table"
    ),
    "jets.root": lambda path: constituents.write_jagged(
        path, {f"part_{name}": values for name, values in JETS.items()}
    ),
    "muons.root": lambda path: muons.write_nanoaod(path, muons.table(5)),
    "jets_150.h5": lambda path: write(path, particles.jets(5, n_particles=150), compression="gzip"),
    "pandas.h5": lambda path: write(
        path, particles.pandas_fixed(particles.zjets(5)["momenta"].reshape(5, 20))
    ),
    "plain.npz": lambda path: np.savez(path, **particles.zjets(5)),
    "muons.parquet": lambda path: pd.DataFrame(muons.table(5)).to_parquet(path),
    "muons.csv": lambda path: pd.DataFrame(muons.table(5)).to_csv(path),
    "table.h5": lambda path: write(path, {"a": np.arange(5.0), "b": np.arange(5)}),
    "table.csv.gz": lambda path: path.write_bytes(
        gzip.compress(b"pt [GeV];eta\n" + b"".join(b"%d,5;%d\n" % (i * i, i % 3) for i in range(5)))
    ),
    "table.csv": lambda path: path.write_text(
        "pt,eta,name\n" + "".join(f"{1.5 * i},{i},mu{i}\n" for i in range(5))
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


def survived(path: Path, good: bytes, mutations: int, seed: int) -> list[str]:
    """Sentences that so many damaged copies of a file gave; whatever else is raised passes through."""
    sentences, rng = [], np.random.default_rng(seed)
    for _ in range(mutations):
        path.write_bytes(mutated(good, rng))
        try:
            load(path)
        except InputError as error:
            sentences.append(str(error))
    return sentences


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_give_a_sentence_or_a_sample(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    assert len(load(path)) == 5
    sentences = survived(path, path.read_bytes(), MUTATIONS, 5)
    assert len(sentences) > MUTATIONS / 4
    assert not any("\n" in sentence or len(sentence) > 600 for sentence in sentences)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_many_damaged_files_give_a_sentence_or_a_sample(tmp_path: Path, name: str) -> None:
    """The same with new damage each day; a failure names the seed."""
    path, seed = tmp_path / name, datetime.now(UTC).toordinal()
    WRITERS[name](path)
    sentences = survived(path, path.read_bytes(), 1000, seed)
    assert len(sentences) > 100, seed


def test_names_in_a_file_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", {"layer\x1b[2J\n": np.zeros((3, 3, 3)), "x\u202e": np.zeros((3, 3, 3))})
    with pytest.raises(InputError, match="the HDF5 file holds layer\N{REPLACEMENT CHARACTER}") as caught:
        load(tmp_path / "a.h5")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", BINNINGS)
def test_a_damaged_binning_gives_a_sentence_or_a_sample(tmp_path: Path, name: str) -> None:
    showers = write(tmp_path / "c.h5", challenge(5, 368))
    good, rng = (SHIPPED / name).read_bytes(), np.random.default_rng(6)
    sentences, path = [], tmp_path / "b.xml"
    for _ in range(MUTATIONS):
        path.write_bytes(mutated(good, rng))
        try:
            load(showers, binning=path)
        except InputError as error:
            sentences.append(str(error))
    assert len(sentences) > MUTATIONS / 4
    assert not any("\n" in sentence or len(sentence) > 600 for sentence in sentences)
