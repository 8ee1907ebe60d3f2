"""The tables of samples, mutations and clones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coley.toy.biopsies import ON, POST, PRE, TIMEPOINTS, Biopsies, draw_biopsies, escape_rows
from coley.toy.design import CANCERS
from coley.toy.facts import column, numbers, rows
from coley.toy.streams import Bools, Floats, Ints
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

COUNTED = {  # MAF classes that count towards TMB, and their shares (assumptions)
    "Missense_Mutation": 0.80,
    "Nonsense_Mutation": 0.07,
    "Frame_Shift_Del": 0.05,
    "Frame_Shift_Ins": 0.025,
    "Splice_Site": 0.03,
    "In_Frame_Del": 0.025,
}
SILENT = "Silent"
SILENT_PER_COUNTED = 0.3
SUFFIX = {
    "Nonsense_Mutation": "*",
    "Frame_Shift_Del": "fs",
    "Frame_Shift_Ins": "fs",
    "Splice_Site": "_splice",
    "In_Frame_Del": "del",
    SILENT: "=",
}
AMINO_ACIDS = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
BASES = np.array(list("ACGT"))
CLONAL = 0.72  # share of mutations that every cancer cell carries
DEPTH, LEAST_READS = 480, 6  # reads on the panel; fewer with the allele are not called
LOST_CCF = 0.03  # a clone below this is not found again
ESCAPE_SPECIAL = ("B2M", "JAK1", "JAK2", "PTEN")  # come with escape alone; STK11 as the baseline says


@dataclass(frozen=True, eq=False)
class Mutations:
    """Somatic mutations of the patients, one entry each, ordered by patient."""

    patient: Ints
    gene: NDArray[np.str_]
    classification: NDArray[np.str_]
    chromosome: NDArray[np.str_]
    position: Floats
    reference: NDArray[np.str_]
    alternate: NDArray[np.str_]
    protein: NDArray[np.str_]
    ccf: Floats
    escape: Bools

    @property
    def names(self) -> NDArray[np.str_]:
        """A name of each mutation that is unique within its patient."""
        return np.char.add(np.char.add(self.gene, " "), self.protein)


def samples(trial: Trial) -> pl.DataFrame:
    """Return the table of tumour samples."""
    import polars as pl

    b = draw_biopsies(trial)
    lost = trial.baseline.hla_loh[b.patient] | (escape_rows(trial, b) == "HLA loss")
    return pl.DataFrame(
        {
            "sample_id": b.ids,
            "patient_id": trial.ids[b.patient],
            "timepoint": TIMEPOINTS[b.time],
            "day": b.day,
            "sequenced": b.sequenced,
            "purity": b.purity,
            "hla_loh": lost,
        }
    )


def mutations(trial: Trial) -> pl.DataFrame:
    """Return the mutations called in each sequenced sample (MAF columns)."""
    import polars as pl

    b, m = draw_biopsies(trial), draw_mutations(trial)
    sample, which, ccf = _called(trial, b, m)
    n = sample.size
    depth = trial.streams("depth of reads").poisson(DEPTH, n)
    alt = np.maximum(
        trial.streams("reads").binomial(depth, np.clip(b.purity[sample] * ccf / 2, 0, 1)), LEAST_READS
    )
    return pl.DataFrame(
        {
            "sample_id": b.ids[sample],
            "gene": m.gene[which],
            "classification": m.classification[which],
            "chromosome": m.chromosome[which],
            "position": m.position[which],
            "reference": m.reference[which],
            "alternate": m.alternate[which],
            "protein_change": m.protein[which],
            "alt_reads": alt,
            "ref_reads": depth - alt,
            "vaf": np.round(alt / depth, 4),
        }
    ).with_columns(pl.col("position").fill_nan(None).cast(pl.Int64))


def clones(trial: Trial) -> pl.DataFrame:
    """Return the cancer cell fraction of each mutation in each sequenced sample."""
    import polars as pl

    b, m = draw_biopsies(trial), draw_mutations(trial)
    sample, which, ccf = _called(trial, b, m)
    return pl.DataFrame({"sample_id": b.ids[sample], "mutation": m.names[which], "ccf": np.round(ccf, 3)})


def draw_mutations(trial: Trial) -> Mutations:
    """Draw every mutation that a patient will show; the counted ones number TMB times megabases."""
    count = trial.baseline.mutations
    silent = trial.streams("silent").poisson(SILENT_PER_COUNTED * count)
    row = np.array(column("escape", "gene"))[trial.course.mechanism]
    escape = (trial.course.mechanism >= 0) & (row != "")
    total = count + silent + escape
    patient = np.repeat(np.arange(total.size), total)
    slot = np.arange(patient.size) - np.repeat(np.cumsum(total) - total, total)
    u = trial.streams.uniform("mutation", patient.size, 10)
    is_silent = (slot >= count[patient]) & (slot < (count + silent)[patient])
    is_escape = slot >= (count + silent)[patient]
    driver, hotspot = _drivers(trial, patient, slot)

    names = np.array(column("genes", "gene"))
    weight = numbers("genes", "weight") * ~np.isin(names, [*ESCAPE_SPECIAL, "STK11"])
    edges = np.cumsum(weight) / weight.sum()
    gene = names[np.minimum(np.searchsorted(edges, u[:, 0]), names.size - 1)]
    gene = np.where(driver != "", driver, gene)
    gene = np.where(is_escape, row[patient], gene)
    kinds, shares = np.array(list(COUNTED)), np.cumsum(list(COUNTED.values()))
    kind = kinds[np.minimum(np.searchsorted(shares, u[:, 1]), kinds.size - 1)]
    kind = np.where(hotspot != "", kinds[0], kind)
    kind = np.where(is_escape, np.where(u[:, 1] < 0.5, kinds[1], kinds[2]), kind)
    kind = np.where(is_silent, SILENT, kind)

    order = np.argsort(names)
    at = order[np.searchsorted(names[order], gene)]
    start, end = numbers("genes", "start")[at], numbers("genes", "end")[at]
    residue = np.char.mod("%d", 1 + np.floor(700 * u[:, 3]).astype(np.int64) + slot)
    before, after = _pick(AMINO_ACIDS, u[:, 4]), _pick(AMINO_ACIDS, u[:, 5], not_this=u[:, 4])
    suffix = np.array([SUFFIX.get(k, "") for k in kind])
    suffix = np.where(kind == kinds[0], after, suffix)
    protein = np.char.add(np.char.add("p.", before), np.char.add(residue, suffix))
    base, other = _pick(BASES, u[:, 6]), _pick(BASES, u[:, 7], not_this=u[:, 6])
    gone, come = np.isin(kind, ["Frame_Shift_Del", "In_Frame_Del"]), kind == "Frame_Shift_Ins"
    clonal = u[:, 8] < CLONAL
    return Mutations(
        patient=patient.astype(np.int64),
        gene=gene,
        classification=kind,
        chromosome=np.array(column("genes", "chromosome"))[at],
        position=start + np.floor((end - start + 1) * u[:, 2]) + slot,
        reference=np.where(come, "-", base),
        alternate=np.where(gone, "-", other),
        protein=np.where(hotspot != "", hotspot, protein),
        ccf=np.where(clonal | is_escape, 1 - 0.06 * u[:, 9] ** 2, 0.1 + 0.75 * u[:, 9]),
        escape=is_escape,
    )


def _drivers(trial: Trial, patient: Ints, slot: Ints) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Return gene and hotspot of the mutations that are drivers; empty for the others.

    The drivers of a patient take the first of his counted mutations, as far as these reach.
    """
    table, b = rows("drivers"), trial.baseline
    u = trial.streams.uniform("drivers", trial.patients, 2 * len(table)).reshape(-1, 2, len(table))
    kin = np.array([CANCERS.index(row["cancer_type"]) for row in table])
    has = (u[:, 0] < numbers("drivers", "share")) & (b.cancer[:, None] == kin)
    has = np.concatenate([b.stk11[:, None], has], axis=1)
    place = np.where(has, np.cumsum(has, axis=1) - 1, -1)
    place = np.where(place < b.mutations[:, None], place, -1)
    gene = np.full(patient.size, "", dtype="<U12")
    hotspot = np.full(patient.size, "", dtype="<U12")
    for k, row in enumerate(({"gene": "STK11", "hotspots": ""}, *table)):
        hit = (place[patient, k] == slot) & (slot < b.mutations[patient])
        gene[hit] = row["gene"]
        spots = np.array([s for s in row["hotspots"].split("|") if s])
        if spots.size:
            hotspot[hit] = _pick(spots, u[patient[hit], 1, k - 1])
    return gene, hotspot


def _called(trial: Trial, b: Biopsies, m: Mutations) -> tuple[Ints, Ints, Floats]:
    """Return sample, mutation and cancer cell fraction of everything that is called."""
    first = np.searchsorted(m.patient, np.arange(trial.patients))
    size = np.bincount(m.patient, minlength=trial.patients)
    length = np.where(b.sequenced, size[b.patient], 0)
    sample = np.repeat(np.arange(b.ids.size), length)
    within = np.arange(sample.size) - np.repeat(np.cumsum(length) - length, length)
    which = first[b.patient[sample]] + within
    time, ccf = b.time[sample], m.ccf[which]
    # Subclones drift under treatment; where the tumour is controlled some of them die out.
    drift = np.exp(0.5 * trial.streams("drift").standard_normal(sample.size))
    pressed = (time == ON) & trial.course.sensitive[b.patient[sample]]
    later = np.clip(ccf * drift * np.where(pressed, 0.4, 1.0), 0, 0.95)
    ccf = np.where((time != PRE) & (ccf < 0.9), later, ccf)
    kept = np.where(m.escape[which], b.escaped[sample] & (time == POST), ccf >= LOST_CCF)
    return sample[kept], which[kept], ccf[kept]


def _pick(choices: NDArray[np.str_], u: Floats, *, not_this: Floats | None = None) -> NDArray[np.str_]:
    """Return one of the choices for each uniform draw, avoiding the one that another draw took."""
    if not_this is None:
        return choices[np.floor(choices.size * u).astype(np.int64)]
    taken = np.floor(choices.size * not_this).astype(np.int64)
    return choices[(taken + 1 + np.floor((choices.size - 1) * u).astype(np.int64)) % choices.size]
