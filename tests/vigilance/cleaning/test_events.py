"""Terms once a report, and indications that say nothing."""

from __future__ import annotations

from typing import Any


def test_terms_are_counted_once_a_report_under_their_standard_name(cleaned: Any) -> None:
    frames, log = cleaned(
        {
            "reports": {"report_id": [1, 2]},
            "reactions": {
                "report_id": [1, 1, 1, 2, 2, 3],
                "term": ["Diarrhea", "DIARRHOEA ", "Rash", "rash", None, "Rash"],
            },
        },
        standard_term=lambda term: {"diarrhea": "diarrhoea"}.get(term.strip().lower(), term.strip().lower()),
    )
    assert frames["events"].rows() == [(1, "diarrhoea"), (1, "rash"), (2, "rash")]
    assert log.step("events").dropped == {
        "names nothing": 1,
        "of a report that is not kept": 1,
        "named again in the report": 1,
    }


def test_unknown_indications_are_no_indications(cleaned: Any) -> None:
    frames, log = cleaned(
        {
            "reports": {"report_id": [1]},
            "indications": {
                "report_id": [1, 1, 1],
                "drug_seq": [1, 2, 3],
                "term": ["Malignant melanoma", "MALIGNANT MELANOMA", "Product used for unknown indication"],
            },
        }
    )
    assert frames["indications"].rows() == [(1, "malignant melanoma")]
    assert log.step("indications").dropped["names nothing"] == 1
