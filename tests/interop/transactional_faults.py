"""Stagings of what others do to a transaction: successors, coordinators, the wire; the first line of each says what happens."""

from __future__ import annotations

from producer.wire.api import ApiKey
from tests.interop.transactional_stage import BESIDE, SHORT_MS, TransactionalStage


def fenced(stage: TransactionalStage) -> None:
    """another producer takes the transactional.id; the zombie"""
    names = ("begins", "sends", "sends offsets", "commits", "aborts", "inits")
    zombies = {name: stage.open_with_a(name, transactional_id=name) for name in names}
    zombies["begins"].commit()
    for name in names:
        stage.started(f"{BESIDE}: after {name}", transactional_id=name)
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
    late = {name: stage.open_with_a(name, transactional_id=name, transaction_timeout_ms=3_000) for name in names}
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
    waits = stage.open_with_a(behind, transactional_id="waits")
    hurries = stage.open_with_a(meanwhile, transactional_id="hurries", max_block_ms=SHORT_MS)
    with stage.down():
        hurries.commit()
        hurries.abort()
    # First the one that has time until the coordinator has read its log.
    waits.commit()
    hurries.commit(again=True)
    for one, value in ((waits, "b"), (hurries, "c")):
        one.begin()
        one.send(value)
        one.commit(again=True)
    stage.reads("a", "a", "b", "c")


def answer_to_commit_lost(stage: TransactionalStage) -> None:
    """the answer to EndTxn is lost with its connection: a commit, then an abort"""
    one = stage.open_with_a()
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
    one = stage.open_with_a(max_block_ms=SHORT_MS)
    with stage.paused():
        one.commit()
        one.abort()
        one.begin()
        one.send("b")
        one.offsets(1)
    one.commit(again=True)
    one.begin()
    one.send("c")
    one.commit(again=True)
    stage.reads("a", "c", javas=("a", "b", "c"))


def abort_timed_out(stage: TransactionalStage) -> None:
    """abort runs out of time before a broker that stands still; then commit, and abort again"""
    one = stage.open_with_a(max_block_ms=SHORT_MS)
    with stage.paused():
        one.abort()
        one.commit()
        one.begin()
    one.abort(again=True)
    one.begin()
    one.send("c")
    one.commit(again=True)
    stage.reads("c")


def init_timed_out(stage: TransactionalStage) -> None:
    """init runs out of time before a broker that stands still; then begin, and init again"""
    one = stage.producer(max_block_ms=SHORT_MS)
    with stage.paused():
        one.init()
        one.begin()
    one.init(again=True)
    one.begin()
    one.send("a")
    one.commit(again=True)
    stage.reads("a")


def offsets_timed_out(stage: TransactionalStage) -> None:
    """send_offsets runs out of time before a broker that stands still; then send_offsets again, and commit"""
    one = stage.open_with_a(max_block_ms=SHORT_MS)
    with stage.paused():
        one.offsets(1)
    one.offsets(1, again=True)
    one.commit(again=True)
    stage.reads("a")
    stage.positions(1)
