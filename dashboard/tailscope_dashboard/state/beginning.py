"""What a page begins with."""

from __future__ import annotations

from tailscope.selection import Selection
from tailscope.study.study import Study
from tailscope.weights.tails import tail_cut


def default_selections(study: Study) -> tuple[Selection, Selection]:
    """Both tails, in the paper's orange and blue."""
    return (
        Selection(low=tail_cut(study, "high"), name="high tail", colour="#E69F00"),
        Selection(high=tail_cut(study, "low"), name="low tail", colour="#0072B2"),
    )
