"""Score a cohort: every signature of the registry, or those that are named; what cannot be scored says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.biology.signatures.cohort import Cohort
from coley.biology.signatures.compute import combine, compute
from coley.biology.signatures.frozen import against, matrix_of
from coley.biology.signatures.members import MIN_COVERAGE, members_of
from coley.biology.signatures.registry import signatures
from coley.biology.signatures.results import Scores, gathered
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coley.biology.expression import Expression
    from coley.biology.scoring import Reference
    from coley.biology.signatures.values import Signature


def score(
    expression: Expression,
    names: Iterable[str] | None = None,
    *,
    reference: Reference | None = None,
    min_coverage: float = MIN_COVERAGE,
) -> Scores:
    """Score signatures in every sample.

    A signature of which too few genes were measured is refused: its column is null, never zero. How much the
    repair of gene names matters is measured by scoring each affected signature without it as well.

    Parameters
    ----------
    expression
        Of `prepare`.
    names
        Signatures of the registry; all of them where None.
    reference
        Of `reference`: with it no score depends on who else is in the cohort. Genes that it lacks are not used.
    min_coverage
        Least share of the genes of a signature; rules of pairs and weighted sums need 0.9 or more, since
        nothing stands in for a gene with its own weight or rule.

    Returns
    -------
    Scores
        A frame of samples x signatures, and a table with the evidence for each.

    Raises
    ------
    UnknownName
        Where the registry has no signature of a name.
    InvalidSetting
        Where `min_coverage` is not between 0 and 1.
    MissingData
        Where the reference shares no gene with the expression.

    Examples
    --------
    >>> from coley.biology.expression import prepare
    >>> made = prepare([[7.99], [1.99]], unit="tpm", genes=["GZMA", "PRF1"], samples=["a"])
    >>> scores = score(made, ["CYT_geomean", "Ayers_IFNG6"])
    >>> scores.frame["CYT_geomean"].round(6).to_list(), scores.refused()["Ayers_IFNG6"]
    ([4.0], '0 of 6 genes were measured, and 80% are needed')
    """
    if not 0 < min_coverage <= 1:
        raise InvalidSetting("min_coverage is a share between 0 and 1.", where=f"{min_coverage}")
    registry = signatures()
    asked = registry if names is None else [names] if isinstance(names, str) else names
    wanted = [registry[name] for name in dict.fromkeys(asked)]
    singles = _singles(wanted)
    matrix, kept = matrix_of(expression, reference)
    cohort = Cohort(expression, matrix, kept, min_coverage)
    plans = {s.name: (s, members_of(s, matrix.place)) for s in singles}
    reasons = {name: cohort.refusal(s, m) for name, (s, m) in plans.items()}
    results: dict[str, Any] = {name: reason for name, reason in reasons.items() if reason}
    results |= compute(matrix, [plan for name, plan in plans.items() if not reasons[name]])
    composites = [s for s in wanted if s.parts]
    made = combine(composites, results, min_coverage=min_coverage)
    results |= {name: result for name, (result, _) in made.items()}
    parts_found = {name: n for name, (_, n) in made.items()}
    before = cohort.without_repair(plans, composites, results)
    return gathered(
        wanted,
        plans,
        results,
        cohort=cohort,
        before=before,
        parts_found=parts_found,
        notes=against(matrix, reference),
    )


def _singles(wanted: Sequence[Signature]) -> list[Signature]:
    """Return what must be scored by itself: the signatures, and the parts of composites."""
    registry = signatures()
    found = {s.name: s for s in wanted if not s.parts}
    for composite in wanted:
        found |= {part: registry[part] for part, _ in composite.parts}
    return list(found.values())
