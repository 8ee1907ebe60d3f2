"""Colours: each with one meaning, told apart by everyone, legible in both schemes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from coley.report.palette import MOST_GROUPS, colour, palette, strokes, style_variables

TEXT_ON_PAPER = ("ink", "muted", "accent", "warning", "harm")
LINES = ("accent", "grey", *(f"group {i}" for i in range(2, MOST_GROUPS + 1)))
CATEGORIES = ("CR", "PR", "SD", "PD", "NE", "not recorded")


def luminance(code: str) -> float:
    parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of WCAG 2.2."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(scheme: str) -> None:
    shade = {role: getattr(entry, scheme) for role, entry in palette().items()}
    for ground in ("paper", "soft", "tint"):
        for role in ("ink", "muted"):
            assert contrast(shade[role], shade[ground]) >= 4.5, (role, ground)
    for role in TEXT_ON_PAPER:
        assert contrast(shade[role], shade["paper"]) >= 4.5, role
    for category in CATEGORIES:
        assert contrast(shade[f"on {category}"], shade[f"response {category}"]) >= 4.5, category
    for ground in ("accent", "tint"):
        assert contrast(shade[f"on {ground}"], shade[ground]) >= 4.5, ground


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_stand_out_from_paper(scheme: str) -> None:
    paper = getattr(palette()["paper"], scheme)
    assert all(contrast(getattr(palette()[role], scheme), paper) >= 3 for role in LINES)


def test_every_role_has_a_light_colour_of_its_own() -> None:
    lights = [role.light for role in palette().values()]
    assert len(set(lights)) == len(lights)


def test_only_harm_is_red() -> None:
    def red(code: str) -> bool:
        r, g, b = (int(code[i : i + 2], 16) for i in (1, 3, 5))
        return r > 140 and g < 80 and b < 80

    assert {role for role, entry in palette().items() if red(entry.light)} <= {"harm", "grade 4", "grade 5"}


def test_the_control_arm_is_always_grey_and_the_treated_arm_never() -> None:
    for groups in (["a", "b"], ["b", "a"], ["c", "b", "a"]):
        given = strokes(groups, control="b")
        assert given["b"].colour == colour("grey")
        assert all(given[g].colour != colour("grey") for g in groups if g != "b")


def test_no_two_groups_look_alike_even_in_grey() -> None:
    manner = strokes([f"g{i}" for i in range(MOST_GROUPS)])
    assert len({stroke.dash for stroke in manner.values()}) == MOST_GROUPS


def test_the_style_sheet_turns_every_colour_of_a_figure() -> None:
    style = style_variables()
    for role in palette().values():
        assert f'[fill="{role.light}"]{{fill:{role.dark}}}' in style


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "stacked",
    [
        ("state progression-free", "state progressed", "state dead"),
        ("low end", "high end"),
        tuple(f"part {i}" for i in range(1, 9)),
        ("cost added", "cost saved"),
    ],
    ids=lambda roles: roles[0],
)
def test_areas_that_touch_are_told_apart_in_grey(scheme: str, stacked: tuple[str, ...]) -> None:
    shades = [getattr(palette()[role], scheme) for role in stacked]
    assert all(contrast(a, b) >= 1.25 for a, b in pairwise(shades))
