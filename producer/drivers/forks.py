"""What a fork leaves of a producer: its memory, but neither its thread nor its loop. In the child each is told so.

To ask for the process id at each `send` would cost a part of it; a hook costs nothing before there is a fork.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakKeyDictionary

from producer.errors import ForkedProducerError


class Forkable(Protocol):
    """Something with a thread, a lock or sockets, of which a child process inherits a useless copy."""

    def disown(self, error: ForkedProducerError) -> None:
        """Belong to another process. Called in the child, where nobody gives back a lock: take none, and write nothing."""


_watched: WeakKeyDictionary[Forkable, tuple[str, int]] = WeakKeyDictionary()
"""Each with its name and the process that it was made in."""


def watch(one: Forkable, name: str) -> None:
    """Call `one.disown` in every process that is forked from this one, as long as `one` lives."""
    _watched[one] = (name, os.getpid())


def _tell_all() -> None:
    for one, (name, origin) in list(_watched.items()):
        one.disown(
            ForkedProducerError(
                f"{name} was made in process {origin}, and this is its fork {os.getpid()}: make a producer here"
            )
        )
    _watched.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tell_all)
