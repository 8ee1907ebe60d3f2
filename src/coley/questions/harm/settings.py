"""What `harm` may be told, each default with its reason."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from coley.model.question import Settings


class HarmSettings(Settings):
    """Settings of `harm`."""

    comparator: Literal["outside", "database", "oncology", "cancer"] = Field(
        "outside",
        description="Reports that checkpoint inhibitors are compared with on the pictures: those without any, so "
        "that kindred drugs do not hide a reaction that they share. The table shows all four side by side.",
    )
    roles: Literal["suspect", "any"] = Field(
        "suspect",
        description="Roles in which a checkpoint inhibitor counts: suspected (primary, secondary, interacting), "
        "since a drug that nobody suspects says little.",
    )
    min_reports: int = Field(
        3, ge=1, description="Fewest reports of a pair that may be a signal: with one or two, chance rules."
    )
    fdr: float = Field(
        0.05, gt=0, lt=0.5, description="Share of false signals that is allowed among all that are listed."
    )
    screen: bool = Field(
        True,
        description="Whether every drug is counted with every term, which empirical Bayes and the screen of all "
        "terms need; the slowest step on millions of reports.",
    )
    meddra: str = Field(
        "",
        description="Folder of your own MedDRA (its ASCII files): terms are then coded by it. Coley holds none of it, "
        "as it is licensed.",
    )
    queries: tuple[str, ...] = Field(
        (),
        description="Standardised MedDRA queries that are counted like organ classes, by name or code (by code where a "
        "name holds a comma); they need your own MedDRA.",
    )
    query_scope: Literal["narrow", "broad"] = Field(
        "narrow",
        description="Terms of those queries: narrow ones, which most likely mean the condition, or broad ones as well.",
    )
    reports_shown: int = Field(
        20, ge=0, le=200, description="Reports listed for a cell: as many as a reviewer reads at one sitting."
    )
