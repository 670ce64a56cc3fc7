"""Topics that a cluster refuses: asked for once, and again when somebody wants them; their neighbours hear nothing of it."""

from typing import Any

import pytest

from producer.errors import Code, UsageError
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster


def refused(cluster: ScriptedCluster) -> str:
    """What `send` raises to somebody who waits for metadata."""
    record = Record("orders", b"v")
    wait = cluster.engine.send(record, "token", now_us=cluster.now_us)
    assert wait is not None
    cluster.advance(2 * SECOND_US)
    with pytest.raises(UsageError) as error:
        cluster.engine.send(record, "token", now_us=cluster.now_us, wait=wait)
    return str(error.value)


def refusing(code: int, **properties: Any) -> ScriptedCluster:
    cluster = ScriptedCluster(enable_idempotence=False, **properties)
    cluster.topic_error = code  # type: ignore[assignment]
    return cluster


FOR_GOOD = pytest.mark.parametrize(
    "code", [Code.TOPIC_AUTHORIZATION_FAILED, Code.INVALID_TOPIC_EXCEPTION, Code.UNKNOWN_SERVER_ERROR, 999]
)


@FOR_GOOD
def test_a_topic_refused_for_good_is_asked_for_once_and_again_when_metadata_is_old(code: int) -> None:
    cluster = refusing(code, metadata_max_age_ms=60_000)

    refused(cluster)
    cluster.advance(50 * SECOND_US)
    assert len(cluster.asked) == 1

    cluster.advance(20 * SECOND_US)
    assert len(cluster.asked) == 2


def test_a_topic_that_may_come_is_asked_for_until_it_does() -> None:
    cluster = refusing(Code.LEADER_NOT_AVAILABLE)
    assert cluster.engine.send(Record("orders", b"v"), 0, now_us=0) is not None

    cluster.advance(10 * SECOND_US)

    assert 10 <= len(cluster.asked) <= 16


def test_who_sends_again_to_a_topic_that_was_refused_asks_again_and_hears_what_is_so_now() -> None:
    cluster = refusing(Code.TOPIC_AUTHORIZATION_FAILED)
    assert "TOPIC_AUTHORIZATION_FAILED" in refused(cluster)
    assert "TOPIC_AUTHORIZATION_FAILED" in refused(cluster)
    assert len(cluster.asked) == 2

    cluster.topic_error = Code.NONE
    cluster.send_alone(b"now")
    cluster.answer()

    assert cluster.delivered == [b"now"]
    assert len(cluster.asked) == 3


def test_who_is_woken_before_the_answer_hears_no_old_refusal() -> None:
    cluster = refusing(Code.TOPIC_AUTHORIZATION_FAILED)
    refused(cluster)
    record = Record("orders", b"v")

    wait = cluster.engine.send(record, 0, now_us=cluster.now_us)
    assert wait is not None
    cluster.topic_error = Code.NONE
    wait = cluster.engine.send(record, 0, now_us=cluster.now_us, wait=wait)
    assert wait is not None
    cluster.advance(2 * SECOND_US)

    assert cluster.engine.send(record, 0, now_us=cluster.now_us, wait=wait) is None


def test_no_topic_ever_has_an_invalid_name_so_nobody_is_asked_again() -> None:
    cluster = refusing(Code.INVALID_TOPIC_EXCEPTION)
    refused(cluster)

    with pytest.raises(UsageError, match="INVALID_TOPIC_EXCEPTION"):
        cluster.engine.send(Record("orders", b"v"), 0, now_us=cluster.now_us)


@FOR_GOOD
def test_other_topics_are_asked_for_as_if_it_were_not_there(code: int) -> None:
    cluster = refusing(code)
    refused(cluster)

    assert cluster.engine.send(Record("other", b"v"), 0, now_us=cluster.now_us) is not None
    cluster.advance(50_000)

    assert cluster.asked[-1].topics == ("orders", "other")
