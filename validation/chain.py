"""The whole chain on small dirty databases: cleaning, then `harm` as it is by default, against what was planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from coley.biology.drugs.regimens import regimens as classes
from coley.biology.drugs.regimens import regimens_of
from coley.biology.irae.labels import label_iraes
from coley.model.answer import Answer
from coley.questions.harm import signals
from coley.questions.harm.cells import cells, in_titles
from coley.questions.harm.evidence import SHOWN, evidence
from coley.questions.harm.settings import HarmSettings
from coley.toy.reports import (
    Interaction,
    Masking,
    ReportDesign,
    Signal,
    SimulatedReports,
    drug_name,
    simulate_reports,
)
from coley.toy.reports.facts import immune_terms, oncology_drugs, regimens
from coley.vigilance.cleaning import Cleaning, CleaningLog, clean
from coley.vigilance.database import Database
from coley.vigilance.engine import connect
from coley.vigilance.store import from_frames
from validation.interactions import PAIRS
from validation.tally import Experiment, Rate, Table, Tally, table

AGENTS = tuple(drug.name for drug in oncology_drugs() if drug.group in ("pd1", "pdl1", "ctla4"))
RATIOS = (2.0, 3.0, 5.0, 10.0)
TOGETHER = (3.0, 5.0)  # both over the sum, planted on one harm each
MASKER, MASKED_BY, HIDDEN = drug_name(0), 60.0, 5.0  # the most popular drug hides two harms
INTERACTION = "PD-(L)1 + CTLA-4"
ANY = SHOWN["ici"]
EXPECTED = ((0, 1), (1, 3), (3, np.inf))
RATE = 0.05


@cache
def terms_of() -> dict[str, tuple[str, ...]]:
    """Return the harms of the label that the simulator has terms for, by title."""
    simulated = [term.term for term in immune_terms()]
    found = {
        irae.title: tuple(term for term in simulated if term.lower() in irae.terms)
        for irae in label_iraes().values()
    }
    return {title: terms for title, terms in found.items() if terms}


@dataclass(frozen=True, slots=True)
class Truth:
    """What is planted: the ratio of each harm with every checkpoint inhibitor, of both together, and what is hidden."""

    ratio: dict[str, float]
    together: dict[str, float]
    hidden: frozenset[str]


def design(seed: int) -> tuple[ReportDesign, Truth]:
    """Return a database in which half of the harms are signals of every agent, with all that goes wrong."""
    order = np.random.default_rng(seed).permutation(sorted(terms_of())).tolist()
    planted = order[: len(order) // 2]
    hidden, combined, plain = planted[:2], planted[2:4], planted[4:]
    ratio = dict.fromkeys(hidden, HIDDEN) | dict.fromkeys(combined, RATIOS[0])
    ratio |= {harm: RATIOS[(seed + k) % len(RATIOS)] for k, harm in enumerate(plain)}
    together = dict(zip(combined, TOGETHER, strict=True))
    made = ReportDesign(
        n_cases=40_000,
        seed=seed,
        regimen_share=0.2,
        signals=tuple(
            Signal(agent, term, ratio[harm])
            for harm in planted
            for term in terms_of()[harm]
            for agent in AGENTS
        ),
        interactions=tuple(
            Interaction(pair, term, factor)
            for harm, factor in together.items()
            for term in terms_of()[harm]
            for pair in PAIRS
        ),
        maskings=tuple(Masking(MASKER, term, MASKED_BY, ()) for harm in hidden for term in terms_of()[harm]),
    )
    return made, Truth(ratio, together, frozenset(hidden))


def database(toy: SimulatedReports, settings: Cleaning | None = None) -> Database:
    """Return the reports as they were written, cleaned."""
    con = connect()
    cleaned, log = clean(from_frames(toy.raw, con), con, settings)
    return Database("simulated", con, cleaned, log)


def asked(toy: SimulatedReports) -> tuple[Answer, CleaningLog]:
    """Return what `harm` says of the reports, and the log of their cleaning."""
    made = database(toy)
    return signals(made), made.cleaning


def uncleaned(toy: SimulatedReports) -> pl.DataFrame:
    """Return the table of harms of an answer that leaves duplicates in."""
    told = evidence(database(toy, Cleaning(find_duplicates=False)), HarmSettings())
    found = cells(told, "harm")[told.settings.comparator]
    return in_titles(told, found, "harm")


@cache
def inhibitor_share() -> dict[str, bool]:
    """Return for each exposure of the tables, by title, whether all of its reports name an agent with a signal."""
    title = {name: SHOWN.get(name, known.title) for name, known in classes().items()}
    told: dict[str, list[bool]] = {}
    for drugs, _ in regimens():
        own = bool(set(drugs) & set(AGENTS))
        for name in (*(title[of] for of in regimens_of(drugs)), *(drug.capitalize() for drug in drugs)):
            told.setdefault(name, []).append(own)
    return {name: all(own) for name, own in told.items()}


def run(databases: int) -> list[Table]:
    """Ask every database twice: with probable duplicates removed, as by default, and with them left in."""
    tally = Tally()
    for seed in range(databases):
        made, truth = design(seed)
        toy = simulate_reports(made)
        answer, log = asked(toy)
        told = answer.tables["harm_signals"]
        _false(tally, told, truth)
        _signals(tally, told, truth)
        _combinations(tally, answer, truth)
        _masking(tally, answer, truth)
        _duplicates(tally, toy, log)
        _false(tally, uncleaned(toy), truth, "duplicates left in")
    return [
        table("Harms of the label that are signals", "planted ratio and exposure", _found(tally)),
        table(
            "Share of false ones among those called",
            "list",
            [
                *(
                    (name, "false discovery rate", tally.false_rate(name))
                    for name in (
                        "all exposures",
                        ANY,
                        "all exposures, duplicates left in",
                        f"{ANY}, duplicates left in",
                    )
                ),
                ("interactions, q at most 0.05", "false discovery rate", tally.false_rate("interaction q")),
                (
                    "interactions, Omega025 above 0",
                    "false discovery rate",
                    tally.false_rate("interaction omega"),
                ),
            ],
        ),
        table(
            f"{INTERACTION}: called an interaction",
            "planted with both",
            [
                (words, name, tally.rate((factor, name)))
                for factor, words in (
                    (1.0, "no more than the sum"),
                    *((f, f"{f:g} times the sum") for f in TOGETHER),
                )
                for name in ("q at most 0.05", "Omega025 above 0")
            ],
        ),
        table(
            f"{ANY}: harms that a masker hides",
            "what",
            [
                ("planted and hidden: signal before", "rate", tally.rate("hidden before")),
                (
                    "planted and hidden: signal before or without the masker",
                    "rate",
                    tally.rate("hidden after"),
                ),
                ("planted and hidden: the masker is named", "rate", tally.rate("named")),
                ("nothing planted: a masker is named", "rate", tally.rate("named in error")),
                (
                    "nothing planted: signal only without a drug or a term",
                    "rate",
                    tally.rate("revealed in error"),
                ),
            ],
        ),
        table(
            "Duplicates",
            "what",
            [
                ("planted copies that are found", "rate", tally.rate("copies found")),
                ("pairs taken for duplicates that are", "rate", tally.rate("pairs right")),
            ],
        ),
    ]


def _found(tally: Tally) -> Iterator[tuple[str, str, Rate]]:
    words = {0: "under 1 expected", 1: "1 to 3 expected", 3: "3 or more expected"}
    for kind in (ANY, "each agent"):
        for ratio in RATIOS:
            for low, _ in EXPECTED:
                if (kind, ratio, low) in tally.pooled:
                    yield f"{ratio:g}, {kind.lower()}", words[low], tally.rate((kind, ratio, low))


def _called(told: pl.DataFrame) -> pl.DataFrame:
    return told.filter(pl.col("event").is_in(list(terms_of())))


def _false(tally: Tally, harms: pl.DataFrame, truth: Truth, suffix: str = "") -> None:
    """Note what is false among the signals: nothing is planted on a harm, or the exposure holds no agent."""
    told = _called(harms)
    own = told["exposure"].replace_strict(inhibitor_share(), default=None, return_dtype=pl.Boolean)
    null = (~told["event"].is_in(list(truth.ratio)) | ~own.fill_null(value=False)).to_numpy()
    called, whole = told["signal"].to_numpy(), (told["exposure"] == ANY).to_numpy()
    tail = f", {suffix}" if suffix else ""
    tally.false(f"all exposures{tail}", called, null)
    tally.false(f"{ANY}{tail}", called[whole], null[whole])


def _signals(tally: Tally, told: pl.DataFrame, truth: Truth) -> None:
    kinds = {ANY: [ANY], "each agent": [agent.capitalize() for agent in AGENTS]}
    found: dict[tuple[str, float, float], list[bool]] = {}
    for kind, names in kinds.items():
        for row in _called(told).filter(pl.col("exposure").is_in(names)).iter_rows(named=True):
            ratio = truth.ratio.get(row["event"])
            # A harm that a masker hides is told apart, and one that both bring more than their sum is no plain ratio.
            if ratio is None or row["event"] in truth.hidden or row["event"] in truth.together:
                continue
            low = next(low for low, high in EXPECTED if low <= row["expected"] < high)
            found.setdefault((kind, ratio, low), []).append(row["signal"])
    for key, hits in found.items():
        tally.add(key, hits)


def _combinations(tally: Tally, answer: Answer, truth: Truth) -> None:
    told = answer.tables["combinations"].filter(
        (pl.col("level") == "harm of the label") & pl.col("event").is_in(list(terms_of()))
    )
    q = (told["q"].fill_null(1.0) <= RATE).to_numpy()
    omega = (told["omega_low"].fill_null(-1.0) > 0).to_numpy()
    pair = (told["combination"] == INTERACTION).to_numpy()
    factor = told["event"].replace_strict(truth.together, default=1.0, return_dtype=pl.Float64).to_numpy()
    for name, called in (("interaction q", q), ("interaction omega", omega)):
        tally.false(name, called, ~pair | (factor == 1))
    for kind in (1.0, *TOGETHER):
        tally.add((kind, "q at most 0.05"), q[pair & (factor == kind)])
        tally.add((kind, "Omega025 above 0"), omega[pair & (factor == kind)])


def _masking(tally: Tally, answer: Answer, truth: Truth) -> None:
    drugs, terms = (answer.tables.get(name, pl.DataFrame()) for name in ("masking_drugs", "masking_terms"))
    before = dict(
        _called(answer.tables["harm_signals"])
        .filter(pl.col("exposure") == ANY)
        .select("event", "signal")
        .iter_rows()
    )
    without: dict[str, bool] = {}
    for frame in (drugs, terms):
        for row in frame.iter_rows(named=True):
            without[row["event"]] = without.get(row["event"], False) or row["signal_without"]
    named = dict(drugs.select("event", "masked_by").iter_rows()) if drugs.height else {}
    hidden = sorted(truth.hidden)
    tally.add("hidden before", [before[harm] for harm in hidden])
    tally.add("hidden after", [before[harm] or without.get(harm, False) for harm in hidden])
    tally.add("named", [named.get(harm) == MASKER for harm in hidden])
    nothing = [harm for harm in before if harm not in truth.ratio]
    tally.add("named in error", [harm in named for harm in nothing])
    tally.add("revealed in error", [without.get(harm, False) and not before[harm] for harm in nothing])


def _duplicates(tally: Tally, toy: SimulatedReports, log: CleaningLog) -> None:
    """Note which pairs are of one case, and which copies are in such a pair."""
    if log.duplicates is None:
        return
    case = dict(toy.raw["reports"].select("report_id", "case_id").iter_rows())
    original = dict(toy.duplicates.select("case_id", "duplicate_of").iter_rows())
    gone = set(toy.raw["deleted"]["case_id"])
    taken = log.duplicates.pairs.filter(pl.col("probability") >= Cleaning().duplicate_probability)
    pairs = [(case[a], case[b]) for a, b in taken.select("a", "b").iter_rows()]
    right = [original.get(one, one) == original.get(two, two) for one, two in pairs]
    seen = {one for pair, true in zip(pairs, right, strict=True) if true for one in pair}
    copies = [copy for copy, of in original.items() if not {copy, of} & gone]
    tally.add("copies found", [copy in seen for copy in copies])
    tally.add("pairs right", right)


EXPERIMENT = Experiment("chain", "The whole chain, from dirty reports to the answer", 30, run)
