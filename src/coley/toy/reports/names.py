"""Names of drugs and terms that do not exist, and the ways in which reports write them."""

from __future__ import annotations

from functools import cache

_ONSETS = [
    "b",
    "d",
    "f",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "z",
    "br",
    "dr",
    "fl",
    "gr",
    "pl",
    "tr",
]
_VOWELS = ["a", "e", "i", "o", "u"]
_SYLLABLES = [onset + vowel for onset in _ONSETS for vowel in _VOWELS]
_CODAS = ["n", "r", "l", "x", "s", "m"]
_ENDINGS = ["ol", "ine", "ide", "ane", "ast", "one"]
_CONDITIONS = ["disorder", "pain", "swelling", "weakness", "necrosis", "spasm"]
_MODULUS = len(_SYLLABLES) ** 2 * len(_CODAS)  # 60,000 stems

FILLER_DRUG = "unspecified ingredient"  # FDA's own word where no ingredient is known
FILLER_TERM = "Adverse event"  # the preferred term where no event is named


def _stem(index: int, *, stride: int) -> str:
    """Return the pronounceable stem of an index; strides coprime to the modulus keep stems apart."""
    code = (index * stride + 12_345) % _MODULUS
    coda, code = code % len(_CODAS), code // len(_CODAS)
    first, second = divmod(code, len(_SYLLABLES))
    return _SYLLABLES[first] + _SYLLABLES[second] + _CODAS[coda]


@cache
def drug_name(rank: int) -> str:
    """Return the generic name of the background drug of this rank, 0 the most popular.

    Examples
    --------
    >>> len({drug_name(rank) for rank in range(5000)})
    5000
    """
    return _stem(rank, stride=7_919) + _ENDINGS[rank % len(_ENDINGS)]


@cache
def term_name(rank: int) -> str:
    """Return the preferred term of this rank among the background terms, 0 the most popular.

    Examples
    --------
    >>> len({term_name(rank) for rank in range(20000)})
    20000
    """
    return f"{_stem(rank, stride=10_007)} {_CONDITIONS[rank % len(_CONDITIONS)]}".capitalize()


def brand_name(rank: int) -> str:
    """Return the brand name of a background drug; it ends otherwise than any generic name."""
    return (_stem(rank, stride=13_001) + "ya").upper()


def written(rank: int, ways: int) -> list[str]:
    """Return ways of writing a background drug: plain, brand, decorated with strengths and makers.

    Examples
    --------
    >>> written(0, 5) == list(dict.fromkeys(written(0, 5)))
    True
    """
    generic, brand = drug_name(rank).upper(), brand_name(rank)
    forms = [
        generic,
        brand,
        f"{generic}.",
        f"{brand} ({generic})",
        generic.lower(),
        f"{generic} HYDROCHLORIDE",
    ]
    strengths = (5 * (k // 4 + 1) for k in range(ways))
    tails = ("MG TABLET", "MG CAPSULE", "MG/ML INJECTION", "MG FILM-COATED TABLET")
    decorated = [f"{(generic, brand)[k % 3 == 2]} {dose} {tails[k % 4]}" for k, dose in enumerate(strengths)]
    return [*forms, *decorated][:ways]


def misspelt(name: str, at: int) -> str:
    """Return a name with two neighbouring letters swapped, or, where they are alike, one left out.

    Examples
    --------
    >>> misspelt("NIVOLUMAB", 3)
    'NIVOULMAB'
    """
    at = 1 + at % max(len(name) - 2, 1)
    if name[at : at + 1] == name[at + 1 : at + 2]:
        return name[:at] + name[at + 1 :]
    return name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]
