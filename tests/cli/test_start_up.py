"""Starting costs nothing: what is not needed for a line of help is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "altair", "fastexcel", "jinja2", "narwhals", "numba", "numpy", "polars", "pooch", "pyreadstat",
    "scipy", "vl_convert",
)  # fmt: skip

LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def loaded(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nprint()\n{LOADED}"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


def test_importing_coley_imports_no_library() -> None:
    assert loaded("import coley").isdisjoint({*HEAVY, "typer", "rich"})


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        [],
        ["ask", "--help"],
        ["data", "--help"],
        ["score", "--help"],
        ["lint-predictions", "--help"],
    ],
)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    modules = loaded(f"from coley.cli import main\nassert main({words!r}) == 0")
    assert modules.isdisjoint(HEAVY)
    assert "typer" in modules
