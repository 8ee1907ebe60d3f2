"""Results as tables of Markdown, and the page of the documentation in which they stand."""

from __future__ import annotations

import re
from typing import Any

# A page holds the tables of an experiment between these two lines; what lies between is written anew.
BLOCK = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def tables(result: dict[str, Any]) -> str:
    """Return the tables of one experiment: rates in per cent, with their Monte Carlo standard errors."""
    return "\n".join(_table(each) for each in result["tables"])


def _table(one: dict[str, Any]) -> str:
    rates = {(rate["row"], rate["column"]): rate for rate in one["rates"]}
    rows, columns = (list(dict.fromkeys(key[k] for key in rates)) for k in (0, 1))
    lines = [[one["corner"], *columns], ["---", *("---:" for _ in columns)]]
    lines += [[row, *(_cell(rates.get((row, column))) for column in columns)] for row in rows]
    return f"**{one['title']}**\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(rate: dict[str, Any] | None) -> str:
    if rate is None:
        return ""
    error = "" if rate["error"] is None else f" ± {100 * rate['error']:.1f}"
    return f"{100 * rate['rate']:.1f}{error} % of {rate['of']:,}"


def filled(text: str, results: dict[str, Any]) -> str:
    """Return the page with the tables of every experiment in their places."""

    def block(match: re.Match[str]) -> str:
        name = match[2]
        return match[1] + "\n" + tables(results[name]) + "\n" + match[3] if name in results else match[0]

    return BLOCK.sub(block, text)
