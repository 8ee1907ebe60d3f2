"""The doctor: examines a study that was read and names what would make its numbers wrong.

Each examination is a value in `EXAMINATIONS` (name, title, what it looks for, function), each comparison of
two studies one in `COMPARISONS`; their modules are families of faults. Thresholds are rows, each with its
reason, of `resources/thresholds.csv`.
"""

from coley.read.doctor import (
    adverse_events,
    constants,
    dates,
    doses,
    events,
    expression,
    follow_up,
    genes,
    ids,
    lesions,
    mirrors,
    overlap,
    ranges,
    ratios,
    response,
    scores,
    texts,
    times,
    units,
)
from coley.read.doctor.examination import COMPARISONS, EXAMINATIONS, Comparison, Examination
from coley.read.doctor.run import examine

FAMILIES = (
    times,
    follow_up,
    events,
    response,
    ids,
    constants,
    ratios,
    mirrors,
    scores,
    overlap,
    ranges,
    units,
    texts,
    dates,
    genes,
    expression,
    adverse_events,
    lesions,
    doses,
)

__all__ = ["COMPARISONS", "EXAMINATIONS", "FAMILIES", "Comparison", "Examination", "examine"]
