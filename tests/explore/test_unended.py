"""What never ends is found only in a world that was healed."""

from dataclasses import replace
from functools import cache

import pytest

from sim.explore.unended import is_unended
from sim.faults.schedule import parse_entry
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.world.units import SECOND_US

PAUSED = "after TransactionBegan#1 client=billing: pause b1"
SLOW = "after BrokerFenced#1 broker=1: slow b1 x500000"
GROUP = (
    "rebalance_with_group_metadata+brokers=2+partitions=2+replication_factor=2+min_insync_replicas=2+records=12"
    "+duration_us_max=75000000"
)


@cache
def told(name: str, *lines: str) -> Report:
    """Tell that story with this schedule alone."""
    return run(replace(load(name), schedule=tuple(map(parse_entry, lines))))


def goodbye_without_replicas(protocol: str) -> Report:
    """A member is replaced, and says goodbye while one of two replicas is down: nothing can be committed."""
    replaced = "after TransactionBegan#1 client=billing-b: replace billing-b"
    crashed = "after TransactionalIdTaken#2 transactional_id=billing-b: crash leader(invoices-0)"
    return told(f"{GROUP}+protocol={protocol}", replaced, crashed)


def test_who_waits_for_a_disk_that_nobody_mended_is_no_finding() -> None:
    report = told("zombie_fenced+duration_us_max=60000000", PAUSED, SLOW)

    # It is fast again at the end of the story, and with that what it was given before.
    assert report.stopped
    assert report.is_settled
    assert report.healed_us > 60 * SECOND_US
    assert not is_unended(report)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_goodbye_that_waits_for_replicas_leaves_nothing_unread(protocol: str) -> None:
    report = goodbye_without_replicas(protocol)

    assert not report.violated
    assert not is_unended(report)
