"""Two inputs varied together: which strategy to choose where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.evaluate import heaviest, weighted
from coley.economics.analysis.two_way import vary_two
from coley.model.answer import Figure
from coley.model.part import Part

if TYPE_CHECKING:
    from coley.economics.analysis.two_way import TwoInputs
    from coley.economics.model_file.two_way import Varied
    from coley.questions.worth.worked import Worked


def two_way_part(worked: Worked) -> Part:
    """Return a table of all pairs of inputs that the model names, and a map of each."""
    frames, figures = [], []
    named: set[str] = set()
    under = f", by {heaviest(worked.model).replace('_', ' ')}" if len(weighted(worked.model)) > 1 else ""
    for number, words in enumerate(worked.model.two_way, 1):
        x, y = _spoken(worked, words.x), _spoken(worked, words.y)
        name = words.label or f"{x} and {y}"
        if name in named:
            name = f"{name} ({number})"
        named.add(name)
        found = vary_two(worked.prepared, worked.inputs, words, threshold=worked.threshold)
        frames.append(_table(worked, found, name))
        figures.append(
            Figure(
                "choice_map",
                "two_way",
                f"Which strategy to choose: {name}",
                f"At {worked.threshold:,.0f} {worked.model.currency} per QALY, all other inputs at their estimates"
                f"{under}. "
                "Each cell: the strategy with the highest net benefit, and by how much it leads the next one.",
                options={
                    "analysis": name,
                    "x_title": x,
                    "y_title": y,
                    "base": list(found.base),
                    "currency": worked.model.currency,
                }
                | worked.strokes,
            )
        )
    return Part(tables={"two_way": pl.concat(frames)}, figures=tuple(figures)) if frames else Part()


def _spoken(worked: Worked, varied: Varied) -> str:
    return varied.label or worked.spoken(varied.of[0])


def _table(worked: Worked, found: TwoInputs, name: str) -> pl.DataFrame:
    grid = found.grid
    x, y = (values.ravel() for values in np.meshgrid(grid.first, grid.second, indexing="ij"))
    added = grid.benefit - grid.benefit[:, :, [worked.comparator]]
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "analysis": [name] * len(x),
                    "x": x,
                    "y": y,
                    "strategy": [label] * len(x),
                    "net_benefit": added[:, :, i].ravel(),
                    "best": (grid.best == i).ravel(),
                }
            )
            for i, label in enumerate(worked.labels)
        ]
    )
