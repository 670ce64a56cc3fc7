"""Stagings of calls, in their places and out of them; the first line of each says what happens."""

from __future__ import annotations

from tests.interop.transactional_stage import BESIDE, TransactionalStage


def commit(stage: TransactionalStage) -> None:
    """committed, and once more with nothing in it"""
    one = stage.started()
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
    one = stage.open_with_a()
    one.abort()
    one.begin()
    one.abort()
    one.begin()
    one.send("b")
    one.commit()
    stage.reads("b")


def aborted_before_it_left(stage: TransactionalStage) -> None:
    """aborted while a record lingers"""
    one = stage.started(linger_ms=60_000, delivery_timeout_ms=120_000)
    one.begin()
    one.send("a")
    one.let_linger()
    one.abort()
    stage.reads()


def closed_while_open(stage: TransactionalStage) -> None:
    """closed in a transaction"""
    one = stage.open_with_a()
    one.close()
    one.commit()
    other = stage.started(f"{BESIDE}: next")
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
    one = stage.started()
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
