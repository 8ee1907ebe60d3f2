"""What a ready table of counts signals, events by drugs: the question `harm` where the reports are not at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.questions.harm.settings import HarmSettings

if TYPE_CHECKING:
    from coley.model.answer import Answer
    from coley.vigilance.reading.contingency import Contingency


def table_signals(table: Contingency, settings: HarmSettings | None = None, *, name: str) -> Answer:
    """Return what a table of counts says of harm.

    Parameters
    ----------
    table
        Counts of drugs with events.
    settings
        Of the question `harm`; the defaults where None. Those that choose among reports have no meaning here.
    name
        Of the table, for the page.

    Raises
    ------
    MissingData
        Where no drug with a name of its own is counted with an event that has one, or there is but one of either.

    Examples
    --------
    >>> import numpy as np
    >>> from coley.vigilance.reading.contingency import Contingency
    >>> drug, event = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    >>> count = np.array([40.0, 60.0, 10.0, 9000.0])
    >>> table = Contingency(("Statin", "Other"), ("Rhabdomyolysis", "Rash"), drug, event, count, (1,))
    >>> table_signals(table, name="two by two").tables["pairs"].select("event", "signal").rows()
    [('Rhabdomyolysis', True), ('Rash', False)]
    """
    from coley.questions.harm.contingency.answer import answer
    from coley.questions.harm.contingency.examined import examine

    return answer(examine(table, settings or HarmSettings()), name=name)
