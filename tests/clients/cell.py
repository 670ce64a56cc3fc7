"""One cell of the table: a client, what it is about, a fault; what the client was told, and what the server's judges say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from producer.records import TopicPartition as Partition
from producer.wire.record_batch import decode_records
from sim.judges.verdict import State
from sim.serve.attempt import Fate
from sim.serve.client import Control
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests import left_open
from tests.clients.faults import ARRIVAL, CLIENT, Fault, Operation
from tests.clients.library import GIVE_UP_S, GROUP, PARTITIONS, TOPIC, Library, Place, ToldError, eventually
from tests.clients.members import Member, wait_until
from tests.serve.served import Served

STAGE = Stage(
    topics=(f"{TOPIC}:{PARTITIONS}:3",),
    settings=(
        ("broker.session.timeout.ms", "600"),
        ("broker.heartbeat.interval.ms", "100"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.min.session.timeout.ms", "100"),
        ("min.insync.replicas", "2"),
        ("offsets.topic.num.partitions", "1"),
    ),
)
"""A dead broker is missed after half a second, a group's first member waits for nobody."""
RECORDS = 12
ROUND = 5 * PARTITIONS
"""Records that are written at each turn of a group's story, over all partitions."""
HUNG = "hung"
DONE_BEFORE = {
    "create": "TOPIC_ALREADY_EXISTS",
    "grow": "INVALID_PARTITIONS",
    "delete group": "GROUP_ID_NOT_FOUND",
    "delete": "UNKNOWN_TOPIC_OR_PARTITION",
}
"""What an admin client is told that tries again what it had brought about already."""


class Seen(NamedTuple):
    """What came of it."""

    told: str
    """What the client told its application: errors by name, each with how often; or `hung` and where. Empty: all well."""
    written_twice: int
    """Records that lie in the log twice."""
    told_twice: int
    lost: int
    """Records: by the server's judge."""
    not_consumed: int
    not_committed: int
    """Records that no member was given, and those given whose position was not committed."""
    is_in_order: bool
    struck: bool
    """Whether the client came to the point where the fault strikes."""

    @property
    def is_hung(self) -> bool:
        return self.told.startswith(HUNG)

    @property
    def kind(self) -> str:
        """Say it in two words, which are the same in every run."""
        if self.is_hung or self.lost or self.not_consumed or self.not_committed or not self.is_in_order:
            return "broken"
        return "written twice" if self.written_twice else "error told" if self.told else "came through"

    @property
    def text(self) -> str:
        """Say it in a cell of the table."""
        said = [f"{self.written_twice} written twice"] if self.written_twice else []
        said += [f"{self.lost} lost"] if self.lost else []
        said += [f"{self.not_consumed} not consumed"] if self.not_consumed else []
        said += [f"{self.not_committed} not committed"] if self.not_committed else []
        said += [] if self.is_in_order else ["out of order"]
        if self.told:
            said.append(self.told if self.is_hung else f"told: {self.told}")
        return "; ".join(said) or "came through"


def seen(library: Library, operation: Operation, fault: Fault) -> Seen:
    """Let it happen on a cluster of its own."""
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster:
        control = Control(cluster.server.control_url)
        _set_up(cluster, operation)
        for line in fault.lines(operation):
            control.strike(line)
        not_consumed = not_committed = 0
        match operation:
            case Operation.PRODUCE | Operation.PRODUCE_PLAINLY:
                told = _produce(library, cluster, is_idempotent=operation is Operation.PRODUCE)
            case Operation.CONSUME:
                told, not_consumed, not_committed = _consume(library, cluster)
            case Operation.ADMINISTER:
                told = _administer(library, cluster)
        # Somebody leads again in a moment, and what was acknowledged can be looked up.
        eventually(lambda: control.verdicts()["state"] != State.INCONCLUSIVE.value)
        attempts = control.faults()
        if any(one.entry.startswith(ARRIVAL) for one in attempts):
            eventually(lambda: all(one.fate is Fate.FIRED for one in control.faults()))
    left_open.collect()
    judgement = cluster.judgement
    assert judgement.state is not State.INCONCLUSIVE, judgement
    assert not judgement.handler_failures
    values = _values(cluster) if operation in {Operation.PRODUCE, Operation.PRODUCE_PLAINLY} else []
    firsts = list(dict.fromkeys(values))
    return Seen(
        told=told,
        written_twice=len(values) - len(firsts),
        told_twice=judgement.doubled_records,
        lost=judgement.lost_records,
        not_consumed=not_consumed,
        not_committed=not_committed,
        is_in_order=firsts == sorted(firsts),
        struck=attempts[0].fate is Fate.FIRED,
    )


def _set_up(cluster: Served, operation: Operation) -> None:
    """Let the group's coordinator be there, and for an admin client a group with one position."""
    if operation is Operation.CONSUME:
        _write(cluster, ROUND)
    if operation is Operation.ADMINISTER:
        _write(cluster, 1)
    if operation in {Operation.ADMINISTER, Operation.CONSUME}:
        consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": GROUP})
        consumer.commit(offsets=[TopicPartition(TOPIC, 0, int(operation is Operation.ADMINISTER))], asynchronous=False)
        consumer.close()


def _write(cluster: Served, records: int) -> None:
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "client.id": "writer", "linger.ms": 0})
    for number in range(records):
        producer.produce(TOPIC, b"%d" % number, partition=number % PARTITIONS)
    assert producer.flush(GIVE_UP_S) == 0


def _produce(library: Library, cluster: Served, *, is_idempotent: bool) -> str:
    told: Counter[str] = Counter()
    with library.producer(cluster.bootstrap, CLIENT, is_idempotent=is_idempotent) as producer:
        for number in range(RECORDS):
            try:
                producer.send(b"%04d" % number)
            except ToldError as error:
                told[str(error)] += 1
            except TimeoutError:
                return f"{HUNG} at record {number + 1}"
    return _counted(told)


def _administer(library: Library, cluster: Served) -> str:
    """Do one thing after the other; what fails is done again, as by somebody who saw the error, until it is done."""
    told: set[str] = set()
    with library.admin(cluster.bootstrap, CLIENT) as admin:
        for name, step in admin.steps():

            def is_done(name: str = name, step: Callable[[], object] = step) -> bool:
                try:
                    step()
                except ToldError as error:
                    told.add(str(error))
                    return str(error) == DONE_BEFORE.get(name)
                return True

            try:
                eventually(is_done)
            except TimeoutError:
                return ", ".join([f"{HUNG} at {name}", *sorted(told)])
    return ", ".join(sorted(told))


def _consume(library: Library, cluster: Served) -> tuple[str, int, int]:
    """Tell the story of a group: three share; then one leaves and one dies, and the last has everything."""
    places: set[Place] = set()
    told: set[str] = set()
    written = ROUND
    with ExitStack() as alive:
        names = ("last", CLIENT, "leaver")
        members = [alive.enter_context(Member(library, cluster.bootstrap, name)) for name in names]
        last, dying, leaving = members

        def is_consumed() -> bool:
            places.update(place for one in members for place in one.consumed)
            return len(places) == written and all(one.is_committed or one.is_over for one in members)

        is_well = wait_until(members, lambda: sorted(len(one.assigned) for one in members) == [1, 1, 2])
        hung = "" if is_well else f"{HUNG} before all three shared"
        if is_well:
            _write(cluster, ROUND)
            written += ROUND
            hung = "" if wait_until(members, is_consumed) else f"{HUNG} while three shared"
        if not hung:
            leaving.leave()
            dying.die()
            _write(cluster, ROUND)
            written += ROUND
            is_well = wait_until(members, lambda: len(last.assigned) == PARTITIONS and is_consumed())
            hung = "" if is_well else f"{HUNG} after two were gone"
        last.leave()
        wait_until(members, lambda: last.is_over)
        told.update(error for one in members for error in one.told)
    committed = _committed(cluster)
    not_committed = sum(place.offset >= committed.get(place.partition, 0) for place in places)
    return ", ".join([hung] * bool(hung) + sorted(told)), written - len(places), not_committed


def _committed(cluster: Served) -> dict[int, int]:
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
    (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)]).values()
    return {one.partition: one.offset for one in asked.result(GIVE_UP_S).topic_partitions}


def _counted(told: Counter[str]) -> str:
    return ", ".join(name if count == 1 else f"{count} x {name}" for name, count in sorted(told.items()))


def _values(cluster: Served) -> list[bytes]:
    """Give what lies in partition 0, in the log of whoever leads."""
    here = cluster.server.simulation.cluster
    process = here.brokers[here.leader_of(Partition(TOPIC, 0))].process
    assert process is not None
    entries = process.replicas.partitions[Partition(TOPIC, 0)].log.file.entries
    return [record.value or b"" for stored in entries for record in decode_records(stored.data)]
