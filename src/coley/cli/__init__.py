"""The command line: a face without arithmetic; one module a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `coley` and return its exit code.

    Parameters
    ----------
    arguments
        Words after `coley`; those of the process where None.

    Returns
    -------
    int
        0 done, 1 a check failed, 2 unusable input, 70 a fault of Coley's own, 130 interrupted.
    """
    from coley.cli.failures import INTERRUPTED, explain
    from coley.cli.terminal import prepare_streams

    prepare_streams()
    try:
        from coley.cli.app import app

        code = app(
            args=None if arguments is None else list(arguments), prog_name="coley", standalone_mode=False
        )
        if code == INTERRUPTED:  # typer has turned Ctrl-C into this code
            raise KeyboardInterrupt
        sys.stdout.flush()  # a reader that has gone must be noticed here, not when Python shuts down
    except BaseException as error:  # a panic of polars is not an Exception either
        return explain(error)
    return code if isinstance(code, int) else 0
