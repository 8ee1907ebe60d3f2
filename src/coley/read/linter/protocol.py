"""The record of how predictions were made: steps and their order, cuts, features, and what is claimed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coley.model.dictionary import normalise
from coley.model.errors import UnreadableInput, nearest
from coley.read.facts import limits
from coley.read.kinds import head_of
from coley.read.linter.facts import words

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 80  # letters of a foreign word that an error quotes


class Step(BaseModel):
    """One step of an analysis, and the patients that it learnt from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str = Field(description="what was done: scale, select, split, fit, cut, test ...")
    on: str = Field("", description='the patients it learnt from: "train", "all", "test"')

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, given: object) -> object:
        return {"step": given} if isinstance(given, str) else given

    @property
    def kind(self) -> str:
        """The kind of step in the table of steps; empty where the word is not known."""
        word = normalise(self.step)
        return next((kind for kind, known in words("steps").items() if word in map(normalise, known)), "")


class Cut(BaseModel):
    """A cut-point of a score, and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float = Field(description="scores at or above it are high", allow_inf_nan=False)
    score: str = Field("", description="column (or method) that is cut; the first score where not given")
    chosen_on: str = Field("", description='"train", "same rows", "published" ...')


class Claim(BaseModel):
    """A p value that is claimed for these predictions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: str = Field(description='"log_rank", "chi2", "paired_t" ...')
    p: float = Field(gt=0, le=1)
    score: str = Field("", description="the score it is about")
    against: str = Field("", description="the score that it is compared with")
    endpoint: str = Field("", description='"response", "os" or "pfs"')
    n: int | None = Field(None, gt=0, description="patients that the claim rests on")
    repeats: int | None = Field(None, gt=1, description="differences that a t test counted")
    test_share: float | None = Field(None, gt=0, lt=1, description="share of patients in each test part")


class Protocol(BaseModel):
    """How predictions were made, as far as their maker says.

    Examples
    --------
    >>> protocol = Protocol.model_validate({"steps": ["scale", {"step": "split"}], "cut": 0.4})
    >>> [step.kind for step in protocol.steps], protocol.cuts[0].value
    (['scale', 'split'], 0.4)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: list[Step] = Field(default_factory=list, description="in the order in which they were done")
    scores: list[str] = Field(default_factory=list, description="columns that are predictions")
    probabilities: list[str] = Field(
        default_factory=list, description="scores that claim to be probabilities"
    )
    cuts: list[Cut] = Field(default_factory=list)
    features: list[str] = Field(default_factory=list, description="features that the model uses")
    trained_on: list[str] = Field(default_factory=list, description="cohorts that the model was fitted to")
    claims: list[Claim] = Field(default_factory=list)
    file: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_cut(cls, given: object) -> object:
        if isinstance(given, dict) and "cut" in given:
            cut = given["cut"]
            rest = {key: value for key, value in given.items() if key != "cut"}
            return {**rest, "cuts": [*rest.get("cuts", []), cut if isinstance(cut, dict) else {"value": cut}]}
        return given


def read_protocol(path: str | Path) -> Protocol:
    """Return the protocol in a TOML or JSON file.

    Raises
    ------
    UnreadableInput
        For a file that is not there, is too large or is neither; for keys and values that are not known.
    """
    path = Path(path)
    head_of(path)
    if path.stat().st_size > limits()["manifest_bytes"]:
        raise UnreadableInput(f"{path.name} is too large to be a protocol.", where=str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
        given: Any = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # both decoders and UTF-8 raise a ValueError
        raise UnreadableInput(
            f"{path.name} is neither TOML nor JSON.",
            where=str(path),
            cause=str(error)[: 4 * LONGEST],
            remedy='Write, for example: steps = ["split", "scale", "fit", "cut", "test"]',
        ) from None
    return protocol_of(given, where=path.name)


def protocol_of(given: Mapping[str, Any] | Protocol, *, where: str = "the protocol") -> Protocol:
    """Return a protocol from a mapping, with every word of it known.

    Raises
    ------
    UnreadableInput
        For a key, a value or a step that is not known, with the nearest that is.
    """
    if isinstance(given, Protocol):
        protocol = given
    else:
        if not isinstance(given, dict):
            raise UnreadableInput("A protocol is a table of keys and values.", where=where)
        try:
            protocol = Protocol.model_validate({**given, "file": where})
        except ValidationError as error:
            raise _invalid(error, where) from None
    for step in protocol.steps:
        if not step.kind:
            known = [word for group in words("steps").values() for word in group]
            close = nearest(step.step[:LONGEST], known)
            raise UnreadableInput(
                f"The step {step.step[:LONGEST]!r} of the protocol is not known.",
                where=where,
                remedy=f"Did you mean {close!r}?" if close else f"Steps: {', '.join(words('steps'))}.",
            )
    return protocol


def _invalid(error: ValidationError, where: str) -> UnreadableInput:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])[:LONGEST]
    if first["type"] == "extra_forbidden":
        parts: dict[str, type[BaseModel]] = {"steps": Step, "cuts": Cut, "claims": Claim}
        model = Protocol if len(first["loc"]) == 1 else parts.get(str(first["loc"][0]), Protocol)
        known = [*model.model_fields]
        close = nearest(str(first["loc"][-1])[:LONGEST], known)
        return UnreadableInput(
            f"A protocol has no key {place!r}.",
            where=where,
            remedy=f"Did you mean {close!r}?" if close else f"Known here: {', '.join(known)}.",
        )
    return UnreadableInput(
        f"The key {place!r} of the protocol cannot be {str(first['input'])[:LONGEST]!r}.",
        where=where,
        cause=first["msg"],
    )
