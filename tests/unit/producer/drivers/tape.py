"""A connection whose bytes go nowhere: it notes what is asked of its carrier, and what its owner hears."""

from __future__ import annotations

from producer.drivers.connection import Connection


class Tape(Connection):
    """Its own owner and its own carrier."""

    def __init__(self, host: str = "b1") -> None:
        super().__init__(self, 1, host)
        self.noted: list[str] = []
        self.pushed = bytearray()
        """What the peer would receive, whether or not it is said to be all."""
        self.given = bytearray()
        """What the machine would receive."""
        self.unread = b""
        """What lies in the socket."""
        self.has_room = True
        """Whether the operating system takes what is pushed."""

    # -- the owner ---------------------------------------------------------------------------------------------------

    def is_up(self, connection: Connection) -> None:
        self.noted.append("up")

    def is_written(self, connection: Connection) -> None:
        self.noted.append("written")

    def is_given(self, connection: Connection, data: bytes) -> None:
        self.given += data

    def is_refused(self, connection: Connection, reason: str) -> None:
        self.noted.append(f"refused: {reason}")

    def is_lost(self, connection: Connection, reason: str) -> None:
        self.noted.append(f"lost: {reason}")

    def is_gone(self, connection: Connection) -> None:
        self.noted.append("gone")

    # -- the carrier -------------------------------------------------------------------------------------------------

    def _push(self, data: bytes) -> None:
        self.pushed += data

    @property
    def _is_all_taken(self) -> bool:
        return self.has_room

    def _finish(self) -> None:
        self.noted.append("finish")

    def _drop(self) -> None:
        self.noted.append("drop")

    def _unread(self) -> bytes:
        if not self.unread:
            raise BlockingIOError
        return self.unread
