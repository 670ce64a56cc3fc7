"""`acklab consume`: reads a topic back with partition, offset and key, with kcat's flags and Kafka's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, ends
from sim.cli.governed import Keys, Opening, Principal
from sim.cli.options import Servers, key_values, servers_named
from sim.cli.reading_back import Decoded, Unreadable, decoder
from sim.cli.schemas import Registry

if TYPE_CHECKING:
    from producer.config.security import SecurityConfig
    from sim.cli.span_reading import Opened
    from sim.clients.consumer import ConsumedRecord

Topic = Annotated[str | None, typer.Option("-t", "--topic", help="The topic.")]
Offset = Annotated[
    list[str],
    typer.Option("-o", "--offset", metavar="PLACE", help="Where to begin: beginning, end, an offset, -N for the last N of each "
                 "partition, s@TIME; and e@TIME where to stop. A time is milliseconds since 1970 or 2026-01-31T12:00:00Z."),
]  # fmt: skip
Listing = Annotated[
    bool, typer.Option("-L", "--list", help="List brokers, topics and partitions instead; with -J as JSON.")
]
Form = Annotated[
    str | None,
    typer.Option("-f", "--format", metavar="FORMAT", help="Print each record so: %t topic, %p partition, %o offset, %k key, %s value, "
                 "%K and %S their lengths, %T timestamp, %h headers, %R the value's length in 4 bytes; \\n, \\t, \\x1f."),
]  # fmt: skip
Separator = Annotated[
    str | None, typer.Option("-K", "--key-separator", metavar="TEXT", help="Print key TEXT value, nothing else.")
]
Delimiter = Annotated[
    str | None, typer.Option("-D", "--delimiter", metavar="TEXT", help="Print the value, and TEXT behind each record.")
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", hidden=True, help="As kcat has it: nothing but records is printed anyway.")
]
Unbuffered = Annotated[
    bool, typer.Option("-u", hidden=True, help="As kcat has it: what was read is printed at once anyway.")
]
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
    servers: Servers,
    topic: Topic = None,
    offset: Offset = [],  # noqa: B006 - Typer reads it, nobody changes it
    from_beginning: FromBeginning = False,  # noqa: ARG001 - it says what is so anyway
    at_end: AtEnd = False,
    count: Count = None,
    form: Form = None,
    as_lines: AsLines = False,
    separator: Separator = None,
    delimited_by: Delimiter = None,
    names_null: NamesNull = False,
    partition: Partition = None,
    isolation: Isolation = "read_uncommitted",
    listing: Listing = False,
    quiet: Quiet = False,  # noqa: ARG001
    unbuffered: Unbuffered = False,  # noqa: ARG001
    timeout: Timeout = 30,
    registry: Registry = None,
    decoded: Decoded = "value",
    unreadable: Unreadable = "stop",
    keys: Keys = None,
    principal: Principal = "",
    properties: Properties = [],  # noqa: B006
) -> int:
    """Read a topic's records: partition, offset, key and value, tab separated. Ends with -e, -c, -o e@TIME or control-C."""
    from sim.cli.metadata_listing import list_metadata
    from sim.cli.offsets_named import span_named
    from sim.cli.shown_records import check_alone, show_bytes, show_json, writer
    from sim.cli.span_reading import SpanReading

    bootstrap = ",".join(servers)
    if isolation not in ISOLATIONS:
        raise CommandError(f"--isolation {isolation!r}: expected {' or '.join(ISOLATIONS)}")
    check_alone(as_lines, f=form, K=separator, D=delimited_by)
    write = writer(form=form, separator=separator, delimited_by=delimited_by, names_null=names_null)
    span = span_named(offset)
    named = servers_named(bootstrap)
    given = key_values(properties, option="-X")
    security = _security(named, given)
    if listing:
        return list_metadata(bootstrap, topic, properties, timeout, as_json=as_lines)
    if topic is None:
        raise CommandError("-t is missing: which topic is to be read? -L lists them")
    opening = None if keys is None else Opening(keys, principal, registry)
    reading = decoder(registry, decoded, unreadable, {"bootstrap.servers": named, **given})
    show = show_json(reading) if as_lines else show_bytes(write, reading)
    only = None if partition is None else [partition]
    open_at = _opener(named, topic, only, security, isolation, stops_at_end=at_end, resets_to_earliest=span.last > 0)
    spans = SpanReading(open_at, span, what=f"topic {topic!r}", bootstrap=bootstrap, timeout_s=timeout)
    try:
        spans.read(_opening(show, opening), count)
    finally:
        if reading is not None:
            reading.close()
    is_shown = (reading is None or not reading.unreadable_count) and (opening is None or not opening.closed_count)
    return Exit.HOLDS if is_shown else Exit.VIOLATED


def _opener(
    servers: str,
    topic: str,
    only: list[int] | None,
    security: SecurityConfig,
    isolation: str,
    *,
    stops_at_end: bool,
    resets_to_earliest: bool,
) -> Callable[[int], Opened]:
    """Give the function that begins a consumer at a place."""
    from random import Random, SystemRandom

    from producer.client.sasl.mechanism import sasl_settings
    from producer.config.addresses import parse_address
    from producer.drivers.clock import now_us
    from producer.drivers.sockets import SocketDriver
    from producer.drivers.tls import client_context
    from sim.cli.span_reading import Opened
    from sim.clients.consumer import EARLIEST, LATEST, Consumer, Isolation, ReadSettings

    tls = client_context(security)

    def open_at(place: int) -> Opened:
        consumer = Consumer(
            bootstrap=[parse_address(server) for server in servers.split(",")],
            topics=[topic],
            only=only,
            chance=Random(),  # noqa: S311 - it spreads retries, it guards nothing
            now_us=now_us(),
            client_id="acklab-consume",
            begin_at=place,
            reading=ReadSettings(
                isolation=Isolation[isolation.upper()],
                # As kafka-console-consumer sets auto.offset.reset.
                reset_to=EARLIEST if place == EARLIEST or resets_to_earliest else LATEST,
                stops_at_end=stops_at_end,
            ),
            sasl=sasl_settings(security, SystemRandom()),
        )
        driver = SocketDriver(consumer, tls=tls)

        def close() -> None:
            consumer.close(now_us())
            driver.close()

        return Opened(consumer, driver.poll, close)

    return open_at


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
