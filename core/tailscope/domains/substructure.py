"""N-subjettiness, energy correlations and energy flow polynomials of jets, compiled.

Constituents are massless, given as (eta, phi, pT) relative to their jet: the sums below do not change when a
jet is moved along the beam, rotated about it, or scaled.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tailscope.compiled import compiled

N_AXES = 3

Floats = NDArray[np.float64]

jit = compiled()


@jit
def n_subjettiness(particles: NDArray[np.float32], tau: Floats) -> None:
    """Fill ``tau`` float64[n, 3] with tau_1, tau_2, tau_3 of ``particles`` float32[n, n_particles, >= 3].

    tau_N = sum_i pT_i min_k DeltaR(i, axis_k) / sum_i pT_i: Thaler and Van Tilburg, arXiv:1011.2268, with
    beta = 1 and R0 = 1. The axes are those of exclusive kT clustering (E scheme), not minimised further. A
    jet of at most N constituents has tau_N = 0.
    """
    size = particles.shape[1]
    p = np.empty((size, 4))  # px, py, pz, E
    at = np.empty((size, 3))  # rapidity, phi, pT^2
    nearest = np.empty(size, np.int64)
    distance = np.empty(size)
    for event in range(particles.shape[0]):
        m = 0
        for i in range(size):
            pt = np.float64(particles[event, i, 2])
            if pt > 0:
                eta, phi = np.float64(particles[event, i, 0]), np.float64(particles[event, i, 1])
                p[m, 0], p[m, 1] = pt * math.cos(phi), pt * math.sin(phi)
                p[m, 2], p[m, 3] = pt * math.sinh(eta), pt * math.cosh(eta)
                at[m, 0], at[m, 1], at[m, 2] = eta, phi, pt * pt
                m += 1
        for i in range(m):
            _find_nearest(at, m, i, nearest, distance)
        if m <= N_AXES:
            for n_axes in range(m, N_AXES + 1):
                tau[event, n_axes - 1] = 0.0
        while m > 0:
            if m <= N_AXES:
                tau[event, m - 1] = _distance_to_axes(particles[event], at, m)
            if m == 1:
                break
            _merge(p, at, m, nearest, distance)
            m -= 1


@jit
def _between(at: Floats, i: int, k: int) -> float:
    """DeltaR^2 of two axes."""
    d_phi = at[i, 1] - at[k, 1]
    d_phi -= 2 * math.pi * round(d_phi / (2 * math.pi))
    d_eta = at[i, 0] - at[k, 0]
    squared: float = d_eta * d_eta + d_phi * d_phi
    return squared


@jit
def _find_nearest(at: Floats, m: int, i: int, nearest: NDArray[np.int64], distance: Floats) -> None:
    """Set the neighbour k of i with the smallest min(pT_i^2, pT_k^2) DeltaR_ik^2, and that distance."""
    distance[i] = math.inf
    nearest[i] = -1
    for k in range(m):
        if k != i:
            d = min(at[i, 2], at[k, 2]) * _between(at, i, k)
            if d < distance[i]:
                distance[i], nearest[i] = d, k


@jit
def _merge(p: Floats, at: Floats, m: int, nearest: NDArray[np.int64], distance: Floats) -> None:
    """Add up the closest pair of m pseudojets; the last one takes the place that becomes free."""
    i = 0
    for k in range(1, m):
        if distance[k] < distance[i]:
            i = k
    j, last = nearest[i], m - 1
    i, j = min(i, j), max(i, j)
    for c in range(4):
        p[i, c] += p[j, c]
    at[i, 0] = 0.5 * math.log((p[i, 3] + p[i, 2]) / (p[i, 3] - p[i, 2]))
    at[i, 1] = math.atan2(p[i, 1], p[i, 0])
    at[i, 2] = p[i, 0] ** 2 + p[i, 1] ** 2
    p[j], at[j], nearest[j], distance[j] = p[last], at[last], nearest[last], distance[last]
    for k in range(last):
        if k == i or nearest[k] == i or nearest[k] == j:
            _find_nearest(at, last, k, nearest, distance)
        else:
            if nearest[k] == last:
                nearest[k] = j
            d = min(at[i, 2], at[k, 2]) * _between(at, i, k)
            if d < distance[k]:
                distance[k], nearest[k] = d, i


@jit
def _distance_to_axes(particles: NDArray[np.float32], at: Floats, m: int) -> float:
    total, weighted = 0.0, 0.0
    for i in range(particles.shape[0]):
        pt = np.float64(particles[i, 2])
        if pt > 0:
            closest = math.inf
            for k in range(m):
                d_phi = particles[i, 1] - at[k, 1]
                d_phi -= 2 * math.pi * round(d_phi / (2 * math.pi))
                closest = min(closest, (particles[i, 0] - at[k, 0]) ** 2 + d_phi**2)
            total += pt
            weighted += pt * math.sqrt(closest)
    return weighted / total


FLOWS = ("e2", "e3", "double", "wedge", "star", "path")
"""What `energy_flow` gives of each jet, in this order."""


@jit
def energy_flow(particles: NDArray[np.float32], result: Floats) -> None:
    """Fill ``result`` float64[n, 6] with sums over pairs, triples and more of ``particles``: `FLOWS`.

    With z_i = pT_i / sum pT and theta_ij = DeltaR_ij, all sums over all particles where not said otherwise:

        e2     = sum_{i<j} z_i z_j theta_ij
        e3     = sum_{i<j<k} z_i z_j z_k theta_ij theta_jk theta_ik
        double = sum_{ij} z_i z_j theta_ij^2
        wedge  = sum_{ijk} z_i z_j z_k theta_ij theta_jk
        star   = sum_{ijkl} z_i z_j z_k z_l theta_ij theta_ik theta_il
        path   = sum_{ijkl} z_i z_j z_k z_l theta_ij theta_jk theta_kl

    The first two are energy correlation functions with beta = 1 (Larkoski, Salam and Thaler,
    arXiv:1305.0007), the others energy flow polynomials (Komiske, Metodiev and Thaler, arXiv:1712.07124), of
    which 2 e2 is the one with a single edge and 6 e3 the triangle. Those without a loop need
    s_i = sum_j z_j theta_ij alone: as many operations as there are pairs.
    """
    size = particles.shape[1]
    z, at = np.empty(size), np.empty((size, 2))
    theta, s = np.empty((size, size)), np.empty(size)
    for event in range(particles.shape[0]):
        m, total = 0, 0.0
        for i in range(size):
            pt = np.float64(particles[event, i, 2])
            if pt > 0:
                z[m], at[m, 0], at[m, 1] = pt, particles[event, i, 0], particles[event, i, 1]
                total += pt
                m += 1
        for i in range(m):
            z[i] /= total
            s[i] = 0.0
        e2, double, e3 = 0.0, 0.0, 0.0
        for i in range(m):
            theta[i, i] = 0.0
            for k in range(i):
                squared = _between(at, i, k)
                theta[i, k] = theta[k, i] = math.sqrt(squared)
                double += 2 * z[i] * z[k] * squared
                s[i] += z[k] * theta[i, k]
                s[k] += z[i] * theta[i, k]
        wedge, star, path = 0.0, 0.0, 0.0
        for i in range(m):
            e2 += z[i] * s[i] / 2
            wedge += z[i] * s[i] ** 2
            star += z[i] * s[i] ** 3
            for j in range(i):
                path += 2 * z[i] * s[i] * theta[i, j] * z[j] * s[j]
                inner = 0.0
                for k in range(j):
                    inner += z[k] * theta[i, k] * theta[j, k]
                e3 += z[i] * z[j] * theta[i, j] * inner
        result[event, 0], result[event, 1], result[event, 2] = e2, e3, double
        result[event, 3], result[event, 4], result[event, 5] = wedge, star, path
