"""HLA class I zygosity: whether a patient carries two different alleles at A, B and C."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.biology.hla.alleles import CLASS_ONE, Allele, parse_allele
from coley.model.answer import Check
from coley.model.errors import MissingData, UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

CHOWELL = (
    "Chowell D et al. Patient HLA class I genotype influences cancer response to checkpoint blockade immunotherapy. "
    "Science 2018;359:582-587."
)
EXCERPT = 5  # values named in a message
SHARE_UNREAD = 0.5  # where more of the alleles cannot be read, the column holds something else


@dataclass(frozen=True, eq=False)
class ClassOne:
    """HLA class I of each patient.

    Attributes
    ----------
    table
        patient_id; heterozygous_a, heterozygous_b, heterozygous_c (null where it cannot be told);
        fully_heterozygous (true: at all three; false: homozygous at one at least; null: cannot be told);
        alleles (number of different ones among A, B and C; null where a locus is not told). Sorted by
        patient_id.
    genotypes
        Patient to locus to the two alleles, for the loci that could be told.
    checks
        What could not be read, and what contradicts itself.
    """

    table: pl.DataFrame
    genotypes: Mapping[str, Mapping[str, tuple[Allele, Allele]]]
    checks: tuple[Check, ...]


@method(
    "hla_zygosity",
    title="HLA class I zygosity",
    summary="Whether a patient has two different alleles at each of HLA-A, -B and -C, at the level of the protein.",
    needs="HLA alleles typed at two fields",
    limits="An allele listed once may be homozygous or half typed; alleles that the typing missed look homozygous. "
    "Associated with survival in one large retrospective series, and not in others.",
    references=(CHOWELL,),
)
def class_one(hla: pl.DataFrame, *, single_is_homozygous: bool = False) -> ClassOne:
    """Return the zygosity of each patient at HLA-A, -B and -C.

    Two alleles of one group that were not typed further may be the same or not: such a locus is not
    told. More than two different alleles at a locus contradict each other, and the locus is not told.
    Class II alleles are passed over.

    Parameters
    ----------
    hla
        patient_id and allele, one row an allele; a cell may hold several, with ",", ";" or blanks
        between them. Typing of several samples of a patient may stand below each other.
    single_is_homozygous
        Read an allele that is listed once, alone at its locus, as homozygous, as some pipelines write
        it, instead of as half typed.

    Raises
    ------
    MissingData
        Where a column is absent.
    UnreadableInput
        Where most texts are no alleles.

    References
    ----------
    Chowell 2018 (homozygous at one locus at least, against heterozygous at all).

    Examples
    --------
    >>> import polars as pl
    >>> hla = pl.DataFrame({"patient_id": ["p"], "allele": ["A0201,A0301,B0702,B0801,C0701,C0701"]})
    >>> class_one(hla).table.select("heterozygous_a", "heterozygous_c", "fully_heterozygous", "alleles").row(0)
    (True, False, False, 5)
    """
    import polars as pl

    for name in ("patient_id", "allele"):
        if name not in hla.columns:
            raise MissingData(f"The table hla has no column {name!r}.", remedy="Name it in study.toml.")
    typed: dict[str, dict[str, list[Allele]]] = {
        str(patient): defaultdict(list) for patient in hla["patient_id"].drop_nulls().unique().sort()
    }
    unread: list[str] = []
    read = 0
    for patient, cell in hla.select("patient_id", pl.col("allele").cast(pl.String)).iter_rows():
        if patient is None:
            continue
        for text in (cell or "").replace(";", ",").replace(" ", ",").split(","):
            if not text:
                continue
            allele = parse_allele(text)
            if allele is None:
                unread.append(text)
                continue
            read += 1
            if allele.locus in CLASS_ONE:
                typed[str(patient)][allele.locus].append(allele)
    if unread and len(unread) > SHARE_UNREAD * (read + len(unread)):
        raise UnreadableInput(
            "The column of HLA alleles holds something else.",
            where=", ".join(unread[:EXCERPT]),
            remedy="Write alleles as A*02:01.",
        )
    told = {
        patient: {locus: _told(alleles, single_is_homozygous) for locus, alleles in loci.items()}
        for patient, loci in typed.items()
    }
    table = pl.DataFrame(
        [_row(patient, loci, typed[patient]) for patient, loci in told.items()],
        schema={
            "patient_id": pl.String,
            **{f"heterozygous_{locus.lower()}": pl.Boolean for locus in CLASS_ONE},
            "fully_heterozygous": pl.Boolean,
            "alleles": pl.Int64,
        },
        orient="row",
    )
    genotypes = {p: {locus: two for locus, (_, two) in loci.items() if two} for p, loci in told.items()}
    return ClassOne(table, genotypes, _checks(typed, told, unread))


Told = tuple[bool | None, tuple[Allele, Allele] | None]


def _told(alleles: list[Allele], single_is_homozygous: bool) -> Told:
    """Return whether a locus is heterozygous, and its two alleles where both are known at two fields."""
    different = sorted(set(alleles))
    full = [a for a in different if a.protein]
    # A group typed no further may be one of the proteins listed with it, and then says nothing new.
    vague = [a for a in different if not a.protein and not any(b.group == a.group for b in full)]
    if len(full) + len(vague) > 2:
        return None, None
    if len(full) + len(vague) == 2:
        return True, (full[0], full[1]) if len(full) == 2 else None
    if vague or any(not a.protein for a in different):
        return None, None
    alone = len(alleles) == 1
    if not full or (alone and not single_is_homozygous):
        return None, None
    return False, (full[0], full[0])


def _row(patient: str, loci: Mapping[str, Told], typed: Mapping[str, list[Allele]]) -> tuple[object, ...]:
    zygosity = [loci[locus][0] if locus in loci else None for locus in CLASS_ONE]
    whole = None if None in zygosity else all(zygosity)
    if False in zygosity:
        whole = False
    number = None if None in zygosity else sum(2 if two else 1 for two in zygosity)
    return (patient, *zygosity, whole, number)


def _checks(
    typed: Mapping[str, Mapping[str, list[Allele]]], told: Mapping[str, Mapping[str, Told]], unread: list[str]
) -> tuple[Check, ...]:
    checks = []
    if unread:
        message = f"{len(unread)} texts are no single HLA allele and were passed over: {', '.join(unread[:EXCERPT])}."
        checks.append(Check("hla_unread", "warn", message))
    many, single, low = [], [], []
    for patient, loci in told.items():
        for locus, (zygosity, _) in loci.items():
            alleles = typed[patient][locus]
            if zygosity is not None:
                continue
            if len({a for a in alleles if a.protein}) > 2:
                many.append(f"{patient} {locus}")
            elif len(alleles) == 1:
                single.append(f"{patient} {locus}")
            else:
                low.append(f"{patient} {locus}")
    for name, found, what, remedy in (
        ("hla_too_many", many, "have more than two different alleles", "Keep one typing a patient."),
        (
            "hla_listed_once",
            single,
            "list one allele once: homozygous, or half typed",
            "Set single_is_homozygous where the typing writes homozygous loci so.",
        ),
        ("hla_low_resolution", low, "are not typed at two fields", "Type at two fields (A*02:01)."),
    ):
        if found:
            message = f"{len(found)} loci {what}, and are not told: {', '.join(found[:EXCERPT])}."
            checks.append(Check(name, "warn", message, remedy=remedy))
    known = [loci for loci in told.values() if any(z is not None for z, _ in loci.values())]
    checks.append(
        Check("hla_typed", "pass", f"HLA class I is told for {len(known)} of {len(told)} patients.")
    )
    return tuple(checks)
