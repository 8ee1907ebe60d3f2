"""Every method that Coley has, whether or not a question has been asked yet."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from coley.model.method import METHODS, Method

if TYPE_CHECKING:
    from coley.model.registry import Registry

ROOMS_WITH_METHODS = ("coley.stats", "coley.biology", "coley.vigilance", "coley.economics", "coley.questions")
COMPILED = ("_kernel", "_kernels")  # modules that load the compiler, and register nothing


def method_catalogue() -> Registry[Method]:
    """Return the registry of methods, once every room that registers some has been imported.

    Examples
    --------
    >>> "kaplan_meier" in method_catalogue()
    True
    """
    for room in ROOMS_WITH_METHODS:
        package = import_module(room)
        for module in walk_packages(package.__path__, f"{room}."):
            if not module.name.endswith(COMPILED):
                import_module(module.name)
    return METHODS
