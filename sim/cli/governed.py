"""A policy on the way of `acklab produce`, and keys on that of `acklab consume`: files, and with whose rights they are used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, complain
from sim.cli.keys_file import opened

if TYPE_CHECKING:
    from producer import Producer
    from producer.governance.governed_producer import GovernedProducer
    from producer.governance.protection.key_service import KeyService
    from sim.clients.consumer import ConsumedRecord

PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="What rules on each record before it is sent.")
]
Keys = Annotated[
    Path | None, typer.Option("--keys", metavar="FILE", help="Keys of tenants, as `acklab keys` makes them.")
]
Principal = Annotated[
    str, typer.Option("--as", metavar="NAME", help="With whose rights keys are used; anybody's without it.")
]


def governed(
    producer: Producer, policy: Path | None, keys: Path | None, principal: str, registry: str | None
) -> Producer | GovernedProducer:
    """Put a producer behind its policy, if it has one. Raises CommandError."""
    if policy is None:
        if keys is not None:
            raise CommandError("--keys has no effect without --policy")
        return producer
    from producer import SchemaRegistry
    from producer.errors import UsageError

    try:
        from producer.governance.governed_producer import GovernedProducer
        from producer.governance.policy.file import read_policy

        return GovernedProducer(
            producer,
            read_policy(policy),
            keys=None if keys is None else _rights(keys, principal),
            registry=SchemaRegistry(registry) if registry else None,
        )
    except ModuleNotFoundError as error:
        raise CommandError(f"--policy needs the module {error.name!r}: pip install 'acklab[governance]'") from error
    except UsageError as error:
        raise CommandError(str(error)) from error


class Opening:
    """Gives records in plaintext where there is the right; the others as they lie there, and says so once for each reason."""

    def __init__(self, keys: Path, principal: str, registry: str | None) -> None:
        """Raises CommandError."""
        from producer import SchemaRegistry

        service = _rights(keys, principal)
        from producer.governance.governed_producer import Reader

        self._reader = Reader(service, registry=SchemaRegistry(registry) if registry else None)
        self._said: set[str] = set()
        self.closed_count = 0
        """Records that could not be opened."""

    def opened(self, record: ConsumedRecord) -> ConsumedRecord:
        """Give the record as it is shown."""
        from producer.errors import ProducerError
        from producer.records import Record

        lying = Record(record.topic, record.value, record.key, headers=record.headers)
        try:
            plain = self._reader.opened(lying)
        except ProducerError as error:
            self.closed_count += 1
            if str(error) not in self._said:
                self._said.add(str(error))
                complain(f"{record.topic}-{record.partition} at offset {record.offset} is shown as it lies: {error}")
            return record
        return record._replace(key=plain.key, value=plain.value, headers=plain.headers)


def _rights(keys: Path, principal: str) -> KeyService:
    return opened(keys).as_principal(principal)
