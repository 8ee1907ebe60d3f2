"""What pathologists write, as one of three phenotypes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from coley.biology.phenotype.values import PHENOTYPES, UNCLASSIFIABLE
from coley.model.errors import UnreadableInput


def from_pathology(words: Iterable[object]) -> tuple[str | None, ...]:
    """Read immune phenotypes as a pathologist wrote them.

    Parameters
    ----------
    words
        One for each sample; None and empty text mean that nobody looked.

    Returns
    -------
    tuple
        "desert", "excluded", "inflamed", "unclassifiable" (looked at, and not decided) or None.

    Raises
    ------
    UnreadableInput
        Where a word is not known; "hot" and "cold" are not, because "cold" may be excluded or desert.

    References
    ----------
    Chen DS, Mellman I. Nature 2017;541:321-330; Mariathasan S et al. Nature 2018;554:544-548.

    Examples
    --------
    >>> from_pathology(["Immune-inflamed", "desert", None, "indeterminate"])
    ('inflamed', 'desert', None, 'unclassifiable')
    """
    known = _words()
    plain = [
        None if word is None else re.sub(r"[^a-z0-9]+", " ", str(word).lower()).strip() for word in words
    ]
    strange = sorted({word for word in plain if word and word not in known})
    if strange:
        raise UnreadableInput(
            "These are no words for an immune phenotype that Coley knows.",
            where=", ".join(strange[:8]),
            remedy=f"Write {', '.join(PHENOTYPES)} or {UNCLASSIFIABLE}.",
        )
    return tuple(known[word] if word else None for word in plain)


@cache
def _words() -> dict[str, str]:
    text = files("coley.biology.phenotype.resources").joinpath("words.csv").read_text(encoding="utf-8")
    return {row["word"]: row["phenotype"] for row in csv.DictReader(text.splitlines())}
