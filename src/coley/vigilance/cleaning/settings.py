"""What cleaning may be told: each setting with its reason."""

from __future__ import annotations

from dataclasses import dataclass, fields

from coley.model.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Settings of cleaning.

    Attributes
    ----------
    oldest_years
        Ages beyond it are taken for slips: the longest life on record is 122 years, and of those reported
        above 120 most are months or days under the wrong unit.
    longest_onset_days
        Onsets beyond it are taken for slips of the year: ten years exceed the time for which any checkpoint
        inhibitor but ipilimumab has been on sale in most extracts.
    learn_share, learn_rows
        A drug name that no dictionary knows stands for the ingredient that this share of the rows with the same name
        and an ingredient agree on, if there are so many rows. FDA codes an ingredient by hand, and one row in twenty
        may err; five rows that all agree make it a majority with 95 % confidence (0.55 to the fifth is 0.05).
    find_duplicates
        Whether different cases that probably tell of one event are looked for.
    remove_duplicates
        Whether all but one report of each cluster of probable duplicates are dropped. The pairs are listed
        for review either way.
    duplicate_probability
        From which probability on two reports are taken for one event. High, since a report that is dropped
        in error is lost to every count, whereas a duplicate that stays counts once too often.
    review_probability
        From which probability on a pair is listed for review.
    largest_block
        Most reports of one group whose members are all compared: a key that more than these share says
        little, and their pairs grow with the square. Two reports of one event share a rarer key as well.
    pairs_per_case
        Most pairs that are compared in all, for each case: time then grows with the cases and not with their
        square. With one pair a case nine in ten duplicates of a million reports share a key, as they do with ten.

    Raises
    ------
    InvalidSetting
        Where a number is out of range.
    """

    oldest_years: float = 120.0
    longest_onset_days: int = 3653
    learn_share: float = 0.95
    learn_rows: int = 5
    find_duplicates: bool = True
    remove_duplicates: bool = True
    duplicate_probability: float = 0.9
    review_probability: float = 0.1
    largest_block: int = 20
    pairs_per_case: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, bool) and not value > 0:
                raise InvalidSetting(f"{field.name} must be above 0, not {value!r}.", where="cleaning")
        if not 0.5 < self.learn_share <= 1:
            raise InvalidSetting(
                f"learn_share must be above 0.5 and at most 1, not {self.learn_share!r}: a name stands for what "
                "most of its rows say.",
                where="cleaning",
            )
        if not self.review_probability <= self.duplicate_probability < 1:
            raise InvalidSetting(
                "review_probability <= duplicate_probability < 1 must hold, not "
                f"{self.review_probability!r} and {self.duplicate_probability!r}.",
                where="cleaning",
            )
