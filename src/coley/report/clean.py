"""Text that came from data, made safe to show: no control characters, no hidden direction changes."""

from __future__ import annotations

import re
import unicodedata
from textwrap import wrap

# XML 1.0 cannot hold most control characters; marks, embeddings and overrides of direction (U+200E-F,
# U+061C, U+202A-E, U+2066-9) can make one name look like another; lone surrogates cannot be written.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LEFT_TO_RIGHT = "\u200e"
AVERAGE = 0.55  # ems; width of an ordinary letter of a sans serif


def clean(text: object) -> str:
    r"""Return `text` without characters that cannot be shown or that hide what is there.

    Examples
    --------
    >>> clean("arm\x00 A\u202e")
    'arm A'
    """
    return _UNSHOWABLE.sub("", str(text))


def steady(text: object) -> str:
    """Return cleaned `text` that numbers may follow: after a right-to-left name they would change places.

    Examples
    --------
    >>> steady("arm A")
    'arm A'
    """
    name = clean(text)
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return name + _LEFT_TO_RIGHT if turns else name


def shorten(text: object, most: int) -> str:
    """Return `text` on one line, as wide as `most` ordinary letters, an ellipsis standing for the rest.

    Examples
    --------
    >>> shorten("atezolizumab", 8), shorten("WWWWWWWWWW", 8)
    ('atezoli…', 'WWW…')
    """
    line = " ".join(clean(text).split())
    if text_width(line, 1) <= most * AVERAGE:
        return steady(line)
    width, kept = _ems("…"), 0
    for letter in line:
        width += _ems(letter)
        if width > most * AVERAGE:
            break
        kept += 1
    return steady(line[:kept].rstrip() + "…")


def fold(text: object, width: int, *, lines: int = 2) -> list[str]:
    """Return `text` broken into at most `lines` lines, each as wide as `width` ordinary letters.

    Examples
    --------
    >>> fold("Lactate dehydrogenase over the upper limit", 22)
    ['Lactate dehydrogenase', 'over the upper limit']
    """
    folded = wrap(clean(text), width) or [""]
    if len(folded) > lines:
        folded = [*folded[: lines - 1], " ".join(folded[lines - 1 :])]
    return [shorten(line, width + 1) for line in folded]


def text_width(text: str, size: float) -> float:
    """Return about how many pixels `text` takes in a sans serif of `size` pixels.

    Examples
    --------
    >>> text_width("abc", 10) < text_width("abcd", 10)
    True
    """
    return size * sum(_ems(letter) for letter in text)


def _ems(letter: str) -> float:
    """Width in ems, by class of letter: close enough to lay out columns without a font at hand."""
    if unicodedata.east_asian_width(letter) in "WF" or letter in "WM@…":
        return 1.0
    if letter == _LEFT_TO_RIGHT or unicodedata.combining(letter):
        return 0.0
    if letter in " iljftrI.,:;'|!()[]-–":
        return 0.3
    return 0.76 if letter.isupper() or letter in "mw%" else AVERAGE
