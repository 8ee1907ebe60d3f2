"""The record of how predictions were made."""

from __future__ import annotations

import pytest

from coley.model.errors import UnreadableInput
from coley.read.linter import read_protocol
from coley.read.linter.protocol import protocol_of

TOML = """
steps = ["scale", { step = "select", on = "all" }, "split", "fit", "test"]
cut = { value = 0.41, chosen_on = "train" }
features = ["tmb_per_mb"]
trained_on = ["Chowell_train"]
[[claims]]
test = "paired_t"
p = 2e-66
repeats = 100
"""


def test_toml_and_json_say_the_same(tmp_path) -> None:
    (tmp_path / "p.toml").write_text(TOML)
    made = read_protocol(tmp_path / "p.toml")
    (tmp_path / "p.json").write_text(made.model_dump_json(exclude={"file"}))
    assert read_protocol(tmp_path / "p.json").model_copy(update={"file": "p.toml"}) == made
    assert [step.kind for step in made.steps] == ["scale", "select", "split", "fit", "test"]
    assert made.cuts[0].value == 0.41


@pytest.mark.parametrize(
    ("given", "what", "remedy"),
    [
        ({"stps": []}, "no key 'stps'", "Did you mean 'steps'?"),
        ({"steps": ["scael"]}, "step 'scael'", "Did you mean 'scale'?"),
        ({"claims": [{"test": "t", "p": 0.1, "repeat": 3}]}, "no key", "Did you mean 'repeats'?"),
        ({"claims": [{"test": "t", "p": 0}]}, "cannot be '0'", "greater than 0"),
        ({"cut": "high"}, "cannot be 'high'", "number"),
        ({"cut": float("inf")}, "cannot be 'inf'", "finite"),
        ([], "table of keys", ""),
    ],
)
def test_unknown_words_are_told_with_the_nearest(given, what: str, remedy: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        protocol_of(given)
    assert what in str(error.value)
    assert remedy in str(error.value)


@pytest.mark.parametrize("name", ["p.toml", "p.json"])
@pytest.mark.parametrize("content", [b"\xff\xfe", b"steps = [", b"[" * 100_000, b"{" * 5])
def test_files_that_are_no_protocol(tmp_path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableInput):
        read_protocol(tmp_path / name)


def test_a_protocol_of_gigabytes_is_not_read(tmp_path) -> None:
    with (tmp_path / "p.toml").open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(UnreadableInput, match="too large"):
        read_protocol(tmp_path / "p.toml")
