"""A stage for our transactional producers and Java's: every call is made on both at once, and how it ended is written down."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from producer import ConsumerGroupMetadata, Producer
from producer.facades.confluent.group_metadata import read_group_metadata
from producer.wire.api import ApiKey
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.proxy import Proxy
from tests.interop.transactional import committed_offset, member_of, read, wait_for, wait_read
from tests.interop.transactional_pair import TIMED_OUT, Offsets, Outcome, TransactionalProducers

OURS, JAVAS = "ours", "java"
BROKER = 1
READ = "read"
BESIDE = "beside"
"""What a producer's name begins with that a staging needs, and is not about."""
AGAIN_MAX = 10
SHORT_MS = 2_000
"""How long a call waits where it is to run out of time."""
EXPIRES_MS = 4_000
"""How long a record waits where one is to run out of time, and the others are not, which have a busy machine to wait for."""
READ_S_MAX = 20
LINGERS_S = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One call, or one record, and how it ended on either side."""

    label: str
    ours: Outcome
    javas: Outcome
    producer: str = ""
    """Whose it is, where there are several."""

    @property
    def is_alike(self) -> bool:
        return self.ours == self.javas


@dataclass
class Pair:
    """Two producers that are told the same."""

    stage: TransactionalStage
    name: str
    """Empty for the only one."""
    is_racing: bool = False
    """A record is queued that nobody has waited for: whether it leaves before an abort is a race."""

    def init(self, *, again: bool = False) -> None:
        self._call("init", again=again)

    def begin(self) -> None:
        self._call("begin")

    def flush(self) -> None:
        self._call("flush")
        self.is_racing = False

    def let_linger(self) -> None:
        """Let what was sent linger for a while.

        Java's sender asks whether a transaction is to be aborted before it looks at what is ready, and ready is everything
        once it is: a record that was sent in that very moment leaves, and its send returns. Later the sender waits.
        """
        time.sleep(LINGERS_S)
        self.is_racing = False

    def commit(self, *, again: bool = False) -> None:
        self._call("commit", again=again)
        self.is_racing = False

    def abort(self, *, again: bool = False) -> None:
        assert not self.is_racing, (
            f"{self.stage.name}: a record that may leave before the abort or not: flush it, or let it linger"
        )
        self._call("abort", again=again)

    def close(self) -> None:
        self._call("close")

    def send(self, value: str, *, value_bytes: int = 0, topic: str = "") -> None:
        """Send a record to partition 0; what it comes to is asked for when the staging is over."""
        record = f"{self.stage.name}/{self.name}/{value}"
        label = self.stage.label(self.name, f"send {value}")
        key, padded = self.stage.key(self.name), value.ljust(value_bytes)
        queued = [
            side.producers.send(key, record, topic or self.stage.topic(side), padded) for side in self.stage.in_turn
        ]
        ours, javas = self.stage.ended(queued)
        self.is_racing |= ours.is_well and javas.is_well
        self.stage.sent.append((len(self.stage.lines), record))
        self.stage.lines.append(Line(label, ours, javas, self.name))

    def offsets(self, offset: int, *, again: bool = False, **instead: Any) -> None:
        """Send the offset that the group's member reads next; `instead` says otherwise who it is."""
        group = self.stage.group

        def begin(side: Make) -> Callable[[], Outcome]:
            given = Offsets(self.stage.topic(side), offset, group(side.name)._replace(**instead))
            return side.producers.send_offsets(self.stage.key(self.name), given)

        self._note("send_offsets", begin, again=again)

    def _call(self, operation: str, *, again: bool = False) -> None:
        key = self.stage.key(self.name)
        self._note(operation, lambda side: side.producers.call(key, operation), again=again)

    def _note(self, operation: str, begin: Callable[[Make], Callable[[], Outcome]], *, again: bool) -> None:
        """Make a call; `again`: as often as it runs out of time, which it may on a machine that has much to do."""
        self.stage.note(self.name, operation, [begin(side) for side in self.stage.in_turn])
        for _ in range(AGAIN_MAX if again else 0):
            line = self.stage.lines[-1]
            if TIMED_OUT not in (line.ours.word, line.javas.word):
                return
            ours, javas = (
                begin(side)() if outcome.word == TIMED_OUT else outcome
                for side, outcome in zip(self.stage.makes, (line.ours, line.javas), strict=True)
            )
            self.stage.lines[-1] = replace(line, ours=ours, javas=javas)


@dataclass(frozen=True)
class Make:
    """One make of producers, ours or Java's."""

    name: str
    producers: TransactionalProducers


@dataclass
class TransactionalStage:
    """One staging before a cluster of one broker, which leads and coordinates everything. Each side has a topic of its own."""

    kafka: ApacheKafka
    name: str
    makes: tuple[Make, Make]
    """Ours, then Java's: a call of Java's begins in its own process, and goes on while ours is made here."""
    is_v2: bool
    is_proxied: bool = False
    lines: list[Line] = field(default_factory=list)
    sent: list[tuple[int, str]] = field(default_factory=list)
    """Each record's line, and its name."""

    def __post_init__(self) -> None:
        self._labels: Counter[tuple[str, str]] = Counter()
        self._members: dict[str, ConsumerGroupMetadata] = {}
        self._closing: list[Callable[[], object]] = []
        self.proxies: dict[str, Proxy] = {}
        for side in self.makes:
            self.kafka.admin.create_topic(self.topic(side), config={"max.message.bytes": "10000"})
            if self.is_proxied:
                proxy = self.proxies[side.name] = Proxy([self.kafka.nodes[BROKER].listeners["PLAINTEXT"]])
                self._closing.append(proxy.close)

    @property
    def in_turn(self) -> Iterator[Make]:
        """Java's first: what is asked of its process goes on by itself."""
        return reversed(self.makes)

    # -- producers -----------------------------------------------------------------------------------------------------

    def producer(self, name: str = "", *, transactional_id: str | None = "", **properties: Any) -> Pair:
        """A producer on either side; those with the same `transactional_id` follow each other."""
        for side in self.makes:
            given: dict[str, Any] = {
                "bootstrap.servers": self.proxies[side.name].bootstrap if self.is_proxied else self.kafka.bootstrap,
                "client.id": f"{self.name}-{name}-{side.name}",
            }
            if transactional_id is not None:
                given["transactional.id"] = f"{self.name}-{transactional_id}-{side.name}"
            given |= {key.replace("_", "."): value for key, value in properties.items()}
            made = side.producers.make(self.key(name), given)
            assert made.is_well, f"{side.name}: {made}"
        return Pair(self, name)

    def started(self, name: str = "", **properties: Any) -> Pair:
        """A producer that has its transactional id."""
        one = self.producer(name, **properties)
        one.init(again=True)
        return one

    def open_with_a(self, name: str = "", **properties: Any) -> Pair:
        """A producer in a transaction, of which record a is written already."""
        one = self.started(name, **properties)
        one.begin()
        one.send("a")
        one.flush()
        return one

    def key(self, name: str) -> str:
        return f"{self.name}/{name}"

    def topic(self, side: Make) -> str:
        return f"{self.name}-{side.name}"

    # -- a group ---------------------------------------------------------------------------------------------------------

    def join(self) -> None:
        """Let a consumer of another make be the only member of a group, for either side."""
        for side in self.makes:
            consumer = member_of(self.kafka.bootstrap, f"{self.name}-{side.name}", self.topic(side))
            self._closing.append(consumer.close)
            self._members[side.name] = read_group_metadata(consumer.consumer_group_metadata())

    def group(self, side: str) -> ConsumerGroupMetadata:
        """Who reads for that side: a member, if one joined."""
        return self._members.get(side, ConsumerGroupMetadata(f"{self.name}-{side}"))

    def positions(self, expected: int) -> None:
        """Wait until either group goes on there; -1001 where it has no position."""
        for side in self.makes:
            group, topic = f"{self.name}-{side.name}", self.topic(side)
            wait_for(
                lambda group=group, topic=topic: committed_offset(self.kafka.bootstrap, group, topic, 0) == expected,  # type: ignore[misc]
                f"the position of {group} to be {expected}",
            )

    # -- what is written down --------------------------------------------------------------------------------------------

    def label(self, name: str, operation: str) -> str:
        """Name a call, with how often it was made before."""
        self._labels[name, operation] += 1
        times = self._labels[name, operation]
        return operation if times == 1 else f"{operation} ({times})"

    def note(self, name: str, operation: str, begun: list[Callable[[], Outcome]]) -> None:
        label = self.label(name, operation)
        self.lines.append(Line(label, *self.ended(begun), name))

    def ended(self, begun: list[Callable[[], Outcome]]) -> tuple[Outcome, Outcome]:
        """Wait for ours, which was begun last, and then for Java's."""
        javas, ours = begun
        outcome = ours()
        return outcome, javas()

    def finish(self) -> list[Line]:
        """Ask what each record came to, end everything, and give all lines."""
        for number, record in self.sent:
            line = self.lines[number]
            ours, javas = (
                outcome if not outcome.is_well else side.producers.fate(record)
                for outcome, side in zip((line.ours, line.javas), self.makes, strict=True)
            )
            self.lines[number] = replace(line, ours=ours, javas=javas)
        return self.lines

    def close(self) -> None:
        for side in self.makes:
            side.producers.end()
        for close in self._closing:
            close()

    # -- what readers get ------------------------------------------------------------------------------------------------

    def reads(self, *expected: str, javas: tuple[str, ...] | None = None) -> None:
        """Wait until a reader with read_committed is given that of either topic, and no more; `javas` where Java's has other records."""
        wanted = (expected, expected if javas is None else javas)
        ours, theirs = (self._read(side, values) for side, values in zip(self.makes, wanted, strict=True))
        self.lines.append(Line(READ, ours, theirs))

    def _read(self, side: Make, expected: tuple[str, ...]) -> Outcome:
        found: list[str] = []
        until_s = time.monotonic() + READ_S_MAX
        while (found := read(self.kafka.bootstrap, self.topic(side))) != list(expected):
            assert time.monotonic() < until_s, f"{found} in {self.topic(side)}, and not {expected}"
        told = ", ".join(found) or "nothing"
        return Outcome(told, told)

    def wait_timed_out(self) -> None:
        """Wait until the coordinator has aborted what is open: whoever reads up to the end passes it."""
        for side in self.makes:
            with Producer({"bootstrap.servers": self.kafka.bootstrap}) as other:
                other.send(self.topic(side), b"behind", partition=0)
            wait_read(self.kafka.bootstrap, self.topic(side), ["behind"])

    # -- faults ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The broker stands still (SIGSTOP) for as long as the block lasts."""
        self.kafka.pause(BROKER)
        try:
            yield
        finally:
            self.kafka.resume(BROKER)

    @contextmanager
    def down(self) -> Iterator[None]:
        """The broker is killed (SIGKILL), and starts again on its disk when the block is over."""
        self.kafka.kill(BROKER)
        yield
        self.kafka.start(BROKER)

    def lose_next_answer(self, api: ApiKey) -> None:
        """Cut either connection in place of the next answer to such a request."""
        for proxy in self.proxies.values():
            proxy.lose_next_answer(api)

    def wait_lost(self, count: int = 1) -> None:
        """Wait until either side has lost that many answers."""
        for proxy in self.proxies.values():
            proxy.wait_lost(count)
