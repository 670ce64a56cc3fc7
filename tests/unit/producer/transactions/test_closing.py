"""A producer that is closed leaves no transaction open behind it, if it is given the time."""

import pytest

from producer.errors import Code, ProducerClosedError
from producer.events import RoomMade
from producer.transactions.state import TransactionState
from producer.wire.api import ApiKey
from tests.unit.producer.scripted_cluster import SECOND_US
from tests.unit.producer.transactions.coordinated_cluster import CoordinatedCluster

LEVELS = pytest.mark.parametrize("level", [1, 2], ids=["V1", "V2"])


@LEVELS
def test_close_waits_for_answers_and_then_aborts(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.send(b"b")

    cluster.engine.close(cluster.now_us)
    cluster.settle()
    assert not cluster.engine.is_idle
    assert [request.values for request in cluster.waiting] == [[b"a"], [b"b"]]
    cluster.answer_all()

    assert cluster.delivered == [b"a", b"b"], "what was sent is sent; nobody will read it"
    assert not cluster.last(ApiKey.END_TXN).request.committed
    assert cluster.engine.is_idle


@LEVELS
def test_close_aborts_what_came_to_an_error(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.answer(code=Code.INVALID_RECORD)

    cluster.engine.close(cluster.now_us)
    cluster.settle()

    assert ApiKey.END_TXN in cluster.apis
    assert cluster.engine.is_idle


@LEVELS
def test_close_waits_for_a_commit_that_ran_out_of_time(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.commit()

    cluster.engine.close(cluster.now_us)
    cluster.answer_all()

    assert cluster.last(ApiKey.END_TXN).request.committed
    assert cluster.engine.is_idle


def test_close_of_a_producer_that_came_to_a_fatal_error_asks_nothing() -> None:
    cluster = CoordinatedCluster().begun(b"a")
    cluster.answer(code=Code.PRODUCER_FENCED)
    cluster.engine.close(cluster.now_us)
    cluster.settle()

    assert cluster.engine.is_idle
    assert ApiKey.END_TXN not in cluster.apis


def test_a_call_that_waits_when_the_producer_is_ended_hears_of_it() -> None:
    cluster = CoordinatedCluster().begun(b"a")
    call = cluster.commit()

    cluster.engine.abort(cluster.now_us)

    with pytest.raises(ProducerClosedError):
        call.hear()
    assert cluster.engine.has_answers, "of its record, too"


def test_a_producer_without_a_transaction_is_closed_at_once() -> None:
    cluster = CoordinatedCluster()
    cluster.init().hear()
    cluster.engine.close(cluster.now_us)

    assert cluster.engine.is_idle
    assert cluster.state is TransactionState.READY
    cluster.advance(SECOND_US)
    assert cluster.apis == [ApiKey.INIT_PRODUCER_ID]


@LEVELS
def test_whoever_closes_is_told_when_the_transaction_has_ended(level: int) -> None:
    cluster = CoordinatedCluster(level=level).begun(b"a")
    cluster.answer_all()
    cluster.keeps = [ApiKey.END_TXN]
    cluster.engine.close(cluster.now_us)
    cluster.settle()
    cluster.answers.clear()

    cluster.answer_kept()

    assert cluster.engine.is_idle
    assert cluster.answers == [RoomMade()]
