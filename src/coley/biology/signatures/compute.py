"""Signatures to numbers: those of one method and scale go through one call of its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.biology.scoring import SCORING, GeneSets, gene_sets, pair_rules
from coley.biology.signatures import overall_expression as _registers  # noqa: F401
from coley.biology.signatures.scales import SCALES, Matrix
from coley.model.errors import ColeyError, MissingData

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from coley.biology.signatures.members import Members
    from coley.biology.signatures.values import Signature

    Floats = NDArray[np.float64]
    Result = Floats | str  # the scores of all samples, or why there are none

NOTHING = "its genes are constant, or cancel each other, so that no score is determined"


def compute(matrix: Matrix, wanted: Sequence[tuple[Signature, Members]]) -> dict[str, Result]:
    """Return the scores of signatures that are not composites, by name.

    Parameters
    ----------
    matrix
        Expression, with the frozen reference if there is one.
    wanted
        Each signature with its rows, at least one.
    """
    groups: dict[tuple[str, str], list[tuple[Signature, Members]]] = {}
    for signature, members in wanted:
        groups.setdefault((signature.method, signature.scale), []).append((signature, members))
    results: dict[str, Result] = {}
    for (method, scale), group in groups.items():
        if method == "plage" and matrix.reference is not None:
            for one in group:  # a reference may have loadings for some sets and not for others
                results |= _group(matrix, method, scale, [one])
        else:
            results |= _group(matrix, method, scale, group)
    return results


def _group(
    matrix: Matrix, method: str, scale: str, group: Sequence[tuple[Signature, Members]]
) -> dict[str, Result]:
    names = [signature.name for signature, _ in group]
    sets = _sets(method, names, [members for _, members in group])
    kernel = SCORING[method].function
    try:
        if scale == "log":
            scores = kernel(matrix.values, sets, reference=matrix.reference)
        else:
            used, place = np.unique(sets.indices, return_inverse=True)
            moved = GeneSets(sets.names, place.astype(np.int64), sets.starts, sets.weights, sets.pairs)
            scores = kernel(SCALES[scale](matrix, used), moved)
    except (ColeyError, MissingData) as error:
        return dict.fromkeys(names, error.what.rstrip("."))
    results: dict[str, Result] = {}
    for (signature, members), row in zip(group, scores, strict=True):
        # a count of fewer pairs becomes what the full count would be at this share of true rules
        full = row * (members.named / members.found) if method == "gene_pairs" else row
        results[signature.name] = full if np.isfinite(full).all() else NOTHING
    return results


def _sets(method: str, names: list[str], members: list[Members]) -> GeneSets:
    if method == "gene_pairs":
        return pair_rules(names, [m.rows for m in members])
    use = SCORING[method].weights != "none"
    return gene_sets(names, [m.rows for m in members], [m.weights if use else None for m in members])


def combine(
    composites: Sequence[Signature], parts: Mapping[str, Result], *, min_coverage: float
) -> dict[str, tuple[Result, int]]:
    """Return the scores of composites, and how many of their parts went into each.

    A composite whose parts count alike is their mean, and may lack a few; any other needs every part.
    """
    results: dict[str, tuple[Result, int]] = {}
    for composite in composites:
        there = [(parts[part], c) for part, c in composite.parts if isinstance(parts[part], np.ndarray)]
        coefficients = {c for _, c in composite.parts}
        needed = min_coverage if len(coefficients) == 1 and composite.parts[0][1] > 0 else 1.0
        if len(there) < needed * len(composite.parts) or not there:
            absent = [part for part, _ in composite.parts if isinstance(parts[part], str)]
            shown = ", ".join(absent[:3])
            reason = f"{len(there)} of {len(composite.parts)} parts have a score ({shown} ... have none)"
            results[composite.name] = (reason, len(there))
            continue
        scale = len(composite.parts) / len(there)
        total = sum(c * scale * scores for scores, c in there if not isinstance(scores, str))
        results[composite.name] = (np.asarray(total), len(there))
    return results
