"""Every record that is acknowledged has its two lines, on threads and on asyncio; and what cannot be told is not sent."""

import asyncio
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from producer import AsyncProducer, Producer
from producer.errors import Code, ProducerClosedError, RecordTooLargeError
from producer.governance.audit.audited_async_producer import AsyncAuditedProducer
from producer.governance.audit.audited_producer import AuditedProducer
from producer.governance.audit.lines import Who
from producer.governance.audit.store import AuditFile, AuditTopic
from producer.governance.audit.trail import AuditBrokenError, AuditError, Found, resumed
from producer.governance.audit.verify import verify
from producer.governance.audit.writing import registered_as
from producer.records import Record
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.schema_serializer import SchemaSerializer, WrittenBy
from tests.unit.producer.dead_letters.desk import WAIT_S, Desk, only_orders, refusal
from tests.unit.producer.drivers.one_broker import TOPIC, OneBroker
from tests.unit.producer.serialization.small_registry import SmallRegistry, served

ORDER = Schema(SchemaType.AVRO, '{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "int"}]}')
WHO = Who("User:billing", "billing-1", "10.0.0.7")
PLANTED = b"planted-secret"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def whole(path: Path) -> bool:
    seen = verify(path.read_bytes())
    return seen.breach is None and not seen.torn_bytes and not seen.without_outcome


def audited(producer: Any, path: Path, **options: Any) -> AuditedProducer:
    return AuditedProducer(producer, AuditFile(path), WHO, clock_ms=lambda: 1_000, **options)


def test_an_acknowledged_record_has_an_intent_before_it_and_an_outcome_behind(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with OneBroker() as broker, audited(Producer({"bootstrap.servers": broker.address}), path) as producer:
        metadata = producer.send(TOPIC, PLANTED, key=PLANTED, headers=[("h", PLANTED)]).result(WAIT_S)

    opened, intent, outcome = lines(path)
    assert opened["kind"] == "opened"
    assert (intent["kind"], intent["principal"], intent["host"], intent["topic"]) == (
        "intent",
        "User:billing",
        "10.0.0.7",
        TOPIC,
    )
    assert (outcome["outcome"], outcome["partition"], outcome["offset"]) == (
        "acknowledged",
        metadata.partition,
        metadata.offset,
    )
    assert whole(path)
    assert PLANTED not in path.read_bytes()


def test_asyncio_tells_the_same(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"

    async def story(address: str) -> None:
        producer = AsyncProducer({"bootstrap.servers": address})
        async with AsyncAuditedProducer(producer, AuditFile(path), WHO, clock_ms=lambda: 1_000) as audit:
            futures = await asyncio.gather(*(audit.send(TOPIC, PLANTED) for _ in range(20)))
            for future in futures:
                await future
            await audit.flush()
            assert whole(path)

    with OneBroker() as broker:
        asyncio.run(story(broker.address))

    told = lines(path)
    assert sorted(one["offset"] for one in told if one["kind"] == "outcome") == list(range(20))
    assert whole(path)
    assert PLANTED not in path.read_bytes()


def test_many_threads_share_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    producer = audited(Desk(lambda _record: None), path)

    def send() -> None:
        for _ in range(25):
            producer.send("orders", b"v")

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    producer.close()

    assert len(lines(path)) == 1 + 2 * 100
    assert whole(path)


def test_a_value_s_schema_has_its_subject_and_version_as_the_registry_told_them(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with served(SmallRegistry()) as url, OneBroker() as broker:
        properties = {
            "bootstrap.servers": broker.address,
            "schema.registry.url": url,
            "value.serializer": SchemaSerializer(ORDER),
        }
        with audited(Producer(properties), path) as producer:
            producer.send(TOPIC, {"id": 1}).result(WAIT_S)
            producer.send(TOPIC, b"\0\0\0\0\1\2").result(WAIT_S)

    ours, bytes_of_another = [one for one in lines(path) if one["kind"] == "intent"]
    assert (ours["schema"], ours["subject"], ours["schema_version"]) == ("1", f"{TOPIC}-value", 1)
    # Bytes that look as if they named a schema: whoever made them knows, we do not.
    assert [bytes_of_another[name] for name in ("schema", "subject", "schema_version")] == [None, None, None]


@pytest.mark.parametrize(
    "told, said",
    [
        (WrittenBy("orders-value", 3, 7), ("orders-value", 3)),
        (WrittenBy("orders-value", 0, 7), ("orders-value", None)),
        (WrittenBy("", 0, 7), (None, None)),
        (WrittenBy("orders-value", 4, 8), (None, None)),
        (None, (None, None)),
    ],
)
def test_what_the_registry_did_not_say_of_these_bytes_is_left_empty(told: WrittenBy | None, said: object) -> None:
    class Knowing:
        def written_by(self, _topic: str, _value: object) -> WrittenBy | None:
            return told

    assert registered_as(Knowing(), "orders", {}, "7") == said
    assert registered_as(Knowing(), "orders", {}, None) == (None, None)
    assert registered_as(object(), "orders", {}, "7") == (None, None)


def test_what_failed_says_by_which_error_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    producer = audited(Desk(only_orders(refusal(Code.INVALID_RECORD))), path)

    assert producer.send("orders", b"v").exception(WAIT_S) is not None
    producer.close()

    assert [(one["outcome"], one["error"]) for one in lines(path)[2:]] == [("failed", "INVALID_RECORD")]
    assert "the broker's words" not in path.read_text(encoding="utf-8")


def test_what_send_itself_refuses_has_its_outcome_too(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    producer = audited(Desk(only_orders(RecordTooLargeError("too large"))), path, verdict_of=lambda _record: "passed")

    with pytest.raises(RecordTooLargeError):
        producer.send("orders", b"v")
    producer.close()

    _, intent, outcome = lines(path)
    assert intent["verdict"] == "passed"
    assert (outcome["outcome"], outcome["error"]) == ("refused", "RecordTooLargeError")


class FullDisk:
    """A store that takes so many appends."""

    found: Found = resumed(b"", "disk")

    def __init__(self, room: int) -> None:
        self.room = room

    def append(self, lines: Sequence[bytes]) -> None:
        if self.room == 0:
            raise AuditError("the disk is full")
        self.room -= 1

    def close(self) -> None: ...


def test_what_cannot_be_told_is_not_sent() -> None:
    desk = Desk(lambda _record: None)
    producer = AuditedProducer(desk, FullDisk(1), WHO, clock_ms=lambda: 0)

    for _ in range(2):
        with pytest.raises(AuditError, match="the disk is full"):
            producer.send("orders", b"v")
    producer.close()

    assert desk.sent == []
    with pytest.raises(AuditError, match="the disk is full"):
        AuditedProducer(desk, FullDisk(0), WHO)


def test_a_writer_that_begins_again_tells_what_the_crash_left(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audited(Desk(lambda _record: None), path).close()
    first = audited(Desk(lambda _record: None), path)
    first.send("orders", b"v").result(WAIT_S)
    first.close()
    text = path.read_bytes()
    path.write_bytes(text[:-10])

    audited(Desk(lambda _record: None), path).close()

    opened = lines(path)[-1]
    torn = len(text.splitlines(keepends=True)[-1]) - 10
    assert (opened["kind"], opened["torn_bytes"], opened["without_outcome"]) == ("opened", torn, 1)
    assert verify(path.read_bytes()).breach is None


def test_who_closes_an_audit_twice_closes_nobody_elses_file(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path / "audit.jsonl")
    audit.close()
    with (tmp_path / "other").open("w") as other:
        # It has the number that the audit had.
        audit.close()
        other.write("still there")

    assert (tmp_path / "other").read_text() == "still there"
    with pytest.raises(AuditError, match=r"audit\.jsonl"):
        audit.append([b"late"])


def test_two_writers_of_one_file_are_refused_and_so_is_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    producer = audited(Desk(lambda _record: None), path)
    with pytest.raises(AuditError, match="somebody else writes it"):
        AuditFile(path)
    producer.close()

    path.write_bytes(path.read_bytes().replace(b"billing", b"nobody!"))
    with pytest.raises(AuditBrokenError, match="line 1 was changed"):
        AuditFile(path)
    with pytest.raises(AuditError, match="No such file"):
        AuditFile(tmp_path / "none" / "audit.jsonl")


def test_a_topic_keeps_lines_as_a_file_does() -> None:
    log = Desk(lambda _record: None)
    producer = AuditedProducer(Desk(lambda _record: None), AuditTopic(log, "audit"), WHO, clock_ms=lambda: 0)
    producer.send("orders", b"v").result(WAIT_S)
    producer.close()

    text = b"".join(record.value + b"\n" for record in log.sent if record.value)
    assert {record.topic for record in log.sent} == {"audit"}
    assert verify(text).breach is None
    assert len(log.sent) == 3
    with pytest.raises(AuditError, match="audit topic audit-0: SendError"):
        AuditedProducer(
            Desk(lambda _record: None),
            AuditTopic(Desk(lambda _record: refusal(Code.NOT_ENOUGH_REPLICAS)), "audit"),
            WHO,
        )


def test_the_schema_of_a_serialized_value_is_named(tmp_path: Path) -> None:
    class Serializing(Desk):
        def serialized(self, topic: str, value: Any, *, key: Any, headers: Any) -> Record:
            return Record(topic, b"\x00\x00\x00\x00\x07" + str(value).encode(), key)

    path = tmp_path / "audit.jsonl"
    producer = audited(Serializing(lambda _record: None), path)
    producer.send("orders", {"iban": "planted"}).result(WAIT_S)
    producer.send("orders", b"\x00\x00\x00\x00\x08 just bytes").result(WAIT_S)
    producer.close()

    assert [one["schema"] for one in lines(path) if one["kind"] == "intent"] == ["7", None]
    assert b"planted" not in path.read_bytes()


def test_a_send_that_meets_a_closed_producer_behind_its_intent_is_told_as_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    desk = Desk(lambda _record: None)
    producer = audited(desk, path)
    may_send, is_intended = threading.Event(), threading.Event()
    send_record = desk.send_record

    def held(record: Record, on_delivery: Any = None) -> Any:
        is_intended.set()
        may_send.wait(WAIT_S)
        return send_record(record, on_delivery)

    desk.send_record = held  # type: ignore[method-assign]
    refusals: list[BaseException] = []

    def send() -> None:
        try:
            producer.send("orders", b"v")
        except ProducerClosedError as error:
            refusals.append(error)

    sender, closer = threading.Thread(target=send), threading.Thread(target=producer.close)
    sender.start()
    is_intended.wait(WAIT_S)
    closer.start()
    while not desk.is_closed:
        pass
    may_send.set()
    sender.join(WAIT_S)
    closer.join(WAIT_S)

    assert len(refusals) == 1
    assert [one["outcome"] for one in lines(path)[2:]] == ["refused"]
    assert whole(path)
