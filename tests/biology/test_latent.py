import polars as pl
import pytest

from coley.biology.latent import factors, panel
from coley.model.dictionary import tables
from coley.model.study import Study


def study(**columns):
    return Study("s", {"patients": pl.DataFrame({"patient_id": ["a", "b"], **columns})})


def names(found):
    return {factor.name: str(by) for factor, by in found.chosen}


def test_five_factors_each_with_sourced_stand_ins_in_order():
    assert len(factors()) == 5
    for factor in factors():
        assert factor.stand_ins
        assert all("Usset 2024" in by.source for by in factor.stand_ins)


def test_columns_are_those_of_the_dictionary_and_signatures_those_of_the_registry():
    from coley.biology.signatures import signatures

    for by in (by for factor in factors() for by in factor.stand_ins):
        if by.kind == "column":
            assert by.name in tables()["patients"].columns
        elif by.kind == "table":
            assert by.name in tables()
        else:
            assert by.name in signatures()
            assert by.direction in (0, signatures()[by.name].direction)


def test_the_preferred_stand_in_is_taken():
    both = {"TIS_GEP_weighted", "CYT_geomean"}
    found = panel(study(prior_lines=[1, 2], prior_systemic=[True, False], tmb_per_mb=[1.0, None]), both)
    assert names(found) == {
        "tmb": "patients.tmb_per_mb",
        "t_cell": "signature TIS_GEP_weighted",
        "prior_treatment": "patients.prior_systemic",
    }
    assert [factor.name for factor in found.missing] == ["tgfb", "proliferation"]


def test_an_empty_column_does_not_count():
    found = panel(study(tmb_per_mb=pl.Series([None, None], dtype=pl.Float64)))
    assert "tmb" not in names(found)


def test_mutations_stand_for_tmb_where_there_is_no_column():
    with_table = study().with_table("mutations", pl.DataFrame({"sample_id": ["a"], "gene": ["TP53"]}))
    assert names(panel(with_table))["tmb"] == "table mutations"
    empty = study().with_table("mutations", pl.DataFrame(schema={"sample_id": pl.String, "gene": pl.String}))
    assert "tmb" not in names(panel(empty))


def test_what_is_missing_is_said_with_what_to_supply():
    found = panel(study())
    assert len(found.missing) == 5
    checks = {check.name: check for check in found.checks}
    assert set(checks) == {f"latent_{factor.name}" for factor in factors()}
    assert {check.level for check in found.checks} == {"warn"}
    assert "signature TGFB_Pan_F_TBRS_Mariathasan" in checks["latent_tgfb"].remedy


@pytest.mark.parametrize("signature", ["proliferation_Pabla", "IMvigor_cell_cycle"])
def test_proliferation_by_either_signature(signature):
    assert names(panel(study(), {signature}))["proliferation"] == f"signature {signature}"
