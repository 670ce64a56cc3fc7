"""Members of a group, each a process of its own: so one can leave, and one can die.

Processes are forked from one that has loaded the client libraries already, which takes hundredths of a second.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from tests.clients.library import Library, Place, ToldError

IDLE_S_MAX = 12
"""How long a member may have no partition before it is restarted: kafka-python 3.0.12 at times polls on and joins no more."""
RESTARTED = "restarted, as it no longer joined"
STORY_S_MAX = 45

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.clients.libraries"])


class _Said(NamedTuple):
    """What a member tells after each poll."""

    assigned: tuple[int, ...]
    consumed: tuple[Place, ...]
    committed: bool
    """Whether everything consumed so far is committed."""
    error: str = ""


class Member:
    """One process. What it has told so far is in `consumed`, `assigned` and `told`."""

    def __init__(self, library: Library, bootstrap: str, client_id: str) -> None:
        self.assigned: tuple[int, ...] = ()
        self.consumed: list[Place] = []
        self.is_committed = True
        self.told: list[str] = []
        """Errors, each once."""
        self.is_over = False
        self._is_wanted = True
        self._arguments = library, bootstrap, client_id
        self._begin()

    def _begin(self) -> None:
        self._here, there = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_live, args=(*self._arguments, there), daemon=True)
        self._process.start()
        there.close()
        self._busy_s = monotonic()

    def listen(self) -> None:
        """Take in what it told since."""
        with suppress(EOFError, ConnectionResetError):
            while not self.is_over and self._here.poll():
                said = self._here.recv()
                self.assigned, self.is_committed = said.assigned, said.committed
                self.consumed += said.consumed
                if said.error and said.error not in self.told:
                    self.told.append(said.error)
            self._supervise()
            return
        self.is_over = True
        self.assigned = ()

    def _supervise(self) -> None:
        """Begin again where nothing comes of it: as whoever runs an application restarts what does nothing."""
        if self.assigned:
            self._busy_s = monotonic()
        elif self._is_wanted and not self.is_over and monotonic() - self._busy_s > IDLE_S_MAX:
            self._process.kill()
            self._process.join()
            self._here.close()
            self.told.append(RESTARTED)
            self._begin()

    def leave(self) -> None:
        """Let it close its client, as an application does that ends."""
        self._is_wanted = False
        with suppress(BrokenPipeError):
            self._here.send("leave")

    def die(self) -> None:
        """SIGKILL: nobody hears of it."""
        self._is_wanted = False
        self._process.kill()
        self._process.join()
        self.is_over = True
        self.assigned = ()

    @property
    def connection(self) -> Connection:
        return self._here

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.die()
        self._here.close()


def wait_until(members: list[Member], is_so: Callable[[], bool]) -> bool:
    """Listen to members until something is so. Returns whether it came to that before an application would give up."""
    from multiprocessing.connection import wait

    until = monotonic() + STORY_S_MAX
    while not is_so():
        left = until - monotonic()
        if left <= 0:
            return False
        wait([one.connection for one in members if not one.is_over], timeout=min(left, 0.5))
        for one in members:
            one.listen()
    return True


def _live(library: Library, bootstrap: str, client_id: str, parent: Connection) -> None:
    is_committed = True

    def tell(member: object, consumed: tuple[Place, ...] = (), error: str = "") -> None:
        assigned = () if member is None else tuple(sorted(member.assigned()))  # type: ignore[attr-defined]
        parent.send(_Said(assigned, consumed, is_committed, error))

    try:
        with library.member(bootstrap, client_id) as member:
            while not parent.poll():
                places: tuple[Place, ...] = ()
                try:
                    places = tuple(member.poll())
                    is_committed = is_committed and not places
                    tell(member, places)
                    if not is_committed:
                        member.commit()
                        is_committed = True
                        tell(member)
                except ToldError as error:
                    tell(member, error=str(error))
    except (ToldError, TimeoutError) as error:
        tell(None, error=str(error) or "TimeoutError")
    except (BrokenPipeError, KeyboardInterrupt):
        pass
