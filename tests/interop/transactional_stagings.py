"""What our transactional producers and Java's are put through together, one staging a function; the first line says what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producer.wire.api import ApiKey
from tests.interop.transactional_stage import READ, Pair, TransactionalStage

OVER_REQUEST_BYTES = 1_100_000
"""Over max.request.size: the producer refuses it by itself."""
OVER_TOPIC_BYTES = 12_000
"""Over the topic's max.message.bytes: its leader refuses it."""
SHORT_MS = 2_000
"""How long a call waits where it is to run out of time."""

BESIDE = "beside"
"""What a producer's name begins with that a staging needs, and is not about."""

Staging = Callable[[TransactionalStage], None]


def started(stage: TransactionalStage, name: str = "", **properties: Any) -> Pair:
    """A producer that has its transactional id; those of one name follow each other."""
    one = stage.producer(name, **properties)
    one.init()
    return one


def open_with_a(stage: TransactionalStage, name: str = "", **properties: Any) -> Pair:
    """A producer in a transaction, of which record a is written already."""
    one = started(stage, name, **properties)
    one.begin()
    one.send("a")
    one.flush()
    return one


def commit(stage: TransactionalStage) -> None:
    """committed, and once more with nothing in it"""
    one = started(stage)
    one.begin()
    one.send("a")
    one.send("b")
    one.commit()
    one.begin()
    one.commit()
    one.close()
    stage.reads("a", "b")


def abort(stage: TransactionalStage) -> None:
    """aborted, and once more with nothing in it"""
    one = open_with_a(stage)
    one.abort()
    one.begin()
    one.abort()
    one.begin()
    one.send("b")
    one.commit()
    stage.reads("b")


def aborted_before_it_left(stage: TransactionalStage) -> None:
    """aborted while a record lingers"""
    one = started(stage, linger_ms=60_000, delivery_timeout_ms=120_000)
    one.begin()
    one.send("a")
    one.abort()
    stage.reads()


def closed_while_open(stage: TransactionalStage) -> None:
    """closed in a transaction"""
    one = open_with_a(stage)
    one.close()
    one.commit()
    other = started(stage, f"{BESIDE}: next")
    other.begin()
    other.send("b")
    other.commit()
    stage.reads("b")


def calls_before_init(stage: TransactionalStage) -> None:
    """each call before init"""
    one = stage.producer()
    one.begin()
    one.send("a")
    one.offsets(1)
    one.commit()
    one.abort()
    one.init()
    one.begin()
    one.send("b")
    one.commit()
    stage.reads("b", javas=("a", "b"))


def calls_between_transactions(stage: TransactionalStage) -> None:
    """each call between transactions, and begin and init in one"""
    one = started(stage)
    one.send("a")
    one.offsets(1)
    one.commit()
    one.abort()
    one.init()
    one.begin()
    one.begin()
    one.init()
    one.send("b")
    one.commit()
    stage.reads("b", javas=("a", "b"))


def calls_without_an_id(stage: TransactionalStage) -> None:
    """each call of a producer without a transactional.id"""
    one = stage.producer(transactional_id=None)
    one.init()
    one.begin()
    one.offsets(1)
    one.commit()
    one.abort()
    one.send("a")
    stage.reads("a")


def a_time_out_that_brokers_do_not_allow(stage: TransactionalStage) -> None:
    """transaction.timeout.ms over the brokers' transaction.max.timeout.ms"""
    one = stage.producer(transaction_timeout_ms=1_000_000_000)
    one.init()
    one.begin()
    one.init()


def a_record_over_max_request_size(stage: TransactionalStage) -> None:
    """a record too large for max.request.size; then each call"""
    one = open_with_a(stage)
    one.send("large", value_bytes=OVER_REQUEST_BYTES)
    one.send("b")
    one.offsets(1)
    one.commit()
    one.begin()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_record_over_the_topic_s_limit(stage: TransactionalStage) -> None:
    """a record too large for the topic; then each call"""
    one = open_with_a(stage)
    one.send("large", value_bytes=OVER_TOPIC_BYTES)
    one.flush()
    one.send("b")
    one.offsets(1)
    one.commit()
    one.begin()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_record_over_the_topic_s_limit_found_by_commit(stage: TransactionalStage) -> None:
    """a record too large for the topic, which commit finds"""
    one = open_with_a(stage)
    one.send("large", value_bytes=OVER_TOPIC_BYTES)
    one.commit()
    one.commit()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_topic_that_is_not_there(stage: TransactionalStage) -> None:
    """a record for a topic that does not come within max.block.ms, then one for a name that no topic can have; an abort after each"""
    one = open_with_a(stage, max_block_ms=SHORT_MS)
    one.send("nowhere", topic="not-there")
    one.commit()
    one.abort()
    one.begin()
    one.send("never", topic="no such name")
    one.commit()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_record_that_expires(stage: TransactionalStage) -> None:
    """the broker stands still for longer than delivery.timeout.ms"""
    one = open_with_a(stage, delivery_timeout_ms=SHORT_MS, request_timeout_ms=SHORT_MS - 100, linger_ms=0)
    with stage.paused():
        one.send("b")
        one.flush()
    one.commit()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def fenced(stage: TransactionalStage) -> None:
    """another producer takes the transactional.id; the zombie"""
    names = ("begins", "sends", "sends offsets", "commits", "aborts", "inits")
    zombies = {name: open_with_a(stage, name, transactional_id=name) for name in names}
    zombies["begins"].commit()
    for name in names:
        started(stage, f"{BESIDE}: after {name}", transactional_id=name)
    zombies["begins"].begin()
    zombies["begins"].send("b")
    zombies["begins"].commit()
    zombies["begins"].abort()
    zombies["begins"].begin()
    zombies["sends"].send("b")
    zombies["sends"].flush()
    zombies["sends"].commit()
    zombies["sends"].abort()
    zombies["sends offsets"].offsets(1)
    zombies["sends offsets"].abort()
    zombies["commits"].commit()
    zombies["commits"].abort()
    zombies["aborts"].abort()
    zombies["aborts"].begin()
    zombies["inits"].init()
    zombies["inits"].close()
    stage.reads("a")


def timed_out(stage: TransactionalStage) -> None:
    """transaction.timeout.ms passes and the coordinator aborts; the producer then"""
    names = ("sends", "sends offsets", "commits", "aborts")
    late = {name: open_with_a(stage, name, transactional_id=name, transaction_timeout_ms=3_000) for name in names}
    stage.wait_timed_out()
    for name in names:
        one = late[name]
        if name == "sends":
            one.send("b")
            one.flush()
            one.commit()
        elif name == "sends offsets":
            one.offsets(1)
        elif name == "commits":
            one.commit()
        one.abort()
        one.begin()
        one.send(f"c, who {name}")
        one.commit()
    if stage.is_v2:
        stage.reads("behind", "c, who sends", "c, who aborts")
    else:
        stage.reads("behind")


def coordinator_killed(stage: TransactionalStage) -> None:
    """the coordinator is killed between send and commit, and starts again; a producer commits"""
    behind, meanwhile = "when it is back", "meanwhile, runs out of time, and makes the call again"
    waits = open_with_a(stage, behind, transactional_id="waits")
    hurries = open_with_a(stage, meanwhile, transactional_id="hurries", max_block_ms=SHORT_MS)
    with stage.down():
        hurries.commit()
        hurries.abort()
    # First the one that has time until the coordinator has read its log.
    waits.commit()
    hurries.commit()
    for one, value in ((waits, "b"), (hurries, "c")):
        one.begin()
        one.send(value)
        one.commit()
    stage.reads("a", "a", "b", "c")


def answer_to_commit_lost(stage: TransactionalStage) -> None:
    """the answer to EndTxn is lost with its connection: a commit, then an abort"""
    one = open_with_a(stage)
    stage.lose_next_answer(ApiKey.END_TXN)
    one.commit()
    stage.wait_lost()
    one.begin()
    one.send("b")
    one.flush()
    stage.lose_next_answer(ApiKey.END_TXN)
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("a", "c")


def answers_lost_on_the_way(stage: TransactionalStage) -> None:
    """the answer to each other request is lost with its connection: InitProducerId, Produce, those for partitions and offsets"""
    one = stage.producer()
    lost = [ApiKey.INIT_PRODUCER_ID, ApiKey.PRODUCE, ApiKey.TXN_OFFSET_COMMIT]
    if not stage.is_v2:
        lost += [ApiKey.ADD_PARTITIONS_TO_TXN, ApiKey.ADD_OFFSETS_TO_TXN]
    for number, api in enumerate(lost):
        stage.lose_next_answer(api)
        if number == 0:
            one.init()
        one.begin()
        one.send(api.name)
        one.offsets(number)
        one.commit()
        stage.wait_lost(number + 1)
    stage.reads(*(api.name for api in lost))
    stage.positions(len(lost) - 1)


def commit_timed_out(stage: TransactionalStage) -> None:
    """commit runs out of time before a broker that stands still; then each other call, and commit again"""
    one = open_with_a(stage, max_block_ms=SHORT_MS)
    with stage.paused():
        one.commit()
        one.abort()
        one.begin()
        one.send("b")
        one.offsets(1)
    one.commit()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("a", "c", javas=("a", "b", "c"))


def abort_timed_out(stage: TransactionalStage) -> None:
    """abort runs out of time before a broker that stands still; then commit, and abort again"""
    one = open_with_a(stage, max_block_ms=SHORT_MS)
    with stage.paused():
        one.abort()
        one.commit()
        one.begin()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def init_timed_out(stage: TransactionalStage) -> None:
    """init runs out of time before a broker that stands still; then begin, and init again"""
    one = stage.producer(max_block_ms=SHORT_MS)
    with stage.paused():
        one.init()
        one.begin()
    one.init()
    one.begin()
    one.send("a")
    one.commit()
    stage.reads("a")


def offsets_timed_out(stage: TransactionalStage) -> None:
    """send_offsets runs out of time before a broker that stands still; then send_offsets again, and commit"""
    one = open_with_a(stage, max_block_ms=SHORT_MS)
    with stage.paused():
        one.offsets(1)
    one.offsets(1)
    one.commit()
    stage.reads("a")
    stage.positions(1)


def offsets_committed(stage: TransactionalStage) -> None:
    """a member's offsets, with a commit and with an abort"""
    stage.join()
    one = open_with_a(stage)
    one.offsets(1)
    one.commit()
    one.begin()
    one.send("b")
    one.offsets(2)
    one.abort()
    stage.reads("a")
    stage.positions(1)


def stale_generation(stage: TransactionalStage) -> None:
    """a member's offsets with a generation that is over; then each call"""
    stage.join()
    one = open_with_a(stage)
    one.offsets(1, generation_id=0)
    one.offsets(1)
    one.send("b")
    one.commit()
    one.abort()
    one.begin()
    one.offsets(1, member_id="nobody")
    one.abort()
    one.begin()
    one.offsets(1)
    one.send("c")
    one.commit()
    stage.reads("c")
    stage.positions(1)


QUEUED_FIRST = """Java queues a record before it looks whether a transaction takes it (`KafkaProducer.doSend`): what `send` refused
with an IllegalStateException is written all the same, with the next transaction or with the one that is being committed.
What `send` refuses here is not written."""
ONLY_ABORTABLE = """Where a record ran out of time Java's later calls say no more than that the transaction can be aborted
(TransactionAbortableException); here they say what ran out of time."""

DIFFERENCES: dict[str, tuple[tuple[str, ...], str]] = {
    "calls_before_init": ((READ,), QUEUED_FIRST),
    "calls_between_transactions": ((READ,), QUEUED_FIRST),
    "commit_timed_out": ((READ,), QUEUED_FIRST),
    "a_record_that_expires": (("commit",), ONLY_ABORTABLE),
    "a_topic_that_is_not_there": (("commit",), ONLY_ABORTABLE),
}
"""Where ours differs on purpose: in which lines of which staging, and why. Everything else is the same."""

PROXIED = (answer_to_commit_lost, answers_lost_on_the_way)
"""Staged with the wire in our hands."""

STAGINGS: tuple[Staging, ...] = (
    commit,
    abort,
    aborted_before_it_left,
    closed_while_open,
    calls_before_init,
    calls_between_transactions,
    calls_without_an_id,
    a_time_out_that_brokers_do_not_allow,
    a_record_over_max_request_size,
    a_record_over_the_topic_s_limit,
    a_record_over_the_topic_s_limit_found_by_commit,
    a_topic_that_is_not_there,
    a_record_that_expires,
    fenced,
    timed_out,
    coordinator_killed,
    answer_to_commit_lost,
    answers_lost_on_the_way,
    commit_timed_out,
    abort_timed_out,
    init_timed_out,
    offsets_timed_out,
    offsets_committed,
    stale_generation,
)
