"""Printing: text from outside made harmless, colour for the levels, bars for long work."""

from __future__ import annotations

import contextlib
import sys
import unicodedata
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    Progress = Callable[[str, int, int], None]

LEVEL_STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green"}

# Categories of Unicode that are instructions to the terminal rather than letters: controls (ESC among
# them), lone surrogates of undecodable file names, and the marks that reverse the direction of writing.
_INSTRUCTIONS = frozenset({"Cc", "Cs"})
_DIRECTIONS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def safe(text: object) -> str:
    r"""Return text in which nothing can steer a terminal; line breaks and tabs stay.

    Examples
    --------
    >>> safe("\x1b[31mred\x1b[0m \u202eabc")
    '\\x1b[31mred\\x1b[0m \\u202eabc'
    """
    return "".join(
        letter
        if letter in "\n\t"
        or (unicodedata.category(letter) not in _INSTRUCTIONS and letter not in _DIRECTIONS)
        else letter.encode("unicode_escape").decode("ascii")
        for letter in str(text)
    )


def prepare_streams() -> None:
    """Let printing never fail for want of a letter, and keep libraries' warnings off the user's screen."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes text as it stands: no markup, no highlighting, no wrapping of its own."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)


def say(text: object = "", *, style: str | None = None, stderr: bool = False) -> None:
    """Print one text, made harmless."""
    console(stderr=stderr).print(safe(text), style=style)


def say_json(value: object) -> None:
    """Print a value as JSON in plain ASCII, which every stream and terminal can carry."""
    import json

    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def say_paragraph(label: str, text: object, *, style: str | None = None, indent: int = 2) -> None:
    """Print `text` after `label`, wrapped to the terminal with its lines under one another."""
    import textwrap

    from rich.text import Text

    screen = console()
    start = " " * indent + label
    width = screen.width if screen.is_terminal else 10_000  # a file or pipe gets one line
    lines = textwrap.wrap(
        safe(text), width, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    )
    body = Text("\n".join(lines) or start)
    if style:
        body.stylize(style, indent, len(start))
    screen.print(body)


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Give a function that shows which step is under way; silent unless stderr is a terminal."""
    screen = console(stderr=True)
    if quiet or not screen.is_terminal:
        yield lambda step, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=screen, transient=True) as bars:
        task = bars.add_task("", total=None)

        def show(step: str, done: int, total: int) -> None:
            bars.update(task, description=safe(step), completed=done, total=total)

        yield show
