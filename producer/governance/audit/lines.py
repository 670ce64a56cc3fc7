"""What lines of an audit say: an intent before a record is sent, its outcome behind it, and where a writer begins.

An intent without an outcome is a record of which the writer does not know what became: it ended in between, or still waits.
"""

from __future__ import annotations

from typing import NamedTuple

from producer.governance.audit.chain import Fields

INTENT, OUTCOME, OPENED = "intent", "outcome", "opened"
ACKNOWLEDGED = "acknowledged"
NOT_ASKED = "not asked"
"""The verdict of a policy that there is none of."""


class Who(NamedTuple):
    """Who writes, and from where."""

    principal: str
    """`User:billing`; whoever the application says it is."""
    client_id: str
    host: str


class Intent(NamedTuple):
    """A record is about to be sent. Nothing of its key, its value or its headers is here."""

    record: int
    """The writer's own number for it."""
    topic: str
    partition: int | None
    """The application's choice; None where it left that to the partitioner."""
    schema: str | None = None
    """The id of the schema that its value is written by, in digits, or a GUID; None where none is named."""
    subject: str | None = None
    """Under which the registry has that schema, where the writer's own serializer was told it; None elsewhere, as at a gateway."""
    schema_version: int | None = None
    """Of the schema under its subject, likewise."""
    verdict: str = NOT_ASKED
    """What a policy said of it."""

    def fields(self, who: Who, at_ms: int) -> Fields:
        """As a line has it. `at_ms` counts milliseconds since 1970."""
        return {"kind": INTENT, "at_ms": at_ms, **who._asdict(), **self._asdict()}


class Outcome(NamedTuple):
    """What became of a record, as the writer was told."""

    record: int
    outcome: str
    """`acknowledged`, `failed` (certainly not written), `unknown` (perhaps written) or `refused` (`send` itself said no)."""
    topic: str
    partition: int | None
    offset: int | None
    """None where no broker told one."""
    error: str | None
    """The error's name (NOT_ENOUGH_REPLICAS, MetadataTimeoutError); never its text, which may hold anything."""

    def fields(self, who: Who, at_ms: int) -> Fields:
        """As a line has it."""
        return {"kind": OUTCOME, "at_ms": at_ms, "client_id": who.client_id, **self._asdict()}


class Opened(NamedTuple):
    """A writer begins, and says what it found."""

    lines: int
    """How many there were."""
    torn_bytes: int
    """Of a last line that was not wholly written; they are cut off."""
    torn_hash: str | None
    """SHA-256 of those bytes; None without any."""
    without_outcome: int
    """Intents of which nobody will tell what became: unknown."""

    def fields(self, who: Who, at_ms: int) -> Fields:
        """As a line has it."""
        return {"kind": OPENED, "at_ms": at_ms, **who._asdict(), **self._asdict()}
