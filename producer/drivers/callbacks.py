"""Calls of the application's own code, where nobody waits for what comes of it: whatever one raises costs only that one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)


EXITS = (SystemExit, KeyboardInterrupt)
"""What a callback may raise to end more than itself, if whoever called it can be ended: a thread of ours cannot."""


def call_each(callbacks: Iterable[Callable[..., object]], *given: object) -> None:
    """Call all, each with what is given. One that fails is logged, and keeps nobody else from hearing.

    Raises the first of `EXITS` that one of them raised, once all were called.
    """
    ending: BaseException | None = None
    for callback in callbacks:
        try:
            callback(*given)
        except EXITS as error:
            ending = ending or error
        except BaseException:  # the application's own; one that raises CancelledError means no task of ours
            log.exception("a callback failed: %r", callback)
    if ending is not None:
        raise ending
