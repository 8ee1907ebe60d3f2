import polars as pl
import pytest


@pytest.fixture
def samples():
    return pl.DataFrame(
        {
            "sample_id": ["s1", "s2", "s3", "s4", "s5"],
            "patient_id": ["p1", "p2", "p3", "p4", "p1"],
            "timepoint": ["pre", "pre", "pre", None, "on"],
            "sequenced": [True, True, False, None, True],
        }
    )


@pytest.fixture
def mutations():
    rows = [
        ("s1", "TP53", "Missense_Mutation", "17", 100, "C", "T", "p.R175H"),
        ("s1", "TP53", "missense_variant", "chr17", 100, "C", "T", "p.R175H"),  # a second caller
        ("s1", "B2M", "Frame_Shift_Del", "15", 200, "CT", "-", "p.L15fs"),
        ("s1", "KRAS", "In_Frame_Ins", "12", 300, "-", "GGG", "p.G12dup"),
        ("s1", "TTN", "Silent", "2", 400, "A", "G", "p.L5="),
        ("s1", "TTN", "Intron", "2", 500, "A", "G", None),
        ("s5", "TP53", "Missense_Mutation", "17", 100, "C", "T", "p.R175H"),
        ("s5", "JAK1", "Nonsense_Mutation", "1", 700, "G", "A", "p.W9*"),
    ]
    names = ("sample_id", "gene", "classification", "chromosome", "position", "reference", "alternate")
    return pl.DataFrame(rows, schema=[*names, "protein_change"], orient="row")
