"""`acklab produce`: the real producer against any broker, with kcat's flags and Kafka's own."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NamedTuple

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.governed import Keys, PolicyFile, Principal, governed
from sim.cli.options import key_values, servers_named
from sim.cli.schemas import KeySchema, Registry, ValueSchema, json_of, schema_properties

if TYPE_CHECKING:
    from producer import Producer
    from producer.errors import ProducerError
    from producer.governance.governed_producer import GovernedProducer
    from sim.cli.metrics_table import MetricsTable
    from sim.cli.screen import Progress

STDIN = "-"
READER_PROPERTIES = ("parse.key", "key.separator", "null.marker")
"""Of the console producer's, those that are taken here."""
SHOW_EVERY = 5_000
"""Records between two looks at the progress line."""
ERRORS_NAMED_MAX = 5
"""How many different errors are named; the rest is counted."""

Bootstrap = Annotated[
    str,
    typer.Option("-b", "--bootstrap-server", "--bootstrap-servers", "--broker-list", metavar="HOST:PORT,…",
                 help="Where to ask first."),
]  # fmt: skip
Topic = Annotated[str, typer.Option("-t", "--topic", help="The topic.")]
Separator = Annotated[
    str | None,
    typer.Option("-K", "--key-separator", metavar="TEXT", help="Each line is key TEXT value; \\t is a tab."),
]
Key = Annotated[str | None, typer.Option("-k", "--key", help="The key of every record, unless lines bring their own.")]
Partition = Annotated[int | None, typer.Option("-p", "--partition", min=0, help="The partition of every record.")]
Headers = Annotated[
    list[str], typer.Option("-H", "--header", metavar="NAME=VALUE", help="A header of every record; repeatable.")
]
Codec = Annotated[str | None, typer.Option("-z", "--compression", help="none, gzip, snappy, lz4 or zstd.")]
Properties = Annotated[
    list[str],
    typer.Option("-X", "--producer-property", "--command-property", metavar="NAME=VALUE",
                 help="A producer property by Kafka's name; repeatable."),
]  # fmt: skip
ReaderProperties = Annotated[
    list[str],
    typer.Option("--property", "--reader-property", metavar="NAME=VALUE",
                 help="As the console producer takes them: parse.key=true, key.separator=:, null.marker=NULL"),
]  # fmt: skip
EmptyIsNull = Annotated[bool, typer.Option("-Z", help="What is empty is null: a value that is null is a tombstone.")]
Metrics = Annotated[
    bool,
    typer.Option(
        "--metrics", help="Show Kafka's producer metrics on stderr: on a terminal while sending, and at the end."
    ),
]
Source = Annotated[str, typer.Argument(metavar="[FILE]", help="One record a line; - (or nothing) is stdin.")]


class Line(NamedTuple):
    """One record as a line gives it."""

    key: bytes | None
    value: bytes | None
    """None for a tombstone."""


class Reading(NamedTuple):
    """How a line becomes a record."""

    separator: bytes | None
    """Between key and value; None where a line is a value."""
    key: bytes | None
    """Of every record, unless lines bring their own."""
    null_marker: bytes | None
    """What stands for null, as a key and as a value; None if nothing does."""

    def record(self, key: bytes | None, value: bytes) -> Line:
        """Give the record of a line that was taken apart."""
        marker = self.null_marker
        return Line(None if key is not None and key == marker else key, None if value == marker else value)


@ends
def produce(
    bootstrap: Bootstrap,
    topic: Topic,
    separator: Separator = None,
    key: Key = None,
    partition: Partition = None,
    headers: Headers = [],  # noqa: B006 - Typer reads it, nobody changes it
    codec: Codec = None,
    properties: Properties = [],  # noqa: B006
    reader_properties: ReaderProperties = [],  # noqa: B006
    empty_is_null: EmptyIsNull = False,
    metrics: Metrics = False,
    value_schema: ValueSchema = None,
    key_schema: KeySchema = None,
    registry: Registry = None,
    policy: PolicyFile = None,
    keys: Keys = None,
    principal: Principal = "",
    source: Source = STDIN,
) -> int:
    """Send each line of FILE as a record. Exits with 1 unless every record was acknowledged."""
    from producer import Producer

    configured: dict[str, Any] = key_values(properties, option="-X")
    _refuse_serializers(configured)
    configured |= _by_schemas(key_schema, value_schema, registry, configured)
    configured["bootstrap.servers"] = servers_named(bootstrap)
    if codec is not None:
        configured["compression.type"] = codec
    reading = _reading(separator, key, key_values(reader_properties, option="--property"), empty_is_null=empty_is_null)
    fixed_headers = [(name, _bytes(value)) for name, value in _headers(headers)]
    _check(topic, fixed_headers)
    by_schema = {"key": key_schema is not None, "value": value_schema is not None}
    with _opened(source) as lines:
        producer = Producer(configured)
        try:
            sends = governed(producer, policy, keys, principal, configured.get("schema.registry.url"))
        except CommandError:
            producer.close(0)
            raise
        sending = _Sending(
            producer, topic, partition, fixed_headers, shows_metrics=metrics, by_schema=by_schema, sends=sends
        )
        problem = sending.send_all(_records(lines, "stdin" if source == STDIN else source, reading))
    return sending.account(bootstrap, problem)


class _Sending:
    """One producer at work, and the count of what became of its records."""

    def __init__(
        self,
        producer: Producer,
        topic: str,
        partition: int | None,
        headers: list[tuple[str, bytes]],
        *,
        shows_metrics: bool,
        by_schema: dict[str, bool],
        sends: Producer | GovernedProducer,
    ) -> None:
        """`sends` is the producer itself, or what rules on its records."""
        from sim.cli.metrics_table import MetricsTable
        from sim.cli.screen import Progress

        self._producer = producer
        self._sends = sends
        self._topic = topic
        self._partition = partition
        self._headers = headers
        self._by_schema = by_schema
        """Whether keys, and whether values, are JSON that a schema makes bytes of."""
        self._progress: Progress | MetricsTable = MetricsTable(producer.metrics) if shows_metrics else Progress()
        self.sent = 0
        self.delivered = 0
        self.perhaps = 0
        """Failed, but perhaps written."""
        self.errors: Counter[str] = Counter()

    def send_all(self, lines: Iterator[Line]) -> Exception | None:
        """Send until the lines end, and wait for every answer. Gives what ended it early, if anything did."""
        from producer.errors import ProducerError
        from sim.stories.workload import LineError

        problem: Exception | None = None
        self._progress.show(f"asking for {self._topic} …")
        try:
            for line in lines:
                if self.sent == 0:
                    self._check_partition()
                self._sends.send(
                    self._topic,
                    json_of("value", line.value) if self._by_schema["value"] else line.value,
                    key=json_of("key", line.key) if self._by_schema["key"] else line.key,
                    partition=self._partition,
                    headers=self._headers,
                    on_delivery=self._delivered,
                )
                self.sent += 1
                if self.sent % SHOW_EVERY == 0:
                    self._progress.show(f"{self.sent} sent, {self.delivered} acknowledged")
        except (ProducerError, LineError, CommandError) as error:
            problem = error
        except KeyboardInterrupt:
            self._sends.close(0)
            self._progress.clear()
            print(f"produced {self.delivered} records of {self.sent} sent; interrupted", flush=True)
            raise
        self._sends.close(None if problem is None or self.sent else 0)
        self._progress.clear()
        return problem

    def _check_partition(self) -> None:
        """Ask which partitions there are: `send` would wait for one that is not, for it may be added yet.

        Raises CommandError, ProducerError.
        """
        if self._partition is None:
            return
        there = sorted(one.partition for one in self._producer.partitions_for(self._topic))
        if self._partition not in there:
            parts = f"{len(there)} partitions, {there[0]} to {there[-1]}" if len(there) > 1 else "one partition, 0"
            raise CommandError(f"-p {self._partition}: topic {self._topic!r} has {parts}")

    def _delivered(self, _: object, error: ProducerError | None) -> None:
        from producer.errors import Outcome, SendError

        if error is None:
            self.delivered += 1
            return
        self.errors[str(error)] += 1
        if isinstance(error, SendError) and error.outcome is Outcome.UNKNOWN:
            self.perhaps += 1

    def account(self, bootstrap: str, problem: Exception | None) -> int:
        """Print what became of the records. Gives the exit status."""
        from sim.stories.workload import LineError

        failed = self.sent - self.delivered
        account = f"produced {self.delivered} records to {self._topic}"
        if failed:
            account += f"; {failed} of {self.sent} failed"
            if self.perhaps:
                account += f" ({self.perhaps} of them may be written all the same)"
        print(account, flush=True)
        for text, count in self.errors.most_common(ERRORS_NAMED_MAX):
            complain(f"{text} ({count} records)" if count > 1 else text)
        if problem is not None:
            is_said = isinstance(problem, (LineError, CommandError)) or bootstrap in str(problem)
            rest = "" if is_said else f" (bootstrap servers: {bootstrap})"
            complain(f"{problem}{rest}; {self.sent} records had been sent before, nothing was sent after it")
        if isinstance(problem, (LineError, CommandError)):
            return Exit.USAGE
        return Exit.VIOLATED if failed or problem is not None else Exit.HOLDS


def _refuse_serializers(configured: dict[str, Any]) -> None:
    """Lines are bytes, and a schema makes something else of them. Raises CommandError."""
    from producer.config.config import canonical_name

    for name, value in configured.items():
        if canonical_name(name) in {"key.serializer", "value.serializer"} and value:
            role = canonical_name(name).partition(".")[0]
            raise CommandError(f"-X {name}={value}: lines are sent as they are, or by --{role}-schema")


def _by_schemas(
    key_schema: str | None, value_schema: str | None, registry: str | None, configured: dict[str, Any]
) -> dict[str, Any]:
    """Give the properties that schemas come to. Raises CommandError, SchemaRegistryError, ConfigError."""
    if key_schema is None and value_schema is None:
        if registry is not None:
            raise CommandError("--schema-registry has no effect without --value-schema or --key-schema")
        return {}
    from producer import SchemaRegistry

    url = registry or configured.get("schema.registry.url")
    if not url:
        return schema_properties("value" if value_schema else "key", value_schema or key_schema, None)
    with SchemaRegistry(url) as asked:
        return {
            "schema.registry.url": url,
            **schema_properties("key", key_schema, asked),
            **schema_properties("value", value_schema, asked),
        }


def _bytes(text: str) -> bytes:
    # The shell's bytes, whatever they are.
    return text.encode("utf-8", "surrogateescape")


def _reading(given: str | None, key: str | None, reader: dict[str, str], *, empty_is_null: bool) -> Reading:
    """Read both ways of saying how a line becomes a record. Raises CommandError for an unknown reader property."""
    unknown = sorted(reader.keys() - set(READER_PROPERTIES))
    if unknown:
        raise CommandError(f"--property {unknown[0]}: expected {', '.join(READER_PROPERTIES)}")
    if given is None and reader.get("parse.key", "").lower() == "true":
        # The console producer's default is a tab.
        given = reader.get("key.separator", "\t")
    if given == "":
        raise CommandError("the separator between key and value is empty")
    marker = reader.get("null.marker", "" if empty_is_null else None)
    return Reading(
        separator=None if given is None else _bytes(given.replace("\\t", "\t")),
        key=None if key is None else _bytes(key),
        null_marker=None if marker is None else _bytes(marker),
    )


def _headers(given: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CommandError(f"-H {word!r}: expected name=value")
        pairs.append((name, value))
    return pairs


def _check(topic: str, headers: list[tuple[str, bytes]]) -> None:
    """Refuse what every record would be refused for, before a line is read. Raises CommandError."""
    from producer.errors import UsageError
    from producer.records import Record, check_record, check_topic

    try:
        check_topic(topic)
        check_record(Record(topic, None, headers=tuple(headers)))
    except UsageError as error:
        raise CommandError(str(error)) from error


def _records(lines: Iterable[bytes], source: str, reading: Reading) -> Iterator[Line]:
    """Read records line by line. Raises LineError at the first line without the separator, CommandError."""
    from sim.stories.workload import read_records

    try:
        if reading.separator is None:
            for line in lines:
                yield reading.record(reading.key, line.removesuffix(b"\n").removesuffix(b"\r"))
            return
        for record in read_records(lines, source=source, separator=reading.separator):
            assert record.value is not None
            yield reading.record(record.key, record.value)
    except OSError as error:
        raise CommandError(f"cannot read {source}: {error.strerror}") from error


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    """Open the file; what stands in it is read while records are sent. Raises CommandError."""
    if source == STDIN:
        yield sys.stdin.buffer
        return
    try:
        lines = Path(source).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise CommandError(f"cannot read {source}: {error.strerror}") from error
    with lines:
        yield lines
