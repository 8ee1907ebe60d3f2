"""The ways in which reports of one world write its drugs, as one list with a place for each drug."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coley.toy.reports.facts import oncology_drugs
from coley.toy.reports.names import drug_name, misspelt, written
from coley.toy.reports.world import Ints, World

if TYPE_CHECKING:
    import polars as pl

_MISSPELLINGS = 3  # of each background drug


@dataclass(frozen=True, eq=False)
class Spelling:
    """All names as written; those of a drug lie together, the right ones before the misspelt.

    Attributes
    ----------
    names
        As written.
    drug
        (names,) code of the drug.
    first, right, wrong
        (drugs,) where the names of a drug begin, how many are right, how many are misspelt.
    """

    names: tuple[str, ...]
    drug: Ints
    first: Ints
    right: Ints
    wrong: Ints

    def draw(self, drugs: Ints, share_misspelt: float, rng: np.random.Generator) -> Ints:
        """Return (rows,) a name for each mention; the k-th right name of a drug has a share near 1 / k."""
        right, wrong = self.right[drugs], self.wrong[drugs]
        u, bad = rng.random(len(drugs)), rng.random(len(drugs)) < share_misspelt
        good = np.floor(np.power(right + 1.0, u)).astype(np.int64) - 1
        chosen = np.where(bad & (wrong > 0), right + np.floor(u * wrong).astype(np.int64), good)
        return self.first[drugs] + chosen

    @cached_property
    def dictionary(self) -> pl.DataFrame:
        """Every name with its ingredient, and whether it is misspelt: what a perfect matcher says."""
        import polars as pl

        names = [drug.name for drug in oncology_drugs()]
        background = len(self.first) - len(names) - 1
        ingredients = np.array([*names, *map(drug_name, range(background)), self.names[-1].lower()])
        place = np.arange(len(self.names)) - self.first[self.drug]
        return pl.DataFrame(
            {
                "name": self.names,
                "ingredient": ingredients[self.drug],
                "misspelt": place >= self.right[self.drug],
            }
        )


def spell(world: World) -> Spelling:
    """Return every way of writing the drugs of a world."""
    right = [drug.written for drug in oncology_drugs()]
    wrong = [drug.misspelt for drug in oncology_drugs()]
    for rank in range(world.design.n_drugs):
        names = tuple(written(rank, world.design.names_per_drug))
        right.append(names)
        spelt_wrong = dict.fromkeys(misspelt(names[0], rank + k) for k in range(_MISSPELLINGS))
        wrong.append(tuple(name for name in spelt_wrong if name not in names))
    right.append((world.drugs[-1].upper(),))
    wrong.append(())
    n_right, n_wrong = (np.array([len(names) for names in lists]) for lists in (right, wrong))
    total = n_right + n_wrong
    return Spelling(
        tuple(name for good, bad in zip(right, wrong, strict=True) for name in (*good, *bad)),
        np.repeat(np.arange(len(total)), total),
        np.cumsum(total) - total,
        n_right,
        n_wrong,
    )
