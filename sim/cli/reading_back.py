"""Records read back by their schemas, and what becomes of those that cannot be: they stop the reader, are passed over, or are dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, Exit, complain
from sim.cli.schemas import Decoding

if TYPE_CHECKING:
    from producer.dead_letters import DeadLetterReader
    from sim.clients.consumer import ConsumedRecord

WHAT_BECOMES = ("stop", "skip", "dead")

Decoded = Annotated[
    str, typer.Option("--decode", metavar="PART", help="With --schema-registry: value, key or both, by their schemas.")
]
Unreadable = Annotated[
    str,
    typer.Option(
        "--unreadable",
        metavar="WHAT",
        help="A record that cannot be decoded: stop, skip, or dead, which writes it to TOPIC.dead.",
    ),
]


class Reading:
    """Decodes records, and counts those that it cannot."""

    def __init__(self, decoding: Decoding, what_becomes: str, properties: dict[str, str]) -> None:
        """Raises CommandError, ConfigError."""
        from producer import Producer
        from producer.dead_letters import Action, DeadLetterPolicy, DeadLetterReader

        if what_becomes not in WHAT_BECOMES:
            raise CommandError(f"--unreadable {what_becomes!r}: expected {', '.join(WHAT_BECOMES)}")
        self.unreadable_count = 0
        self._decoding = decoding
        self._producer = Producer(properties) if what_becomes == "dead" else None
        action = {"stop": Action.RAISE, "skip": Action.CALL, "dead": Action.ROUTE}[what_becomes]
        policy = DeadLetterPolicy(action, callback=lambda _record, _error: None)
        self._reader: DeadLetterReader[dict[str, Any]] = DeadLetterReader(
            decoding.told, policy, dead_letters_to=self._producer
        )

    def told(self, record: ConsumedRecord) -> dict[str, Any] | None:
        """Give what was decoded; None for a record that is passed over. Raises CommandError where reading must stop."""
        from producer.dead_letters import UnreadableRecordError
        from producer.errors import ProducerError

        try:
            found = self._reader.read(record)
        except ProducerError as error:
            raise CommandError(str(error), Exit.VIOLATED) from error
        if isinstance(found, UnreadableRecordError):
            self.unreadable_count += 1
            where = "" if self._producer is None else f"; it lies in {record.topic}.dead, too"
            complain(f"{found}{where}")
            return None
        return found

    def close(self) -> None:
        """Wait for dead letters, and end the connections."""
        self._decoding.close()
        if self._producer is not None:
            self._producer.close()


def decoder(url: str | None, decoded: str, unreadable: str, properties: dict[str, str]) -> Reading | None:
    """Give what decodes records; None if nothing is to be. Raises CommandError, ConfigError."""
    if url is None:
        if (decoded, unreadable) != ("value", "stop"):
            raise CommandError("--decode and --unreadable have no effect without --schema-registry")
        return None
    return Reading(Decoding(url, decoded), unreadable, properties)
