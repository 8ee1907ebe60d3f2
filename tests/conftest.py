"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("COLEY_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real cohorts, which lies beside the repository and is not part of it."""
    if not SHARED.is_dir():
        pytest.skip(
            f"the real cohorts are not here: no folder {SHARED.parent.name}/data beside the repository"
        )
    return SHARED
