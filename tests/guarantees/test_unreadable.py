"""Whatever is acknowledged can be decoded by somebody who is deployed to read it: by the bytes, and by nobody's word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from sim.clients.drivers import SimProducer
from sim.cluster.cluster import Cluster
from sim.judges.guarantees import GUARANTEES, Ledger, State
from sim.stories.planted import PlantedBug
from sim.stories.runner import run
from tests.builds import pure_only
from tests.guarantees.schematic import SchematicTrace, order, written_by
from tests.unit.sim.stories.orders import story

ORDER, WITHOUT, OTHER = order("id", "amount"), order("id"), order("customer")
FULL, POOR = written_by(ORDER, 1, {"id": 7, "amount": 3}), written_by(WITHOUT, 2, {"id": 7})


def told_all() -> SchematicTrace:
    """Billing reads orders by the schema with an amount, and holds both schemas that are written with."""
    return SchematicTrace().deploy(1, ORDER).tell(1, ORDER).tell(2, WITHOUT)


def test_what_the_reader_s_deserializer_makes_a_value_of_is_readable() -> None:
    trace = told_all().put(1, FULL, at=0).end()

    assert trace.state("unreadable") is State.HOLDS
    assert trace.judged("unreadable").checked == 1


def test_what_lacks_a_field_without_a_default_is_not() -> None:
    trace = told_all().serialize(1, version=2, key=2).put(1, POOR, at=0).say_unreadable(0).end()

    (finding,) = trace.judged("unreadable").findings
    assert finding.record == 1
    assert finding.what.startswith(
        "acknowledged at orders-0 offset 0, written by schema 2, orders-value version 2, and nobody deployed can decode it: "
        "billing version 1: "
    )
    assert "No default value for field amount" in finding.what
    roles = [moment.role for moment in finding.moments]
    assert {"reader deployed", "serialized", "send", "append", "acknowledgement", "unreadable"} <= {*roles}


def test_a_reader_s_word_that_it_cannot_read_counts_for_nothing() -> None:
    assert told_all().put(1, FULL, at=0).say_unreadable(0).end().state("unreadable") is State.HOLDS


def test_a_reader_s_word_that_it_has_read_counts_for_nothing() -> None:
    assert told_all().put(1, POOR, at=0).say_decoded(0).end().state("unreadable") is State.VIOLATED


def test_what_another_registry_calls_by_the_id_is_what_the_reader_decodes_with() -> None:
    trace = SchematicTrace().deploy(1, ORDER).tell(1, OTHER).put(1, FULL, at=0).end()

    assert trace.state("unreadable") is State.VIOLATED


def test_what_another_reader_was_told_is_not_held() -> None:
    trace = SchematicTrace().deploy(1, ORDER).tell(1, ORDER, to="audit").refuse(1).put(1, FULL, at=0).end()

    (finding,) = trace.judged("unreadable").findings
    assert "it holds no schema 1: Schema not found" in finding.what


def test_a_schema_that_nobody_asked_for_leaves_it_open() -> None:
    assert SchematicTrace().deploy(1, ORDER).put(1, FULL, at=0).end().state("unreadable") is State.INCONCLUSIVE


@pytest.mark.parametrize("poison", [b"", b"plain text", b"\0\0\0", FULL[:-1], FULL + b"\0"])
def test_bytes_that_are_no_value_are_unreadable(poison: bytes) -> None:
    assert told_all().put(1, poison, at=0).end().state("unreadable") is State.VIOLATED


def test_one_of_several_readers_will_do() -> None:
    trace = told_all().deploy(1, WITHOUT, by="audit").tell(2, WITHOUT, to="audit").put(1, POOR, at=0).end()

    assert trace.state("unreadable") is State.HOLDS


def test_the_next_version_of_a_reader_will_do() -> None:
    trace = told_all().put(1, POOR, at=0).deploy(2, WITHOUT).end()

    assert trace.state("unreadable") is State.HOLDS


def test_a_version_that_was_replaced_before_is_not_asked() -> None:
    trace = SchematicTrace().deploy(1, WITHOUT).tell(2, WITHOUT).deploy(2, ORDER).put(1, POOR, at=0).end()

    (finding,) = trace.judged("unreadable").findings
    assert "billing version 2" in finding.what
    assert "billing version 1" not in finding.what


def test_what_the_version_before_could_read_was_readable() -> None:
    trace = SchematicTrace().deploy(1, WITHOUT).tell(2, WITHOUT).put(1, POOR, at=0).deploy(2, ORDER).end()

    assert trace.state("unreadable") is State.HOLDS


def test_without_a_schema_of_its_own_a_reader_takes_whatever_was_written() -> None:
    trace = SchematicTrace().deploy(1, None).tell(2, WITHOUT).put(1, POOR, at=0).end()

    assert trace.state("unreadable") is State.HOLDS


def test_a_tombstone_is_nobody_s_value() -> None:
    trace = told_all().put(1, None, at=0).end()

    assert trace.state("unreadable") is State.HOLDS
    assert trace.judged("unreadable").checked == 0


def test_what_nobody_acknowledged_is_not_asked_for() -> None:
    trace = told_all().put(1, POOR, at=0, is_acknowledged=False).end()

    assert trace.judged("unreadable").checked == 0


def test_the_bytes_on_the_disks_count_and_not_those_that_were_sent() -> None:
    cut = told_all().put(1, FULL, at=0).begin_reading().read(1, at=0, value=FULL[:-1], epoch=0).end()
    whole = told_all().put(1, FULL[:-1], at=0).begin_reading().read(1, at=0, value=FULL, epoch=0).end()

    assert cut.state("unreadable") is State.VIOLATED
    assert whole.state("unreadable") is State.HOLDS


def test_a_run_that_did_not_settle_does_not_show_it() -> None:
    assert told_all().put(1, POOR, at=0).end(is_settled=False).state("unreadable") is State.INCONCLUSIVE


def test_nobody_asks_where_nobody_decodes() -> None:
    trace = SchematicTrace().put(1, b"plain text", at=0).end()

    assert not GUARANTEES["unreadable"].concerns(Ledger(trace.events))


@dataclass(frozen=True, slots=True)
class CutsValues:
    """An engine that sends one byte less than it is given, and tells nobody."""

    name: str = "cuts values"

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Brokers keep what they are sent."""

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Cut what is in the record."""
        engine: Any = producer._engine
        sound = engine.send

        def send(record: Any, *more: Any, **options: Any) -> Any:
            return sound(record._replace(value=record.value[:-1]), *more, **options)

        engine.send = send


@pure_only("an engine that cuts has a method replaced")
@pytest.mark.parametrize("bug, is_found", [(None, False), (CutsValues(), True)])
def test_values_that_are_cut_on_the_way_are_found_though_every_word_is_good(
    bug: PlantedBug | None, is_found: bool
) -> None:
    report = run(story(reads=(None,), unreadable="skip"), mutant=bug)

    assert report.counts.acknowledged == 10
    assert ("unreadable" in {verdict.guarantee for verdict in report.violated}) == is_found
