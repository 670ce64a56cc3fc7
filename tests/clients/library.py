"""What a foreign client library is asked to do here, in words that all of them have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import monotonic, sleep
from typing import NamedTuple, Protocol

TOPIC = "orders"
PARTITIONS = 4
GROUP = "app"
REQUEST_MS = 1_500
"""How long a request may take before a client gives it up."""
GIVE_UP_S = 30
"""How long an application waits for its library before it calls it hung."""
EVENTUALLY_S = 60
"""How long it asks again."""
SESSION_MS = 3_000
HEARTBEAT_MS = 100


class ToldError(Exception):
    """The library told its application of an error; the text is Kafka's name for it, or the library's own."""


def eventually(is_so: Callable[[], bool]) -> None:
    """Ask again until it is so: what one broker was told, another hears of a little later. Raises TimeoutError."""
    until = monotonic() + EVENTUALLY_S
    while not is_so():
        if monotonic() > until:
            raise TimeoutError
        sleep(0.05)


class Place(NamedTuple):
    """Where a consumed record lies."""

    partition: int
    offset: int


class Sending(Protocol):
    """A producer, and nothing unsent in it."""

    def send(self, value: bytes) -> None:
        """Write one record to partition 0 and wait for its verdict. Raises ToldError, TimeoutError."""
        ...


class Consuming(Protocol):
    """One member of a group, which commits what it was given."""

    def poll(self) -> Sequence[Place]:
        """Give what has come, after a tenth of a second at most. Raises ToldError."""
        ...

    def commit(self) -> None:
        """Commit everything that `poll` gave. Raises ToldError."""
        ...

    def assigned(self) -> Sequence[int]:
        """Give the partitions that it has now."""
        ...


class Administering(Protocol):
    """An admin client."""

    def steps(self) -> Sequence[tuple[str, Callable[[], object]]]:
        """Give what it does, in order: a name, and a call that raises ToldError or AssertionError."""
        ...


class Library(Protocol):
    """One client library. Each client is open within its `with`, and closes as its documentation says."""

    name: str

    def producer(self, bootstrap: str, client_id: str, *, is_idempotent: bool) -> AbstractContextManager[Sending]: ...

    def member(self, bootstrap: str, client_id: str) -> AbstractContextManager[Consuming]: ...

    def admin(self, bootstrap: str, client_id: str) -> AbstractContextManager[Administering]: ...
