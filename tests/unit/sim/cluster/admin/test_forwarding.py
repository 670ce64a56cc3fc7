"""What the controller decides for clients: a controller that is away or moves costs time, and each client gets one answer."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.create_topics import CreatableTopic, CreateTopicsRequest
from producer.wire.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from sim.cluster.broker.forwarding import RETRY_TIMEOUT_US
from sim.cluster.controller import apis
from sim.trace.events import ControllerElected, HandlerFailed, TopicCreated
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import Lab


def wanted(*names: str) -> CreateTopicsRequest:
    return CreateTopicsRequest(tuple(CreatableTopic(name, 1, 1) for name in names), timeout_ms=30_000)


def codes(answer: object) -> list[int]:
    return [topic.error_code for topic in answer.topics]  # type: ignore[attr-defined]


@pytest.mark.parametrize("broker", [1, 2, 3])
def test_any_broker_passes_on_and_the_answer_takes_the_way_there_and_back(broker: int) -> None:
    lab = Lab()
    connection = lab.client.connect(broker)
    asked_us = lab.world.now_us

    answer = connection.call(ApiKey.CREATE_TOPICS, wanted("new"))

    (created,) = lab.events(TopicCreated, topic="new")
    latency_us = lab.cluster.config.network.latency_us
    assert codes(answer) == [Code.NONE]
    assert created.at_us >= asked_us + 2 * latency_us
    assert lab.world.now_us >= created.at_us + 2 * latency_us


def test_while_the_controller_is_down_a_request_waits_and_is_decided_once_it_is_back() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.quorum.crash("controller")
    correlation_id = connection.send(ApiKey.CREATE_TOPICS, wanted("late"), 7)
    lab.run(5)
    assert correlation_id not in connection.answers

    lab.cluster.quorum.restart("controller")

    assert codes(connection.wait(correlation_id)) == [Code.NONE]
    assert len(lab.events(TopicCreated, topic="late")) == 1


def test_without_a_controller_the_answer_is_a_time_out_after_a_minute() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.quorum.crash("controller")
    asked_us = lab.world.now_us

    correlation_id = connection.send(ApiKey.CREATE_TOPICS, wanted("never"), 7)
    answer = connection.wait(correlation_id, within_us=2 * RETRY_TIMEOUT_US)

    assert codes(answer) == [Code.REQUEST_TIMED_OUT]
    assert 0 <= connection.answered_us[correlation_id] - asked_us - RETRY_TIMEOUT_US < SECOND_US


def test_another_controller_decides_what_the_one_before_did_not() -> None:
    lab = Lab(controllers=3)
    connection = lab.client.connect(1)
    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))

    answer = connection.call(ApiKey.CREATE_TOPICS, wanted("moved"))

    assert codes(answer) == [Code.NONE]
    assert lab.events(TopicCreated, topic="moved")[0].at_us > lab.events(ControllerElected)[-1].at_us


def test_what_was_decided_before_its_answer_got_lost_is_decided_again() -> None:
    # As with Apache Kafka: whoever asks through a broken line is told that the topic is there already.
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.network.cut("controller", "b1", one_way=True)
    correlation_id = connection.send(ApiKey.CREATE_TOPICS, wanted("twice"), 7)
    lab.run_to(TopicCreated, topic="twice")
    lab.run(5)
    lab.cluster.network.open_all()

    assert codes(connection.wait(correlation_id)) == [Code.TOPIC_ALREADY_EXISTS]


def test_requests_of_several_clients_wait_together_and_each_is_answered() -> None:
    lab = Lab()
    connections = [lab.client.connect(1) for _ in range(3)]
    lab.cluster.quorum.pause("controller")
    sent = [one.send(ApiKey.CREATE_TOPICS, wanted(f"t{n}"), 7) for n, one in enumerate(connections)]
    lab.run(4)
    lab.cluster.quorum.resume("controller")

    answers = [one.wait(correlation_id) for one, correlation_id in zip(connections, sent, strict=True)]

    assert [[topic.name for topic in answer.topics] for answer in answers] == [["t0"], ["t1"], ["t2"]]


def test_a_controllers_bug_ends_the_clients_connection_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> object:
        raise KeyError("a bug")

    lab = Lab(is_served=True)
    monkeypatch.setitem(apis.APIS_BY_RESOURCE, ApiKey.DELETE_TOPICS, broken)
    connection, other = lab.client.connect(1), lab.client.connect(1)

    assert connection.call(ApiKey.DELETE_TOPICS, DeleteTopicsRequest((DeleteTopicState("orders"),), (), 1_000)) is None
    assert codes(other.call(ApiKey.CREATE_TOPICS, wanted("fine"))) == [Code.NONE]
    (failed,) = lab.events(HandlerFailed)
    assert (failed.api, "a bug" in failed.error) == ("DeleteTopics", True)
