"""Answers to one self-contained page, with its figures and tables, and the words for numbers."""

from __future__ import annotations

from coley.report.figures import FIGURES as FIGURES
from coley.report.figures import draw as draw
from coley.report.front import about_study as about_study
from coley.report.page import render_page as render_page
from coley.report.words import format_interval as format_interval
from coley.report.words import format_number as format_number
from coley.report.words import format_p as format_p

__all__ = ["FIGURES", "about_study", "draw", "format_interval", "format_number", "format_p", "render_page"]
