"""`acklab produce`: the real producer against any broker, with kcat's flags and Kafka's own."""

from __future__ import annotations

import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sim.cli.delimiters import delimiter, shell_bytes, unescaped
from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.governed import Keys, PolicyFile, Principal, governed
from sim.cli.input_progress import InputProgress
from sim.cli.input_records import Input, Readable, Reading
from sim.cli.options import Servers, key_values, servers_named
from sim.cli.schemas import KeySchema, Registry, ValueSchema, json_of, schema_properties

if TYPE_CHECKING:
    from producer import Producer
    from producer.errors import ProducerError
    from producer.governance.governed_producer import GovernedProducer
    from sim.cli.metrics_table import MetricsTable
    from sim.cli.screen import Hidden, Progress

STDIN = "-"
READER_PROPERTIES = ("parse.key", "key.separator", "null.marker")
"""Of the console producer's, those that are taken here."""
LOOK_EVERY = 64
"""Records between two looks at the clock."""
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
    typer.Option("-K", "--key-separator", metavar="TEXT",
                 help="Each record is key TEXT value; \\t is a tab, \\x1f a byte."),
]  # fmt: skip
Delimiter = Annotated[
    str,
    typer.Option("-D", "--delimiter", metavar="TEXT", help="What ends a record, escapes as in -K; \\n, a line's end."),
]
Count = Annotated[int | None, typer.Option("-c", "--max-messages", min=1, help="Stop after so many records.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing when all went well, and show no progress.")]
Lines = Annotated[bool, typer.Option("-l", hidden=True, help="As kcat has it: FILE holds records, as it does anyway.")]
Key = Annotated[str | None, typer.Option("-k", "--key", help="The key of every record, unless lines bring their own.")]
Partition = Annotated[
    int | None,
    typer.Option("-p", "--partition", min=-1, help="The partition of every record; -1 leaves it to the partitioner."),
]
Headers = Annotated[
    list[str],
    typer.Option("-H", "--header", metavar="NAME[=VALUE]",
                 help="A header of every record; NAME alone has the value null; repeatable."),
]  # fmt: skip
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


@ends
def produce(
    servers: Servers,
    topic: Topic,
    separator: Separator = None,
    delimited_by: Delimiter = "\\n",
    key: Key = None,
    partition: Partition = None,
    headers: Headers = [],  # noqa: B006 - Typer reads it, nobody changes it
    codec: Codec = None,
    properties: Properties = [],  # noqa: B006
    reader_properties: ReaderProperties = [],  # noqa: B006
    empty_is_null: EmptyIsNull = False,
    count: Count = None,
    quiet: Quiet = False,
    lines: Lines = False,  # noqa: ARG001 - it says what is so anyway
    metrics: Metrics = False,
    value_schema: ValueSchema = None,
    key_schema: KeySchema = None,
    registry: Registry = None,
    policy: PolicyFile = None,
    keys: Keys = None,
    principal: Principal = "",
    source: Source = STDIN,
) -> int:
    """Send each line of FILE as a record. Exits with 1 unless every record was acknowledged.

    With -X transactional.id=NAME all of them are one transaction, which is aborted if anything ends it early.
    """
    from producer import Producer
    from producer.config.config import canonical_name
    from sim.cli.metrics_table import MetricsTable
    from sim.cli.screen import Hidden, Progress

    bootstrap = ",".join(servers)
    configured: dict[str, Any] = key_values(properties, option="-X")
    _refuse_serializers(configured)
    configured |= _by_schemas(key_schema, value_schema, registry, configured)
    configured["bootstrap.servers"] = servers_named(bootstrap)
    if codec is not None:
        configured["compression.type"] = codec
    reading = _reading(
        separator,
        delimiter(delimited_by, option="-D"),
        key,
        key_values(reader_properties, option="--property"),
        empty_is_null=empty_is_null,
    )
    fixed_headers = _headers(headers)
    _check(topic, fixed_headers)
    by_schema = {"key": key_schema is not None, "value": value_schema is not None}
    with _opened(source) as opened:
        producer = Producer(configured)
        try:
            sends = governed(producer, policy, keys, principal, configured.get("schema.registry.url"))
        except CommandError:
            producer.close(0)
            raise
        sending = _Sending(
            producer,
            topic,
            None if partition == -1 else partition,
            fixed_headers,
            shown=MetricsTable(producer.metrics) if metrics else Hidden() if quiet else Progress(),
            by_schema=by_schema,
            sends=sends,
            count_max=count,
            is_transactional=any(canonical_name(name) == "transactional.id" for name in configured),
        )
        problem = sending.send_all(
            Input(opened, "stdin" if source == STDIN else source, reading), total_bytes=_size(source)
        )
    return sending.account(bootstrap, problem, is_quiet=quiet)


class _Sending:
    """One producer at work, and the count of what became of its records."""

    def __init__(
        self,
        producer: Producer,
        topic: str,
        partition: int | None,
        headers: list[tuple[str, bytes | None]],
        *,
        shown: Progress | MetricsTable | Hidden,
        by_schema: dict[str, bool],
        sends: Producer | GovernedProducer,
        count_max: int | None,
        is_transactional: bool,
    ) -> None:
        """`sends` is the producer itself, or what rules on its records."""
        self._producer = producer
        self._sends = sends
        self._topic = topic
        self._partition = partition
        self._headers = headers
        self._by_schema = by_schema
        """Whether keys, and whether values, are JSON that a schema makes bytes of."""
        self._shown = shown
        self._count_max = count_max
        self._is_transactional = is_transactional
        self.transaction = ""
        """What became of the one transaction; empty where there was none."""
        self.sent = 0
        self.delivered = 0
        self.perhaps = 0
        """Failed, but perhaps written."""
        self.errors: Counter[str] = Counter()

    def send_all(self, given: Input, *, total_bytes: int | None) -> Exception | None:
        """Send until the input ends, and wait for every answer. Gives what ended it early, if anything did."""
        from producer.drivers.clock import now_us
        from producer.errors import ProducerError
        from sim.stories.workload import LineError

        problem: Exception | None = None
        is_open = False
        progress = InputProgress(self._shown, now_us, total_bytes=total_bytes)
        self._shown.show(f"asking for {self._topic} …")
        try:
            if self._is_transactional:
                self._producer.init_transactions()
                self._producer.begin_transaction()
                is_open = True
            for line in islice(given, self._count_max):
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
                if self.sent % LOOK_EVERY == 0:
                    progress.look(sent=self.sent, acknowledged=self.delivered, bytes_read=given.bytes_read)
        except (ProducerError, LineError, CommandError) as error:
            problem = error
        except KeyboardInterrupt:
            if is_open:
                self._end_transaction(KeyboardInterrupt())
            self._sends.close(0)
            self._shown.clear()
            print(f"produced {self.delivered} records of {self.sent} sent; interrupted", flush=True)
            raise
        if is_open:
            problem = self._end_transaction(problem)
        self._sends.close(None if problem is None or self.sent else 0)
        self._shown.clear()
        return problem

    def _end_transaction(self, problem: BaseException | None) -> Exception | None:
        """Commit the one transaction, or abort it where something ended it early. Gives the first problem there is."""
        from producer.errors import ProducerError

        given = problem if isinstance(problem, Exception) else None
        if problem is None:
            try:
                self._producer.commit_transaction()
            except ProducerError as error:
                given = error
            else:
                self.transaction = "committed"
                return None
        try:
            self._producer.abort_transaction()
        except ProducerError as error:
            self.transaction = "left to its coordinator"
            return given or error
        self.transaction = "aborted"
        return given

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

    def account(self, bootstrap: str, problem: Exception | None, *, is_quiet: bool = False) -> int:
        """Print what became of the records. Gives the exit status."""
        from sim.stories.workload import LineError

        failed = self.sent - self.delivered
        account = f"produced {self.delivered} records to {self._topic}"
        if self.transaction:
            account += f", in a transaction that was {self.transaction}"
        if failed:
            account += f"; {failed} of {self.sent} failed"
            if self.perhaps:
                account += f" ({self.perhaps} of them may be written all the same)"
        if not is_quiet:
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


def _reading(
    given: str | None, delimited_by: bytes, key: str | None, reader: dict[str, str], *, empty_is_null: bool
) -> Reading:
    """Read both ways of saying how input becomes records. Raises CommandError for an unknown reader property."""
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
        delimiter=delimited_by,
        separator=None if given is None else unescaped(given, option="-K"),
        key=None if key is None else shell_bytes(key),
        null_marker=None if marker is None else shell_bytes(marker),
    )


def _headers(given: list[str]) -> list[tuple[str, bytes | None]]:
    """Read `name=value`; `name=` is an empty value, `name` alone is null. Raises CommandError."""
    pairs = []
    for word in given:
        name, equals, value = word.partition("=")
        if not name:
            raise CommandError(f"-H {word!r}: expected name=value, or a name alone, whose value is null")
        pairs.append((name, shell_bytes(value) if equals else None))
    return pairs


def _size(source: str) -> int | None:
    """Give how many bytes there will be, where somebody knows: of a file, also one that stands for stdin."""
    try:
        status = os.fstat(sys.stdin.fileno()) if source == STDIN else Path(source).stat()
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _check(topic: str, headers: list[tuple[str, bytes | None]]) -> None:
    """Refuse what every record would be refused for, before a line is read. Raises CommandError."""
    from producer.errors import UsageError
    from producer.records import Record, check_record, check_topic

    try:
        check_topic(topic)
        check_record(Record(topic, None, headers=tuple(headers)))
    except UsageError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _opened(source: str) -> Iterator[Readable]:
    """Open the file; what stands in it is read while records are sent. Raises CommandError."""
    if source == STDIN:
        yield cast("Readable", sys.stdin.buffer)
        return
    try:
        lines = Path(source).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise CommandError(f"cannot read {source}: {error.strerror}") from error
    with lines:
        yield lines
