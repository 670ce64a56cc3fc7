"""Events are as OpenLineage wants them, in the order of a run, and hold no value."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from producer.errors import UsageError
from producer.governance.lineage.dataset import Field, Job, topic
from producer.governance.lineage.events import EventType, run_event
from producer.governance.lineage.lineage_producer import LineageProducer
from producer.governance.lineage.run import LineageRun
from producer.governance.lineage.schema_fields import avro_fields, json_fields
from producer.records import Record
from tests.unit.producer.dead_letters.desk import Desk
from tests.unit.producer.governance.lineage.shop import EVENTS, ORDERS, RUN
from tests.unit.producer.governance.lineage.spec import RUN_EVENT

JOB = Job("acklab", "shop")
SPEC = Draft202012Validator(RUN_EVENT)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_as_the_specification_wants_it(event: dict[str, Any]) -> None:
    assert list(SPEC.iter_errors(event)) == []


@pytest.mark.parametrize("lacks", ["eventTime", "producer", "schemaURL", "run", "job"])
def test_the_specification_refuses_one_without(lacks: str) -> None:
    assert list(SPEC.iter_errors({name: said for name, said in EVENTS[0].items() if name != lacks}))


def test_a_run_starts_once_goes_on_and_ends_once() -> None:
    run = LineageRun(JOB, RUN)

    told = [
        run.writes(ORDERS, 1), run.writes(ORDERS, 2), run.writes(topic("b1:9092", "audit"), 3), run.complete(4),
    ]  # fmt: skip

    assert [one and one["eventType"] for one in told] == ["START", None, "RUNNING", "COMPLETE"]
    assert [one["name"] for one in told[3]["outputs"]] == ["orders", "audit"]  # type: ignore[index]
    assert {one["run"]["runId"] for one in told if one} == {RUN}
    with pytest.raises(UsageError, match="is over"):
        run.fail(5, "KeyError")


def test_a_dataset_that_is_known_better_is_told_again() -> None:
    run = LineageRun(JOB, RUN)
    run.writes(topic("b1:9092", "orders"), 1)

    event = run.writes(ORDERS, 2)

    assert event is not None
    assert [one["name"] for one in event["outputs"][0]["facets"]["schema"]["fields"]] == [
        "id",
        "amount",
        "customer.email",
    ]


def test_a_failure_is_told_by_its_name() -> None:
    event = run_event(EventType.FAIL, 1_700_000_000_000_001, RUN, JOB, error="KeyError")

    assert event["run"]["facets"]["errorMessage"]["message"] == "KeyError"
    assert event["eventTime"] == "2023-11-14T22:13:20.000001+00:00"
    assert list(SPEC.iter_errors(event)) == []


def test_a_producer_tells_its_topics_and_its_end() -> None:
    events: list[dict[str, Any]] = []
    with LineageProducer(Desk(lambda _record: None), LineageRun(JOB, RUN), events.append, namespace="kafka://b1:9092",
                         datasets={"orders": ORDERS}) as producer:  # fmt: skip
        producer.send_record(Record("orders", b"planted"))
        producer.send_record(Record("orders", b"planted"))
        producer.send_record(Record("others", b"planted"))

    assert [one["eventType"] for one in events] == ["START", "RUNNING", "COMPLETE"]
    assert [one["name"] for one in events[-1]["outputs"]] == ["orders", "others"]
    assert "planted" not in repr(events)


def test_a_producer_that_is_left_by_an_error_has_failed() -> None:
    events: list[dict[str, Any]] = []

    def story() -> None:
        desk = Desk(lambda _record: None)
        with LineageProducer(desk, LineageRun(JOB, RUN), events.append, namespace="kafka://b1:9092") as producer:
            producer.send_record(Record("orders", b"v"))
            raise KeyError("planted")

    with pytest.raises(KeyError):
        story()

    assert [one["eventType"] for one in events] == ["START", "FAIL"]
    assert events[-1]["run"]["facets"]["errorMessage"]["message"] == "KeyError"
    assert "planted" not in repr(events)


def test_fields_of_avro_are_named_with_those_within() -> None:
    schema = """{"type": "record", "name": "Order", "fields": [
        {"name": "id", "type": "long"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "customer", "type": ["null", {"type": "record", "name": "Customer", "fields": [{"name": "email", "type": "string"}]}]}
    ]}"""

    assert avro_fields(schema) == (
        Field("id", "long"),
        Field("at", "timestamp-millis"),
        Field("customer", "null|Customer"),
        Field("customer.email", "string"),
    )
    assert avro_fields('"string"') == ()


def test_fields_of_json_schema_are_named_with_those_within() -> None:
    schema = '{"type": "object", "properties": {"id": {"type": "integer"}, "customer": {"type": ["object", "null"], "properties": {"email": {}}}}}'

    assert json_fields(schema) == (
        Field("id", "integer"),
        Field("customer", "object|null"),
        Field("customer.email", ""),
    )
    assert json_fields("true") == ()
