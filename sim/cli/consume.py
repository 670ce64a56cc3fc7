"""`acklab consume`: reads a topic back with partition, offset and key, with kcat's flags and Kafka's own."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.governed import Keys, Opening, Principal
from sim.cli.options import key_values, servers_named
from sim.cli.produce import Bootstrap, Topic
from sim.cli.reading_back import Decoded, Reading, Unreadable, decoder
from sim.cli.schemas import Registry, lines_of
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from producer.config.security import SecurityConfig
    from sim.clients.consumer import ConsumedRecord, Consumer

POLL_US = 200_000
"""How long one wait lasts before its conditions are looked at again."""

Offset = Annotated[str, typer.Option("-o", "--offset", help="Where to begin: beginning, end or an offset.")]
FromBeginning = Annotated[
    bool, typer.Option("--from-beginning", help="As -o beginning, which is how it begins anyway.")
]
AtEnd = Annotated[bool, typer.Option("-e", "--exit", help="Stop at the end of each partition.")]
Count = Annotated[int | None, typer.Option("-c", "--max-messages", min=1, help="Stop after so many records.")]
AsLines = Annotated[
    bool, typer.Option("-J", help='One JSON object a record; bytes that are no text are {"base64": "…"}.')
]
NamesNull = Annotated[bool, typer.Option("-Z", help="Print NULL for a key or a value that is null.")]
Partition = Annotated[int | None, typer.Option("-p", "--partition", min=0, help="Only this partition.")]
Isolation = Annotated[str, typer.Option("--isolation", "--isolation-level", help="read_uncommitted or read_committed.")]
Timeout = Annotated[
    int, typer.Option("--timeout", min=1, metavar="SECONDS", help="How long to try to reach the topic.")
]

Properties = Annotated[
    list[str],
    typer.Option("-X", "--consumer-property", "--command-property", metavar="NAME=VALUE",
                 help="security.protocol, ssl.* or sasl.*, by Kafka's names; repeatable."),
]  # fmt: skip
SECURITY = ("security.", "ssl.", "sasl.")

ISOLATIONS = ("read_uncommitted", "read_committed")


@ends
def consume(
    bootstrap: Bootstrap,
    topic: Topic,
    offset: Offset = "beginning",
    from_beginning: FromBeginning = False,  # noqa: ARG001 - it says what is so anyway
    at_end: AtEnd = False,
    count: Count = None,
    as_lines: AsLines = False,
    names_null: NamesNull = False,
    partition: Partition = None,
    isolation: Isolation = "read_uncommitted",
    timeout: Timeout = 30,
    registry: Registry = None,
    decoded: Decoded = "value",
    unreadable: Unreadable = "stop",
    keys: Keys = None,
    principal: Principal = "",
    properties: Properties = [],  # noqa: B006 - Typer reads it, nobody changes it
) -> int:
    """Read a topic's records: partition, offset, key and value, tab separated. Ends with -e, -c or control-C."""
    from random import Random, SystemRandom

    from producer.client.sasl.mechanism import sasl_settings
    from producer.config.addresses import parse_address
    from producer.drivers.clock import now_us
    from producer.drivers.sockets import SocketDriver
    from producer.drivers.tls import client_context
    from sim.clients.consumer import EARLIEST, LATEST, Consumer, Isolation, ReadSettings

    if isolation not in ISOLATIONS:
        raise CommandError(f"--isolation {isolation!r}: expected {' or '.join(ISOLATIONS)}")
    begin_at = _begin_at(offset)
    servers = servers_named(bootstrap)
    given = key_values(properties, option="-X")
    security = _security(servers, given)
    tls = client_context(security)
    opening = None if keys is None else Opening(keys, principal, registry)
    reading = decoder(registry, decoded, unreadable, {"bootstrap.servers": servers, **given})
    consumer = Consumer(
        bootstrap=[parse_address(server) for server in servers.split(",")],
        topics=[topic],
        only=None if partition is None else [partition],
        chance=Random(),  # noqa: S311 - it spreads retries, it guards nothing
        now_us=now_us(),
        client_id="acklab-consume",
        begin_at=begin_at,
        reading=ReadSettings(
            isolation=Isolation[isolation.upper()],
            # As kafka-console-consumer sets auto.offset.reset.
            reset_to=EARLIEST if begin_at == EARLIEST else LATEST,
            stops_at_end=at_end,
        ),
        sasl=sasl_settings(security, SystemRandom()),
    )
    driver = SocketDriver(consumer, tls=tls)
    try:
        status = _read(
            consumer,
            driver.poll,
            _opening(show_all(as_lines=as_lines, names_null=names_null, reading=reading), opening),
            count,
            f"topic {topic!r}",
            bootstrap,
            timeout,
        )
        is_shown = (reading is None or not reading.unreadable_count) and (opening is None or not opening.closed_count)
        return status if is_shown else Exit.VIOLATED
    finally:
        if reading is not None:
            reading.close()
        consumer.close(now_us())
        driver.close()


def _opening(
    show: Callable[[Iterable[ConsumedRecord]], None], opening: Opening | None
) -> Callable[[Iterable[ConsumedRecord]], None]:
    """Let records be opened before they are shown, if there are keys."""
    return show if opening is None else lambda records: show(list(map(opening.opened, records)))


def _security(bootstrap: str, properties: dict[str, str]) -> SecurityConfig:
    """Read what the producer takes as well. Raises CommandError, ConfigError."""
    from producer.config.config import ProducerConfig

    for name in properties:
        if not name.startswith(SECURITY):
            raise CommandError(f"-X {name}: a consumer here takes security.protocol, ssl.* and sasl.* only")
    return ProducerConfig.from_properties({"bootstrap.servers": bootstrap} | properties)


def _begin_at(offset: str) -> int:
    from sim.clients.consumer import EARLIEST, LATEST

    named = {"beginning": EARLIEST, "earliest": EARLIEST, "end": LATEST, "latest": LATEST}
    if offset in named:
        return named[offset]
    if not offset.isdigit():
        raise CommandError(f"-o {offset!r}: expected beginning, end or an offset")
    return int(offset)


def _read(
    consumer: Consumer,
    poll: Callable[[int], None],
    show: Callable[[Iterable[ConsumedRecord]], None],
    count: int | None,
    what: str,
    bootstrap: str,
    timeout_s: int,
) -> int:
    from producer.drivers.clock import now_us
    from sim.clients.consumer import NoSuchPartitionError

    begun_us = now_us()
    left = count
    while True:
        poll(POLL_US)
        records = consumer.take_records()
        if left is not None:
            records = records[:left]
            left -= len(records)
        show(records)
        if left == 0 or consumer.is_at_end:
            return Exit.HOLDS
        if consumer.error is not None:
            complain(f"{consumer.error} (bootstrap servers: {bootstrap})")
            return Exit.USAGE if isinstance(consumer.error, NoSuchPartitionError) else Exit.VIOLATED
        if not consumer.knows_topics and now_us() - begun_us > timeout_s * SECOND_US:
            complain(f"{what}: no answer from {bootstrap} within {timeout_s} s")
            return Exit.VIOLATED


def show_all(
    *, as_lines: bool, names_null: bool = False, reading: Reading | None = None
) -> Callable[[Iterable[ConsumedRecord]], None]:
    """Give the function that prints records, bytes as they are or as JSON text; decoded where `reading` says how."""
    import sys

    def show_json(records: Iterable[ConsumedRecord]) -> None:
        for record in records:
            told = {} if reading is None else reading.told(record)
            if told is None:
                continue
            print(
                json.dumps(
                    {
                        "topic": record.topic,
                        "partition": record.partition,
                        "offset": record.offset,
                        "timestamp_ms": record.timestamp_ms,
                        "headers": [[name, _text(value)] for name, value in record.headers],
                        "key": _text(record.key),
                        "value": _text(record.value),
                        **told,
                    }
                )
            )
        sys.stdout.flush()

    null = b"NULL" if names_null else b""

    def show_bytes(records: Iterable[ConsumedRecord]) -> None:
        for record in records:
            told = {} if reading is None else reading.told(record)
            if told is None:
                continue
            parts = [record.key, record.value] if not told else [*lines_of(record, told)]
            key, value = (null if data is None else data for data in parts)
            sys.stdout.buffer.write(f"{record.partition}\t{record.offset}\t".encode() + key + b"\t" + value + b"\n")
        sys.stdout.flush()

    return show_json if as_lines else show_bytes


def _text(data: bytes | None) -> str | dict[str, str] | None:
    """Give bytes as JSON has them: as text, or in base64 where they are none, which every reader of JSON can turn back."""
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
