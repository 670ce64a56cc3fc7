"""Our producer and Java's in one staging: the same records at the same time through the same faults, a topic each.

And the judge of what became of them: each record told of exactly once; what was acknowledged lies where it was told, once,
in order; what failed for certain is not there; and both were told the same.
"""

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from producer.errors import Outcome
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.driven import DrivenProducer, JavaProducer, OurProducer, Told
from tests.interop.proxy import Proxy
from tests.interop.reading import Read, read_topic

WAIT_S_MAX = 60
LOAD_PER_S = 300
KEYS = 20
FINDINGS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two producers, and the topic that is its own."""

    producer: DrivenProducer
    topic: str


class SideBySide:
    """Both producers. Records are numbered from 0, and a record's value begins with its number."""

    def __init__(self, kafka: ApacheKafka, ours: Side, java: Side, proxies: Sequence[Proxy]) -> None:
        self.ours = ours
        self.java = java
        self.proxies = proxies
        """One each, if they were started so, on the way to the brokers."""
        self.sent = 0
        """How many records were sent, or are being sent; the next one has this number."""
        self._kafka = kafka

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.ours, self.java

    @property
    def topics(self) -> tuple[str, str]:
        return self.ours.topic, self.java.topic

    def leader_of(self, partition: int) -> int:
        """Who leads that partition of both topics."""
        leaders = {self._kafka.admin.leader(topic, partition) for topic in self.topics}
        assert len(leaders) == 1, f"partition {partition} has different leaders: {leaders}"
        return leaders.pop()

    # -- sending -------------------------------------------------------------------------------------------------------

    def send(self, *, key: str | None = None, partition: int | None = None, value_bytes: int = 0) -> int:
        """Send the same record from either producer. Returns its number."""
        number = self.sent
        self.sent += 1
        value = f"{number}".ljust(value_bytes)
        for side in self.sides:
            side.producer.send(number, side.topic, value, key=key, partition=partition)
        return number

    def send_in_turn(self, *, partition: int) -> tuple[int, int]:
        """Send a record, and from its callback another, from either producer. Returns their numbers."""
        first, second = self.sent, self.sent + 1
        self.sent += 2
        for side in self.sides:
            side.producer.send(first, side.topic, f"{first}", key=None, partition=partition, then=second)
        return first, second

    @contextmanager
    def load(self, *, per_s: int = LOAD_PER_S) -> Iterator[None]:
        """Send keyed records at a steady rate for as long as the block lasts; nothing else may send meanwhile."""
        over = threading.Event()

        def send_all() -> None:
            began_s = time.monotonic()
            for number in itertools.count():
                if over.wait(max(0.0, began_s + number / per_s - time.monotonic())):
                    return
                self.send(key=f"key-{number % KEYS}")

        with ThreadPoolExecutor(max_workers=1) as thread:
            sending = thread.submit(send_all)
            try:
                yield
            finally:
                over.set()
            sending.result()

    def flush(self) -> None:
        """Let either producer wait until everything sent before is told of; its callbacks were called by then."""
        for side in self.sides:
            side.producer.flush()
            assert len(side.producer.told) == self.sent, f"{side.producer.name}: flush() came back early"

    def wait_acknowledged(self, more: int) -> None:
        """Wait until either producer has had so many more records acknowledged than now."""
        wanted = [(side.producer, side.producer.acknowledged + more) for side in self.sides]
        for producer, count in wanted:
            producer.wait_acknowledged(count)

    def wait_told(self) -> None:
        """Wait until either producer has told of every record."""
        for side in self.sides:
            side.producer.wait_told(self.sent)

    def wait_metric(self, name: str, *, above: float = 0) -> None:
        """Wait until a metric of either producer is above that."""
        self._kafka.nodes.wait_for(
            lambda: [one.producer.name for one in self.sides if not one.producer.metrics()[name] > above],
            f"{name} to rise above {above}",
        )

    def wait_new_leader(self, partition: int, *, after: int) -> None:
        """Wait until another broker than `after` leads that partition of both topics."""
        for topic in self.topics:
            self._kafka.admin.wait_new_leader(topic, partition, after=after)

    def wait_partitions(self, count: int) -> None:
        """Wait until either producer knows its topic to have so many partitions."""
        self._kafka.nodes.wait_for(
            lambda: [one.producer.name for one in self.sides if one.producer.partition_count(one.topic) != count],
            f"{count} partitions to be known",
        )

    # -- judging -------------------------------------------------------------------------------------------------------

    def judge(self, *, since: int = 0, may_throw: Collection[int] = ()) -> None:
        """End both producers, and hold each to what it told of the records from `since` on.

        Of those in `may_throw` Java's `send` may have thrown what its callback was told.
        """
        for side in self.sides:
            side.producer.close()
            thrown = side.producer.thrown
            assert thrown.keys() <= {*may_throw}, f"{side.producer.name}: thrown, and told as well: {thrown}"
            assert all(side.producer.told[number] == [told] for number, told in thrown.items()), thrown
            read = read_topic(self._kafka.bootstrap, side.topic)
            found = findings(side.producer.told, read, range(since, self.sent))
            assert not found, "\n".join([f"{side.producer.name}: {len(found)} findings", *found[:FINDINGS_SHOWN]])

    def assert_alike(self, *, since: int = 0) -> None:
        """Both were told the same of each record: the code, and where it lies."""
        differing = {
            number: (ours, java)
            for number in range(since, self.sent)
            if (ours := self.ours.producer.told[number]) != (java := self.java.producer.told[number])
        }
        shown = [f"record {number}: {ours} ours, {java} Java's" for number, (ours, java) in differing.items()]
        assert not differing, "\n".join([f"{len(differing)} differ", *shown[:FINDINGS_SHOWN]])

    def codes(self, number: int) -> set[str]:
        """What both were told of one record; one code if it was the same."""
        return {told.code for side in self.sides for told in side.producer.told[number]}


def findings(told: Mapping[int, Sequence[Told]], read: Sequence[Read], numbers: range) -> list[str]:
    """What is wrong, a line each: futures lost, records lost, twice, out of order, elsewhere, or there although refused."""
    found: list[str] = []
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    latest: dict[int, int] = {}
    for record in read:
        number = int(record.value.split()[0])
        if number < numbers.start:
            continue
        places[number].append((record.partition, record.offset))
        before = latest.get(record.partition, -1)
        if number < before:
            found.append(f"partition {record.partition}: record {number} lies behind {before}")
        latest[record.partition] = max(before, number)
    found += [f"record {number} was never sent" for number in places if number not in numbers]
    for number in numbers:
        verdicts, lies_at = told.get(number, ()), places.get(number, [])
        if len(verdicts) != 1:
            found.append(f"record {number} was told of {len(verdicts)} times: {verdicts}")
        if len(lies_at) > 1:
            found.append(f"record {number} is there {len(lies_at)} times, at {lies_at}")
        for one in verdicts:
            if one.is_acknowledged and lies_at != [(one.partition, one.offset)]:
                found.append(f"record {number} was acknowledged at {one.partition, one.offset}, and is at {lies_at}")
            if one.outcome is Outcome.FAILED and lies_at:
                found.append(f"record {number} was refused with {one.code}, and is at {lies_at}")
    return found


@dataclass
class Stage:
    """Starts pairs of producers on a cluster for one test, and ends them."""

    kafka: ApacheKafka
    name: str
    """What its topics begin with."""
    java_class_path: str
    folder: Path
    closing: ExitStack = field(default_factory=ExitStack)
    logged: list[Path] = field(default_factory=list)

    def start(
        self,
        properties: Mapping[str, Any],
        *,
        java: Mapping[str, Any] | None = None,
        called: str = "",
        partitions: int = 1,
        topic_config: dict[str, str] | None = None,
        replicas: list[list[int]] | None = None,
        is_proxied: bool = False,
    ) -> SideBySide:
        """A producer of either kind with those properties, Java's perhaps with others; their topics have the same leaders."""
        proxies: list[Proxy] = []

        def begin(kind: type[OurProducer | JavaProducer], properties: Mapping[str, Any], **beside: Any) -> Side:
            topic = self.topic_of(kind, called=called)
            self.kafka.admin.create_topic(topic, partitions=partitions, config=topic_config, replicas=replicas)
            bootstrap = self.kafka.bootstrap
            if is_proxied:
                proxy = Proxy(self.kafka.nodes[one].listeners["PLAINTEXT"] for one in self.kafka.broker_ids)
                self.closing.callback(proxy.close)
                proxies.append(proxy)
                bootstrap = proxy.bootstrap
            producer = kind({"bootstrap.servers": bootstrap, "client.id": topic, **properties}, **beside)
            self.closing.callback(producer.end)
            return Side(producer, topic)

        self.logged.append(self.folder / f"java-{called}.log")
        ours = begin(OurProducer, properties)
        theirs = begin(
            JavaProducer, properties if java is None else java, class_path=self.java_class_path, log=self.logged[-1]
        )
        return SideBySide(self.kafka, ours, theirs, proxies)

    def topic_of(self, kind: type[DrivenProducer], *, called: str = "") -> str:
        """The topic that `start` makes for a producer of that kind."""
        return "-".join(filter(None, (self.name, called, kind.name)))

    def end(self) -> None:
        """End every producer, whatever waits."""
        self.closing.close()

    def logs(self) -> str:
        """What Java's producers logged, as far as they were started."""
        return "\n".join(log.read_text(errors="replace") for log in self.logged if log.exists())
