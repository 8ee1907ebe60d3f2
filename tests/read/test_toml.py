"""TOML that users write: what is no TOML is said in one message, whatever the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from coley.model.errors import UnreadableInput
from coley.read.facts import limits
from coley.read.toml import load_toml, parse_toml


def test_words_are_those_of_the_file_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    for name, head in (("plain.toml", b""), ("marked.toml", b"\xef\xbb\xbf")):
        (tmp_path / name).write_bytes(head + 'title = "Näive"\n[a]\nb = 1.5\n'.encode())
        assert load_toml(tmp_path / name, "a model file") == {"title": "Näive", "a": {"b": 1.5}}


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "model.toml", tmp_path):
        with pytest.raises(UnreadableInput, match="is not there") as caught:
            load_toml(path, "a model file")
        assert "a model file was expected" in str(caught.value)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    with path.open("wb") as stream:
        stream.truncate(int(limits()["manifest_bytes"]) + 1)
    with pytest.raises(UnreadableInput, match="too large to be a model file"):
        load_toml(path, "a model file")


def test_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_bytes("title = 'Größe'".encode("latin-1"))
    with pytest.raises(UnreadableInput, match="is not UTF-8") as caught:
        load_toml(tmp_path / "model.toml", "a model file")
    assert "Save it as UTF-8" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("title = Nivolumab", "line 1"),
        ("[population]\nage_years = 60,5", "line 2"),
        ("a = 1\na = 2", "Cannot overwrite a value"),
        ("[strategies.a\n", "line 1"),
        ("a = " + "[" * 5000 + "]" * 5000, ""),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str, cause: str) -> None:
    with pytest.raises(UnreadableInput, match=r"model\.toml is not valid TOML") as caught:
        parse_toml(text, "model.toml", where="here")
    assert cause in caught.value.cause
    assert caught.value.where == "here"
