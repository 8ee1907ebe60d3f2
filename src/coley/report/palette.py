"""Colours, each with one meaning in the whole report, in a light and a dark scheme.

Figures are drawn in the light colours, so that a stand-alone SVG is right wherever it is opened; in the
page a style sheet made from the same table turns each into its dark counterpart. For that every role has
a light colour of its own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Colour is never alone: each group has a dash of its own too.
DASHES: tuple[tuple[int, ...], ...] = (
    (1, 0),
    (7, 3),
    (2, 2),
    (9, 3, 2, 3),
    (4, 4),
    (12, 4),
    (6, 2, 2, 2),
    (1, 3),
)
CONTROL_DASH = (8, 3)
GROUP_ROLES = ("accent", "group 2", "group 3", "group 4", "group 5", "group 6", "group 7", "group 8")
MOST_GROUPS = len(GROUP_ROLES)  # more lines than this cannot be told apart by anyone


@dataclass(frozen=True, slots=True)
class Role:
    """One meaning and its colour in each scheme."""

    light: str
    dark: str
    meaning: str


@cache
def palette() -> Mapping[str, Role]:
    """Return role to colours, as the resource table lists them.

    Examples
    --------
    >>> palette()["accent"].meaning
    'the experimental arm; links; the number that matters'
    """
    text = files("coley.report").joinpath("resources/palette.csv").read_text("utf-8")
    return {
        row["role"]: Role(row["light"], row["dark"], row["meaning"])
        for row in csv.DictReader(text.splitlines())
    }


def colour(role: str) -> str:
    """Return the light colour of a role.

    >>> colour("paper")
    '#ffffff'
    """
    return palette()[role].light


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a group is drawn: its colour and its dash."""

    colour: str
    dash: tuple[int, ...]


def strokes(groups: Sequence[str], *, control: str = "") -> dict[str, Stroke]:
    """Give each group a stroke: grey and dashed for the control arm, the accent for the first other one.

    Examples
    --------
    >>> strokes(["docetaxel", "atezolizumab"], control="docetaxel")["atezolizumab"].colour == colour("accent")
    True
    """
    others = [group for group in groups if group != control]
    given = {
        group: Stroke(colour(GROUP_ROLES[i % MOST_GROUPS]), DASHES[i % MOST_GROUPS])
        for i, group in enumerate(others)
    }
    if control in groups:
        given[control] = Stroke(colour("grey"), CONTROL_DASH)
    return {group: given[group] for group in groups}


@cache
def style_variables() -> str:
    """Return the palette as CSS: variables for the page, and the dark scheme of the figures."""
    pages = ("paper", "ink", "muted", "line", "soft", "accent", "tint", "grey", "warning", "harm")
    roles = palette()
    light = "".join(f"--{name}:{roles[name].light};" for name in pages)
    dark = "".join(f"--{name}:{roles[name].dark};" for name in pages)
    figures = "".join(
        f'figure svg [{attribute}="{role.light}"]{{{attribute}:{role.dark}}}'
        for role in roles.values()
        for attribute in ("fill", "stroke")
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}{figures}}}"
