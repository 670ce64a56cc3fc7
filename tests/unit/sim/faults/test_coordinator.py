"""A coordinator is a role: a fault names the group, or the transactional id, whichever broker that is when it strikes."""

import pytest

from sim.faults import FaultTextError, parse_fault
from sim.faults.armed import ArmedSchedule
from sim.faults.schedule import parse_entry
from sim.trace.events import FaultInjected, FaultRefused
from tests.unit.sim.group_client import GROUP, GroupLab
from tests.unit.sim.raw_client import Lab
from tests.unit.sim.transaction_client import TRANSACTION, TransactionLab


def strike(lab: Lab, *lines: str) -> None:
    ArmedSchedule(lab.world, lab.trace, lab.cluster, tuple(parse_entry(line) for line in lines))
    lab.run(0.1)


def test_whoever_coordinates_is_struck_by_the_groups_name() -> None:
    lab = GroupLab()

    strike(lab, f"at 0s: crash coordinator({GROUP})")

    assert [one.fault for one in lab.events(FaultInjected)] == [f"crash b{lab.coordinator}"]


def test_the_role_is_a_broker_of_a_link_of_an_answer_and_of_an_events_field() -> None:
    lab = GroupLab()
    other = lab.coordinator % 3 + 1

    strike(
        lab,
        f"at 0s: cut coordinator({GROUP}) <-> b{other}",
        f"at 0s: answer Heartbeat REBALANCE_IN_PROGRESS x1 by coordinator({GROUP})",
        f"after BrokerPaused broker=coordinator({GROUP}): resume coordinator({GROUP})",
        f"at 1ms: pause coordinator({GROUP})",
    )

    assert [one.fault for one in lab.events(FaultInjected)] == [
        f"cut b{lab.coordinator} <-> b{other}",
        f"answer Heartbeat REBALANCE_IN_PROGRESS x1 by b{lab.coordinator}",
        f"pause b{lab.coordinator}",
        f"resume b{lab.coordinator}",
    ]


def test_before_anybody_asked_for_it_nobody_coordinates() -> None:
    lab = Lab()

    strike(lab, "at 0s: crash coordinator(shop)")

    assert [one.reason for one in lab.events(FaultRefused)] == ["nobody coordinates shop"]


@pytest.mark.parametrize("line", ["crash coordinator()", "crash coordinator(a b)", "crash coordinators(shop)"])
def test_what_is_no_group_is_refused(line: str) -> None:
    with pytest.raises(FaultTextError, match="is not a fault"):
        parse_fault(line)


def test_whoever_coordinates_a_transactional_id_is_struck_by_the_ids_name() -> None:
    lab = TransactionLab()

    strike(
        lab,
        f"after BrokerPaused broker=transaction_coordinator({TRANSACTION}): cut transaction_coordinator({TRANSACTION}) <-> b2",
        f"at 1ms: pause transaction_coordinator({TRANSACTION})",
    )

    assert [one.fault for one in lab.events(FaultInjected)] == ["pause b1", "cut b1 <-> b2"]


def test_before_anybody_asked_for_it_nobody_coordinates_transactions() -> None:
    lab = Lab()

    strike(lab, "at 0s: crash transaction_coordinator(transfer)")

    assert [one.reason for one in lab.events(FaultRefused)] == ["nobody coordinates transactions of transfer"]


def test_what_is_no_transactional_id_is_refused() -> None:
    with pytest.raises(FaultTextError, match="is not a fault"):
        parse_fault("crash transaction_coordinator()")
