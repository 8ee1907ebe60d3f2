"""What pictures of spontaneous reports share: the measure, its logarithm, and when a pair is a signal.

They speak of reporting, never of risk: spontaneous reports have no denominator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.report.clean import clean
from coley.report.words import format_interval, format_number, in_words, is_known

if TYPE_CHECKING:
    from coley.report.figures.kinds import Options, Row

LOGARITHMIC = frozenset({"information_component", "ic", "omega"})  # logarithms to base 2 by definition
LEAST_REPORTS = 3  # with fewer no authority calls a signal (Evans et al. 2001; EMA/849944/2016)
STRONGEST_MORE, STRONGEST_LESS = 5, 3  # doublings and halvings with a colour of their own
MEASURE_OPTIONS = {
    "measure": "what is shown: 'reporting_odds_ratio' (default), 'information_component', 'ebgm' ...",
    "scale": "'ratio' or 'log2', the unit of value, low and high; by the measure where not given",
    "threshold": "what the lower limit must exceed for a signal: 1 (default; 0 of a logarithm), 2 for EB05 ...",
    "signal_rule": "when a pair is a signal, in words, where the table says so in its column `signal`",
    "least_reports": "fewer reports than this are no signal and not measured: 3 (default)",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of disproportionality as a figure tells it.

    Attributes
    ----------
    title, short
        "Reporting odds ratio"; "ROR".
    logarithm
        True where values are logarithms to base 2.
    threshold
        What the lower limit must exceed.
    least
        Reports below which nothing is called a signal.
    signal_rule
        When a pair is a signal, where the table and not the threshold says so.
    """

    title: str
    short: str
    logarithm: bool
    threshold: float
    least: int
    signal_rule: str = ""

    @property
    def name(self) -> str:
        """Title with the abbreviation that tables use."""
        return self.title if self.short == self.title else f"{self.title} ({self.short})"

    @property
    def rule(self) -> str:
        """When a pair is a signal, in words."""
        return (
            self.signal_rule
            or f"lower limit above {format_number(self.threshold)}, at least {self.least} reports"
        )

    def log2(self, value: float | None) -> float | None:
        """Return a value on the logarithmic scale; None where there is none, such as of a ratio of 0."""
        if value is None or self.logarithm:
            return value
        return math.log2(value) if value > 0 else None

    def is_signal(self, row: Row) -> bool:
        """Say whether a pair is a signal: as its row says, else by the rule."""
        if row.get("signal") is not None:
            return bool(row["signal"])
        low, n = row.get("low"), row.get("n")
        return low is not None and low > self.threshold and (n is None or n >= self.least)

    def is_scarce(self, row: Row) -> bool:
        """Say whether a pair is reported less than expected, its whole interval below no effect."""
        high = self.log2(row.get("high"))
        return high is not None and high < 0

    def step(self, row: Row) -> str:
        """Return the colour of a pair: strong where the interval excludes chance, one step a doubling."""
        x = self.log2(row["value"])
        if self.is_signal(row):
            return f"more {min(STRONGEST_MORE, max(1, math.floor(x or 0) + 1))}"
        if x is None or x < 0:
            halvings = STRONGEST_LESS if x is None else math.ceil(-x)
            return f"less {min(STRONGEST_LESS, max(1, halvings))}" if self.is_scarce(row) else "less weak"
        return "more weak"

    def interval(self, row: Row) -> str:
        """Write an estimate with its interval."""
        unit = "" if self.logarithm else "ratio"
        return format_interval(row["value"], row.get("low"), row.get("high"), unit=unit)

    def number(self, value: float | None) -> str:
        """Write a value as a cell has room for it: two digits that count.

        >>> measure({}).number(10.66), measure({}).number(0.624), measure({}).number(1234.2)
        ('10.7', '0.62', '1,234')
        """
        if value is None:
            return "–"
        fine = 2 if abs(value) < 1 and not self.logarithm else 1
        return format_number(value, decimals=0 if abs(value) >= 100 else fine)


def measure(options: Options) -> Measure:
    """Return the measure that a figure is told to show.

    >>> measure({"measure": "information_component"}).rule
    'lower limit above 0, at least 3 reports'
    """
    key = str(options.get("measure", "reporting_odds_ratio"))
    title = in_words(key)
    short = in_words(key, kind="short") if is_known(key, kind="short") else title
    logarithm = options.get("scale", "log2" if key in LOGARITHMIC else "ratio") == "log2"
    threshold = float(options.get("threshold", 0 if logarithm else 1))
    least = int(options.get("least_reports", LEAST_REPORTS))
    return Measure(title, short, logarithm, threshold, least, clean(str(options.get("signal_rule", ""))))
