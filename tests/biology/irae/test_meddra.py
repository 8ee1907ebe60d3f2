"""The user's own MedDRA. What stands here is invented: no code and no hierarchy of MedDRA is in Coley."""

from __future__ import annotations

from pathlib import Path

import pytest

from coley.biology.irae import choose_queries, read_meddra, standard_term
from coley.biology.irae import meddra as module
from coley.model.errors import MissingData, UnknownName, UnreadableInput

FILES = {
    "pt.asc": "1$Made-up colitis$$90$\n2$Made-up rash$$91$\n3$Made-up oedema$$91$\n",
    "llt.asc": (
        "1$Made-up colitis$1$$$$$$$Y$$\n11$Bowel on fire$1$$$$$$$Y$$\n"
        "21$Hemorrhagic spots$2$$$$$$$N$$\n31$Made-up edema$3$$$$$$$Y$$\n"
    ),
    "mdhier.asc": (
        "1$5$6$90$Made-up colitis$h$g$Invented gut$Gut$$90$Y$\n"
        "2$5$6$91$Made-up rash$h$g$Invented skin$Skin$$91$Y$\n"
        "2$5$6$90$Made-up rash$h$g$Invented gut$Gut$$91$N$\n"
    ),
    "smq_list.asc": "71$Whole (SMQ)$1$d$s$n$0$A$N$\n72$Part (SMQ)$2$d$s$n$0$A$N$\n",
    "smq_content.asc": (
        "71$72$0$0$S$0$A$0$0$\n72$71$0$0$S$0$A$0$0$\n"  # each holds the other: a circle
        "71$1$4$2$A$0$A$0$0$\n72$21$5$1$A$0$A$0$0$\n72$3$4$2$A$0$I$0$0$\n72$1$4$1$A$0$A$0$0$\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_terms_classes_and_queries(folder: Path) -> None:
    own = read_meddra(folder)
    assert own.preferred["bowel on fire"] == "made-up colitis"
    assert own.preferred["made-up rash"] == "made-up rash"
    assert own.organ_class == {"made-up colitis": "Invented gut", "made-up rash": "Invented skin"}
    assert set(own.queries) == {"whole", "part"}
    whole = own.queries["whole"]
    assert whole.narrow == {"made-up colitis"}
    assert whole.broad == {"made-up rash"}  # the inactive row is left out, and narrow is not broad as well


def test_a_term_as_written_becomes_its_preferred_term(folder: Path) -> None:
    own = read_meddra(folder)
    assert standard_term("BOWEL ON  FIRE.", meddra=own) == "made-up colitis"
    assert standard_term("Haemorrhagic spots", meddra=own) == "made-up rash"
    assert standard_term("Hemorrhagic spots", meddra=own) == "made-up rash"
    assert standard_term("something else", meddra=own) == "something else"


def test_the_user_s_own_terms_win_over_our_synonyms(folder: Path) -> None:
    with (folder / "llt.asc").open("a", encoding="utf-8") as file:
        file.write("41$Thyrotoxicosis$2$$$$$$$Y$$\n")
    assert standard_term("Thyrotoxicosis") == "hyperthyroidism"
    assert standard_term("Thyrotoxicosis", meddra=read_meddra(folder)) == "made-up rash"


def test_queries_may_be_absent_names_in_capitals_and_old_encodings(folder: Path) -> None:
    (folder / "smq_list.asc").unlink()
    (folder / "llt.asc").rename(folder / "LLT.ASC")
    (folder / "LLT.ASC").write_bytes("11$Entzündung$1$$$$$$$Y$$\r\n\r\n".encode("latin-1"))
    own = read_meddra(folder)
    assert own.queries == {}
    assert own.preferred["entzundung"] == "made-up colitis"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("llt.asc", "11$Bowel on fire$99$\n", "points at nothing"),
        ("llt.asc", "11,Bowel on fire,1\n", "A line has 1 fields"),
        ("mdhier.asc", "1$5$6$90$cut short\n", "A line has 5 fields"),
        ("smq_content.asc", "71$99$4$2$A$0$A$0$0$\n", "points at nothing"),
        ("smq_content.asc", "71$98$0$0$S$0$A$0$0$\n", "points at nothing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(folder: Path, name: str, text: str, message: str) -> None:
    (folder / name).write_text(FILES[name] + text, encoding="utf-8")
    lines = len((FILES[name] + text).splitlines())
    with pytest.raises(UnreadableInput, match=message) as caught:
        read_meddra(folder)
    assert caught.value.where == f"{name}, line {lines}"


@pytest.mark.parametrize("name", ["llt.asc", "pt.asc", "mdhier.asc"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(UnreadableInput, match=name):
        read_meddra(folder)


def test_a_file_that_is_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_FILE", 10)
    with pytest.raises(UnreadableInput, match="larger than any file"):
        read_meddra(folder)


def test_a_line_without_end_is_cut_and_refused(folder: Path) -> None:
    (folder / "pt.asc").write_bytes(b"x" * (module.LONGEST_LINE * 3))
    with pytest.raises(UnreadableInput, match="A line has 1 fields"):
        read_meddra(folder)


def test_queries_are_chosen_by_name_or_code_narrow_or_broad(folder: Path) -> None:
    own = read_meddra(folder)
    narrow = choose_queries(own, ["whole (SMQ)"])
    assert narrow == {"Whole": {"made-up colitis"}}
    broad = choose_queries(own, ["71", "PART"], broad=True)
    assert list(broad) == ["Whole", "Part"]
    assert broad["Whole"] == {"made-up colitis", "made-up rash"}


def test_queries_that_are_not_there_are_named(folder: Path) -> None:
    own = read_meddra(folder)
    with pytest.raises(UnknownName, match="'whle'") as caught:
        choose_queries(own, ["whle"])
    assert caught.value.remedy == "Did you mean 'whole'?"
    (folder / "smq_content.asc").write_text("71$1$4$1$A$0$A$0$0$\n", encoding="utf-8")
    with pytest.raises(MissingData, match="no narrow terms"):
        choose_queries(read_meddra(folder), ["whole"])
    (folder / "smq_content.asc").unlink()
    with pytest.raises(MissingData, match="this MedDRA has none"):
        choose_queries(read_meddra(folder), ["whole"])
    assert choose_queries(read_meddra(folder), []) == {}
