import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.biology.hla import class_one, divergence
from coley.biology.hla.divergence import grantham, sequence_distance
from coley.model.errors import MissingData, UnreadableInput


def test_published_distances():
    # Grantham 1974, table 2. Copies in circulation disagree in a few cells (L-A 96 or 102, L-M 15 or 21): 96 and 15.
    published = {
        "SR": 110, "SL": 145, "SP": 74, "ST": 58, "SA": 99, "SV": 124, "SG": 56, "SI": 142, "SF": 155, "SY": 144,
        "SC": 112, "SH": 89, "SQ": 68, "SN": 46, "SK": 121, "SD": 65, "SE": 80, "SM": 135, "SW": 177, "AR": 112,
        "AN": 111, "AD": 126, "AC": 195, "AQ": 91, "AE": 107, "AG": 60, "AH": 86, "AI": 94, "AL": 96, "AK": 106,
        "AM": 84, "AF": 113, "AP": 27, "AT": 58, "AW": 148, "AY": 112, "AV": 64, "LI": 5, "LM": 15, "FY": 22,
        "CW": 215, "CF": 205, "DN": 23, "KR": 26, "IV": 29, "EQ": 29, "DE": 45, "HQ": 24, "WG": 184,
    }  # fmt: skip
    letters, distance = grantham()
    ours = {pair: distance[letters.index(pair[0]), letters.index(pair[1])] for pair in published}
    assert {
        pair: (ours[pair], value) for pair, value in published.items() if abs(ours[pair] - value) > 0
    } == {}


def test_every_distance_is_that_of_the_formula_but_for_rounding():
    # Grantham 1974, table 1 and the formula below it: composition, polarity and volume, scaled to a mean of 100.
    text = (Path(__file__).parent / "grantham_properties.csv").read_text(encoding="utf-8")
    rows = {row["letter"]: row for row in csv.DictReader(text.splitlines())}
    letters, distance = grantham()
    columns = ("composition", "polarity", "volume")
    properties = np.array([[float(rows[letter][name]) for name in columns] for letter in letters])
    apart = properties[:, None] - properties
    formula = 50.723 * np.sqrt(apart**2 @ np.array([1.833, 0.1018, 0.000399]))
    # Printed otherwise than the formula says: D and W, 181 for 191, in every copy of the table.
    printed = letters.index("D"), letters.index("W")
    assert (distance[printed], round(formula[printed])) == (181, 191)
    formula[printed] = formula[printed[::-1]] = 181
    np.testing.assert_allclose(distance, formula, atol=1.2)
    np.testing.assert_array_equal(distance, distance.T)
    assert distance[np.triu_indices(20, 1)].mean() == pytest.approx(100, abs=0.5)


def test_gaps_are_passed_over_and_lengths_must_agree():
    assert sequence_distance("L-X", "IKL") == 5
    assert sequence_distance("SL", "RI") == (110 + 5) / 2
    with pytest.raises(UnreadableInput, match="aligned"):
        sequence_distance("LL", "L")
    with pytest.raises(UnreadableInput, match="no site"):
        sequence_distance("--", "LL")


def test_patients_by_hand():
    hla = pl.DataFrame(
        {
            "patient_id": ["p", "q"],
            "allele": ["A0101,A0201,B0702,B0702,C0701,C0702", "A0101,A9999,B0702,B0702,C0701,C0702"],
        }
    )
    sequences = {"A*01:01": "SL", "HLA-A02:01": "RI", "B0702": "AA", "C*07:01": "LL", "C*07:02": "LI"}
    table = divergence(class_one(hla), sequences)
    assert table.row(0) == ("p", 57.5, 0.0, 2.5, 20.0)
    assert table.row(1) == ("q", None, 0.0, 2.5, None)


def test_without_sequences_the_reason_is_said():
    typing = class_one(pl.DataFrame({"patient_id": ["p"], "allele": ["A0101,A0201"]}))
    with pytest.raises(MissingData, match="ships none") as caught:
        divergence(typing, None)
    assert "IPD-IMGT/HLA" in str(caught.value)
