"""Model files of the question `worth`, with the patients that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.analysis.fitted import FollowUp, specified
from coley.economics.model_file.parse import model_of
from coley.model.dictionary import tables
from coley.model.errors import MissingData, UnreadableInput
from coley.read.findings import Place, merged
from coley.read.indications import read_indications
from coley.read.model_columns import alike, numbers, there
from coley.read.raw import read_raw
from coley.read.registry import counts_of
from coley.read.sources import inside, sources
from coley.read.tables import filter_rows
from coley.read.toml import load_toml
from coley.read.values import parse_column

if TYPE_CHECKING:
    from coley.economics.model_file.curves import Data, Digitised
    from coley.economics.model_file.schema import Model
    from coley.economics.population.life_tables import Kind, LifeTable
    from coley.model.study import Source, Study
    from coley.read.raw import RawTable
    from coley.read.values import Parsed

LONGEST_YEARS = 30.0  # a median follow-up beyond it: no trial of immunotherapy has one
LIFE_TABLE_KINDS: tuple[Kind, ...] = ("rate", "probability")


@dataclass(frozen=True, eq=False)
class EconomicModel:
    """A model file that was read: the model, its patients, its life table if it brings one, and the files.

    `indications` holds, by label, the models of further indications that it names.
    """

    model: Model
    followed: Mapping[str, FollowUp]
    table: LifeTable | None
    sources: tuple[Source, ...]
    indications: Mapping[str, EconomicModel] = field(default_factory=dict)


def read_economic_model(path: Path | str) -> EconomicModel:
    """Read a model file, and the patients and the life table that it names.

    Raises
    ------
    UnreadableInput
        For words that are not known, files that are missing or lie outside the model's folder, columns that are
        not there, and times or events that cannot be.
    """
    path = Path(path)
    model = model_of(load_toml(path, "a model file"), where=path.name)
    root = path.parent / model.root
    opened: list[tuple[Path, str]] = [(path, "model")]
    followed: dict[str, FollowUp] = {}
    raw: dict[Path, RawTable] = {}

    def opening(name: str, what: str) -> RawTable:
        file = inside(root, name, manifest=path.name)
        if file not in raw:
            raw[file] = read_raw(file)
            opened.append((file, what))
        return raw[file]

    for place, spec in specified(model).items():
        if spec.digitised is not None:
            one = spec.digitised
            followed[place] = _reconstructed(
                opening(one.points, "points"), opening(one.at_risk, "at_risk"), one, place
            )
        elif spec.data is not None:
            if not spec.data.file:
                raise UnreadableInput(
                    f"{place} names no file of patients.",
                    where=path.name,
                    remedy="Give data.file; only a model that a study names may leave it out.",
                )
            rows = filter_rows(opening(spec.data.file, "patients"), spec.data.where)
            followed[place] = _followed(rows, spec.data, place)
        if spec.registry is not None:
            counts = counts_of(opening(spec.registry.file, "registry"), spec.registry, place)
            followed[place] = replace(followed[place], registry=counts)
    table = None
    if _is_file(model.population.life_table):
        table = _life_table(opening(model.population.life_table, "life_table"))
    others = read_indications(path, model, read=read_economic_model)
    files = [*sources(opened, root), *(source for other in others.values() for source in other.sources)]
    return EconomicModel(model, followed, table, tuple(dict.fromkeys(files)), others)


def _is_file(life_table: str) -> bool:
    return life_table.lower().endswith((".csv", ".tsv"))


def model_of_study(study: Study) -> Model | None:
    """Return the economic model that a study names; None where it names none."""
    return model_of(study.economic_model, where="economic_model") if study.economic_model else None


def follow_up_of_study(study: Study, model: Model) -> dict[str, FollowUp]:
    """Return the patients of a study by "strategy.endpoint": for data without a file, rows and columns of its patients.

    Raises
    ------
    MissingData, UnreadableInput
        Where a column is missing, no row is left, or a curve names a file.
    """
    import polars as pl

    if _is_file(model.population.life_table):
        raise UnreadableInput(
            f"The model of a study cannot bring a life table of its own ({model.population.life_table}).",
            remedy="Name one that Coley brings, or ask `coley worth` with the model file itself.",
        )
    found = {}
    for place, spec in specified(model).items():
        if spec.digitised is not None:
            raise UnreadableInput(
                f"{place} comes from a figure; the model of a study fits the study's own patients.",
                remedy="Ask `coley worth` with the model file itself.",
            )
        if spec.registry is not None:
            raise UnreadableInput(
                f"{place} names the registry {spec.registry.file!r}; the model of a study brings no files of its own.",
                remedy="Leave registry out, or ask `coley worth` with the model file itself.",
            )
        if spec.data is None:
            continue
        if spec.data.file:
            raise UnreadableInput(
                f"{place} names the file {spec.data.file!r}; the model of a study fits the study's own patients.",
                remedy="Leave file out, or ask `coley worth` with the model file itself.",
            )
        alike(spec.data.time, spec.data.time_unit, place)
        patients = study.table("patients", spec.data.time, spec.data.event, *spec.data.where)
        for column, value in spec.data.where.items():
            patients = patients.filter(pl.col(column).cast(pl.String) == str(value))
        known = patients.filter(pl.col(spec.data.time).is_not_null() & pl.col(spec.data.event).is_not_null())
        if known.is_empty():
            chosen = ", ".join(f"{column} = {value}" for column, value in spec.data.where.items())
            raise MissingData(f"No patient of {study.name} is left for {place} ({chosen}).")
        found[place] = FollowUp(
            _years(known[spec.data.time].cast(pl.Float64).to_numpy(), spec.data, place),
            known[spec.data.event].cast(pl.Boolean).to_numpy(),
            source=study.name,
            patients=f"{sorted(spec.data.where.items())}" if known.height == patients.height else place,
        )
    return found


def _followed(raw: RawTable, data: Data, place: str) -> FollowUp:
    alike(data.time, data.time_unit, place)
    columns = tables()["patients"].columns
    time = _parsed(raw, data.time, columns["os_months"], place)
    event = _parsed(raw, data.event, columns["os_event"], place)
    return FollowUp(
        _years(time.values.to_numpy(), data, place),
        event.values.to_numpy().astype(bool),
        source=data.source or raw.file,
        patients=f"{data.file} {sorted(data.where.items())}",
        notes=tuple(merged((*raw.notes, *time.notes, *event.notes))),
    )


def _reconstructed(points: RawTable, at_risk: RawTable, spec: Digitised, place: str) -> FollowUp:
    from coley.economics.analysis.survival import PER_YEAR
    from coley.stats.survival.reconstruct import pseudo_patients

    for column in (spec.time, spec.at_risk_time):
        alike(column, spec.time_unit, place)
    risk = numbers(at_risk, (spec.at_risk_time, spec.at_risk_number), place, gaps=True)
    curve = numbers(points, (spec.time, spec.survival), place, gaps=True)
    made = pseudo_patients(
        curve[:, 0], curve[:, 1], risk_times=risk[:, 0], at_risk=risk[:, 1], events=spec.events
    )
    return FollowUp(
        made.time / PER_YEAR[spec.time_unit],
        made.event,
        source=f"{spec.source or points.file} (reconstructed; within {made.largest_difference:.3f} of its points)",
        patients=place,
    )


def _parsed(raw: RawTable, name: str, column: Any, place: str) -> Parsed:
    import polars as pl

    there(raw, name, place)

    parsed = parse_column(raw.frame[name].cast(pl.String), column, Place(raw, name))
    if parsed.values.null_count():
        row = int(parsed.values.is_null().arg_true()[0])
        word = raw.frame[name][row]
        wanted = "time" if column.kind == "number" else "event (0 or 1)"
        held = f"holds {word!r}, which is no {wanted}" if word is not None else "is empty in a row"
        raise UnreadableInput(
            f"{name} of {raw.file} {held}.",
            where=f"{raw.file}:{raw.line(row)}",
            remedy="Every patient of a curve needs a time and an event; leave out those that have none.",
        )
    return parsed


def _years(times: Any, data: Data, place: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    from coley.economics.analysis.survival import PER_YEAR

    years = np.asarray(times, dtype=np.float64) / PER_YEAR[data.time_unit]
    if years.min() < 0:
        raise UnreadableInput(f"A time of {place} is negative: {years.min():g} years.", where=data.time)
    if np.median(years) > LONGEST_YEARS:
        raise UnreadableInput(
            f"The median follow-up of {place} would be {np.median(years):.0f} years.",
            where=f'{data.time}, time_unit = "{data.time_unit}"',
            cause="days read as months, or months as years",
            remedy="Mend time_unit.",
        )
    return years


def _life_table(raw: RawTable) -> LifeTable:
    """Columns age, female, male, with the kind in the header: female_rate or female_probability."""
    from coley.economics.population.life_tables import life_table_of

    for kind in LIFE_TABLE_KINDS:
        names = ["age", f"female_{kind}", f"male_{kind}"]
        if set(names) <= set(raw.frame.columns):
            import polars as pl

            columns = [raw.frame[name].cast(pl.Float64, strict=False).to_numpy() for name in names]
            return life_table_of(
                *columns, kind=kind, name=raw.file, title=f"Life table {raw.file}", source=raw.file
            )
    raise UnreadableInput(
        f"{raw.file} is no life table that Coley knows.",
        where=f"columns: {', '.join(raw.frame.columns)}",
        remedy="Name its columns age, female_rate and male_rate (deaths per person and year), or female_probability "
        "and male_probability.",
    )
