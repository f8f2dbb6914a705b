"""What pages find in a study is found once, and goes with it."""

import gc
import weakref
from threading import Thread

import pytest

from helpers.toys import exact_study
from tailscope_dashboard.compare import Compare
from tailscope_dashboard.events.shown import quantile
from tailscope_dashboard.state.judge import checks_of
from tailscope_dashboard.state.overlays import counts_of
from tailscope_dashboard.state.state import State
from tailscope_dashboard.views.calibration import calibration_figure
from tailscope_dashboard.views.pairs import Pairs
from tailscope_dashboard.views.roc import roc_figure
from tailscope_dashboard.views.trust import Trust
from tailscope_dashboard.wall.payload import data_of


def _look_at(study, other):
    """Everything that a page makes once of a study, and of two laid over each other."""
    roc_figure(study, dark=False)
    calibration_figure(study, dark=False)
    quantile(study, "x0", 0.5)
    checks_of(study).result()
    for shown, laid_over in ((study, other), (other, study)):
        counts_of(shown, laid_over)
        data_of(shown, studies=(study, other))
    for view in (Trust(State((study, other))), Compare(State((study, other))), Pairs(State((study, other)))):
        view.content()
        view.refresh()


@pytest.fixture(scope="module")
def stays():
    return exact_study(300, name="stays")


def test_a_study_that_nobody_has_open_is_let_go(stays):
    goes = exact_study(300, name="goes")
    _look_at(goes, stays)
    gone = weakref.ref(goes)
    del goes
    gc.collect()
    assert gone() is None


def test_a_wall_is_made_once_for_all_pages(stays):
    found = []
    pages = [Thread(target=lambda: found.append(data_of(stays)["rows"])) for _ in range(4)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert all(rows is found[0] for rows in found)
