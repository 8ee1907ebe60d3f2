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
    remove_duplicates
        Whether all but one report of each cluster of probable duplicates are dropped. The pairs are listed
        for review either way.

    Raises
    ------
    InvalidSetting
        Where a number is out of range.
    """

    oldest_years: float = 120.0
    longest_onset_days: int = 3653

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, bool) and not value > 0:
                raise InvalidSetting(f"{field.name} must be above 0, not {value!r}.", where="cleaning")
