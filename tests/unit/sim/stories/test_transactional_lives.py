"""An application in transactions: what is one, what it does about an abort, a fence, a stop, and what its next life takes up."""

from collections import Counter
from dataclasses import replace

import pytest

from producer.records import Record
from sim.faults.points import acknowledged, sent, transaction_began
from sim.faults.words import after, at
from sim.judges.report import Report
from sim.stories.applications import Application, Resends
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, Phase, Scenario, TopicConfig, Workload
from sim.stories.workload import NoKeys
from sim.trace.events import (
    ApplicationStopped,
    RecordRead,
    RecordSent,
    RecordSentAgain,
    TransactionalIdTaken,
    TransactionBegan,
    TransactionEnded,
    TransactionEnding,
)
from tests.unit.sim.stories.cast import told

WORKLOAD = Workload(
    records=6, transaction_records=2, partition=(0, 1), keys=NoKeys(), phases=(Phase(every_us=20_000), Phase())
)
SHOP = Application(name="shop", producer={"transactional.id": "shop"}, workload=WORKLOAD)
STORY = Scenario(
    name="shop",
    question="Is each order whole?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders", partitions=2, max_message_bytes=1_000),), transaction_state_partitions=1
    ),
    applications=(SHOP,),
    readers=(at(0).read("orders", isolation="read_committed", name="audit"),),
)


def played(application: Application, *entries: object, **changes: object) -> Report:
    return run(replace(STORY, applications=(application,), schedule=entries, **changes))  # type: ignore[arg-type]


def committed(report: Report) -> Counter[bytes | None]:
    return Counter(event.value for event in told(report, RecordRead) if event.client == "audit")


def values(*numbers: int) -> Counter[bytes | None]:
    return Counter(b"value-%d" % number for number in numbers)


def outcomes(report: Report, client: str = "shop") -> list[str]:
    return [event.outcome for event in told(report, TransactionEnded) if event.client == client]


def test_so_many_records_in_turn_are_a_transaction_and_none_goes_over_the_end_of_a_phase() -> None:
    report = played(SHOP)

    began = {event.transaction: event.at_us for event in told(report, TransactionBegan)}
    units = [sum(at_us <= event.at_us for at_us in began.values()) for event in told(report, RecordSent)]
    assert units == [1, 1, 2, 3, 3, 4]
    assert outcomes(report) == ["committed"] * 4
    assert committed(report) == values(*range(6))
    assert report.exit_code == 0


def test_with_a_transactional_id_alone_each_phase_is_a_transaction() -> None:
    report = played(replace(SHOP, workload=replace(WORKLOAD, transaction_records=0)))

    assert outcomes(report) == ["committed"] * 2
    assert committed(report) == values(*range(6))


def test_a_story_without_transactions_is_told_in_them_by_one_property() -> None:
    plain = replace(SHOP, producer={}, workload=replace(WORKLOAD, transaction_records=0))

    report = run(replace(STORY, applications=(plain,)), properties={"transactional.id": "any"})

    assert outcomes(report) == ["committed"] * 2


def test_without_a_transactional_id_it_says_what_belongs_together_and_takes_no_id() -> None:
    report = played(replace(SHOP, producer={}))

    assert outcomes(report) == ["committed"] * 4
    assert {event.transactional_id for event in told(report, TransactionBegan)} == {""}
    assert not told(report, TransactionalIdTaken)


TOO_LARGE = Workload(
    records=(
        Record("orders", b"one", partition=0),
        Record("orders", b"two".ljust(2_000, b"."), partition=1),
        Record("orders", b"three", partition=0),
        Record("orders", b"four", partition=1),
    ),
    transaction_records=2,
)


def test_what_cannot_be_committed_is_aborted_as_a_whole_and_let_go() -> None:
    report = played(replace(SHOP, workload=TOO_LARGE))

    assert outcomes(report) == ["failed", "aborted", "committed"]
    assert committed(report) == Counter([b"three", b"four"])
    assert report.exit_code == 0


@pytest.mark.parametrize("on, tries", [({"failed"}, 3), ({"unknown"}, 1)])
def test_who_sends_again_what_failed_begins_the_whole_transaction_again(on: set[str], tries: int) -> None:
    resends = Resends(times_max=2, wait_us=1_000, on=frozenset(on))

    report = played(replace(SHOP, workload=TOO_LARGE, resends=resends))

    assert outcomes(report) == ["failed", "aborted"] * tries + ["committed"]
    assert [event.first_record for event in told(report, RecordSentAgain)] == [1, 2] * (tries - 1)


@pytest.mark.parametrize("version", [1, 2])
def test_who_is_fenced_closes_its_producer_and_is_over(version: int) -> None:
    cluster = replace(STORY.cluster, transaction_version=version)
    replaced = after(transaction_began(1, by="shop")).wait(5_000).replace("shop")
    slow = replace(WORKLOAD, phases=(Phase(every_us=200_000),))

    report = played(replace(SHOP, workload=slow, new_life="sends again"), replaced, cluster=cluster)

    assert outcomes(report)[-1] == "fenced"
    assert [event.client for event in told(report, ApplicationStopped)] == ["shop"]
    assert committed(report) == values(*range(6))
    assert report.exit_code == 0


def test_who_is_asked_to_stop_brings_its_transaction_to_its_end() -> None:
    report = played(SHOP, after(sent(1, by="shop")).wait(1_000).stop("shop"))

    assert outcomes(report) == ["committed"]
    assert committed(report) == values(0, 1)


@pytest.mark.parametrize(
    "new_life, count", [("goes on", values(0, 1, 3, 4, 5)), ("sends again", values(*range(6)))], ids=str
)
def test_a_new_life_takes_up_whole_transactions(new_life: str, count: Counter[bytes | None]) -> None:
    shop = replace(SHOP, new_life=new_life)  # type: ignore[arg-type]
    killed = after(acknowledged(2, by="shop"))

    report = played(shop, after(sent(3, by="shop")).wait(1_000).kill("shop"), killed.wait(2_000_000).restart("shop"))

    assert committed(report) == count
    assert report.exit_code == 0


def test_a_call_that_runs_out_of_time_is_made_again_until_it_is_over() -> None:
    hasty = replace(SHOP, producer={"transactional.id": "shop", "max.block.ms": "1000"})
    late = after(transaction_began(1, by="shop")).delay_response("EndTxn", by_us=2_500_000)

    report = played(hasty, late)

    assert outcomes(report)[:3] == ["unknown", "unknown", "committed"]
    assert len(told(report, TransactionEnding)) == len(outcomes(report))
    assert committed(report) == values(*range(6))


@pytest.mark.parametrize("code", ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "INVALID_TRANSACTION_TIMEOUT"])
def test_who_is_not_given_the_id_sends_nothing_and_is_over(code: str) -> None:
    refused = at(0).answer(code, api="InitProducerId")

    report = played(SHOP, refused)

    assert not told(report, RecordSent)
    assert not told(report, TransactionBegan)
    assert [event.client for event in told(report, ApplicationStopped)] == ["shop"]
    assert not report.stopped


def test_a_workload_whose_transactions_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Workload\.transaction_records is -1, must not be negative"):
        Workload(transaction_records=-1)
