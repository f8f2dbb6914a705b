"""Binning files of the CaloChallenge: XML that says how the showers' numbers lie in the detector."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from tailscope.errors import FormatError, said_by
from tailscope.sample.geometry import Geometry, Layer

SHIPPED = Path(__file__).parent / "binnings"
MAX_BYTES = 1 << 20
MAX_LAYERS, MAX_VOXELS = 1000, 1_000_000


@cache
def shipped() -> dict[int, Geometry]:
    """Geometries of datasets 1 to 3 by their number of voxels: 368, 533, 6480, 40500."""
    known = [read_binning(path)[0] for path in sorted(SHIPPED.glob("*.xml"))]
    return {geometry.n_voxels: geometry for geometry in known}


def read_binning(path: Path) -> list[Geometry]:
    """Read the geometries in a binning file, one for each ``Bin``; ``r_edges="0"`` is an absent layer.

    Raises
    ------
    FormatError: not XML, other elements than expected, edges that do not increase.

    """
    layers: list[Geometry] = []
    for bin_ in _root(path):
        name = bin_.get("name", "")
        found = [_layer(path, element) for element in bin_ if element.tag == "Layer"]
        if len({layer.id for layer in found}) < len(found):
            raise FormatError(
                f"{path.name}: a layer id occurs twice; number the layers of {name or 'each Bin'}"
            )
        geometry = Geometry(f"{path.stem} {name}".strip(), tuple(la for la in found if la.n_voxels))
        if bin_.tag == "Bin" and geometry.layers:
            layers.append(geometry)
        if len(found) > MAX_LAYERS or geometry.n_voxels > MAX_VOXELS:
            raise FormatError(
                f"{path.name}: there are {len(found)} layers with {geometry.n_voxels} voxels in it, expected "
                f"at most {MAX_LAYERS} and {MAX_VOXELS}; is it the right file?"
            )
    if not layers:
        raise FormatError(
            f"{path.name}: there is no Bin with a Layer of voxels in it, expected <Bins><Bin><Layer id= "
            "r_edges= n_bin_alpha=/>; is it a binning file?"
        )
    return layers


def geometry_of(path: Path, n_voxels: int, binning: Path | None) -> Geometry:
    """Find the geometry for showers of so many voxels, in ``binning`` or among those of the CaloChallenge.

    Raises
    ------
    FormatError: none has that many voxels.

    """
    if binning is None:
        if n_voxels in shipped():
            return shipped()[n_voxels]
        known = ", ".join(f"{n} ({geometry.name})" for n, geometry in sorted(shipped().items()))
        raise FormatError(
            f"{path.name}: dataset showers has {n_voxels} voxels a shower, expected {known}; for another "
            "detector give its binning file"
        )
    geometries = read_binning(binning)
    for geometry in geometries:
        if geometry.n_voxels == n_voxels:
            return geometry
    counts = " or ".join(f"{g.n_voxels}" for g in geometries)
    raise FormatError(
        f"{path.name}: dataset showers has {n_voxels} voxels a shower but {binning.name} describes {counts}; "
        "give the binning file that belongs to it"
    )


def _root(path: Path) -> ET.Element:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FormatError(f"{path.name}: the binning file cannot be opened ({error.strerror})") from error
    if len(text) > MAX_BYTES:
        raise FormatError(
            f"{path.name}: it has more than 1 MB, which no binning file has; is it the right file?"
        )
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise FormatError(f"{path.name}: it declares entities, which are not read; write plain elements")
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise FormatError(f"{path.name}: the binning file is not XML ({said_by(error)})") from error


def _layer(path: Path, element: ET.Element) -> Layer:
    where = f"{path.name}: layer {element.get('id', 'without id')}"
    try:
        number = int(element.get("id", ""))
        edges = tuple(float(edge) for edge in element.get("r_edges", "").split(","))
        n_alpha = int(element.get("n_bin_alpha", ""))
    except ValueError as error:
        raise FormatError(
            f'{where} has id="{element.get("id")}" r_edges="{element.get("r_edges")}" '
            f'n_bin_alpha="{element.get("n_bin_alpha")}", expected whole numbers and edges like "0,5,10"'
        ) from error
    increasing = all(a < b for a, b in pairwise(edges))
    if not increasing or not all(map(math.isfinite, edges)) or edges[0] < 0:
        raise FormatError(f"{where} has r_edges that do not increase from 0 mm or more; correct them")
    if n_alpha < 1:
        raise FormatError(f"{where} has n_bin_alpha={n_alpha}, expected at least 1")
    return Layer(number, edges, n_alpha)
