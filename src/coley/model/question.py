"""A question: a value that says what it needs, how it can be set, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coley.model.errors import InvalidSetting, nearest

if TYPE_CHECKING:
    from coley.model.answer import Answer
    from coley.model.study import Study


class Settings(BaseModel):
    """Settings that every question shares; each default carries its reason as its description."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(1, ge=0, description="Two runs with the same inputs and seed give the same answer.")
    level: float = Field(0.95, gt=0.5, lt=1, description="Coverage of every interval; 95 % is the habit.")


@dataclass(frozen=True, slots=True)
class Need:
    """A table, and columns of it, without which a question cannot be answered.

    `any_of` lists alternatives: at least one of its columns must be present.
    """

    table: str
    columns: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One of Coley's questions.

    Attributes
    ----------
    name, title, summary
        "respond"; "Who responds?"; one sentence on what it tells.
    needs
        What the study must hold.
    settings
        A frozen pydantic model; unknown keys are refused.
    methods
        Names of the methods that it may use.
    run
        From study and settings to the answer.
    """

    name: str
    title: str
    summary: str
    needs: tuple[Need, ...]
    settings: type[Settings]
    methods: tuple[str, ...]
    run: Callable[[Study, Any], Answer]

    def missing(self, study: Study) -> tuple[str, ...]:
        """Return what the study lacks, in words; empty where the question can be answered."""
        lacking: list[str] = []
        for need in self.needs:
            if not study.has(need.table):
                lacking.append(f"table {need.table}")
                continue
            lacking += [
                f"column {need.table}.{column}"
                for column in need.columns
                if not study.has(need.table, column)
            ]
            if need.any_of and not any(study.has(need.table, column) for column in need.any_of):
                lacking.append(f"one of the columns {', '.join(need.any_of)} of {need.table}")
        return tuple(lacking)

    def configure(self, **values: Any) -> Settings:
        """Return validated settings.

        Raises
        ------
        InvalidSetting
            For an unknown name (with the nearest known one) or a value out of range.
        """
        try:
            return self.settings(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            if first["type"] == "extra_forbidden":
                close = nearest(name, self.settings.model_fields)
                known = ", ".join(self.settings.model_fields)
                raise InvalidSetting(
                    f"Question {self.name!r} has no setting {name!r}.",
                    remedy=f"Did you mean {close!r}?" if close else f"Its settings are: {known}.",
                ) from None
            raise InvalidSetting(
                f"Setting {name!r} of question {self.name!r} cannot be {first['input']!r}.",
                cause=first["msg"],
                remedy=self.settings.model_fields[name].description or ""
                if name in self.settings.model_fields
                else "",
            ) from None
