"""The quadratic form: exact for Gaussians, and held back where there is nothing."""

import numpy as np
import pytest

from helpers import toys
from tailscope.classifier.quadratic import MOST_INPUTS, MOST_PRODUCTS, quadratic
from tailscope.classifier.ridge import RIDGES, Events, regression


def test_a_form_has_all_products_of_the_first_inputs_and_squares_of_all():
    z = np.random.default_rng(0).standard_normal((50, MOST_PRODUCTS + 4))
    assert quadratic(z).shape == (50, 1 + (MOST_PRODUCTS + 4) + MOST_PRODUCTS * (MOST_PRODUCTS + 1) // 2 + 4)
    assert np.linalg.matrix_rank(quadratic(z[:, :3])) == 1 + 3 + 6
    assert quadratic(np.tile(z, 5)).shape == quadratic(np.tile(z, 3)[:, :MOST_INPUTS]).shape


def gaussians(n, v=None):
    """Rows of both samples, those that train, those that validate, and the rest."""
    x = np.concatenate(toys.TOYS["shift and width"].draw(n, 4))
    labels = np.arange(2 * n) < n
    rows = np.random.default_rng(1).permutation(2 * n)
    return x, labels, v, rows[: 6 * n // 5], rows[6 * n // 5 : 7 * n // 5], rows[7 * n // 5 :]


def learned(x, labels, v, *parts):
    """A quadratic form from rows that train and rows that validate."""
    events = (Events(x[rows], labels[rows], None if v is None else v[rows]) for rows in parts)
    return regression(quadratic, *events)


def test_it_is_exact_for_gaussians():
    x, labels, v, train, held, rest = gaussians(20_000)
    form = learned(x, labels, v, train, held)
    exact = toys.gaussian_log_ratio(x[rest])
    near = np.abs(x[rest]).max(axis=1) < 3
    off = (form.logits(x[rest]) - exact)[near]
    assert np.sqrt(np.mean(off**2)) < 0.08
    assert 1 <= form.best <= len(form.losses) <= len(RIDGES)


def test_nothing_is_found_where_there_is_nothing():
    x, _, v, train, held, rest = gaussians(3_000)
    labels = np.random.default_rng(2).random(len(x)) < 0.5
    form = learned(x, labels, v, train, held)
    assert np.std(form.logits(x[rest])) < 0.08


@pytest.mark.parametrize("unit", [1.0, 3.0])
def test_event_weights_count_as_copies_would(unit):
    """Reference events with x0 > 0 count double: log w there rises by log 2."""
    x, labels, _, train, held, rest = gaussians(20_000)
    v = unit * np.where(labels & (x[:, 1] > 0), 2.0, 1.0)
    doubled = learned(x, labels, v, train, held).logits(x[rest])
    plain = learned(x, labels, None, train, held).logits(x[rest])
    right = x[rest, 1] > 0.5
    assert (doubled - plain)[right].mean() == pytest.approx(np.log(2), abs=0.15)
