"""Pairs of samples that benchmarks are run on, which stay the same when the bundled ones are made anew."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
PAIRS: dict[str, tuple[Path, Path]] = {
    # Of the first generator (five epochs, smooth spectra), which lacks the lines and much else.
    "photons": (ROOT / "data/photons_reference.hdf5", ROOT / "benchmarks/photons_first_generator.hdf5"),
    "photons, refined": (ROOT / "data/photons_reference.hdf5", ROOT / "data/photons_generated.hdf5"),
} | {
    name: (ROOT / f"data/{name}_reference.h5", ROOT / f"data/{name}_generated.h5")
    for name in ("jets", "zjets", "dimuon")
}
