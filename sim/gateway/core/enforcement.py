"""What a gateway enforces, as its sessions see it: records on their way to a log, and on their way back."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from producer.errors import ErrorCode
    from producer.wire.record_batch import BatchRecord

T = TypeVar("T")
Steps = Generator[object, Any, T]
"""A decision under way. What it has to know first is yielded (`sim.gateway.core.questions`), and the answer sent, or an UnavailableError
thrown, by whoever drives the session: a thread that blocks, or a story in virtual time."""


class Client(NamedTuple):
    """Who is on the other side of a session."""

    host: str
    client_id: str
    """What it calls itself; empty if it does not."""
    principal: str
    """As whom the broker let it in, `User:alice`; `User:ANONYMOUS` where nobody asked."""


class Violation(NamedTuple):
    """A record that may not pass."""

    record: int
    """Which one of its batch, from 0."""
    why: str
    """For the client: names the rule and the field, never a value."""


class Decision(NamedTuple):
    """What becomes of one batch: with a violation it is refused whole, as a broker refuses it (KIP-467)."""

    records: tuple[BatchRecord, ...]
    """What is to be written: as many as came, at their offsets."""
    violations: tuple[Violation, ...] = ()
    ticket: object = None
    """Whatever the enforcement wants to have back with what the client is told."""


class Appended(NamedTuple):
    """What a client was told of one batch."""

    topic: str
    partition: int
    record_count: int
    code: ErrorCode
    base_offset: int
    """-1 with an error."""
    violations: tuple[Violation, ...]
    ticket: object
    """The decision's; None where there was none."""
    is_answered: bool = True
    """Whether the client is told at all: with acks=0 nobody knows what became of it."""


class UnavailableError(Exception):
    """What is needed to decide is away, a key service for one. Nothing passes meanwhile, and the client may ask again."""


class Enforcement(Protocol):
    """One policy. `UnavailableError` may come out of any decision."""

    def produced(self, client: Client, topic: str, partition: int, records: tuple[BatchRecord, ...]) -> Steps[Decision]:
        """Decide about one batch on its way to the log."""
        ...

    def fetched(self, client: Client, topic: str, records: tuple[BatchRecord, ...]) -> Steps[tuple[BatchRecord, ...]]:
        """Give what this client may read of one batch: as many records as there are, at their offsets."""
        ...

    def answered(self, client: Client, appended: Appended) -> None:
        """Take note of what a client is about to be told of one batch."""
        ...


class NothingEnforced:
    """Everything passes, as it is."""

    may_block = False

    def produced(
        self,
        client: Client,  # noqa: ARG002
        topic: str,  # noqa: ARG002
        partition: int,  # noqa: ARG002
        records: tuple[BatchRecord, ...],
    ) -> Steps[Decision]:
        """Let it pass."""
        yield from ()
        return Decision(records)

    def fetched(self, client: Client, topic: str, records: tuple[BatchRecord, ...]) -> Steps[tuple[BatchRecord, ...]]:  # noqa: ARG002 - as all
        """Let it pass."""
        yield from ()
        return records

    def answered(self, client: Client, appended: Appended) -> None:
        """Keep nothing."""

    def answer(self, question: object) -> Any:
        """Nobody asks."""
        raise AssertionError(f"nothing is enforced, and somebody asked {question}")
