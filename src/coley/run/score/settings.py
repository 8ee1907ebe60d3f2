"""What is scored and how, with its names looked up before a large file is read."""

from __future__ import annotations

from dataclasses import dataclass

from coley.model.errors import InvalidSetting

MIN_COVERAGE = 0.8  # of the genes of a signature, as the runner of signatures has it
CELLS = ("quantiseq", "mcp_counter", "ips")  # in the order in which they are shown
OTHER_NAMES = {"ips": "immunophenoscore"}


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """What is scored, and how.

    Attributes
    ----------
    unit
        Unit of the expression; what the study says, or a guess, where empty.
    signatures
        Names in the registry; the preferred ones where empty.
    everything
        Score the whole registry.
    cells
        Names of deconvolution methods; `CELLS` where None.
    min_coverage
        Least share of the genes of a signature.
    """

    unit: str = ""
    signatures: tuple[str, ...] = ()
    everything: bool = False
    cells: tuple[str, ...] | None = None
    min_coverage: float = MIN_COVERAGE


def signatures_asked(settings: ScoreSettings) -> tuple[str, ...]:
    """Return the names of the signatures to score, in the order of the registry or as they were named.

    Raises
    ------
    UnknownName
        With the nearest signature there is.
    InvalidSetting
        Where all are asked for and some are named, or the coverage is no share.

    Examples
    --------
    >>> signatures_asked(ScoreSettings(signatures=("CYT_geomean", "CYT_geomean")))
    ('CYT_geomean',)
    """
    from coley.biology.signatures import signatures

    if not 0 < settings.min_coverage <= 1:
        raise InvalidSetting(
            "The least coverage is a share between 0 and 1.", where=f"{settings.min_coverage}"
        )
    if settings.everything and settings.signatures:
        raise InvalidSetting(
            "All signatures are asked for, and some are named.", remedy="Give --all or --signature."
        )
    registry = signatures()
    if settings.signatures:
        return tuple(registry[name].name for name in dict.fromkeys(settings.signatures))
    return tuple(name for name, one in registry.items() if settings.everything or one.preferred)


def methods_asked(settings: ScoreSettings) -> tuple[str, ...]:
    """Return the names of the deconvolution methods, as their catalogue has them.

    Raises
    ------
    UnknownName
        With the nearest method there is.
    InvalidSetting
        For a method whose licence keeps it out, with what can be done instead.

    Examples
    --------
    >>> methods_asked(ScoreSettings(cells=("quantiseq", "ips", "immunophenoscore")))
    ('quantiseq', 'immunophenoscore')
    """
    from coley.biology.deconvolution import DECONVOLUTION, estimate

    names = CELLS if settings.cells is None else settings.cells
    known = [OTHER_NAMES.get(name.lower(), name) for name in names]
    for name in known:
        if name not in DECONVOLUTION:
            estimate([[]], (), method=name, unit="tpm")  # knows why a method is not here
    return tuple(dict.fromkeys(known))
