"""How a command ends: exit codes, and each error as one line for a person."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import ParamSpec

P = ParamSpec("P")

DEBUG = "ACKLAB_DEBUG"
"""Set to 1, it shows where an error of ours was raised."""


class Exit(IntEnum):
    """What a command's exit status means."""

    HOLDS = 0
    VIOLATED = 1
    """A promise broke; of `produce` and `consume`: not everything went through."""
    USAGE = 2
    INCONCLUSIVE = 3
    INVALID_SCENARIO = 4
    OUR_BUG = 70
    INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot do what it was asked; the message is the line to print."""

    def __init__(self, message: str, status: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.status = status


def complain(message: str) -> None:
    """Say one line on stderr."""
    print(f"acklab: {message}", file=sys.stderr)


def ends(command: Callable[P, int | None]) -> Callable[P, None]:
    """Let a command's return value, or its error, become the exit status; no traceback reaches the user."""

    @functools.wraps(command)
    def ended(*args: P.args, **kwargs: P.kwargs) -> None:
        raise SystemExit(int(_status(command, *args, **kwargs)))

    return ended


def _status(command: Callable[P, int | None], *args: P.args, **kwargs: P.kwargs) -> int:
    try:
        status = command(*args, **kwargs)
        sys.stdout.flush()
    except KeyboardInterrupt:
        complain("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has seen enough; Python must not complain about it once more at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.HOLDS
    except Exception as error:
        if os.environ.get(DEBUG) == "1":
            raise
        return _explain(error)
    return status or Exit.HOLDS


def _explain(error: Exception) -> int:
    from producer.errors import ConfigError, PartitionerError

    if isinstance(error, CommandError):
        complain(str(error))
        return error.status
    if isinstance(error, ConfigError | PartitionerError):
        complain(str(error))
        return Exit.USAGE
    status = _explain_simulation(error)
    if status is not None:
        return status
    where = _in_a_scenario(error)
    if where:
        complain(f"invalid scenario: {where}: {type(error).__name__}: {error}")
        return Exit.INVALID_SCENARIO
    complain(f"this is a bug of ours: {type(error).__name__}: {error}")
    for note in getattr(error, "__notes__", ()):
        complain(note)
    complain(f"please report it with the command you ran; {DEBUG}=1 shows where it happened")
    return Exit.OUR_BUG


def _in_a_scenario(error: Exception) -> str:
    """Say where in a scenario's file an error passed through its own code, if it did: a class of its own was called by a run."""
    from sim.stories.scenario import MODULE_OF_FILE

    found = ""
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if str(frame.f_globals.get("__name__", "")).startswith(MODULE_OF_FILE):
            found = f"{frame.f_code.co_filename}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found


def _explain_simulation(error: Exception) -> int | None:
    # Only a command that simulates can have raised these, so their modules are loaded then.
    if "sim.stories.scenario" not in sys.modules:
        return None
    from sim.faults.names import UnknownNameError
    from sim.stories.scenario import InvalidScenarioError, UnknownScenarioError

    if isinstance(error, InvalidScenarioError):
        complain(f"invalid scenario: {error}")
        return Exit.INVALID_SCENARIO
    if isinstance(error, UnknownScenarioError | UnknownNameError):
        complain(str(error))
        return Exit.USAGE
    return None
