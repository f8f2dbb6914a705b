"""Jets and their constituents: mass, multiplicity and substructure.

Constituents are massless and given relative to their jet (eta_rel, phi_rel, pT_rel, mask), so that what is
computed from them is relative too: ``mass_rel`` is M/pT (arXiv:2106.11535). ``pT``, ``eta`` and ``mass`` are
those that the file states for the whole jet; without them these three observables are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning
from tailscope.counting.rules import AutoBinning, EndsApart
from tailscope.sample.drawing import Axis, Drawing, Points
from tailscope.sample.observable import Arrays, Observable
from tailscope.sample.particles import Particles

from .base import Domain
from .kinematics import Floats, ratio
from .observing import FRACTION, Maker
from .substructure import FLOWS, N_AXES, energy_flow, n_subjettiness
from .wrapped import Wrapped

PARTICLES, JETS = "particle_features", "jet_features"

SOFTEST = 1e-4
"""Added to pT_rel before the logarithm is taken: padding gets a number, and 0.1 GeV in a TeV looks soft."""

COLUMNS = ("pT_rel", "log_pT_rel", "eta_rel", "phi_rel")
"""What the classifier sees of each constituent."""

DRAWN = 0.9
"""A jet of R = 0.8 is drawn to this distance from its axis in both directions."""

N_OF_PARTICLE, N_OF_CONSTITUENTS, N_OF_JET = len(COLUMNS), 3, 3


class Jets(Wrapped):
    """The arrays of some jets, and the sums over constituents that observables share, each made once."""

    @cached_property
    def particles(self) -> NDArray[np.float32]:
        """eta_rel, phi_rel, pT_rel, mask of the constituents: float32[n, n_particles, 4]."""
        return np.ascontiguousarray(self[PARTICLES], dtype=np.float32)

    @cached_property
    def pt(self) -> Floats:
        """pT_rel of the constituents, float64[n, n_particles]; 0 for padding."""
        return self.particles[:, :, 2].astype(np.float64)

    @cached_property
    def total(self) -> Floats:
        """Sum of pT_rel, float64[n]."""
        total: Floats = self.pt.sum(axis=1)
        return total

    @cached_property
    def n_constituents(self) -> Floats:
        """How many constituents the file has of each jet, float64[n]."""
        n: Floats = np.count_nonzero(self.pt, axis=1).astype(np.float64)
        return n

    @cached_property
    def mass_rel(self) -> Floats:
        """Invariant mass of the constituents over the jet's pT, float64[n].

        M^2 = sum_ik pT_i pT_k (cosh(eta_i - eta_k) - cos(phi_i - phi_k)) = E^2 - p^2; rounding below 0 is 0.
        """
        eta, phi = (self.particles[:, :, c].astype(np.float64) for c in (0, 1))
        energy, pz = (self.pt * np.cosh(eta)).sum(axis=1), (self.pt * np.sinh(eta)).sum(axis=1)
        px, py = (self.pt * np.cos(phi)).sum(axis=1), (self.pt * np.sin(phi)).sum(axis=1)
        squared: Floats = energy**2 - px**2 - py**2 - pz**2
        return np.sqrt(np.maximum(squared, 0))

    @cached_property
    def tau(self) -> Floats:
        """N-subjettiness tau_1 .. tau_3, float64[n, 3]."""
        tau = np.empty((len(self.particles), N_AXES))
        n_subjettiness(self.particles, tau)
        return tau

    def tau_ratio(self, n: int) -> Floats:
        """tau_n / tau_(n-1), float64[n]; NaN for jets of fewer than n constituents."""
        return ratio(self.tau[:, n - 1], self.tau[:, n - 2])

    @cached_property
    def flows(self) -> Floats:
        """Sums over pairs, triples and more of constituents, float64[n, 6]: `substructure.energy_flow`."""
        result = np.empty((len(self.particles), len(FLOWS)))
        energy_flow(self.particles, result)
        return result

    def flow(self, name: str) -> Floats:
        """One of `FLOWS`, float64[n]."""
        flow: Floats = self.flows[:, FLOWS.index(name)]
        return flow

    def e3_over_e2(self, power: int) -> Floats:
        """e_3 / e_2^power, float64[n]; NaN for jets of one constituent."""
        return ratio(self.flow("e3"), self.flow("e2") ** power)

    @cached_property
    def girth(self) -> Floats:
        """Width of the jet, sum(pT DeltaR)/sum(pT) about its axis: float64[n]."""
        distance = np.hypot(self.particles[:, :, 0], self.particles[:, :, 1], dtype=np.float64)
        girth: Floats = (self.pt * distance).sum(axis=1) / self.total
        return girth


_observable = Maker(Jets.of)


def _jet_observables() -> Iterator[Observable]:
    """What the file states for the jet as a whole."""
    yield _observable("mass", "M", "GeV", AutoBinning(low=0.0), lambda j: j[JETS][:, 2])
    yield _observable("pT", "p_T", "GeV", AutoBinning(), lambda j: j[JETS][:, 0])
    yield _observable("eta", r"\eta", "", AutoBinning(), lambda j: j[JETS][:, 1])


def _tau(n: int) -> Callable[[Jets], Floats]:
    return lambda jets: jets.tau[:, n - 1]


def _flow(name: str) -> Callable[[Jets], Floats]:
    return lambda jets: jets.flow(name)


def _constituent_observables() -> Iterator[Observable]:
    make, auto, zero = _observable, AutoBinning(), AutoBinning(low=0.0)
    # The axes are not minimised, so that one axis fits some jets better than two.
    log, up_to_1 = AutoBinning("log"), EndsApart(Binning(np.arange(71) / 50), high=False)
    counts = AutoBinning(bins=253)  # as many bins as there are: a bin for each number
    yield make("mass_rel", r"M/p_T", "", zero, lambda j: j.mass_rel)
    yield make("n_constituents", r"n_{\mathrm{const}}", "", counts, lambda j: j.n_constituents)
    yield make("tau21", r"\tau_{21}", "", up_to_1, lambda j: j.tau_ratio(2))
    yield make("tau32", r"\tau_{32}", "", up_to_1, lambda j: j.tau_ratio(3))
    for n in range(1, N_AXES + 1):
        yield make(f"tau{n}", rf"\tau_{n}", "", zero, _tau(n))
    yield make("girth", r"\sum p_T\Delta R/\sum p_T", "", zero, lambda j: j.girth)
    yield make("pTD", r"p_T^D", "", FRACTION, lambda j: np.sqrt((j.pt**2).sum(axis=1)) / j.total)
    yield make("ecf2", r"e_2", "", zero, lambda j: j.flow("e2"))
    yield make("ecf3", r"e_3", "", log, lambda j: j.flow("e3"))
    # Of two prongs: C_2 of arXiv:1305.0007, D_2 of arXiv:1409.6298.
    yield make("C2", r"C_2", "", zero, lambda j: j.e3_over_e2(2))
    yield make("D2", r"D_2", "", log, lambda j: j.e3_over_e2(3))
    for name in FLOWS[2:]:
        yield make(f"efp_{name}", rf"\mathrm{{EFP}}_{{\mathrm{{{name}}}}}", "", log, _flow(name))
    yield make("leading", r"p_{T,1}/p_T", "", FRACTION, lambda j: j.pt.max(axis=1))
    yield make("sum_pT_rel", r"\sum p_{T,i}/p_T", "", auto, lambda j: j.total)


def _features(arrays: Arrays) -> NDArray[np.float32]:
    """Classifier inputs, float32[n, 4 n_particles + 3 or 6].

    Of the constituents, hardest first: `COLUMNS`; see `Particles`. Of the jet: number of
    constituents, log M/pT, sum of pT_rel, and log pT, eta, log(1 + M) where the file has them.
    """
    jets = Jets.of(arrays)
    n, n_particles = jets.pt.shape
    has_jets = JETS in jets
    result = np.empty((n, _n_features(n_particles, has_jets)), dtype=np.float32)
    order = np.argsort(-jets.particles[:, :, 2], axis=1, kind="stable")[:, :, None]
    ordered = np.take_along_axis(jets.particles, order, axis=1)
    constituents = result[:, : N_OF_PARTICLE * n_particles].reshape(n, n_particles, N_OF_PARTICLE)
    constituents[:, :, 0] = ordered[:, :, 2]
    constituents[:, :, 1] = np.log(ordered[:, :, 2] + np.float32(SOFTEST))
    constituents[:, :, 2:] = ordered[:, :, :2]
    constituents[:, :, 2:] *= ordered[:, :, 2:3] > 0
    columns = [jets.n_constituents, np.log(jets.mass_rel + SOFTEST), jets.total]
    if has_jets:
        pt, eta, mass = jets[JETS][:, :3].T.astype(np.float64)
        columns += [np.log(pt), eta, np.log1p(mass)]
    result[:, N_OF_PARTICLE * n_particles :] = np.stack(columns, axis=1)
    return result


def draw(arrays: Arrays) -> Drawing:
    """Constituents about the axis of their jet; a constituent's area is its part of the jet's pT."""
    particles = Jets.of(arrays).particles.astype(np.float64)
    there = particles[:, :, 2] > 0
    return Drawing(
        points=Points(
            Axis("η − η(jet)"),
            Axis("φ − φ(jet)"),
            (-DRAWN, DRAWN),
            (-DRAWN, DRAWN),
            np.where(there[:, :, None], particles[:, :, :2], np.nan),
            np.where(there, particles[:, :, 2], np.nan),
            Axis("pT/pT(jet)"),
            ("constituent",) * particles.shape[1],
            ("",) * particles.shape[1],
        )
    )


def _n_features(n_particles: int, has_jets: bool) -> int:
    return N_OF_PARTICLE * n_particles + N_OF_CONSTITUENTS + N_OF_JET * has_jets


FIRST_ROW = (
    *("mass", "mass_rel", "tau21", "tau32", "n_constituents", "pT", "girth", "pTD", "tau1", "tau2", "tau3"),
    "D2",
)


def jets(shapes: Mapping[str, tuple[int, ...]]) -> Domain:
    """Make the domain of jets; without ``jet_features`` the jet's pT, eta and mass are left out."""
    has_jets = JETS in shapes
    observables = (*(_jet_observables() if has_jets else ()), *_constituent_observables())
    return Domain(
        name="jets",
        observables=observables,
        features=_features,
        n_features=_n_features(shapes[PARTICLES][0], has_jets),
        first_row=tuple(name for name in FIRST_ROW if name in {o.name for o in observables}),
        particles=Particles(shapes[PARTICLES][0], COLUMNS),
        prepare=Jets.of,
        draw=draw,
        inputs=f"pT_rel, log pT_rel, eta_rel and phi_rel of {shapes[PARTICLES][0]} constituents, and the "
        "jet's number of constituents, mass and pT",
    )
