"""Misspelt names of drugs: the nearest known name, if it is near and stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
SHORTEST = 6  # letters; one slip in a shorter name leaves too little of it to know it by


def allowed(length: int) -> int:
    """Return how many slips a name of this many letters may carry: one up to 7 letters, then two.

    The tests show what that costs: none of the other drugs of the table, and none of the 3,880 names of one
    quarter of FAERS, is taken for a checkpoint inhibitor.

    Examples
    --------
    >>> allowed(len("yervoy")), allowed(len("keytruda")), allowed(len("pembrolizumab"))
    (1, 2, 2)
    """
    return 1 if length <= 7 else 2


def distance(a: str, b: str, bound: int) -> int:
    """Return the edit distance with swaps of neighbours (optimal string alignment), or bound + 1 if above.

    Examples
    --------
    >>> distance("nivulomab", "nivolumab", 3), distance("yevroy", "yervoy", 1)
    (2, 1)
    """
    if abs(len(a) - len(b)) > bound:
        return bound + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > bound:
            return bound + 1
        before, last = last, row
    return min(last[-1], bound + 1)


class Speller:
    """Finds the name that a word misspells.

    Parameters
    ----------
    names
        The names that may be misspelt, each with its ingredients.
    others
        Names that are correct as they stand: they are never corrected, and a word at least as near to one of
        them as to a name is left alone.
    bound
        From the letters of a name to the slips that it may carry.
    """

    def __init__(
        self,
        names: Mapping[str, tuple[str, ...]],
        others: Iterable[str],
        *,
        bound: Callable[[int], int] = allowed,
    ) -> None:
        self.bound = bound
        self.names = {name: of for name, of in names.items() if len(name) >= SHORTEST and name.isalpha()}
        self.others = {name for name in others if name.isalpha()} - set(self.names)
        self._bags = _bags(list(self.names))
        self._longest = max(map(len, self.names), default=0)
        self._others = sorted(self.others)
        self._other_bags = _bags(self._others)

    def correct(self, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the misspelt words with the ingredients that they mean.

        A word is compared with a name only if their letters, whatever the order, differ by no more than the
        bound; that loses no word within it, and is quick to tell for all words at once.

        Examples
        --------
        >>> Speller({"ipilimumab": ("ipilimumab",)}, ["tremelimumab"]).correct(["ipilumumab", "tremelimumab"])
        {'ipilumumab': ('ipilimumab',)}
        """
        known = self.others | set(self.names)
        longest = self._longest + self.bound(self._longest)
        asked = {word for word in words if SHORTEST - 1 <= len(word) <= longest and word not in known}
        if not asked:
            return {}
        by_length = sorted(asked, key=lambda word: (len(word), word))
        lengths = np.array([len(word) for word in by_length])
        bags = _bags(by_length)
        candidates: dict[str, list[str]] = {}
        for name, bag in zip(self.names, self._bags, strict=True):
            slips = self.bound(len(name))
            first, end = np.searchsorted(lengths, [len(name) - slips, len(name) + slips + 1])
            for i in first + _within(bags[first:end], bag, slips):
                candidates.setdefault(by_length[i], []).append(name)
        meanings = {word: self._meant(word, near) for word, near in candidates.items()}
        return {word: meant for word, meant in meanings.items() if meant}

    def _meant(self, word: str, near: list[str]) -> tuple[str, ...] | None:
        distances = [(distance(word, name, self.bound(len(name))), name) for name in near]
        within = [(d, name) for d, name in distances if d <= self.bound(len(name))]
        if not within:
            return None
        best = min(d for d, _ in within)
        meant = {self.names[name] for d, name in within if d == best}
        rivals = _within(self._other_bags, _bags([word])[0], best)
        if len(meant) > 1 or any(distance(word, self._others[i], best) <= best for i in rivals):
            return None
        return meant.pop()


def _within(bags: NDArray[np.int8], bag: NDArray[np.int8], slips: int) -> NDArray[np.intp]:
    """Return the places of the bags that so few slips could turn into this one."""
    difference = bags - bag
    missing = np.maximum(-difference, 0).sum(axis=1)
    surplus = np.maximum(difference, 0).sum(axis=1)
    return np.flatnonzero(np.maximum(missing, surplus) <= slips)


def _bags(words: list[str]) -> NDArray[np.int8]:
    """Count the letters of each word."""
    if not words:
        return np.zeros((0, len(_LETTERS)), dtype=np.int8)
    text = np.array([word.encode("ascii", "replace") for word in words], dtype=bytes)
    letters = text.view(np.uint8).reshape(len(words), -1)
    return np.stack([(letters == code).sum(axis=1, dtype=np.int8) for code in _LETTERS], axis=1)
