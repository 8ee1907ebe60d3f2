"""The relations of a database of reports, as they are read and as they are cleaned: names, types, meanings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "whole", "number", "date", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind and what it means.

    Kinds: `text`; `whole` (64-bit integer); `number` (64-bit float); `flag` (boolean); `date`, an integer of as
    many digits as are known: 2017, 201706 or 20170630. Missing is null in all of them.
    """

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation: its name and its columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(column.name for column in self.columns)


def _relation(name: str, *columns: tuple[str, Kind, str]) -> Relation:
    return Relation(name, tuple(Column(*column) for column in columns))


_REPORT: tuple[str, Kind, str] = ("report_id", "whole", "Key of the report (primaryid, ISR, VAERS_ID)")
_DRUG_SEQ: tuple[str, Kind, str] = ("drug_seq", "whole", "Number of the drug within the report")

# What a reader gives, before anything is cleaned: text as written, trimmed.
RAW: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        _relation(
            "reports",
            _REPORT,
            ("case_id", "whole", "The case, of which several versions may have been reported"),
            ("version", "whole", "Version of the case; null where the format has none"),
            ("follow_up", "flag", "True for a follow-up, false for an initial report"),
            ("quarter", "text", "Extract it came in: 2017Q2"),
            ("received_date", "date", "When the authority received this version (fda_dt)"),
            ("first_received_date", "date", "When it received the first version (init_fda_dt)"),
            ("event_date", "date", "When the event began"),
            ("report_type", "text", "EXP, PER, DIR ..."),
            ("manufacturer", "text", "Who sent it"),
            ("manufacturer_number", "text", "The sender's own number of the case"),
            ("literature", "text", "Literature reference"),
            ("age_years", "number", "Age at the event, in years whatever the unit in the file"),
            ("sex", "text", "F or M"),
            ("weight_kg", "number", "Body weight, kg whatever the unit in the file"),
            ("reporter", "text", "MD, PH, OT, LW, CN, HP ..."),
            (
                "country",
                "text",
                "Where it happened, else where it was reported from; ISO 3166 alpha-2 where known",
            ),
        ),
        _relation(
            "drugs",
            _REPORT,
            _DRUG_SEQ,
            ("role", "text", "PS primary suspect, SS secondary suspect, I interacting, C concomitant"),
            ("name", "text", "Name as written (drugname)"),
            (
                "ingredient",
                "text",
                "Active ingredient as written (prod_ai); several separated by a backslash",
            ),
            ("route", "text", "Route as written"),
            ("dechallenge", "text", "Y, N, U, D"),
            ("rechallenge", "text", "Y, N, U, D"),
            ("dose_amount", "number", "Amount of one dose"),
            ("dose_unit", "text", "Its unit"),
            ("dose_frequency", "text", "Its frequency as written (dose_freq)"),
        ),
        _relation("reactions", _REPORT, ("term", "text", "Preferred term as written")),
        _relation(
            "outcomes", _REPORT, ("outcome", "text", "DE death, LT life-threatening, HO, DS, CA, RI, OT")
        ),
        _relation(
            "therapies",
            _REPORT,
            _DRUG_SEQ,
            ("start_date", "date", "Start of the drug"),
            ("end_date", "date", "End of the drug"),
            ("duration_days", "number", "Duration, in days whatever the unit in the file"),
        ),
        _relation("indications", _REPORT, _DRUG_SEQ, ("term", "text", "Indication of that drug, as written")),
        _relation("sources", _REPORT, ("source", "text", "Who reported it: HP, CSM, LIT ... (rpsr_cod)")),
        _relation("deleted", ("case_id", "whole", "A case that the authority has withdrawn")),
    )
}

# What cleaning gives: one version of each case, drugs and terms under standard names, each once a report.
CLEAN: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        _relation(
            "cases",
            _REPORT,
            ("case_id", "whole", "The case"),
            ("quarter", "whole", "Quarter of first receipt, as 4 * year + (quarter - 1)"),
            ("year", "whole", "Year of first receipt"),
            ("event_date", "date", "When the event began"),
            ("age_years", "number", "Age, years; null outside 0 to 120"),
            ("age_group", "text", "<18, 18-44, 45-64, 65-74, 75+; null where unknown"),
            ("sex", "text", "F or M"),
            ("country", "text", "Country"),
            ("reporter", "text", "professional, consumer or null"),
            ("serious", "flag", "Any serious outcome"),
            ("fatal", "flag", "Outcome death"),
        ),
        _relation(
            "exposures",
            _REPORT,
            ("ingredient", "text", "Standard name of the active ingredient, lower case"),
            ("role", "text", "The strongest role of it in the report: PS, SS, I, C"),
            ("matched", "flag", "Whether the name was found in a dictionary; else it stands as written"),
        ),
        _relation("events", _REPORT, ("term", "text", "Preferred term, lower case")),
        _relation(
            "onsets",
            _REPORT,
            ("ingredient", "text", "The drug"),
            ("days", "whole", "From its first dose to the event; the day of the first dose is 0"),
        ),
        _relation("indications", _REPORT, ("term", "text", "Indication, lower case")),
    )
}
