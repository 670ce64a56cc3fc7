"""Requests and answers that are larger than a socket: what a stopped peer's kernel takes of them, and what that holds up (kafka.md 5.2)."""

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import fetch
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended, RequestReceived
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch


@pytest.mark.parametrize("size_bytes, is_appended", [(50_000, True), (200_000, True), (900_000, False)])
@pytest.mark.parametrize("dies", [False, True])
def test_a_request_to_a_stopped_broker_is_processed_if_it_got_whole_into_kernels(
    size_bytes: int, is_appended: bool, *, dies: bool
) -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    send_batch(connection, b"x" * size_bytes)
    lab.run(1)
    if dies:
        lab.client.host.crash()
    else:
        connection.endpoint.close()
    lab.run(1)

    lab.cluster.resume(1)
    lab.run(1)

    assert len(lab.events(BatchAppended)) == is_appended


@pytest.mark.parametrize("size_bytes", [50_000, 200_000, 900_000])
def test_a_client_that_waits_is_answered_whatever_the_size(size_bytes: int) -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    asked = send_batch(connection, b"x" * size_bytes)
    lab.run(1)

    lab.cluster.resume(1)
    answer = part_of(connection.wait(asked))
    assert lab.settle()

    assert answer.error_code == Code.NONE
    assert lab.client.read() == [b"x" * size_bytes]


def test_a_broker_answers_nothing_else_to_a_client_that_does_not_read() -> None:
    lab = Lab(TopicConfig("orders", max_message_bytes=2_000_000))
    lab.client.produce(b"x" * 900_000)
    connection = lab.client.connect(1)
    partition = fetch.FetchPartition(0, fetch_offset=0, partition_max_bytes=1 << 20)
    wanted = fetch.FetchRequest(min_bytes=1, topics=(fetch.FetchTopic(ORDERS.topic, partitions=(partition,)),))
    connection.endpoint.mute()
    for _ in range(3):
        connection.send(ApiKey.FETCH, wanted, 12)
    lab.run(5)
    received = len(lab.events(RequestReceived, api="Fetch", client="c1"))

    connection.endpoint.unmute()
    lab.run(5)

    # The answer to the first is not out, so the second has not begun.
    assert received == 1
    assert len(connection.answers) == 3


def test_large_batches_are_copied_through_small_sockets() -> None:
    lab = Lab(socket_send_buffer_bytes=4_096, socket_receive_buffer_bytes=4_096)
    for number in range(3):
        lab.client.produce(b"%d" % number * 300_000)
    assert lab.settle()

    assert [len(value or b"") for value in lab.client.read()] == [300_000] * 3
