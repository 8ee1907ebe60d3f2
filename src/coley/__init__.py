"""Coley: from a cohort's own data to six answers about cancer immunotherapy, each with its uncertainty.

>>> import coley
>>> sorted(coley.__all__)
['Answer', 'Study', 'ask', 'questions', 'read']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coley import questions as questions
    from coley.model.answer import Answer as Answer
    from coley.model.study import Study as Study
    from coley.questions import ask as ask
    from coley.read import read as read

__version__ = "0.1.0"

# Importing Coley must cost nothing until something of it is used (PEP 562).
_HOMES = {
    "Answer": "coley.model.answer",
    "Study": "coley.model.study",
    "ask": "coley.questions",
    "questions": "coley.questions",
    "read": "coley.read",
}

__all__ = ["Answer", "Study", "ask", "questions", "read"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        home = import_module(_HOMES[name])
        return getattr(home, name, home)  # `questions` is the package itself
    raise AttributeError(f"module 'coley' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
