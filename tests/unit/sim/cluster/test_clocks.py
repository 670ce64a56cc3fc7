"""A wrong clock moves what goes by the calendar, and nothing that is measured: as Kafka's classes take their times."""

import pytest

from producer.errors import Code
from sim.cluster.config import EPOCH_US
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BrokerFenced, ClockSet, IsrChanged, LeaderElected
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

HOUR_US = 3_600 * SECOND_US


def true_ms(lab: Lab) -> int:
    return (EPOCH_US + lab.world.now_us) // 1_000


def test_log_append_time_is_what_the_leaders_clock_shows() -> None:
    lab = Lab(TopicConfig("orders", timestamp_type="LogAppendTime"))
    lab.cluster.set_clock("b1", 5 * HOUR_US)

    stamped_ms = lab.client.produce(b"a").log_append_time_ms

    assert abs(stamped_ms - true_ms(lab) - 5 * 3_600_000) < 1_000
    assert lab.client.read_records()[0].timestamp_ms == stamped_ms


@pytest.mark.parametrize("offset_us, code", [(-2 * HOUR_US, Code.INVALID_TIMESTAMP), (2 * HOUR_US, Code.NONE)])
def test_a_record_of_the_right_time_is_of_the_future_for_a_leader_that_is_behind(offset_us: int, code: Code) -> None:
    lab = Lab()
    lab.cluster.set_clock("b1", offset_us)

    assert lab.client.produce(b"a", timestamp_ms=true_ms(lab)).error_code == code


def test_a_jump_of_a_day_lets_a_partition_forget_its_producers() -> None:
    lab = Lab()
    lab.client.produce(b"a", identity=(7, 0), sequence=0, timestamp_ms=true_ms(lab))
    lab.cluster.set_clock("b1", 25 * HOUR_US)
    lab.run(600)

    # Nothing is known, so any sequence is taken; the gap is not seen.
    answer = lab.client.produce(b"b", identity=(7, 0), sequence=40, timestamp_ms=true_ms(lab))

    assert answer.error_code == Code.NONE


def test_neither_sessions_nor_waits_go_by_the_calendar() -> None:
    lab = Lab()
    lab.cluster.network.hold("b1", "b2")
    connection = lab.client.connect(1)
    waiting = send_batch(connection, b"waits", timeout_ms=5_000)
    lab.run(0.1)
    began_us = lab.world.now_us

    for host in ("b1", "b2", "b3", "controller", "c1"):
        lab.cluster.set_clock(host, 100 * HOUR_US)
    answer = part_of(connection.wait(waiting))

    assert answer.error_code == Code.REQUEST_TIMED_OUT
    assert 4_500_000 < lab.world.now_us - began_us < 5_500_000
    assert not lab.events(BrokerFenced)
    assert len(lab.events(LeaderElected)) == 1


def lagging(lab: Lab) -> None:
    """Let broker 3 lag: it is cut off from its leader, and something is written."""
    lab.cluster.network.cut("b1", "b3")
    send_batch(lab.client.connect(1), b"it has not")


def test_a_leader_whose_clock_is_set_back_misses_no_follower_until_it_has_caught_up() -> None:
    lab = Lab()
    lab.cluster.set_clock("b1", -120 * SECOND_US)
    lagging(lab)

    lab.run(100)
    assert not lab.events(IsrChanged)
    left = lab.run_to(IsrChanged, within_us=80 * SECOND_US)

    assert left.isr == (1, 2)
    assert 120 + 30 <= left.at_us // SECOND_US <= 120 + 30 + 20


def test_a_leader_whose_clock_jumps_ahead_drops_who_is_behind_at_its_next_look() -> None:
    lab = Lab()
    lagging(lab)
    lab.run(1)
    lab.cluster.set_clock("b1", HOUR_US)

    left = lab.run_to(IsrChanged, within_us=16 * SECOND_US)

    assert left.isr == (1, 2)


def test_a_clock_is_the_machines_and_outlives_its_process() -> None:
    lab = Lab(TopicConfig("orders", timestamp_type="LogAppendTime", replication_factor=1), brokers=1)
    lab.cluster.set_clock("b1", HOUR_US)
    lab.cluster.crash(1)
    lab.cluster.restart(1)
    assert lab.settle()
    ahead_ms = lab.client.produce(b"a").log_append_time_ms - true_ms(lab)

    lab.cluster.heal()

    assert abs(ahead_ms - 3_600_000) < 1_000
    assert lab.client.produce(b"b").log_append_time_ms - true_ms(lab) < 1_000
    assert [(event.host, event.offset_us) for event in lab.events(ClockSet)] == [("b1", HOUR_US), ("b1", 0)]
    assert lab.cluster.leader_of(ORDERS) == 1
