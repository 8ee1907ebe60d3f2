"""docs/model-file.md tells every word of the schema and its example runs.

`python -m tests.economics.model_file.test_documentation` writes the tables of words anew.
"""

from __future__ import annotations

import re
import tomllib
import types
import typing
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from coley.economics.course.corrections import CORRECTIONS
from coley.economics.model_file import quantity
from coley.economics.model_file.parse import model_of
from coley.economics.model_file.quantity import Quantity
from coley.economics.model_file.schema import Model
from coley.economics.population.life_tables import life_tables
from coley.economics.population.norms import norms
from coley.economics.population.reference_cases import reference_cases
from coley.stats.decision.distributions import FAMILIES as DISTRIBUTIONS
from coley.stats.parametric.families import FAMILIES

PAGE = Path(__file__).parents[3] / "docs" / "model-file.md"
BEGIN, END = "<!-- words: begin -->\n", "<!-- words: end -->\n"
PLAIN = {str: "text", float: "number", int: "whole number", bool: "true or false"}


def tables_of(kind: Any) -> list[type[BaseModel]]:
    """Return a table of a model file and all that may stand in it, each once, in the order of its words."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return [table for inner in typing.get_args(kind) for table in tables_of(inner)]
    below = [
        table
        for field in kind.model_fields.values()
        for table in tables_of(field.annotation)
        if not issubclass(table, Quantity)
    ]
    return list(dict.fromkeys([kind, *below]))


def numbers() -> list[type[Quantity]]:
    """Return the kinds of uncertain numbers."""
    return [
        kind
        for kind in vars(quantity).values()
        if isinstance(kind, type) and issubclass(kind, Quantity) and kind is not Quantity
    ]


def kind_of(annotation: Any) -> str:
    """Return in words what may stand in a place."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(inner[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(kind_of(one) for one in inner if one is not type(None)))
    if origin is typing.Literal:
        return " or ".join(f'`"{one}"`' for one in inner)
    if origin is tuple:
        return f"list of {kind_of(inner[0])}"
    if origin is dict:
        return f"{kind_of(inner[1])}, by name"
    if annotation in PLAIN:
        return PLAIN[annotation]
    if issubclass(annotation, Quantity):
        return f"[{annotation.kind}](#numbers)"
    return f"[{annotation.__name__}](#{annotation.__name__.lower()})"


def default_of(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "**needed**"
    value = field.default
    if isinstance(value, Quantity):
        return f"{value.value:g}"
    if isinstance(value, BaseModel) or value in (None, "", (), {}):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def words() -> str:
    """Return the tables of all words."""
    lines: list[str] = []
    for kind in tables_of(Model):
        about = (kind.__doc__ or "").splitlines()[0]
        lines += [
            f"### {kind.__name__}",
            "",
            about,
            "",
            "| word | what | default | meaning |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| `{name}` | {kind_of(field.annotation)} | {default_of(field)} | {field.description or ''} |"
            for name, field in kind.model_fields.items()
        ]
        lines.append("")
    return "\n".join(lines)


def example() -> dict[str, Any]:
    (text,) = re.findall(r"```toml\n(title = .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return tomllib.loads(text)


def test_every_word_has_a_meaning() -> None:
    lacking = [
        f"{kind.__name__}.{name}"
        for kind in (*tables_of(Model), Quantity, *numbers())
        for name, field in kind.model_fields.items()
        if not field.description
    ]
    assert not lacking


def test_the_page_tells_the_words_of_the_schema() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]
    assert told == words(), "the schema has changed: python -m tests.economics.model_file.test_documentation"


@pytest.mark.parametrize(
    "names",
    [
        [*FAMILIES],
        [*CORRECTIONS],
        [*DISTRIBUTIONS],
        life_tables(),
        norms(),
        [case.name for case in reference_cases()],
        [kind.kind for kind in numbers()],
    ],
    ids=["families", "corrections", "distributions", "life tables", "norms", "reference cases", "numbers"],
)
def test_every_name_that_may_be_chosen_is_on_the_page(names: list[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert not [name for name in names if f"`{name}`" not in page]


def test_ranges_and_distributions_of_numbers_are_those_of_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for kind in numbers():
        highest = "" if kind.highest == float("inf") else f" to {kind.highest:g}"
        bounds = f"{kind.lowest:g}{highest}" if highest else f"{kind.lowest:g} or more"
        assert f"| `{kind.kind}` | {bounds} | {kind.family} |" in page, kind.kind


def test_the_example_runs_and_comes_to_what_the_page_says() -> None:
    from coley.questions.worth.answer import answer
    from coley.questions.worth.settings import WorthSettings

    found = answer(model_of(example()), {}, WorthSettings(), study="example")
    assert found.headline in " ".join(PAGE.read_text(encoding="utf-8").replace("> ", "").split())


if __name__ == "__main__":
    old = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(old[: old.index(BEGIN) + len(BEGIN)] + words() + old[old.index(END) :], encoding="utf-8")
