"""A leader that leads again under a new epoch, and never followed in between: it goes on where it was."""

from producer.errors import Code
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BecameFollower, BecameLeader
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch


def cut_off_while_leading(*replicas: int) -> Lab:
    """A cluster whose broker 1 leads and hears neither the controller nor its followers."""
    lab = Lab(TopicConfig("orders", replicas=(replicas,)), brokers=len(replicas))
    for other in ("controller", *(f"b{replica}" for replica in replicas[1:])):
        lab.cluster.network.cut("b1", other)
    return lab


def lead_again(lab: Lab) -> None:
    """Let somebody else lead and broker 1 again, which learns of both at once: its line to the controller is a new one."""
    lab.cluster.network.reset("b1", "controller")
    lab.cluster.move_leader(ORDERS, 2)
    lab.cluster.move_leader(ORDERS, 1)
    lab.cluster.network.open("b1", "controller")
    lab.run_to(BecameLeader, broker=1, leader_epoch=2)


def test_a_produce_that_waits_is_answered_in_the_new_term() -> None:
    lab = cut_off_while_leading(1, 2)
    connection = lab.client.connect(1)
    waiting = send_batch(connection, b"waits")
    lab.run(1)

    lead_again(lab)
    assert waiting not in connection.answers
    lab.cluster.network.open("b1")
    answer = part_of(connection.wait(waiting))

    assert (answer.error_code, answer.base_offset) == (Code.NONE, 0)
    assert lab.settle()
    assert lab.client.read() == [b"waits"]


def test_a_produce_that_waits_in_vain_ends_in_its_own_time_out() -> None:
    lab = cut_off_while_leading(1, 2)
    connection = lab.client.connect(1)
    waiting = send_batch(connection, b"waits", timeout_ms=20_000)
    lab.run(1)

    lead_again(lab)
    answer = part_of(connection.wait(waiting))

    assert (answer.error_code, answer.base_offset) == (Code.REQUEST_TIMED_OUT, 0)


def test_what_a_leader_heard_of_its_followers_counts_in_its_next_term() -> None:
    lab = Lab(TopicConfig("orders", replicas=((1, 2, 3),)))
    lab.cluster.network.cut("b1", "b3")
    connection = lab.client.connect(1)
    waiting = send_batch(connection, b"two have it")
    lab.run(1)
    lab.cluster.network.cut("b1", "b2")
    lab.cluster.network.cut("b1", "controller")

    lead_again(lab)
    assert waiting not in connection.answers
    # Broker 3 leaves the ISR: broker 2 need not be heard again.
    lab.cluster.crash(3)
    answer = part_of(connection.wait(waiting))

    assert (answer.error_code, answer.base_offset) == (Code.NONE, 0)
    assert not lab.events(BecameFollower, broker=1)
    assert lab.cluster.controller.replication.state_of(ORDERS).isr == (1, 2)
