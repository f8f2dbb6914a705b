"""Z -> mu mu events with one to three jets, from the four-momenta of two muons and three jets.

Energies, momenta and masses are in GeV. Jets are ordered in pT; the observables of a jet that an event does
not have are NaN. Inputs of the classifier follow arXiv:2305.16774, Eq. 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailscope.counting.binning import Binning
from tailscope.counting.rules import AutoBinning
from tailscope.sample.drawing import Drawing
from tailscope.sample.observable import Arrays, Observable

from .base import Domain
from .kinematics import ANGLE, Floats, mass, pseudorapidity, rapidity, wrapped
from .observing import Maker
from .plane import in_plane
from .wrapped import Wrapped

PARTICLES = ("mu1", "mu2", "j1", "j2", "j3")
N_MUONS = 2
PAIRS = tuple(combinations(range(len(PARTICLES)), 2))
JET_PAIRS = ((2, 3), (2, 4), (3, 4))

MAX_INVERSE_DR = 20.0
"""Largest 1/DeltaR that the classifier sees (Eq. 8): what is closer than 0.05 looks the same."""

LIKELIHOODS = "log_likelihood"

LABELS = {"mu1": r"\mu_1", "mu2": r"\mu_2", "j1": "j_1", "j2": "j_2", "j3": "j_3"}


class Collisions(Wrapped):
    """The arrays of some events, and the kinematics that observables share, each computed once."""

    @cached_property
    def p4(self) -> Floats:
        """(E, px, py, pz) of each particle: float64[4, 5, n], each a contiguous row of events."""
        return np.ascontiguousarray(self["momenta"].transpose(2, 1, 0), dtype=np.float64)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Which particles there are: bool[5, n]; absent ones are all zero."""
        present: NDArray[np.bool_] = self.p4[0] > 0
        return present

    @cached_property
    def pt(self) -> Floats:
        """Transverse momenta, float64[5, n]; 0 for absent particles."""
        squared: Floats = self.p4[1] * self.p4[1]
        squared += self.p4[2] * self.p4[2]
        return np.sqrt(squared)

    @cached_property
    def pt_or_nan(self) -> Floats:
        """Transverse momenta, float64[5, n]; NaN for absent particles."""
        return self.where_present(self.pt.copy())

    @cached_property
    def eta(self) -> Floats:
        """Pseudorapidities, float64[5, n]; NaN for absent particles."""
        return pseudorapidity(self.pt, self.p4[3])

    @cached_property
    def phi(self) -> Floats:
        """Azimuths in [-pi, pi], float64[5, n]; NaN for absent particles."""
        phi: Floats = np.arctan2(self.p4[2], self.p4[1])
        return self.where_present(phi)

    @cached_property
    def jet_mass(self) -> Floats:
        """Masses of the jets, float64[3, n]; NaN for absent ones. Muons have the muon's."""
        masses = mass(*self.p4[:, N_MUONS:])
        masses[~self.present[N_MUONS:]] = np.nan
        return masses

    @cached_property
    def z(self) -> Floats:
        """(E, px, py, pz) of the two muons together: float64[4, n]."""
        z: Floats = self.p4[:, 0] + self.p4[:, 1]
        return z

    @cached_property
    def m_mumu(self) -> Floats:
        """Mass of the two muons, float64[n]."""
        return mass(*self.z)

    @cached_property
    def n_jets(self) -> Floats:
        """How many jets there are, float64[n]."""
        n_jets: Floats = self.present[N_MUONS:].sum(axis=0).astype(np.float64)
        return n_jets

    @cached_property
    def d_eta(self) -> dict[tuple[int, int], Floats]:
        """eta_i - eta_k of each pair (i, k): float64[n], NaN where one of the two is absent."""
        return {(i, k): self.eta[i] - self.eta[k] for i, k in PAIRS}

    @cached_property
    def d_phi(self) -> dict[tuple[int, int], Floats]:
        """phi_i - phi_k of each pair in [-pi, pi]: float64[n], NaN where one of the two is absent."""
        return {(i, k): wrapped(self.phi[i] - self.phi[k]) for i, k in PAIRS}

    @cached_property
    def d_r(self) -> dict[tuple[int, int], Floats]:
        """Delta R = sqrt(Delta eta^2 + Delta phi^2) of each pair: float64[n], NaN where one is absent."""
        return {pair: np.hypot(self.d_eta[pair], self.d_phi[pair]) for pair in PAIRS}

    @cached_property
    def likelihood(self) -> tuple[Floats, Floats]:
        """(log mu, sigma/mu) of the samples p_s(x) of a Bayesian generator's likelihood: float64[n] each.

        Mean and standard deviation are those of p, not of log p (Sec. 5.3); the largest log p is taken out
        before exponentiating, which cancels in the ratio.
        """
        log_p = self[LIKELIHOODS].astype(np.float64)
        largest = log_p.max(axis=1)
        p = np.exp(log_p - largest[:, None])
        mean = p.mean(axis=1)
        return np.log(mean) + largest, p.std(axis=1) / mean

    def where_present(self, values: Floats) -> Floats:
        """Overwrite the values of absent particles with NaN; values float64[5, n]."""
        values[~self.present] = np.nan
        return values


def features(arrays: Arrays) -> NDArray[np.float32]:
    """Classifier inputs, float32[n, 23]; zeros stand for what an absent jet does not have.

    Eq. 8 with logarithms where the range is large: log pT (5), eta (5), Delta phi of successive particles
    (4), log(1 + M) of the jets (3), M_mumu, min(1/Delta R, 20) of the jet pairs (3), and whether there is a
    second and a third jet (2). Everything is invariant under rotations about the beam.
    """
    events = Collisions.of(arrays)
    result = np.empty((len(events.m_mumu), N_FEATURES), dtype=np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):  # absent jets, two jets in the same direction
        columns = [
            *np.log(events.pt),
            *events.eta,
            *(events.d_phi[i - 1, i] for i in range(1, len(PARTICLES))),
            *np.log1p(np.maximum(events.jet_mass, 0)),
            events.m_mumu,
            *(np.minimum(1 / events.d_r[pair], MAX_INVERSE_DR) for pair in JET_PAIRS),
            *events.present[N_MUONS + 1 :],
        ]
        for i, column in enumerate(columns):
            result[:, i] = column
    result[~np.isfinite(result)] = 0
    return result


N_FEATURES = 23

UNSEEN = ("phi_Z", *(f"phi_{name}" for name in PARTICLES), "log_p", "sigma_over_mu")
"""Azimuths themselves (inputs are invariant under rotations), and what the generator thinks of its events."""

COUNT = Binning(np.linspace(0.5, 3.5, 4))
"""Events without a jet are refused."""
M_MUMU = AutoBinning(bins=60, low=60.0, high=120.0)
DELTA_R = Binning(np.linspace(0, 7, 71))
"""Bins of 0.1, so that the radius of the jets is an edge."""


_observable = Maker(Collisions.of)


def _part(name: str, key: Any) -> Callable[[Collisions], Floats]:
    """What a property of `Collisions` holds of one particle or pair."""

    def value(events: Collisions) -> Floats:
        part: Floats = getattr(events, name)[key]
        return part

    return value


def _event_observables() -> Iterator[Observable]:
    make, auto, log = _observable, AutoBinning(), AutoBinning("log")
    yield make("M_mumu", r"M_{\mu\mu}", "GeV", M_MUMU, lambda e: e.m_mumu)
    yield make("n_jets", r"n_{\mathrm{jets}}", "", COUNT, lambda e: e.n_jets)
    yield make("pT_Z", r"p_{T,Z}", "GeV", log, lambda e: np.hypot(e.z[1], e.z[2]))
    yield make("y_Z", r"y_Z", "", auto, lambda e: rapidity(e.z[0], e.z[3]))
    yield make("phi_Z", r"\phi_Z", "", ANGLE, lambda e: np.arctan2(e.z[2], e.z[1]))


def _particle_observables() -> Iterator[Observable]:
    make, auto, log = _observable, AutoBinning(), AutoBinning("log")

    for i, particle in enumerate(PARTICLES):
        label = LABELS[particle]
        yield make(f"pT_{particle}", f"p_{{T,{label}}}", "GeV", log, _part("pt_or_nan", i))
        yield make(f"eta_{particle}", rf"\eta_{{{label}}}", "", auto, _part("eta", i))
        yield make(f"phi_{particle}", rf"\phi_{{{label}}}", "", ANGLE, _part("phi", i))
        if i >= N_MUONS:
            jet = i - N_MUONS
            yield make(f"M_{particle}", f"M_{{{label}}}", "GeV", auto, _part("jet_mass", jet))


def _pair_observables() -> Iterator[Observable]:
    """Jets first: their angular correlations are what generators get wrong."""
    make, auto = _observable, AutoBinning()
    for pair in sorted(PAIRS, key=lambda p: (p not in JET_PAIRS, p)):
        names, labels = "", ""
        for i in pair:
            names, labels = names + PARTICLES[i], labels + LABELS[PARTICLES[i]]
        d_r, d_eta, d_phi = (
            rf"\Delta R_{{{labels}}}",
            rf"\Delta\eta_{{{labels}}}",
            rf"\Delta\phi_{{{labels}}}",
        )
        yield make(f"dR_{names}", d_r, "", DELTA_R, _part("d_r", pair))
        yield make(f"dEta_{names}", d_eta, "", auto, _part("d_eta", pair))
        yield make(f"dPhi_{names}", d_phi, "", ANGLE, _part("d_phi", pair))


def _likelihood_observables() -> Iterator[Observable]:
    make, auto, log = _observable, AutoBinning(), AutoBinning("log")
    yield make("log_p", r"\log p_{\mathrm{model}}", "", auto, lambda e: e.likelihood[0])
    yield make("sigma_over_mu", r"\sigma/\mu(p_{\mathrm{model}})", "", log, lambda e: e.likelihood[1])


def draw_observables(columns: Mapping[str, NDArray[Any]]) -> Drawing:
    """Muons and jets in eta and phi, from the observables alone: no file is needed."""
    return in_plane(columns, PARTICLES, ("muon",) * N_MUONS + ("jet",) * (len(PARTICLES) - N_MUONS))


def _draw(arrays: Arrays) -> Drawing:
    events = Collisions.of(arrays)
    kinematics = {"pT": events.pt_or_nan, "eta": events.eta, "phi": events.phi}
    return draw_observables(
        {f"{key}_{p}": values[i] for key, values in kinematics.items() for i, p in enumerate(PARTICLES)}
    )


def zjets(shapes: Mapping[str, tuple[int, ...]]) -> Domain:
    """Make the domain of Z+jets events; files with ``log_likelihood`` have two observables more."""
    observables = (*_event_observables(), *_pair_observables(), *_particle_observables())
    if LIKELIHOODS in shapes:
        observables += tuple(_likelihood_observables())
    return Domain(
        name="events",
        observables=observables,
        features=features,
        n_features=N_FEATURES,
        first_row=(
            *("M_mumu", "dR_j1j2", "pT_j1", "pT_Z", "n_jets", "dR_j1j3", "dR_j2j3", "M_j1"),
            *("eta_j1", "dPhi_j1j2", "pT_mu1", "M_j3"),
        ),
        prepare=Collisions.of,
        draw=_draw,
        inputs="log pT, eta and Delta phi of muons and jets, log(1 + M) of the jets, M_mumu and 1/DeltaR of "
        "jet pairs (Eq. 8 of the paper)",
        unseen=tuple(o.name for o in observables if o.name in UNSEEN),
    )
