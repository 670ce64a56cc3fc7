"""`acklab produce`: the real producer against any broker, with kcat's flags and Kafka's own."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NamedTuple

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.options import key_values

if TYPE_CHECKING:
    from producer import Producer
    from producer.errors import ProducerError
    from sim.cli.metrics_table import MetricsTable
    from sim.cli.screen import Progress

STDIN = "-"
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
                 help="As the console producer takes them: parse.key=true, key.separator=:"),
]  # fmt: skip
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
    value: bytes


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
    metrics: Metrics = False,
    source: Source = STDIN,
) -> int:
    """Send each line of FILE as a record. Exits with 1 unless every record was acknowledged."""
    from producer import Producer

    configured: dict[str, Any] = key_values(properties, option="-X")
    configured["bootstrap.servers"] = bootstrap
    if codec is not None:
        configured["compression.type"] = codec
    splits_at = _separator(separator, key_values(reader_properties, option="--property"))
    fixed_key = None if key is None else _bytes(key)
    fixed_headers = [(name, _bytes(value)) for name, value in _headers(headers)]
    _check(topic, fixed_headers)
    lines: Iterator[Line]
    if source == STDIN:
        lines = _lines(sys.stdin.buffer, "stdin", splits_at, fixed_key)
    else:
        # Read to the end before anything is sent: a bad line leaves nothing half done.
        lines = iter(_read_file(source, splits_at, fixed_key))
    sending = _Sending(Producer(configured), topic, partition, fixed_headers, shows_metrics=metrics)
    problem = sending.send_all(lines)
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
    ) -> None:
        from sim.cli.metrics_table import MetricsTable
        from sim.cli.screen import Progress

        self._producer = producer
        self._topic = topic
        self._partition = partition
        self._headers = headers
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
                self._producer.send(
                    self._topic,
                    line.value,
                    key=line.key,
                    partition=self._partition,
                    headers=self._headers,
                    on_delivery=self._delivered,
                )
                self.sent += 1
                if self.sent % SHOW_EVERY == 0:
                    self._progress.show(f"{self.sent} sent, {self.delivered} acknowledged")
        except (ProducerError, LineError) as error:
            problem = error
        except KeyboardInterrupt:
            self._producer.close(0)
            self._progress.clear()
            print(f"produced {self.delivered} records of {self.sent} sent; interrupted", flush=True)
            raise
        self._producer.close(None if problem is None or self.sent else 0)
        self._progress.clear()
        return problem

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
            is_said = isinstance(problem, LineError) or bootstrap in str(problem)
            rest = "" if is_said else f" (bootstrap servers: {bootstrap})"
            complain(f"{problem}{rest}; {self.sent} records had been sent before, nothing was sent after it")
        if isinstance(problem, LineError):
            return Exit.USAGE
        return Exit.VIOLATED if failed or problem is not None else Exit.HOLDS


def _bytes(text: str) -> bytes:
    # The shell's bytes, whatever they are.
    return text.encode("utf-8", "surrogateescape")


def _separator(given: str | None, reader: dict[str, str]) -> bytes | None:
    """Read both ways of saying where a key ends. Raises CommandError for an unknown reader property."""
    unknown = sorted(reader.keys() - {"parse.key", "key.separator"})
    if unknown:
        raise CommandError(f"--property {unknown[0]}: expected parse.key or key.separator")
    if given is None and reader.get("parse.key", "").lower() == "true":
        # The console producer's default is a tab.
        given = reader.get("key.separator", "\t")
    if given is None:
        return None
    if not given:
        raise CommandError("the separator between key and value is empty")
    return _bytes(given.replace("\\t", "\t"))


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


def _lines(lines: BinaryIO, source: str, separator: bytes | None, key: bytes | None) -> Iterator[Line]:
    """Read records line by line. Raises `LineError` at the first line without the separator."""
    from sim.stories.workload import read_records

    if separator is None:
        for line in lines:
            yield Line(key, line.removesuffix(b"\n").removesuffix(b"\r"))
        return
    for record in read_records(lines, source=source, separator=separator):
        assert record.value is not None
        yield Line(record.key, record.value)


def _read_file(source: str, separator: bytes | None, key: bytes | None) -> list[Line]:
    from sim.stories.workload import LineError

    try:
        with Path(source).open("rb") as lines:
            return list(_lines(lines, source, separator, key))
    except LineError as error:
        raise CommandError(f"{error}; nothing was sent") from error
    except OSError as error:
        raise CommandError(f"cannot read {source}: {error.strerror}") from error
