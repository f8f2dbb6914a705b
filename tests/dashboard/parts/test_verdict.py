"""What the page prints beside a light: each check's value in its own unit, and a plot that is there."""

from typing import get_args

import pytest

from helpers import three, toys
from tailscope.trust import Check, View
from tailscope_dashboard.parts.lights import OPENS
from tailscope_dashboard.parts.verdict import found, plain_verdict

NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("auc", 0.61234, 0.003, "0.6123 ± 0.0030"),
        ("tails", 1 / 21, NAN, "p ≤ 0.048"),
        ("slope", 0.5, 0.012, "0.500 ± 0.012"),
        ("normalisation", 0.5, 0.001, "0.5000 ± 0.0010"),
        ("mean_w", 1.00053, 0.00017, "1.00053 ± 0.00017"),
        ("normalisation", 1e6, 1e4, "1.0e+06 ± 1.0e+04"),
        ("repeated_events", 0.95, NAN, "95.0%"),
        ("condition", 0.1234, NAN, "0.123"),
        ("units", 3.0, NAN, "3"),
        ("overfit", 0.12, 0.01, "12% ± 1%"),
        ("closure", NAN, NAN, ""),
        ("joint_closure", 0.19, NAN, "19%"),
        ("second_look", 0.34, 0.03, "40.5% ± 4.2%"),  # of w, as the sentence has it
        ("second_look", -0.02, 0.03, "0.0% ± 3.0%"),
        ("second_look", 1.5, 0.1, "a factor of 4.5"),
        ("information", 0.00123, 0.0004, "0.0012 ± 0.0004 nats more"),
        ("information", -0.0000021, 0.000004, "-0.000002 ± 0.000004 nats more"),
        ("overfit", -0.001, 0.01, "0% ± 1%"),
        ("slope", 1.0, float("inf"), ""),
    ],
)
def test_values_are_printed_in_their_unit(name, value, error, words):
    assert found(Check(name, "T", "green", value, 1.0, error, "Why", "weights")) == words


@pytest.mark.parametrize("case", ["imported", "difference"])
def test_every_check_leads_somewhere(case):
    study = toys.exact_study(500) if case == "imported" else three.fitted(case)
    for check in plain_verdict(study.checks)["checks"]:
        assert check["view"] in get_args(View)
        assert check["view"] in OPENS or check["view"] in {"roc", "calibration", "closure"}
        assert "nan" not in check["found"]
