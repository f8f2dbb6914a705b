"""Dimuon events, from whichever of CMS's columns a table has; what cannot be computed is left out, by name.

Momenta, energies and masses are in GeV. Muons are numbered as in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.rules import AutoBinning
from tailscope.sample.drawing import Drawing
from tailscope.sample.observable import Arrays, Observable

from .base import Domain
from .kinematics import ANGLE, MUON_MASS, Floats, cartesian, mass, pseudorapidity, rapidity, wrapped
from .observing import Maker
from .plane import in_plane
from .wrapped import Wrapped

ISOLATIONS = ("iso", "iso03", "iso04")
"""Relative isolations: of a cone that a table does not say, and of 0.3 and 0.4."""

Names = frozenset[str]
P4 = tuple[Floats, Floats, Floats, Floats]


class Dimuons(Wrapped):
    """The columns of some events, and the kinematics that observables share, each computed once."""

    def column(self, name: str) -> Floats:
        """One column, float64[n]."""
        return np.asarray(self[name], dtype=np.float64)

    def pt(self, i: int) -> Floats:
        """Transverse momentum of a muon, float64[n]."""
        if f"pt{i}" in self:
            return self.column(f"pt{i}")
        return np.hypot(self.column(f"px{i}"), self.column(f"py{i}"))

    def eta(self, i: int) -> Floats:
        """Pseudorapidity of a muon, float64[n]."""
        return (
            self.column(f"eta{i}") if f"eta{i}" in self else pseudorapidity(self.pt(i), self.column(f"pz{i}"))
        )

    def phi(self, i: int) -> Floats:
        """Azimuth of a muon in [-pi, pi], float64[n]."""
        if f"phi{i}" in self:
            return wrapped(self.column(f"phi{i}"))
        return np.arctan2(self.column(f"py{i}"), self.column(f"px{i}"))

    def p4(self, i: int) -> P4:
        """(E, px, py, pz) of a muon, float64[n] each; E of its mass where there is no column."""
        if f"pt{i}" in self and f"eta{i}" in self and f"phi{i}" in self:
            return cartesian(self.pt(i), self.eta(i), self.phi(i), MUON_MASS)
        px, py, pz = (self.column(f"{c}{i}") for c in ("px", "py", "pz"))
        return np.sqrt(px**2 + py**2 + pz**2 + MUON_MASS**2), px, py, pz

    @cached_property
    def pair(self) -> P4:
        """(E, px, py, pz) of both muons together."""
        (e, x, y, z), (f, u, v, w) = self.p4(1), self.p4(2)
        return e + f, x + u, y + v, z + w

    @cached_property
    def m_mumu(self) -> Floats:
        """Mass of the two muons, float64[n]; the file's where the momenta are not all there."""
        return mass(*self.pair) if _has_p4(frozenset(self)) else self.column("M")

    @cached_property
    def d_eta(self) -> Floats:
        """eta_1 - eta_2."""
        return self.eta(1) - self.eta(2)

    @cached_property
    def d_phi(self) -> Floats:
        """phi_1 - phi_2 in [-pi, pi]."""
        return wrapped(self.phi(1) - self.phi(2))


def _has(names: Names, *columns: str) -> bool:
    """Whether both muons have these columns."""
    return all(f"{column}{i}" in names for column in columns for i in (1, 2))


def _has_eta(names: Names) -> bool:
    return all(f"eta{i}" in names or f"pz{i}" in names for i in (1, 2))


def _has_phi(names: Names) -> bool:
    return all(f"phi{i}" in names or {f"px{i}", f"py{i}"} <= names for i in (1, 2))


def _has_p4(names: Names) -> bool:
    return all(
        {f"pt{i}", f"eta{i}", f"phi{i}"} <= names or {f"px{i}", f"py{i}", f"pz{i}"} <= names for i in (1, 2)
    )


def _always(names: Names) -> bool:
    return True


Needs = Callable[[Names], bool]


_observable = Maker(Dimuons.of)


def _pair_observables() -> Iterator[tuple[Needs, Observable]]:
    make, auto, log = _observable, AutoBinning(), AutoBinning("log")
    # Of the Z peak, one bin in a GeV; far tails are under- and overflow.
    fine, zero = AutoBinning(bins=100), AutoBinning(low=0.0)
    label = r"M_{\mu\mu}"
    yield lambda n: _has_p4(n) or "M" in n, make("M_mumu", label, "GeV", fine, lambda d: d.m_mumu)
    label = r"p_{T,\mu\mu}"
    yield _has_p4, make("pT_mumu", label, "GeV", log, lambda d: np.hypot(d.pair[1], d.pair[2]))
    label = r"y_{\mu\mu}"
    yield _has_p4, make("y_mumu", label, "", auto, lambda d: rapidity(d.pair[0], d.pair[3]))
    label = r"\phi_{\mu\mu}"
    yield _has_p4, make("phi_mumu", label, "", ANGLE, lambda d: np.arctan2(d.pair[2], d.pair[1]))
    label = r"\Delta R_{\mu\mu}"
    yield (
        lambda n: _has_eta(n) and _has_phi(n),
        make("dR_mu1mu2", label, "", zero, lambda d: np.hypot(d.d_eta, d.d_phi)),
    )
    yield _has_eta, make("dEta_mu1mu2", r"\Delta\eta_{\mu\mu}", "", auto, lambda d: d.d_eta)
    yield _has_phi, make("dPhi_mu1mu2", r"\Delta\phi_{\mu\mu}", "", ANGLE, lambda d: d.d_phi)
    both = make("Q_product", r"Q_1 Q_2", "", auto, lambda d: d.column("Q1") * d.column("Q2"))
    yield lambda n: _has(n, "Q"), both


def _muon_observables(i: int) -> Iterator[tuple[Needs, Observable]]:
    make, auto, log = _observable, AutoBinning(), AutoBinning("log")
    mu = rf"\mu_{i}"
    yield _always, make(f"pT_mu{i}", f"p_{{T,{mu}}}", "GeV", log, lambda d: d.pt(i))
    yield _has_eta, make(f"eta_mu{i}", rf"\eta_{{{mu}}}", "", auto, lambda d: d.eta(i))
    yield _has_phi, make(f"phi_mu{i}", rf"\phi_{{{mu}}}", "", ANGLE, lambda d: d.phi(i))
    isolations = [(kind, rf"\mathrm{{{kind}}}", "") for kind in ISOLATIONS]
    for column, label, unit in (("Q", "Q", ""), ("dxy", "d_{xy}", "cm"), *isolations):
        name, text = f"{column}{i}", f"{label}_{{{mu}}}" if column != "dxy" else f"d_{{xy,{mu}}}"
        yield frozenset({name}).issubset, make(f"{column}_mu{i}", text, unit, auto, _column(name))


def _column(name: str) -> Callable[[Dimuons], Floats]:
    return lambda dimuons: dimuons.column(name)


def draw_observables(columns: Mapping[str, NDArray[Any]]) -> Drawing:
    """Both muons in eta and phi, from the observables alone; nothing where the angles are not there."""
    return in_plane(columns, ("mu1", "mu2"), ("muon", "muon"))


def _draw(arrays: Arrays) -> Drawing:
    dimuons, names = Dimuons.of(arrays), frozenset(arrays)
    if not (_has_eta(names) and _has_phi(names)):
        return Drawing()
    kinematics = {"pT": dimuons.pt, "eta": dimuons.eta, "phi": dimuons.phi}
    return draw_observables({f"{key}_mu{i}": value(i) for key, value in kinematics.items() for i in (1, 2)})


FIRST_ROW = (
    *("M_mumu", "pT_mumu", "pT_mu1", "pT_mu2", "y_mumu", "dR_mu1mu2", "dEta_mu1mu2", "dPhi_mu1mu2"),
    *("eta_mu1", "eta_mu2", "Q_product"),
)
"""Azimuths come last: generators draw them, and nothing is wrong with them."""


def dimuon(shapes: Mapping[str, tuple[int, ...]]) -> Domain:
    """Make the domain of a table with these columns (CMS's names); `Domain.left_out` names what it lacks."""
    names = frozenset(shapes)
    known = [*_pair_observables(), *_muon_observables(1), *_muon_observables(2)]
    inputs = dict(_inputs(names))

    def features(arrays: Arrays) -> NDArray[np.float32]:
        dimuons = Dimuons.of(arrays)
        return np.stack([value(dimuons) for value in inputs.values()], axis=1).astype(np.float32)

    observables = tuple(observable for needs, observable in known if needs(names))
    # One isolation is enough, and a file that has none lacks the one without a cone.
    isolated = any(f"{kind}1" in names for kind in ISOLATIONS)
    azimuths = ("phi_mumu", "phi_mu1", "phi_mu2")
    return Domain(
        name="dimuon",
        observables=observables,
        features=features,
        n_features=len(inputs),
        first_row=tuple(name for name in FIRST_ROW if name in {o.name for o in observables}),
        prepare=Dimuons.of,
        draw=_draw,
        inputs="log pT and eta of both muons, Delta phi, log M, charges, dxy and isolation, as far as there",
        unseen=tuple(o.name for o in observables if o.name in azimuths),
        left_out=tuple(
            observable.name
            for needs, observable in known
            if not needs(names) and not observable.name.startswith("iso" if isolated else ISOLATIONS[1:])
        ),
        feature_names=tuple(inputs),
    )


def _inputs(names: Names) -> Iterator[tuple[str, Callable[[Dimuons], Floats]]]:
    """What the classifier sees, of what there is: log pT, eta, Delta phi, log M, charges, dxy, log(1 + iso).

    Everything is invariant under rotations about the beam. M is never below two muon masses, but rounding may
    leave less, so that its logarithm starts at 0.1 GeV.
    """
    yield "log pT_mu1", lambda d: np.log(d.pt(1))
    yield "log pT_mu2", lambda d: np.log(d.pt(2))
    if _has_eta(names):
        yield "eta_mu1", lambda d: d.eta(1)
        yield "eta_mu2", lambda d: d.eta(2)
    if _has_phi(names):
        yield "dPhi_mu1mu2", lambda d: d.d_phi
    if _has_p4(names) or "M" in names:
        yield "log M_mumu", lambda d: np.log(np.maximum(d.m_mumu, 0.1))
    for kind in ("Q", "dxy"):
        for i in (1, 2):
            if f"{kind}{i}" in names:
                yield f"{kind}_mu{i}", _column(f"{kind}{i}")
    for i in (1, 2):
        for kind in ISOLATIONS:
            if f"{kind}{i}" in names:
                yield f"log(1 + {kind}_mu{i})", _log_column(f"{kind}{i}")


def _log_column(name: str) -> Callable[[Dimuons], Floats]:
    return lambda dimuons: np.log1p(np.maximum(dimuons.column(name), 0))
