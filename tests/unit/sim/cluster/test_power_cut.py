"""What peers hear of a broker that is gone: of a process that died at once, of a machine without power nothing at all."""

from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.errors import Code
from producer.records import Record
from sim.clients.drivers import SimProducer
from sim.cluster.broker import DiskLoss
from sim.trace.events import BecameLeader, RecordFailed, RequestReceived
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import Lab, send_batch

POWER_CUTS = pytest.mark.parametrize("disk", [DiskLoss.UNFLUSHED_LOST, DiskLoss.WIPED])


def killed_in_mid_request(disk: DiskLoss) -> tuple[int, RecordFailed]:
    """Let the leader die with a producer's request in work; how long that took to be told, and what was told."""
    lab = Lab()
    settings: dict[str, Any] = {
        "bootstrap.servers": "b1:9092",
        "acks": "all",
        "retries": 0,
        "request.timeout.ms": 15_000,
    }
    producer = SimProducer(lab.cluster, ProducerConfig.from_properties(settings))
    struck: list[int] = []

    def strike(event: RequestReceived) -> None:
        if event.api == "Produce" and not struck:
            struck.append(event.at_us)
            lab.world.call_first(lab.cluster.crash, 1, disk)

    lab.trace.watch(RequestReceived, strike)
    lab.world.story(producer.send(Record("orders", b"doomed"), 0))
    failed = lab.run_to(RecordFailed)
    return failed.at_us - struck[0], failed


def test_a_request_in_work_at_a_process_that_dies_fails_within_a_tenth_of_a_second() -> None:
    after_us, failed = killed_in_mid_request(DiskLoss.KEPT)

    assert after_us < 100_000
    assert failed.code == Code.NETWORK_EXCEPTION


@POWER_CUTS
def test_a_request_in_work_at_a_machine_without_power_fails_with_its_own_time_out(disk: DiskLoss) -> None:
    after_us, failed = killed_in_mid_request(disk)

    assert after_us == pytest.approx(15 * SECOND_US, abs=10_000)
    assert failed.code in {Code.NETWORK_EXCEPTION, Code.REQUEST_TIMED_OUT}


@POWER_CUTS
def test_who_is_connected_to_a_machine_without_power_hears_nothing_as_long_as_it_is_off(disk: DiskLoss) -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.crash(1, disk)

    send_batch(connection, b"into the dark")
    lab.run(60)
    late = lab.client.connect(1)
    meanwhile = [(one.is_open, one.closed) for one in (connection, late)]
    lab.cluster.restart(1)
    lab.run(0.1)

    assert meanwhile == [(True, None), (False, None)]
    assert [one.closed for one in (connection, late)] == ["connection reset", "connection refused"]


@POWER_CUTS
def test_replicas_go_on_without_a_machine_that_lost_its_power(disk: DiskLoss) -> None:
    lab = Lab()
    for number in range(3):
        lab.client.produce(b"%d" % number)

    lab.cluster.crash(1, disk)
    lab.run_to(BecameLeader, broker=2)
    lab.client.produce(b"3")
    lab.cluster.restart(1)
    assert lab.settle()

    assert lab.client.read() == [b"0", b"1", b"2", b"3"]
