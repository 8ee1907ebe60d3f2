"""What reading and cleaning dropped, as the checks of the page: every number stands where a reader sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check, Where

if TYPE_CHECKING:
    from coley.vigilance.cleaning import CleaningLog
    from coley.vigilance.reading import ReadingLog


def reading_checks(log: ReadingLog) -> tuple[Check, ...]:
    """Return what cost data while reading, file by file, and one check that every line is accounted for."""
    from coley.read.reports import notes_of, remarks_of

    used = [file for file in log.files if file.used]
    lines, kept = sum(file.lines for file in used), sum(file.kept for file in used)
    dropped = sum(log.dropped.values())
    told = f"{lines:,} lines of {len(used)} files were read: {kept:,} rows kept, {dropped:,} lines dropped"
    whole = Check(
        "lines_add_up",
        "pass" if log.adds_up else "fail",
        f"{told}; every line is accounted for." if log.adds_up else f"{told}; the numbers do not add up.",
        "" if log.adds_up else "This is a fault of Coley: please report it with run.json.",
    )
    altered = (
        Check(
            "lines_altered",
            "pass",
            f"{file.name}: {tally.count:,} {'line' if tally.count == 1 else 'lines'} altered: {tally.reason}.",
            where=Where(file.name, tally.lines, values=(tally.example,) if tally.example else ()),
        )
        for file in used
        for tally in file.altered
    )
    return (*notes_of(log), *remarks_of(log), *altered, whole)


def cleaning_checks(log: CleaningLog) -> tuple[Check, ...]:
    """Return each step of cleaning with what it dropped, and what was taken as missing."""
    steps = [
        Check(
            f"cleaning_{step.name.replace(' ', '_')}",
            "pass",
            f"{step.name.capitalize()}: {step.before:,} {step.unit}"
            + (f" and {step.gained:,} more of combination products" if step.gained else "")
            + f", {step.after:,} kept"
            + "".join(f"; {n:,} {reason}" for reason, n in step.dropped.items() if n)
            + ".",
        )
        for step in log.steps
    ]
    noted = [Check("cleaning_noted", "pass", f"{n:,} {what}.") for what, n in log.noted.items() if n]
    return (*steps, *noted)
