"""Processes that work for one: a pool that ends with whoever started it, however that one ends.

A worker waits for work on a pipe of which it holds both ends itself, so it never notices that nobody is left to write: one whose
parent was killed would wait for ever. So each watches its parent.
"""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext, redirect_stderr
from multiprocessing import connection, get_context, parent_process, resource_tracker
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_CODE = 128 + signal.SIGTERM
"""Of a worker whose parent is gone: as a shell tells of a process that was asked to end."""


def pool(jobs: int, begin: Callable[..., object] | None = None, *given: object) -> ProcessPoolExecutor:
    """Give that many workers, spawned; each calls `begin(*given)` first, if there is something to begin with.

    Spawned, not forked: a worker shares nothing with the terminal, and is the same on every system.
    """
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(begin, given))


def ensure_tracker() -> None:
    """Start Python's resource tracker, which workers need; also where the screen has taken the place of stderr.

    Python hands it the number of stderr, and what stands there may have none.
    """
    try:
        has_number = sys.stderr is not None and sys.stderr.fileno() >= 0
    except (OSError, ValueError):
        has_number = False
    with nullcontext() if has_number else redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()


def _begin(begin: Callable[..., object] | None, given: tuple[object, ...]) -> None:
    parent = parent_process()
    assert parent is not None, "a worker is started by somebody"
    Thread(target=_end_with, args=(parent.sentinel,), name="ends with its parent", daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    # Not by an exception: the thread that works would not hear of it, and nobody is left who waits for its result.
    os._exit(EXIT_CODE)
