"""Text that came from data, made safe to show: no control characters, no hidden direction changes."""

from __future__ import annotations

import re
import unicodedata
from textwrap import wrap

# XML 1.0 cannot hold most control characters; embeddings and overrides (U+202A-E, U+2066-9) can make one
# name look like another; lone surrogates cannot be written as UTF-8.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: object) -> str:
    r"""Return `text` without characters that cannot be shown or that hide what is there.

    Examples
    --------
    >>> clean("arm\x00 A\u202e")
    'arm A'
    """
    return _UNSHOWABLE.sub("", str(text))


def shorten(text: object, most: int) -> str:
    """Return cleaned `text` on one line, at most `most` characters, an ellipsis standing for the rest.

    Examples
    --------
    >>> shorten("atezolizumab", 8)
    'atezoli…'
    """
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def fold(text: object, width: int, *, lines: int = 2) -> list[str]:
    """Return `text` broken into at most `lines` lines of `width` characters.

    Examples
    --------
    >>> fold("Lactate dehydrogenase over the upper limit", 22)
    ['Lactate dehydrogenase', 'over the upper limit']
    """
    folded = wrap(clean(text), width) or [""]
    if len(folded) > lines:
        folded = [*folded[: lines - 1], shorten(" ".join(folded[lines - 1 :]), width)]
    return folded


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
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in " iljftrI.,:;'|!()[]-–":
        return 0.3
    return 0.76 if letter.isupper() or letter in "mw%" else 0.55
