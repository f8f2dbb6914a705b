"""Files that are almost CaloGAN samples. Each writes itself; its sentence stands beside it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from helpers.showers import made_up, write

N = 20
Writer = Callable[[Path], object]


def changed(**changes: Any) -> Writer:
    """A good file in which some datasets are others; None leaves one out."""

    def writer(path: Path) -> None:
        arrays = made_up(N) | changes
        write(path, {name: values for name, values in arrays.items() if values is not None})

    return writer


def edited(edit: Callable[[h5py.File], object], **options: Any) -> Writer:
    """A good file, edited afterwards."""

    def writer(path: Path) -> None:
        write(path, made_up(N), **options)
        with h5py.File(path, "a") as file:
            edit(file)

    return writer


def mangled(change: Callable[[bytes], bytes]) -> Writer:
    """The bytes of a good file, changed."""

    def writer(path: Path) -> None:
        write(path, made_up(N))
        path.write_bytes(change(path.read_bytes()))

    return writer


def scaled(**factors: float) -> Writer:
    return changed(**{name: made_up(N)[name] * np.float32(factor) for name, factor in factors.items()})


def with_value(name: str, event: int, value: float) -> Writer:
    values = made_up(N)[name]
    values.reshape(N, -1)[event, 0] = value
    return changed(**{name: values})


def instead(name: str, make: Callable[[h5py.File], object]) -> Writer:
    """A good file in which one dataset is made by hand."""

    def edit(file: h5py.File) -> None:
        del file[name]
        make(file)

    return edited(edit)


def external_link(path: Path) -> None:
    write(path.with_name("elsewhere.h5"), {"layer_0": made_up(N)["layer_0"]})
    instead("layer_0", lambda f: f.__setitem__("layer_0", h5py.ExternalLink("elsewhere.h5", "layer_0")))(path)


def nested_external_link(path: Path) -> None:
    """A soft link to a link to another file, one group down."""
    write(path.with_name("elsewhere.h5"), {"layer_0": made_up(N)["layer_0"]})

    def edit(file: h5py.File) -> None:
        file.create_group("inner")["away"] = h5py.ExternalLink("elsewhere.h5", "layer_0")
        file["layer_0"] = h5py.SoftLink("/inner/away")

    instead("layer_0", edit)(path)


def virtual(path: Path) -> None:
    write(path.with_name("elsewhere.h5"), {"layer_0": made_up(N)["layer_0"]})
    layout = h5py.VirtualLayout((N, 3, 96), np.float32)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "layer_0", (N, 3, 96))
    instead("layer_0", lambda f: f.create_virtual_dataset("layer_0", layout))(path)


def external_storage(path: Path) -> None:
    secret = path.with_name("secret.txt")
    secret.write_bytes(b"x" * (N * 3 * 96 * 4))
    name = str(secret).encode()
    instead(
        "layer_0",
        lambda f: f.create_dataset(
            "layer_0", (N, 3, 96), np.float32, external=[(name, 0, h5py.h5f.UNLIMITED)]
        ),
    )(path)


def bomb(file: h5py.File) -> None:
    """100,000 events of zeros: 115 MB that gzip keeps in 112 kB."""
    file.create_dataset(
        "layer_0", data=np.zeros((100_000, 3, 96), np.float32), chunks=(100_000, 3, 96), compression="gzip"
    )


def partly_written(file: h5py.File) -> None:
    layer = file.create_dataset("layer_0", (N, 3, 96), np.float32, chunks=(5, 3, 96))
    layer[:5] = 1


def unknown_filter(file: h5py.File) -> None:
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk((N, 3, 96))
    properties.set_filter(32999, h5py.h5z.FLAG_OPTIONAL, ())
    space = h5py.h5s.create_simple((N, 3, 96))
    h5py.h5d.create(file.id, b"layer_0", h5py.h5t.IEEE_F32LE, space, properties)


def many_objects(file: h5py.File) -> None:
    group = file.create_group("many", track_order=True)
    for i in range(10_001):
        group[str(i)] = h5py.SoftLink("/energy")


def zeros(name: str, shape: tuple[int, ...], dtype: Any, **options: Any) -> Callable[[h5py.File], object]:
    return lambda file: file.create_dataset(name, shape, dtype, **options)


good = made_up(N)
record = np.zeros(N, dtype=[("e", "f4"), ("n", "i4")])

CASES: dict[str, tuple[Writer, str]] = {
    # the file
    "empty file": (lambda p: p.write_bytes(b""), r"the file is empty \(0 bytes\)"),
    "a text file": (
        lambda p: p.write_text("energy,layer_0\n1,2\n"),
        r"is not HDF5 although its name says so",
    ),
    "noise": (lambda p: p.write_bytes(bytes(range(256)) * 9), r"is not HDF5 although its name says so"),
    "a folder": (lambda p: p.mkdir(), r"is not a file; name one file"),
    "nothing": (lambda p: None, r"there is no such file"),
    "gzip": (
        lambda p: p.write_bytes(gzip.compress(b"\x89HDF\r\n\x1a\n" + bytes(50))),
        r"what is packed in it is no text, and only text is read as it is; unpack it first",
    ),
    "web page": (lambda p: p.write_text("<!DOCTYPE html><html>404</html>"), r"web page .* download it again"),
    "LFS": (lambda p: p.write_text("version https://git-lfs.github.com/spec/v1\n"), r"Git LFS pointer"),
    "pickle": (lambda p: p.write_bytes(b"\x80\x04\x95" + bytes(50)), r"is a pickle, which is never opened"),
    "ROOT": (
        lambda p: p.write_bytes(b"root\x00\x00\xf7\x01" + bytes(50)),
        r"the ROOT file is damaged: opening it failed",
    ),
    "cut short": (mangled(lambda b: b[: len(b) // 2]), r"the HDF5 file is cut short"),
    "only a signature": (mangled(lambda b: b[:8]), r"the HDF5 file is (damaged|cut short)"),
    "overwritten": (mangled(lambda b: b[:96] + bytes(400) + b[496:]), r"the HDF5 file is damaged"),
    "nothing in it": (lambda p: write(p, {}), r"holds no datasets, expected CaloGAN showers"),
    "another detector": (
        lambda p: write(p, {"hits": np.ones((5, 368)), "beam": np.ones((5, 1))}),
        r"holds beam \(5, 1\), hits \(5, 368\), expected CaloGAN showers",
    ),
    "too many objects": (edited(many_objects), r"more than 10000 objects"),
    # what points elsewhere
    "external link": (external_link, r"layer_0 is a link to another file, which is not followed"),
    "soft link to an external one": (nested_external_link, r"inner/away is a link to another file"),
    "virtual dataset": (virtual, r"layer_0 is a virtual dataset that takes its values from other files"),
    "external storage": (external_storage, r"layer_0 keeps its values in an external file"),
    "dangling link": (
        instead("layer_0", lambda f: f.__setitem__("layer_0", h5py.SoftLink("/nowhere"))),
        r"dataset layer_0 is a link to /nowhere, which is not in the file",
    ),
    "link to itself": (
        instead("layer_0", lambda f: f.__setitem__("layer_0", h5py.SoftLink("/layer_0"))),
        r"dataset layer_0 is a link to /layer_0, which is not in the file",
    ),
    "link to a group": (
        instead("layer_0", lambda f: f.__setitem__("layer_0", h5py.SoftLink("/"))),
        r"dataset layer_0 is a link to /, which is not a dataset",
    ),
    # what is missing, or of another shape
    "no energy": (
        changed(energy=None),
        r"dataset energy \(incident energies in GeV, shape \(N, 1\)\) is missing; there are layer_0,",
    ),
    "another name": (
        changed(layer_1=None, Layer1=good["layer_1"]),
        r"dataset layer_1 .* is missing; .* Layer1, energy, layer_0, layer_2; the closest name is Layer1",
    ),
    "a group": (
        instead("layer_2", lambda f: f.create_group("layer_2").create_dataset("voxels", data=np.ones(3))),
        r"dataset layer_2 .* is missing; .*layer_2/voxels",
    ),
    "flat layer": (
        changed(layer_1=good["layer_1"].reshape(N, 144)),
        r"dataset layer_1 has shape \(20, 144\), .*; reshape it with .reshape\(-1, 12, 12\)",
    ),
    "swapped axes": (
        changed(layer_0=good["layer_0"].transpose(0, 2, 1)),
        r"dataset layer_0 has shape \(20, 96, 3\), expected \(N, 3, 96\); swap its last two axes",
    ),
    "extra axis": (changed(layer_2=good["layer_2"][..., None]), r"expected \(N, 12, 6\); drop the axis"),
    "another grid": (
        changed(layer_2=np.ones((N, 12, 12))),
        r"layer_2 has shape \(20, 12, 12\), .* another detector",
    ),
    "two energies": (
        changed(energy=np.ones((N, 2))),
        r"dataset energy has shape \(20, 2\), expected \(N, 1\)",
    ),
    "single value": (changed(energy=np.float32(3)), r"dataset energy is a single value"),
    "no dataspace": (changed(energy=h5py.Empty("f4")), r"dataset energy is a single value"),
    "fewer events": (
        changed(layer_1=good["layer_1"][:-1]),
        r"dataset layer_1 has 19 events but energy has 20",
    ),
    "zero events": (
        lambda p: write(p, {name: values[:0] for name, values in good.items()}),
        r"there are no events in it \(energy has shape \(0, 1\)\)",
    ),
    # what is not a number
    "complex": (changed(layer_0=good["layer_0"] + 1j), r"dataset layer_0 holds complex numbers"),
    "compound": (changed(energy=record), r"dataset energy .* is missing; there are energy/e"),
    "variable length": (
        instead("energy", zeros("energy", (N,), h5py.vlen_dtype(np.float32))),
        r"dataset energy holds text or variable-length objects",
    ),
    "text": (changed(energy=np.array([b"10"] * N)), r"dataset energy holds text"),
    "references": (
        instead("energy", zeros("energy", (N,), h5py.ref_dtype)),
        r"dataset energy holds text or var",
    ),
    "array elements": (
        instead("energy", zeros("energy", (N,), np.dtype(("f4", (1,))))),
        r"dataset energy holds arrays inside each element",
    ),
    "long double": (
        changed(energy=good["energy"].astype(np.longdouble)),
        r"dataset energy holds numbers of type float128",
    ),
    "NaN": (
        with_value("layer_1", 7, np.nan),
        r"dataset layer_1: event 7 has nan MeV \(1 such values in events 0 to 19\), expected finite numbers",
    ),
    "infinite": (with_value("layer_0", 3, np.inf), r"dataset layer_0: event 3 has inf MeV"),
    "negative": (
        with_value("layer_2", 11, -0.25),
        r"dataset layer_2: event 11 has -0.25 MeV .*expected finite numbers of at least 0",
    ),
    "no incident energy": (with_value("energy", 4, 0), r"event 4 has an incident energy of 0 GeV"),
    "beyond float32": (
        changed(layer_0=np.full((N, 3, 96), 1e300)),
        r"dataset layer_0: there are values up to 1e\+300, more than float32 holds",
    ),
    # what was never written, or is too much
    "never written": (
        instead("layer_0", zeros("layer_0", (N, 3, 96), np.float32)),
        r"layer_0 declares 23 kB of shape \(20, 3, 96\) but was never written",
    ),
    "never written, in chunks": (
        instead("layer_0", zeros("layer_0", (N, 3, 96), np.float32, chunks=True)),
        r"layer_0 declares 23 kB .* but was never written",
    ),
    "8 TB": (
        instead("layer_0", zeros("layer_0", (7_000_000_000, 3, 96), np.float32, chunks=(1000, 3, 96))),
        r"layer_0 declares 8.06 TB .* but was never written",
    ),
    "partly written": (
        instead("layer_0", partly_written),
        r"dataset layer_0 was only partly written \(1 of 4 chunks\)",
    ),
    "gzip bomb": (
        instead("layer_0", bomb),
        r"layer_0 declares 115 MB of shape \(100000, 3, 96\) but stores only 11\d kB",
    ),
    "huge chunks": (
        instead("layer_0", zeros("layer_0", (10**6, 3, 96), "f4", chunks=(10**6, 3, 96), fillvalue=1)),
        r"layer_0 declares 1.15 GB .* but was never written",
    ),
    "filter that is not there": (
        instead("layer_0", unknown_filter),
        r"layer_0 is compressed with filter 32999 \(unnamed\), which is not installed",
    ),
    # units
    "layers in GeV": (
        scaled(layer_0=1e-3, layer_1=1e-3, layer_2=1e-3),
        r"deposit 0.001 times their incident energy .* the layers look like GeV: multiply them by 1000",
    ),
    "energy in MeV": (scaled(energy=1e3), r"dataset energy looks like MeV: divide it by 1000"),
    "layers in keV": (
        scaled(layer_0=1e3, layer_1=1e3, layer_2=1e3),
        r"deposit 1e\+03 times .* the layers look like keV: divide them by 1000",
    ),
    "energy in TeV": (scaled(energy=1e-3), r"dataset energy looks like TeV: multiply it by 1000"),
    "both swapped": (
        scaled(energy=1e3, layer_0=1e-3, layer_1=1e-3, layer_2=1e-3),
        r"energy looks like MeV and the layers like GeV",
    ),
    "normalised voxels": (
        scaled(layer_0=1e-4, layer_1=1e-4, layer_2=1e-4),
        r"the voxels look normalised: multiply them back to MeV",
    ),
    "nonsense units": (scaled(layer_0=1e9, layer_1=1e9, layer_2=1e9), r"check the units of both"),
    "nothing deposited": (scaled(layer_0=0, layer_1=0, layer_2=0), r"most showers are empty"),
}
