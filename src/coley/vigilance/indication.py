"""Which indications are cancers: told by words of the term, since no licensed hierarchy is at hand."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    text = files("coley.vigilance.resources").joinpath("cancer_words.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found, barred = (
        "|".join(row["pattern"] for row in rows if row["meaning"] == meaning) for meaning in ("cancer", "not")
    )
    return re.compile(found), re.compile(barred)


def is_cancer(term: str) -> bool:
    """Say whether an indication is a malignant disease.

    Parameters
    ----------
    term
        Lower case.

    Examples
    --------
    >>> [is_cancer(term) for term in ("malignant melanoma", "non-small cell lung cancer metastatic", "gout")]
    [True, True, False]
    >>> is_cancer("prophylaxis of nausea and vomiting in cancer"), is_cancer("benign neoplasm of skin")
    (False, False)
    """
    cancer, barred = _words()
    return cancer.search(term) is not None and barred.search(term) is None


def cancer_terms(con: BaseBackend, indications: ir.Table) -> ir.Table:
    """Return those indications that are cancers: term, distinct."""
    import polars as pl

    from coley.vigilance.engine import memtable

    terms = con.to_pyarrow(indications[["term"]].distinct()).column("term").to_pylist()
    named = sorted(term for term in terms if term and is_cancer(term))
    return memtable(pl.DataFrame({"term": named}, schema={"term": pl.String}))
