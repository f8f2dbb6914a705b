"""Colours and letters; the same greys as theme.js and page.css."""

from __future__ import annotations

import re
from dataclasses import dataclass

PALETTE = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#7A5195", "#8C7A2E")
"""Okabe and Ito's colours, told apart by people with any colour vision."""

BLUE = PALETTE[1]

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Theme:
    """The greys of one theme, as "#rrggbb"."""

    background: str
    line: str
    text: str
    muted: str
    axis: str
    grid: str
    reference: str
    reference_line: str
    generated: str
    reweighted: str


LIGHT = Theme(
    "#ffffff",
    "#d9dde1",
    "#1b1f23",
    "#5c656e",
    "#6b747d",
    "#eceff1",
    "#d5d9dd",
    "#a3abb3",
    "#22272c",
    "#7A5195",
)

DARK = Theme(
    "#15181b",
    "#363c42",
    "#eceff1",
    "#a2abb4",
    "#8b949d",
    "#262b30",
    "#3f464d",
    "#69727b",
    "#f2f4f5",
    "#c9a0e4",
)


def shown_colour(colour: str, dark: bool) -> str:
    """A colour as it is drawn: dark ones are lightened on a dark page, by the rule of the wall's theme.js.

    Anything but "#rrggbb" becomes grey.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return "#888888"
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    luminance = sum(f * (p / 255) ** 2.2 for f, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
    if not dark or luminance > 0.2:
        return colour
    return "#" + "".join(f"{round(p + 0.38 * (255 - p)):02x}" for p in parts)


_BLUES = ("#08336b", "#1f6bb0", "#74aede"), ("#a9dcff", "#5aa9e6", "#3a6f9c")
_ORANGES = ("#7a3a00", "#cc7a00", "#efbd6a"), ("#ffdf9e", "#e8a63a", "#93692a")
_MIDDLES = "#e4e6e8", "#41484f"
STEPS = 128
"""Of a colour scale, on either side of its middle."""


def diverging(dark: bool) -> list[str]:
    """Blue below, orange above, a grey of the page between: told apart in deuteranopia.

    On a white page the ends are dark, on a dark page they are bright: what is far from the middle stands out.
    """
    blues, oranges = _BLUES[dark], _ORANGES[dark]
    middle = _MIDDLES[dark]
    return _ramp((*blues, middle), STEPS) + _ramp((middle, *reversed(oranges)), STEPS)


def sequential(dark: bool) -> list[str]:
    """From a grey of the page to blue."""
    return _ramp((_MIDDLES[dark], *reversed(_BLUES[dark])), 2 * STEPS)


def _ramp(stops: tuple[str, ...], steps: int) -> list[str]:
    """Colours at equal distances between some that are given."""
    parts = [[int(stop[i : i + 2], 16) for stop in stops] for i in (1, 3, 5)]
    places = [k * (len(stops) - 1) / (steps - 1) for k in range(steps)]

    def at(part: list[int], place: float) -> int:
        first = min(int(place), len(part) - 2)
        return round(part[first] + (place - first) * (part[first + 1] - part[first]))

    return ["#" + "".join(f"{at(part, place):02x}" for part in parts) for place in places]


def theme(dark: bool) -> Theme:
    """The light or the dark one."""
    return DARK if dark else LIGHT


def colour_of(number: int, dark: bool) -> str:
    """The colour of a study, by its place among those that are open."""
    return shown_colour(PALETTE[number % len(PALETTE)], dark)
