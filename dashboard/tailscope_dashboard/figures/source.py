"""The Python that made a plot: text that runs as it is pasted, with tailscope and the study file alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tailscope.counting.binning import Binning
from tailscope.selection import Cut, Selection
from tailscope.study.study import Study
from tailscope_dashboard.state.overlays import Overlay

from .choice import USUAL, Choice

NO_FILE = "photons.study.h5"


def source_of(
    study: Study, names: Sequence[str], choice: Choice, *, output: str, binning: Binning | None = None
) -> str:
    """A script that makes the same figure again.

    Parameters
    ----------
    names: observables; "w" for the weights.
    output: file that it writes.

    """
    shown = names[0] if len(names) == 1 else list(names)
    options = [f"within={_listed(choice.within)}"] if choice.within else []
    if binning is not None:
        options.append(f"binning=ts.Binning({binning.edges.tolist()!r}, {binning.scale!r})")
    for name, value, usual in (
        ("log_x", choice.log_x, USUAL.log_x),
        ("log_y", _log_y(names, choice), USUAL.log_y),
        ("density", choice.is_density, USUAL.is_density),
        ("reweighted", choice.reweighted, USUAL.reweighted),
        ("ratio", choice.ratio, USUAL.ratio),
        ("mean_weight", choice.mean_weight, USUAL.mean_weight),
    ):
        if value != usual:
            options.append(f"{name}={value!r}")
    if choice.overlays:
        options.append("overlays=overlays")
    lines = [
        "import tailscope as ts",
        f"from tailscope_dashboard.figures import {'Overlay, ' if choice.overlays else ''}figure",
        "",
        *_opened(study),
        *_overlays(choice.overlays),
        "selections = [",
        *(f"    {_selection(selection)}," for selection in choice.of(study)),
        "]",
        f"drawn = figure(study, {shown!r}, selections{''.join(f', {option}' for option in options)})",
        f"drawn.savefig({output!r})",
    ]
    lines += _numbers(study, names, choice)
    return "\n".join(lines) + "\n"


def _log_y(names: Sequence[str], choice: Choice) -> bool | dict[str, bool] | None:
    """What differs from the usual scale of the vertical axis; by name where the figure has both kinds."""
    weights = {"w": False} if "w" in names and choice.log_y_weights is False else {}
    logarithmic = {name: True for name in names if name != "w" and choice.is_log_y(name)}
    if list(names) == ["w"]:
        return False if weights else None
    if len(logarithmic) == len([name for name in names if name != "w"]):
        return True
    return weights | logarithmic if logarithmic else None


def _opened(study: Study) -> list[str]:
    if study.path:
        return [f"study = ts.open({str(study.path)!r})  # digest {study.digest[:12]}"]
    return [
        "# This study was never saved: study.save(...) it, and name its file here.",
        f"study = ts.open({NO_FILE!r})  # digest {study.digest[:12]}",
    ]


def _overlays(overlays: Sequence[Overlay]) -> list[str]:
    """Studies whose generated samples are laid over."""
    if not overlays:
        return []
    each = [
        f"    Overlay(ts.open({str(o.study.path or NO_FILE)!r}), {o.key!r}, {o.label!r}, {o.colour!r}),"
        for o in overlays
    ]
    return ["overlays = [", *each, "]"]


def _numbers(study: Study, names: Sequence[str], choice: Choice) -> list[str]:
    """How to get at the numbers themselves."""
    named = [name for name in names if any(o.name == name for o in study.observables)]
    selections = choice.of(study)
    if len(named) != 1 or not selections:
        return []
    sample = selections[0].right_sample
    return [
        "",
        f"numbers = study.histogram({named[0]!r}, {sample!r}, selections[0])  # of the study's own bins",
        "print(numbers.values.sum(), numbers.underflow, numbers.overflow, numbers.undefined)",
    ]


def _selection(selection: Selection) -> str:
    said = [
        f"{name}={_value(value)}"
        for name, value in (("low", selection.low), ("high", selection.high))
        if value is not None
    ]
    if selection.cuts:
        said.append(f"cuts={_listed(selection.cuts)}")
    said += [
        f"{name}={value!r}"
        for name, value in (
            ("name", selection.name),
            ("colour", selection.colour),
            ("sample", selection.sample),
        )
        if value
    ]
    return f"ts.Selection({', '.join(said)})"


def _listed(cuts: Sequence[Cut]) -> str:
    each = [f"ts.Cut({c.observable!r}, {_value(c.low)}, {_value(c.high)})" for c in cuts]
    return f"({', '.join(each)},)"


def _value(value: float | None) -> str:
    """Shortest text of the same number; infinities have no literal."""
    text = repr(value)
    return f"float({text!r})" if text in {"inf", "-inf"} else text


def default_output(names: Sequence[str], kind: str) -> str:
    """A file's name that every system takes."""
    if len(names) != 1:
        return f"all.{kind}"
    return f"{stem_of(names[0])}.{kind}"


def stem_of(name: str) -> str:
    """A name without its ending, of letters that every system takes."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:60] or "figure"
