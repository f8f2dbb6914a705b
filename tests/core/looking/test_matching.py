"""Averages at equal energy: a spectrum alone leaves a ratio of 1, a difference in shape stays."""

import numpy as np
import pytest

import tailscope as ts
from helpers import showers, toys
from tailscope.looking.averages import average, picked
from tailscope.looking.matching import NEAR, is_given, matched
from tailscope.looking.originals import originals

N = 900


def of_energies(path, energies, seed, deep=0.0):
    """Showers whose shares of the layers grow with energy, by ``deep`` more in the last one."""
    rng = np.random.default_rng(seed)
    n = energies.size
    arrays = {"energy": energies[:, None].astype(np.float32)}
    depth = 0.2 + 0.01 * energies + 0.02 * rng.standard_normal(n)
    shares = np.stack([0.5 - depth / 2, 0.5 - depth / 2 - deep, depth + deep], axis=1)
    for (name, cells), share in zip(showers.SHAPES.items(), shares.T, strict=True):
        voxels = rng.gamma(0.5, 1.0, (n, *cells))
        voxels *= (1000 * share * energies)[:, None, None] / voxels.sum(axis=(1, 2), keepdims=True)
        arrays[name] = voxels.astype(np.float32)
    return ts.load(showers.write(path, arrays), name=path.stem)


def pair_of(folder, *, deep=0.0, discrete=False, high=20.0):
    """A soft reference and a hard generated sample as a study with weights of 1."""
    rng = np.random.default_rng(3)
    soft, hard = 1 + 19 * rng.random(N) ** 2, 1 + (high - 1) * rng.random(N)
    if discrete:
        soft, hard = (2.0 ** np.floor(np.log2(e)) for e in (soft, hard))
    ref = of_energies(folder / "reference.h5", soft, 1)
    gen = of_energies(folder / "generated.h5", hard, 2, deep)
    return ts.Study.from_weights(ref, gen, np.zeros(N), np.zeros(N))


def compared(study, *, match):
    """Ratios and their errors, profile by profile: generated over reference."""
    own, other = (originals(study, side) for side in ("generated", "reference"))
    rows, weights = np.arange(N), None
    partners = rows
    if match:
        pairs = matched(study, "generated", rows, "reference")
        rows, partners, weights = pairs.own, pairs.partners, pairs.weights
    above = average(own, rows)
    below = average(other, partners, weights=weights)
    return [a.over(b) for a, b in zip(above.profiles, below.profiles, strict=True)]


def off(found):
    """Largest pull of the ratio from 1, profile by profile."""
    return [np.nanmax(np.abs(ratio - 1) / error) for ratio, error in found]


@pytest.mark.parametrize("discrete", [False, True])
def test_a_spectrum_alone_leaves_a_ratio_of_one_once_matched_and_not_before(tmp_path, discrete):
    study = pair_of(tmp_path, discrete=discrete)
    assert max(off(compared(study, match=True))) < 3.5
    assert min(off(compared(study, match=False))) > 8


def test_a_difference_in_shape_at_equal_energy_stays(tmp_path):
    (layers, error), _ = compared(pair_of(tmp_path, deep=0.1), match=True)
    assert layers[2] == pytest.approx(1.3, abs=0.05)
    assert (layers[2] - 1) / error[2] > 4
    assert layers[1] < 1 - 4 * error[1]
    before = compared(pair_of(tmp_path, deep=0.1), match=False)[0][0]
    assert before[1] > 1  # harder showers hide it
    assert abs(layers[0] - 1) < 3.5 * error[0]


def test_energies_are_equal_and_what_the_backdrop_lacks_is_left_out(tmp_path):
    study = pair_of(tmp_path, high=40.0)
    energies = {side: study.sample(side).observables["E_inc"] for side in ("reference", "generated")}
    pairs = matched(study, "generated", np.arange(N), "reference")
    top = energies["reference"].max()
    assert (energies["generated"][pairs.alone] > top / (1 + NEAR)).all()
    assert pairs.alone.size + pairs.own.size == N
    assert pairs.energies[0] == pytest.approx(pairs.energies[1], rel=0.01)
    assert pairs.energies[0] == pytest.approx(float(energies["generated"][pairs.own].mean()))
    assert pairs.weights.sum() == pytest.approx(pairs.own.size)
    assert 1 <= pairs.effective <= pairs.partners.size
    none = matched(study, "generated", np.arange(N), "reference", among=np.array([0]))
    assert none.own.size < N


def test_no_event_is_its_own_partner_and_some_partners_are_enough(tmp_path):
    study = pair_of(tmp_path, discrete=True)
    for row in (0, 5):
        pairs = matched(study, "reference", np.array([row]), "reference")
        assert row not in pairs.partners
        assert pairs.partners.size >= 2
    nothing = matched(study, "generated", np.arange(3), "reference", among=np.array([], int))
    assert (nothing.own.size, nothing.partners.size) == (0, 0)
    assert np.isnan(nothing.energies).all()


def test_only_showers_are_given_energies(tmp_path):
    assert is_given(pair_of(tmp_path))
    assert not is_given(toys.exact_study(50))


def test_errors_of_profiles_cover(tmp_path):
    """Halves of one sample differ by what their errors say."""
    study = pair_of(tmp_path)
    found = originals(study, "reference")
    pulls = []
    for seed in range(12):
        rows = np.random.default_rng(seed).permutation(N)
        one, other = (average(found, picked(found, half)) for half in np.array_split(rows, 2))
        for a, b in zip(one.profiles, other.profiles, strict=True):
            pulls.append((a.mean - b.mean) / np.hypot(a.error, b.error))
    assert 0.7 < np.concatenate(pulls).std() < 1.3
