"""Processes that work for one: a pool that ends with whoever started it, however that one ends.

A worker waits for work on a pipe of which it holds both ends itself, so it never notices that nobody is left to write: one whose
parent was killed would wait for ever. So each watches its parent.
"""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
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
