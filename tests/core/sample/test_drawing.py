"""Particles become images: what lies in a cell is summed there, what lies outside is left out."""

from __future__ import annotations

import numpy as np

from tailscope.sample.drawing import Axis, Drawing, Grid, Points, Rings


def points(at: list, size: list) -> Points:
    n = len(size[0])
    where, area = np.array(at, dtype=float), np.array(size, dtype=float)
    axes = Axis("x"), Axis("y"), (-2.0, 2.0), (-1.0, 1.0)
    return Points(*axes, where, area, Axis("pT", "GeV"), ("jet",) * n, ("",) * n)


def test_particles_are_summed_where_they_lie() -> None:
    nan = float("nan")
    at = [
        [[-2.0, -1.0], [-1.9, -0.9], [1.99, 0.99], [2.5, 0.0]],
        [[0.1, 0.1], [nan, nan], [nan, nan], [0, 1]],
    ]
    image = points(at, [[1, 2, 4, 8], [16, nan, nan, 32]]).image(cells=8)
    assert image.values.shape == (2, 4, 8)
    assert image.x_edges.tolist() == np.linspace(-2, 2, 9).tolist()
    assert image.y_edges.tolist() == np.linspace(-1, 1, 5).tolist()
    expected = np.zeros((2, 4, 8))
    expected[0, 0, 0], expected[0, 3, 7], expected[1, 2, 4] = 3, 4, 16
    np.testing.assert_array_equal(image.values, expected)


def test_sums_and_other_values_keep_the_cells() -> None:
    rng = np.random.default_rng(0)
    grid = Grid("layer 0", "E_0", Axis("η"), Axis("φ"), np.arange(4.0), np.arange(3.0), rng.random((5, 2, 3)))
    rings = Rings("layer 1", "E_1", np.array([0.0, 1, 5]), rng.random((5, 8, 2)))
    drawing = Drawing((grid, rings))
    sums = drawing.sums()
    np.testing.assert_allclose(sums[0], grid.values.sum(axis=0))
    mean = drawing.with_values(tuple(s / 5 for s in sums))
    assert len(mean) == 1
    np.testing.assert_allclose(mean.images[1].values[0], rings.values.mean(axis=0))
    assert rings.alpha_edges[[0, -1]].tolist() == [-np.pi, np.pi]
    assert len(Drawing()) == 0
