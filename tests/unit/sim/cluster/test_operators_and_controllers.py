"""What operators ask of a controller that dies meanwhile, or of none at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.cluster.cluster import Cluster
from sim.cluster.controller.election import ElectionKind
from sim.trace.events import (
    BrokerStopped,
    ControlledShutdownBegan,
    ControllerElected,
    LeaderElected,
    RollingRestartEnded,
)
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab


def kill_the_active(lab: Lab) -> None:
    assert lab.cluster.quorum.active is not None
    lab.cluster.quorum.crash(lab.cluster.quorum.active)


def test_whoever_waits_to_be_let_go_asks_the_next_controller() -> None:
    lab = Lab(controllers=3)
    lab.cluster.stop(1)
    began = lab.run_to(ControlledShutdownBegan, broker=1)
    kill_the_active(lab)

    elected = lab.run_to(ControllerElected)
    stopped = lab.run_to(BrokerStopped, broker=1)

    assert stopped.at_us > elected.at_us > began.at_us
    assert stopped.at_us - elected.at_us < 10 * SECOND_US
    assert lab.cluster.leader_of(ORDERS) == 2


def test_a_rolling_restart_goes_on_under_the_next_controller() -> None:
    lab = Lab(controllers=3)
    lab.cluster.roll((1, 2, 3))
    lab.run_to(BrokerStopped, broker=2)
    kill_the_active(lab)

    lab.run_to(RollingRestartEnded, within_us=180 * SECOND_US)

    assert [event.broker for event in lab.events(BrokerStopped)] == [1, 2, 3]
    assert lab.events(ControllerElected)


def test_what_was_altered_is_in_effect_under_the_next_controller() -> None:
    lab = Lab(controllers=3)
    lab.cluster.alter_topic("orders", "min.insync.replicas", "3")
    lab.cluster.alter_broker(None, "unclean.leader.election.enable", "true")
    lab.run(1)
    kill_the_active(lab)
    lab.run_to(ControllerElected)

    config = lab.cluster.controller.configuration.config_of("orders")
    assert (config.min_insync_replicas, config.unclean_leader_election) == (3, True)


def test_the_next_controller_looks_for_leaders_away_from_home_one_period_after_it_began() -> None:
    lab = Lab(controllers=3, leader_imbalance_check_interval_us=20 * SECOND_US)
    lab.cluster.move_leader(ORDERS, 2)
    lab.run(10)
    kill_the_active(lab)

    office = lab.run_to(ControllerElected)
    elected = lab.run_to(LeaderElected, leader=1)

    assert elected.at_us - office.at_us == 20 * SECOND_US


ASKED: dict[str, Callable[[Cluster], None]] = {
    "elect": lambda cluster: cluster.elect(ORDERS, ElectionKind.PREFERRED),
    "alter topic": lambda cluster: cluster.alter_topic("orders", "min.insync.replicas", "1"),
    "alter broker": lambda cluster: cluster.alter_broker(None, "message.max.bytes", "1000"),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_without_a_controller_nobody_is_elected_and_nothing_is_altered(asked: Callable[[Cluster], None]) -> None:
    lab = Lab()
    lab.cluster.move_leader(ORDERS, 2)
    kill_the_active(lab)

    with pytest.raises(ValueError, match="no controller is active"):
        asked(lab.cluster)


def test_without_a_controller_a_broker_stops_after_its_five_minutes() -> None:
    lab = Lab()
    kill_the_active(lab)
    asked_us = lab.world.now_us
    lab.cluster.stop(3)

    stopped = lab.run_to(BrokerStopped, broker=3, within_us=400 * SECOND_US)

    assert 300 * SECOND_US <= stopped.at_us - asked_us < 301 * SECOND_US
