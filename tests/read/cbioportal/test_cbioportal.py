"""Study folders built by hand after the specification of cBioPortal, whole and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

import coley
from coley.model.answer import Check
from coley.model.errors import UnreadableInput
from coley.model.study import Study

LFS = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)

FILES = {
    "meta_study.txt": "type_of_cancer: mel\ncancer_study_identifier: mel_made_up\nname: Made up (2020)\n"
    "description: nobody\ncitation: Nobody et al. 2020\npmid: 12345\n",
    # The names of the data files are a convention, not a rule: these are odd on purpose.
    "meta_clinical_patient.txt": "cancer_study_identifier: mel_made_up\ngenetic_alteration_type: CLINICAL\n"
    "datatype: PATIENT_ATTRIBUTES\ndata_filename: people.txt\n",
    "people.txt": "#Patient\tMonths\tStatus\tPFS\tPFS status\tSex\tAge\tLDH\n"
    "#Identifier\tOS\tOS status\tPFS\tPFS status\tSex\tAge\tLDH\n"
    "#STRING\tNUMBER\tSTRING\tNUMBER\tSTRING\tSTRING\tNUMBER\tNUMBER\n"
    "#1\t1\t1\t1\t1\t1\t1\t1\n"
    "PATIENT_ID\tOS_MONTHS\tOS_STATUS\tPFS_MONTHS\tPFS_STATUS\tSEX\tAGE\tLDH\n"
    "P1\t10.5\t1:DECEASED\t3.5\t1:Progressed\tFemale\t61\t180\n"
    "P2\t20\t0:LIVING\t20\t0:Not progressed\tMale\t[Not Available]\t>500\n"
    "P3\t[Discrepancy]\tLIVING\t[Pending]\t[Null]\t[Not Applicable]\t70\tNA\n"
    "P4\t4\tDECEASED\t2\t1:Progressed\tMale\t[Completed]\t\n",
    "meta_clinical_sample.txt": "cancer_study_identifier: mel_made_up\ngenetic_alteration_type: CLINICAL\n"
    "datatype: SAMPLE_ATTRIBUTES\ndata_filename: tumours.txt\n",
    "tumours.txt": "#Patient\tSample\tCancer\tTMB\tWhen\n#x\tx\tx\tx\tx\n"
    "#STRING\tSTRING\tSTRING\tNUMBER\tSTRING\n#1\t1\t1\t1\t1\n"
    "PATIENT_ID\tSAMPLE_ID\tCANCER_TYPE\tTMB_NONSYNONYMOUS\tSAMPLE_TREATMENT\n"
    "P1\tS1\tMelanoma\t7.5\tPre\nP2\tS2\tMelanoma\t0\tPre\nP3\tS3\tMelanoma\t\tPre\n"
    "P4\tS4a\tMelanoma\t3\tPre\nP4\tS4b\tMelanoma\t9\tOn\n",
    "meta_mutations.txt": "cancer_study_identifier: mel_made_up\ngenetic_alteration_type: MUTATION_EXTENDED\n"
    "datatype: MAF\nstable_id: mutations\ndata_filename: variants.txt\n",
    "variants.txt": "#version 2.4\n"
    "Hugo_Symbol\tChromosome\tStart_Position\tVariant_Classification\tReference_Allele\tTumor_Seq_Allele2\t"
    "Tumor_Sample_Barcode\tHGVSp_Short\tt_alt_count\tt_ref_count\n"
    "BRAF\t7\t140453136\tMissense_Mutation\tA\tT\tS1\tp.V600E\t30\t70\n"
    "B2M\t15\t45003745\tFrame_Shift_Del\tCT\t-\tS1\tp.L15fs\t10\t90\n"
    "NRAS\t1\t115256529\tMissense_Mutation\tT\tC\tS4a\tp.Q61R\t5\t5\n",
    "case_lists/cases_sequenced.txt": "cancer_study_identifier: mel_made_up\nstable_id: mel_made_up_sequenced\n"
    "case_list_name: Sequenced\ncase_list_description: x\ncase_list_ids: S1\tS2\tS4a\n",
    "meta_rna.txt": "cancer_study_identifier: mel_made_up\ngenetic_alteration_type: MRNA_EXPRESSION\n"
    "datatype: CONTINUOUS\nstable_id: rna_seq_mrna\nprofile_name: mRNA expression (RNA Seq log TPM)\n"
    "profile_description: log2 TPM\ndata_filename: rna.txt\n",
    "rna.txt": "Hugo_Symbol\tEntrez_Gene_Id\tS1\tS4b\nCD8A\t925\t3.5\t1.25\nIFNG\t3458\t0\tNA\n",
    "meta_treatment.txt": "cancer_study_identifier: mel_made_up\ngenetic_alteration_type: CLINICAL\n"
    "datatype: TIMELINE\ndata_filename: treatment.txt\n",
    "treatment.txt": "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tTREATMENT_TYPE\tAGENT\n"
    "P1\t10\t40\tTREATMENT\tChemotherapy\tDacarbazine\nP1\t100\t200\tTREATMENT\tImmunotherapy\tNivolumab\n",
    "meta_labs.txt": "cancer_study_identifier: mel_made_up\ngenetic_alteration_type: CLINICAL\n"
    "datatype: TIMELINE\ndata_filename: labs.txt\n",
    "labs.txt": "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tTEST\tRESULT\n"
    "P1\t93\t\tLAB_TEST\tLDH\t210\nP1\t107\t\tLAB_TEST\tLDH\t190\nP2\t5\t\tIMAGING\t\t\n",
}


def folder(tmp_path: Path, **changes: str | None) -> Path:
    """The folder with some files replaced or, where None, left out; names with "__" for "/" and no suffix."""
    changed = {name.replace("__", "/") + ".txt": text for name, text in changes.items()}
    for name, text in {**FILES, **changed}.items():
        if text is not None:
            path = tmp_path / "study" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return tmp_path / "study"


def note(study: Study, name: str) -> Check:
    found = [check for check in study.notes if check.name == name]
    assert len(found) == 1, (name, [check.name for check in study.notes])
    return found[0]


def by_id(study: Study, table: str, key: str, column: str) -> dict[str, object]:
    return dict(study.table(table).select(key, column).iter_rows())


@pytest.fixture
def whole(tmp_path: Path) -> Study:
    return coley.read(folder(tmp_path))


def test_the_tables_are_those_of_the_meta_files(whole: Study) -> None:
    assert whole.name == "mel_made_up"
    assert whole.about.title == "Made up (2020)"
    assert whole.about.citation == "Nobody et al. 2020 PMID 12345"
    assert {name: frame.height for name, frame in whole.tables.items()} == {
        "patients": 4,
        "samples": 5,
        "mutations": 3,
        "expression": 2,
        "doses": 2,
        "labs": 2,
    }
    assert {source.file for source in whole.sources} == {
        "people.txt", "tumours.txt", "variants.txt", "rna.txt", "treatment.txt", "labs.txt"
    }  # fmt: skip


def test_status_pairs_and_every_spelling_of_missing(whole: Study) -> None:
    rows = whole.patients.select(
        "os_months", "os_event", "pfs_months", "pfs_event", "age_years", "sex"
    ).rows()
    assert rows == [
        (10.5, True, 3.5, True, 61.0, "female"),
        (20.0, False, 20.0, False, None, "male"),
        (None, False, None, None, 70.0, None),
        (4.0, True, 2.0, True, None, "male"),
    ]


def test_a_censored_laboratory_value_is_not_lost(whole: Study) -> None:
    assert whole.patients["LDH"].to_list() == ["180", ">500", None, None]


def test_assayed_and_zero_is_not_the_same_as_not_assayed(whole: Study) -> None:
    assert by_id(whole, "samples", "sample_id", "sequenced") == {
        "S1": True, "S2": True, "S3": False, "S4a": True, "S4b": False
    }  # fmt: skip
    assert by_id(whole, "samples", "sample_id", "mutation_count") == {
        "S1": 2, "S2": 0, "S3": None, "S4a": 1, "S4b": None
    }  # fmt: skip
    assert "of 2 the number of mutations is unknown" in note(whole, "assayed").message


def test_without_a_case_list_no_sample_has_zero_mutations(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, case_lists__cases_sequenced=None))
    assert by_id(study, "samples", "sample_id", "mutation_count") == {
        "S1": 2, "S2": None, "S3": None, "S4a": 1, "S4b": None
    }  # fmt: skip
    assert by_id(study, "samples", "sample_id", "sequenced") == {
        "S1": True, "S2": None, "S3": None, "S4a": True, "S4b": None
    }  # fmt: skip
    assert note(study, "sequenced_unknown").level == "warn"


def test_a_case_list_that_names_strangers_or_forgets_a_sample(tmp_path: Path) -> None:
    lists = FILES["case_lists/cases_sequenced.txt"].replace("S1\tS2\tS4a", "S2\tS9")
    study = coley.read(folder(tmp_path, case_lists__cases_sequenced=lists))
    assert "S9" in note(study, "case_list_unknown_samples").message
    assert "S1" in note(study, "sequenced_contradicted").message
    assert by_id(study, "samples", "sample_id", "sequenced")["S1"] is True
    assert by_id(study, "samples", "sample_id", "mutation_count")["S2"] == 0


def test_samples_of_a_patient_that_differ_give_the_patient_no_value(whole: Study) -> None:
    assert by_id(whole, "patients", "patient_id", "tmb_per_mb") == {
        "P1": 7.5,
        "P2": 0.0,
        "P3": None,
        "P4": None,
    }
    assert set(whole.patients["cancer_type"]) == {"Melanoma"}
    assert "TMB_NONSYNONYMOUS (1 patients)" in note(whole, "samples_differ").message
    assert by_id(whole, "samples", "sample_id", "timepoint")["S4b"] == "on"


def test_mutations_and_expression(whole: Study) -> None:
    assert whole.table("mutations")["vaf"].to_list() == pytest.approx([0.3, 0.1, 0.5])
    assert note(whole, "no_silent_mutations").level == "warn"
    expression = whole.table("expression")
    assert expression.columns == ["gene", "S1", "S4b", "_where"]
    assert expression.drop("_where").rows() == [("CD8A", 3.5, 1.25), ("IFNG", 0.0, None)]
    assert "log TPM" in note(whole, "expression_profile").message


def test_days_of_timelines_count_from_the_first_immunotherapy(whole: Study) -> None:
    assert whole.table("doses").select("day", "drug", "end_day").rows() == [
        (-90.0, "Dacarbazine", -60.0),
        (0.0, "Nivolumab", 100.0),
    ]
    assert whole.table("labs").select("day", "test", "value").rows() == [
        (-7.0, "LDH", 210.0),
        (7.0, "LDH", 190.0),
    ]
    assert "IMAGING" in note(whole, "events_not_read").message


def test_days_of_timelines_without_immunotherapy_stay_from_diagnosis(tmp_path: Path) -> None:
    text = FILES["treatment.txt"].replace("Immunotherapy", "Systemic")
    study = coley.read(folder(tmp_path, treatment=text))
    assert study.table("doses")["day"].to_list() == [10.0, 100.0]
    levels = [check.level for check in study.notes if check.name == "days_from_diagnosis"]
    assert levels == ["warn", "warn"]


def test_lines_are_those_of_the_file(whole: Study) -> None:
    assert whole.patients["_where"].to_list() == [f"people.txt:{line}" for line in range(6, 10)]
    assert whole.table("mutations")["_where"][0] == "variants.txt:3"


def test_the_origin_of_time_is_asked_for(whole: Study) -> None:
    assert whole.about.time_origin == ""
    assert note(whole, "time_origin_unknown").level == "warn"


def test_a_manifest_adds_what_the_folder_does_not_say(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "study.toml").write_text('name = "mine"\ntime_origin = "first dose"\npanel_megabases = 1.2\n')
    study = coley.read(place)
    assert study.name == "mine"
    assert study.about.time_origin == "first dose"
    assert study.about.title == "Made up (2020)"
    assert study.patients.height == 4


def test_without_a_patient_file_the_patients_are_those_of_the_samples(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, meta_clinical_patient=None, people=None))
    assert study.patients["patient_id"].to_list() == ["P1", "P2", "P3", "P4"]


def test_a_data_file_without_a_meta_file_is_named(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, meta_mutations=None, data_mutations=FILES["variants.txt"]))
    assert "mutations" not in study.tables
    assert "data_mutations.txt" in note(study, "data_without_meta").message


def test_no_meta_file_at_all(tmp_path: Path) -> None:
    place = tmp_path / "study"
    place.mkdir()
    (place / "data_clinical_sample.txt").write_text(FILES["tumours.txt"])
    with pytest.raises(UnreadableInput, match="No meta file describes") as caught:
        coley.read(place)
    assert "SAMPLE_ATTRIBUTES" in caught.value.cause


def test_a_missing_clinical_file_is_an_error_and_a_missing_maf_a_finding(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, variants=None))
    assert "variants.txt" in note(study, "file_not_read").message
    assert "mutations" not in study.tables
    with pytest.raises(UnreadableInput, match=r"tumours\.txt"):
        coley.read(folder(tmp_path / "other", tumours=None))


def test_git_lfs_pointers_are_named_as_such(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, rna=LFS))
    assert "git-LFS pointer" in note(study, "file_not_read").message
    assert "git lfs pull" in note(study, "file_not_read").remedy
    with pytest.raises(UnreadableInput, match="git-LFS pointer") as caught:
        coley.read(folder(tmp_path / "other", people=LFS))
    assert "git lfs pull" in caught.value.remedy


def test_a_data_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    meta = FILES["meta_clinical_patient.txt"].replace("people.txt", "../../secret.txt")
    with pytest.raises(UnreadableInput, match="cannot be had"):
        coley.read(folder(tmp_path, meta_clinical_patient=meta))


def test_repeated_and_empty_ids_are_refused_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="of another row") as caught:
        coley.read(folder(tmp_path, people=FILES["people.txt"].replace("P2\t", "P1\t")))
    assert "6, 7" in caught.value.where
    with pytest.raises(UnreadableInput, match="no SAMPLE_ID"):
        coley.read(folder(tmp_path / "b", tumours=FILES["tumours.txt"].replace("S2", "[Not Available]")))


def test_header_lines_that_are_missing_are_noticed(tmp_path: Path) -> None:
    lines = FILES["people.txt"].splitlines(keepends=True)
    study = coley.read(folder(tmp_path, people="".join(lines[4:])))
    assert "0 lines that begin with #" in note(study, "clinical_header").message
    assert study.patients.height == 4


def test_patients_known_only_from_samples_are_named(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, tumours=FILES["tumours.txt"] + "P7\tS7\tMelanoma\t1\tPre\n"))
    assert "P7" in note(study, "samples_of_unknown_patients").message


def test_disease_free_survival_does_not_stand_in_for_pfs(tmp_path: Path) -> None:
    people = FILES["people.txt"].replace("PFS_", "DFS_").replace("1:Progressed", "1:Recurred/Progressed")
    study = coley.read(folder(tmp_path, people=people))
    assert "pfs_months" not in study.patients.columns
    assert "DFS_MONTHS" in study.patients.columns
    assert note(study, "disease_free_survival").level == "pass"


def test_z_scores_are_not_expression(tmp_path: Path) -> None:
    study = coley.read(folder(tmp_path, meta_rna=FILES["meta_rna.txt"].replace("CONTINUOUS", "Z-SCORE")))
    assert "expression" not in study.tables
    assert "MRNA_EXPRESSION / Z-SCORE" in note(study, "profiles_not_read").message
