"""What lies beyond the bins and off the scale is drawn, in figures and in the Focus."""

import numpy as np
import pytest

import tailscope as ts
from tailscope.counting.fill import fill
from tailscope.weights.curves import binning_of, curves
from tailscope.weights.ends import single_ends
from tailscope_dashboard.figures import Choice, figure, one_panel
from tailscope_dashboard.figures.frame import FURTHEST_MEAN, Frame, Off, mean_range, ratio_range, unmatched
from tailscope_dashboard.views.focus_figure import FocusFigure, Look


def half_zeros(n=1000):
    """A study of an observable that is exactly 0 in half of its events, and of another one beside it."""
    rng = np.random.default_rng(5)

    def sample(name, scale):
        f = np.where(rng.random(n) < 0.5, 0, rng.exponential(scale, n)).astype(np.float32)
        return ts.Sample(name, f, {"f": f, "x": rng.normal(size=n).astype(np.float32)})

    log_w = rng.normal(0, 0.5, (2, n))
    return ts.Study.from_weights(sample("a", 1.0), sample("b", 1.2), *log_w)


STUDY = half_zeros()


@pytest.mark.parametrize("log_x", [False, True])
@pytest.mark.parametrize("below", ["nothing", "flow", "single"])
@pytest.mark.parametrize("above", ["nothing", "flow", "single"])
def test_a_frame_holds_every_event_once(log_x, below, above):
    values = np.random.default_rng(0).exponential(2, 500)
    h = fill(values, np.linspace(0.5, 4, 8))
    frame = Frame(h.edges, log_x, (below, above))
    framed = frame.histogram(h)
    assert framed.total == h.total
    assert np.all(np.diff(framed.edges) > 0)
    assert framed.underflow == (h.underflow if below == "nothing" else 0)
    assert framed.values[0] == (h.values[0] if below == "nothing" else h.underflow)
    assert framed.values[-1] == (h.values[-1] if above == "nothing" else h.overflow)
    assert len(frame.boxes) == [below, above].count("single")
    assert not frame.height(framed)[list(frame.boxes)].any()


def test_one_is_in_the_frame_and_away_from_its_edge_whatever_is_drawn():
    for values in ([1.0], [1e-11, 1.0], [0.0, np.nan], [1e9, 3.0], [np.nan], [np.inf]):
        low, high = mean_range(np.array(values))
        assert 1 / FURTHEST_MEAN <= low < 0.85
        assert 1.2 < high <= FURTHEST_MEAN
        low, high = ratio_range(np.array(values))
        assert low < 0.9
        assert 1.1 < high <= 4


def test_points_off_the_scale_are_known():
    off = Off.of(np.array([0.01, 1, 50, np.nan]), 0.1, 10)
    assert (off.below.tolist(), off.above.tolist()) == (
        [True, False, False, False],
        [False, False, True, False],
    )
    a, b = (fill(np.array(values), np.arange(4.0)) for values in ([0.5, 1.5], [0.5, 2.5]))
    assert unmatched(a, b).tolist() == [False, True, False]


def test_a_box_is_where_all_events_beyond_an_end_have_one_value():
    assert single_ends(STUDY, "f") == (0, None)
    assert single_ends(STUDY, "x") == (None, None)
    assert single_ends(STUDY, "f", binning_of(0.2, 0.5, 10, "linear")) == (None, None)
    assert single_ends(STUDY, "f", binning_of(1e-9, 0.5, 10, "log")) == (0, None)
    panel = one_panel(STUDY, "f", Choice())
    zeros = np.count_nonzero(STUDY.reference.observables["f"] == 0)
    assert panel.frame.histogram(panel.lines[0].histogram).values[:2].tolist() == [zeros, 0]
    drawn = figure(STUDY, "f", density=False, mean_weight=True)
    drawn.draw_without_rendering()
    labels = [label.get_text() for label in drawn.axes[-1].get_xticklabels()]
    assert labels.count("0") == 1
    ticks = drawn.axes[-1].get_xticks()
    assert ticks[labels.index("0")] < panel.edges[0]
    assert sum(tick < panel.edges[0] for tick in ticks) == 1
    # The axis is that of the bins: the box is cut short, and an arrow says so.
    top = drawn.axes[0].get_ylim()[1]
    assert top < zeros
    assert any(line.get_marker() == "^" and line.get_xdata().size for line in drawn.axes[0].lines)


def test_the_focus_draws_boxes_and_marks_what_is_off_its_scale():
    look = Look(STUDY.observable("f"), ("a", "b"), (), False, False, True, False, ends=(0.0, None))
    plot = FocusFigure(look)
    found = curves(STUDY, "f", ())
    plot.show(found)
    assert plot.named.data["text"] == ["= 0"]
    box = plot.x_range.start, found.reference.edges[0]
    assert box[0] < plot.points.data["x"][0] < box[1]
    assert plot.ratio.xaxis[0].bounds == (found.reference.edges[0], found.reference.edges[-1])
    assert plot.off_main.data["x"]
    off = plot.off_ratio.data
    empty = np.flatnonzero((found.reference.values == 0) & (found.generated.values > 0))
    assert [fill for fill in off["fill"] if fill == "transparent"] == ["transparent"] * 2 * empty.size
    low, high = plot.mean.y_range.start, plot.mean.y_range.end
    mean = plot.points.data["mean"]
    assert len(plot.off_mean.data["x"]) == np.count_nonzero((mean < low) | (mean > high))


def test_a_selection_of_zeros_alone_is_in_its_own_panel():
    cut = ts.Cut("f", high=STUDY.observable("f").binning.edges[0])
    zeros = ts.Selection(cuts=(cut,), name="zeros", colour="#E69F00")
    panel = one_panel(STUDY, "f", Choice((zeros,)))
    drawn = panel.height(panel.lines[-1].histogram)
    assert drawn.values[0] > 0
    assert not drawn.values[1:].any()
