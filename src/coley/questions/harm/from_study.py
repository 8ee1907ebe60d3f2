"""Reports that came as tables of a study, made ready to be asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coley.vigilance.database import Database

if TYPE_CHECKING:
    from coley.biology.irae.meddra import MedDRA
    from coley.model.study import Study

PREFIX = "report_"


def database_of(study: Study, meddra: MedDRA | None = None) -> Database:
    """Return the reports of a study, cleaned, in an engine of their own.

    The table `reports` holds one row a report; `report_drugs`, `report_reactions` and the other relations of
    `vigilance.schema.RAW` hold what belongs to it. Terms are coded by the user's own MedDRA where there is one.
    """
    from coley.biology.irae.spelling import standard_term
    from coley.vigilance.cleaning import clean
    from coley.vigilance.engine import connect
    from coley.vigilance.schema import RAW
    from coley.vigilance.store import from_frames

    names = {relation: relation if relation == "reports" else PREFIX + relation for relation in RAW}
    con = connect()
    frames = {relation: study.tables[name] for relation, name in names.items() if name in study.tables}
    terms = partial(standard_term, meddra=meddra)
    reports, log = clean(from_frames(frames, con), con, standard_term=terms)
    return Database(study.name, con, reports, log)
