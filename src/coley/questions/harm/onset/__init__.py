"""When: days from the first dose to the reaction, by organ class and harm, by drug and regimen."""

from coley.questions.harm.onset.part import onset_part

__all__ = ["onset_part"]
