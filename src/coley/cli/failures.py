"""What a user sees when something goes wrong: one screen, one exit code, never a raw traceback."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING

from coley.cli.terminal import safe, say

if TYPE_CHECKING:
    from collections.abc import Callable

CHECK_FAILED = 1
UNUSABLE_INPUT = 2
FAULT = 70  # EX_SOFTWARE of sysexits.h: neither the data nor the user are to blame
INTERRUPTED = 130  # what shells give for Ctrl-C
PIPE_CLOSED = 141  # what shells give for SIGPIPE


def explain(error: BaseException) -> int:
    """Print what happened, for the user whose command it was, and return the exit code."""
    from coley.model.errors import ColeyError

    handlers: tuple[
        tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[BaseException], int]], ...
    ]
    handlers = (
        (SystemExit, _leave),
        (BrokenPipeError, _pipe_closed),
        (ColeyError, _users),
        (KeyboardInterrupt, _interrupted),
        (MemoryError, _memory),
    )
    for kind, handler in handlers:
        if isinstance(error, kind):
            return handler(error)
    if hasattr(error, "format_message"):  # the command line could not be read
        return _usage(error)
    if type(error).__name__ == "Abort":  # what typer makes of the end of input
        return _interrupted(error)
    return _fault(error)


def _leave(error: BaseException) -> int:
    if isinstance(error.__context__, BrokenPipeError):  # typer turns a closed pipe into an exit with 1
        return _pipe_closed(error)
    code = getattr(error, "code", 0)
    return code if isinstance(code, int) else FAULT if code else 0


def _pipe_closed(error: BaseException) -> int:
    # The reader (head, less) has seen enough. Python must not try to flush into the closed pipe again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def _users(error: BaseException) -> int:
    say(f"coley: {error}", stderr=True)
    return UNUSABLE_INPUT


def _interrupted(error: BaseException) -> int:
    say("coley: stopped as you asked; an earlier report, if there was one, is as it was.", stderr=True)
    return INTERRUPTED


def _memory(error: BaseException) -> int:
    say(
        "coley: this machine has too little free memory for these data.\n"
        "  remedy: Close other programs, or leave out tables that the question does not need.",
        stderr=True,
    )
    return UNUSABLE_INPUT


def _usage(error: BaseException) -> int:
    message = str(error.format_message())  # type: ignore[attr-defined]  # asked for by the caller
    if not message:  # help was shown instead
        return UNUSABLE_INPUT
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "coley"
    remedy = f"`{command} --help` shows what can be said."
    near = getattr(error, "possibilities", None)  # options that are spelt alike, the nearest first
    if near:
        message = f"There is no option {getattr(error, 'option_name', '')!r}."
        remedy = f"Did you mean {near[0]!r}?"
    say(f"coley: {message}\n  remedy: {remedy}", stderr=True)
    return UNUSABLE_INPUT


def _fault(error: BaseException) -> int:
    place = _keep_traceback(error)
    say(
        f"coley: a fault in Coley stopped this command ({type(error).__name__}); it is not your mistake.\n"
        f"  where:  {place}\n"
        "  remedy: Please report it with that file, once you have read it: it may quote values of your data.",
        stderr=True,
    )
    return FAULT


def _keep_traceback(error: BaseException) -> str:
    from coley.run.provenance import versions

    lines = [" ".join(sys.argv), str(versions()), *traceback.format_exception(error)]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="coley-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(safe("\n".join(lines)))
            return file.name
    except OSError:
        return "the traceback could not be kept: there is no room for temporary files"
