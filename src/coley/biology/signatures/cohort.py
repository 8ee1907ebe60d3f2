"""The cohort that signatures are judged by: what is refused, what carries a warning, what the repair changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.biology.scoring import SCORING
from coley.biology.signatures.compute import combine, compute
from coley.biology.signatures.members import Members, members_of, needed
from coley.biology.signatures.registry import signatures
from coley.biology.signatures.scales import COHORT_SCALES, Matrix, housekeeping_genes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coley.biology.expression import Expression
    from coley.biology.signatures.values import Signature

# z scores of genes still say how a patient stands in the cohort; all else needs a level of expression.
OF_Z_SCORES = ("mean_z", "z_score", "plage", "gsva", "mean_expression")
# What a score means depends on all other genes that were measured.
AGAINST_BACKGROUND = ("ssgsea", "gsva", "singscore", "aucell", "overall_expression")
BETWEEN_GENES = ("gene_pairs", "ssgsea", "singscore", "aucell")  # compare genes within a sample


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """What every signature is judged by: the expression, the rows that are used, and the least coverage."""

    expression: Expression
    matrix: Matrix
    kept: NDArray[np.int64]
    min_coverage: float

    @property
    def samples(self) -> int:
        """Number of samples."""
        return len(self.expression.samples)

    def refusal(self, signature: Signature, members: Members) -> str:
        """Return why a signature cannot be scored, or nothing."""
        least = needed(signature.method, self.min_coverage)
        if members.coverage < least - 1e-9 or not members.found:
            share = f" ({members.coverage:.0%} by weight)" if members.weights is not None else ""
            counted = f"{members.found} of {members.named} {members.counted} were measured{share}"
            return f"{counted}, and {least:.0%} are needed"
        if self.expression.family == "z" and (
            signature.method not in OF_Z_SCORES or signature.scale != "log"
        ):
            return "z scores carry no level of expression, which this score needs"
        least_samples = SCORING[signature.method].cohort_needs
        if self.matrix.reference is None and self.samples < least_samples:
            return (
                f"a score relative to a cohort needs at least {least_samples} samples, or a frozen reference"
            )
        return ""

    def warning(self, signature: Signature, members: Members | None) -> str:
        """Return what to bear in mind about a score that was made."""
        said = []
        if signature.method in AGAINST_BACKGROUND and not self.expression.whole:
            said.append(f"ranked among {len(self.matrix.place)} genes only, a part of the transcriptome")
        if signature.method in BETWEEN_GENES and not self.expression.comparable_genes:
            said.append("genes are compared without correction for their length")
        if signature.method == "gene_pairs" and members is not None and members.found < members.named:
            said.append(f"rescaled from {members.found} to {members.named} pairs")
        if signature.scale == "housekeeping":
            genes = housekeeping_genes()
            there = sum(gene in self.matrix.place for gene in genes)
            if there < len(genes):
                said.append(f"normalised by {there} of {len(genes)} housekeeping genes")
        if self.expression.family == "z":
            said.append("made of z scores")
        return "; ".join(said)

    def kind(self, signature: Signature) -> str:
        """Return whose numbers a score depends on."""
        registry = signatures()
        single = [registry[part] for part, _ in signature.parts] or [signature]
        alone = all(SCORING[s.method].single_sample and s.scale not in COHORT_SCALES for s in single)
        if alone and self.expression.family != "z":
            return "single-sample"
        if self.matrix.reference is not None:
            return f"relative to a reference (n = {self.matrix.reference.samples})"
        return f"cohort-relative (n = {self.samples})"

    def without_repair(
        self,
        plans: dict[str, tuple[Signature, Members]],
        composites: Sequence[Signature],
        results: dict[str, Any],
    ) -> dict[str, tuple[int, Any]]:
        """Return, for signatures that the repair of names touched, genes found and scores without it."""
        place = {self.expression.given[i]: row for row, i in enumerate(self.kept)}
        matrix = Matrix(self.matrix.values, place, self.matrix.reference)
        bare = {name: members_of(s, place, as_given=True) for name, (s, _) in plans.items()}
        kept_housekeeping = all((g in place) == (g in self.matrix.place) for g in housekeeping_genes())
        touched = {
            name
            for name, (s, m) in plans.items()
            if not np.array_equal(np.sort(m.rows, axis=None), np.sort(bare[name].rows, axis=None))
            or (s.scale == "housekeeping" and not kept_housekeeping)
        }
        scored = [name for name in touched if isinstance(results[name], np.ndarray)]
        again: dict[str, Any] = dict.fromkeys(touched, "no gene was found without repair")
        again |= compute(matrix, [(plans[name][0], bare[name]) for name in scored if bare[name].found])
        joint = [s for s in composites if any(part in touched for part, _ in s.parts)]
        made = combine(joint, {**results, **again}, min_coverage=self.min_coverage)
        found = {name: (bare[name].found, again[name]) for name in touched}
        return found | {name: (n, result) for name, (result, n) in made.items()}
