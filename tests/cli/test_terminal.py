"""Text from outside cannot steer the terminal, and nothing is lost from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.cli.terminal import safe, say, say_paragraph


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b]0;owned\x07",
        "\x1b[2J",
        "\x9b31m",
        "\r overwrite",
        "\x08\x08",
        "\u202egnp.exe",
        "\udcff",
        "\x00",
        "\u2066a",
    ],
)
def test_instructions_become_visible_text(hostile: str) -> None:
    shown = safe(hostile)
    assert shown.isprintable()
    assert "\\" in shown


@given(st.text())
def test_nothing_but_letters_line_breaks_and_tabs_remains(text: str) -> None:
    shown = safe(text)
    shown.encode("utf-8")
    assert not {c for c in shown if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n", "\t"}


@given(st.text(st.characters(whitelist_categories=("L", "N", "P", "Zs"))))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_markup_and_emoji_codes_are_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    say("[red]not red[/red] :boom: [link=file:///etc/passwd]x[/link]")
    assert capsys.readouterr().out == "[red]not red[/red] :boom: [link=file:///etc/passwd]x[/link]\n"


def test_a_pipe_gets_one_line_per_paragraph(capsys: pytest.CaptureFixture[str]) -> None:
    say_paragraph("cause:  ", "word " * 400, indent=6)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("      cause:  word word")
