"""A coordinator that stood still tells late what was committed meanwhile: its successor has gone on from there, and nothing is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import TransactionMoved, TransactionsLoaded

STORY = (
    "zombie_fenced+replication_factor=3+broker_session_timeout_us=3000000+broker_heartbeat_us=1000000"
    "+replica_fetch_wait_max_us=4000000+metadata_apply_us=50000+every_us=1000+transaction_records=3"
)
PROPERTIES = {"request.timeout.ms": "3000", "max.block.ms": "1000", "linger.ms": "50", "max.in.flight.requests.per.connection": "1",
              "acklab.fresh.producer.pipelining": "false"}  # fmt: skip
# The coordinator stands still between its followers' requests and what they commit, and for longer than its session.
FAULTS = (
    "after TransactionBegan#5 client=billing: pause billing",
    "after TransactionBegan#5 client=billing +1ms: replace billing",
    "after TransactionBegan#5 client=billing +3001ms: resume billing.1",
    "after TransactionalIdTaken#2 transactional_id=billing +5ms: pause transaction_coordinator(billing)",
    "after TransactionalIdTaken#2 transactional_id=billing +16005ms: resume b1,b2,b3",
)


@pytest.fixture(scope="module")
def report() -> Report:
    return run(replace(load(STORY), schedule=tuple(map(parse_entry, FAULTS))), 0, properties=PROPERTIES)


def test_what_a_deposed_coordinator_tells_late_is_no_producer_that_comes_back(report: Report) -> None:
    moved = [event for event in report.trace if isinstance(event, TransactionMoved)]
    (taken_over,) = [event for event in report.trace if isinstance(event, TransactionsLoaded)]
    successor = taken_over.broker
    late = [event for event in moved if event.broker != successor and event.at_us > taken_over.at_us]

    assert [(event.broker, event.state) for event in late] == [(1, "Ongoing")]
    assert max(event.producer_epoch for event in moved if event.at_us < late[0].at_us) > late[0].producer_epoch
    assert report.breach is None
