"""From the words of a model file to a model, or to one message that says what is wrong and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from coley.economics.model_file.drugs import Drug, Prescription
from coley.economics.model_file.published import Published
from coley.economics.model_file.quantity import Quantity
from coley.economics.model_file.schema import Model
from coley.economics.model_file.treatment import Strategy
from coley.model.errors import UnreadableInput, nearest

AnyDrug = TypeVar("AnyDrug", bound=Prescription)


def model_of(words: Mapping[str, Any], *, where: str = "") -> Model:
    """Return the model that a mapping describes.

    Raises
    ------
    UnreadableInput
        For the first thing that cannot be: an unknown word (with the nearest known one), a number out of its
        range, something that is missing.
    """
    try:
        return Model.model_validate(words)
    except ValidationError as error:
        first = min(error.errors(), key=_comes_later)
        path = tuple(str(part) for part in first["loc"])
        place = _place(first["loc"])
        at = ": ".join(part for part in (where, place) if part)
        if first["type"] == "extra_forbidden":
            known = _fields(Model, path[:-1])
            close = nearest(path[-1], known)
            raise UnreadableInput(
                f"A model file has no word {path[-1]!r} here.",
                where=at,
                remedy=f"Did you mean {close!r}?" if close else f"Known here: {', '.join(sorted(known))}.",
            ) from None
        if first["type"] == "missing":
            raise UnreadableInput(f"{place} is missing.", where=where, remedy=_meaning(path)) from None
        told = _plain(first)
        raise UnreadableInput(
            f"{told[:1].upper()}{told[1:]}.", where=at, remedy=_meaning(_spoken(path))
        ) from None


def _comes_later(error: Mapping[str, Any]) -> tuple[bool, bool]:
    """Order errors: an unknown word before what is missing in its place, a table before the text it might have been."""
    is_table = error["type"] == "literal_error" and isinstance(error["input"], Mapping)
    return error["type"] != "extra_forbidden", is_table


# What pydantic finds wrong, by its name of the error, in a sentence about the value that was given.
PLAIN = {
    "greater_than": "{word} must be above {gt:g}, and is {given}",
    "greater_than_equal": "{word} must be {ge:g} or more, and is {given}",
    "less_than": "{word} must be below {lt:g}, and is {given}",
    "less_than_equal": "{word} must be {le:g} or less, and is {given}",
    "finite_number": "{word} must be a finite number, and is {given}",
    "too_short": "{word} needs {min_length} or more entries, and has {actual_length}",
    "too_long": "{word} takes {max_length} entries at most, and has {actual_length}",
    "string_too_long": "{word} takes {max_length} characters at most, and is {given}",
    "literal_error": "{word} must be {expected}, and is {given}",
    "string_pattern_mismatch": "{word} cannot be {given}",
    "string_type": "{word} must be text in quotation marks, and is {given}",
    "int_type": "{word} must be a whole number, and is {given}",
    "int_from_float": "{word} must be a whole number, and is {given}",
    "int_parsing": "{word} must be a whole number, and is {given}",
    "float_type": "{word} must be a number, and is {given}",
    "float_parsing": "{word} must be a number, and is {given}",
    "bool_type": "{word} must be true or false, and is {given}",
    "bool_parsing": "{word} must be true or false, and is {given}",
    "tuple_type": "{word} must be a list in [brackets], and is {given}",
    "dict_type": "{word} must be a table, and is {given}",
    "model_type": "{word} must be a table, and is {given}",
    "model_attributes_type": "{word} must be a table, and is {given}",
}
LONGEST = 60  # characters of a value that a message repeats


def _plain(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a value in words that know nothing of the library that found it."""
    told = PLAIN.get(error["type"])
    if told is None:
        return str(error["msg"]).removeprefix("Value error, ")
    spoken = _spoken(tuple(str(part) for part in error["loc"]))
    word = repr(next(part for part in reversed(spoken) if not part.isdecimal()))
    given = repr(error.get("input"))
    shown = given if len(given) <= LONGEST else f"{given[:LONGEST]}..."
    return told.format(
        **(error.get("ctx") or {}), word=word, given={"True": "true", "False": "false"}.get(shown, shown)
    )


def _spoken(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return a place without the names by which pydantic tells the members of a union apart."""
    kept: tuple[str, ...] = ()
    for part in path:
        if not part.startswith(("literal[", "function-")) and part not in {
            kind.__name__ for kind in _models_at(kept)
        }:
            kept = (*kept, part)
    return kept


def _place(path: tuple[str | int, ...]) -> str:
    """Return a place as the page writes it: entries of a list are counted from 1."""
    return ".".join(_spoken(tuple(str(part + 1) if isinstance(part, int) else part for part in path)))


def quantities(model: Model) -> dict[str, Quantity]:
    """Return every number of a model that may be uncertain, under its place ("utilities.progressed")."""
    found: dict[str, Quantity] = {}

    def walk(thing: object, path: str) -> None:
        if isinstance(thing, Quantity):
            found[path] = thing
        elif isinstance(thing, BaseModel):
            told = thing.resolved() if isinstance(thing, Published) else thing
            for name in type(thing).model_fields:
                walk(getattr(told, name), f"{path}.{name}" if path else name)
        elif isinstance(thing, Mapping):
            for name, value in thing.items():
                walk(value, f"{path}.{name}")
        elif isinstance(thing, tuple):
            for name, value in _named(thing).items():
                walk(value, f"{path}.{name}")

    walk(model, "")
    return found


def drug_places(strategy: Strategy) -> dict[str, Drug]:
    """Return the drugs of a strategy by the names of their places: a second course of one drug is "nivolumab 2"."""
    return named_drugs(strategy.drugs)


def named_drugs(drugs: tuple[AnyDrug, ...]) -> dict[str, AnyDrug]:
    """Return drugs of one list by the names of their places."""
    return _named(drugs)


def _named(things: tuple[Any, ...]) -> dict[str, Any]:
    seen: Counter[str] = Counter()
    found = {}
    for number, thing in enumerate(things, 1):
        name = getattr(thing, "drug", str(number))
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} {seen[name]}"] = thing
    return found


def _models_at(path: tuple[str, ...]) -> list[type[BaseModel]]:
    """Return the tables that may stand at a place, by following the types of the schema."""
    kinds: list[type[BaseModel]] = [Model]
    for part in path:
        following: list[type[BaseModel]] = []
        for kind in kinds:
            field = kind.model_fields.get(part)
            following += (
                _within(field.annotation) if field else ([kind] if not kind.model_fields.get(part) else [])
            )
        kinds = following or kinds
    return kinds


def _within(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [kind for inner in getattr(annotation, "__args__", ()) for kind in _within(inner)]


def _fields(_: type[BaseModel], path: tuple[str, ...]) -> set[str]:
    return {name for kind in _models_at(path) for name in kind.model_fields}


def _meaning(path: tuple[str, ...]) -> str:
    if not path:
        return ""
    for kind in _models_at(path[:-1]):
        field = kind.model_fields.get(path[-1])
        if field is not None and field.description:
            return field.description
    return ""
