"""Every API in every version has words for whatever a broker may have to say, also where the controller says nothing."""

from producer.wire import api
from producer.wire.codec import encode
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import HandlerFailed
from tests.fuzz.sound import sound
from tests.fuzz.targets import SPOKEN
from tests.unit.sim.raw_client import Lab


def asked_everything(lab: Lab) -> None:
    """Ask each question, each on a connection of its own, and wait until nothing can come any more."""
    for key, version in SPOKEN:
        connection = lab.client.connect(1)
        connection.endpoint.on_received = lambda _: None
        connection.endpoint.send(api.encode_request(key, version, 1, "raw", encode(sound(key, version), version)))
    lab.run(120)


def test_a_whole_cluster_answers() -> None:
    lab = Lab(TopicConfig("orders", partitions=2), is_served=True)

    asked_everything(lab)

    assert [(one.api, one.version, one.error) for one in lab.events(HandlerFailed)] == []


def test_a_cluster_without_a_controller_answers() -> None:
    lab = Lab(TopicConfig("orders", partitions=2), is_served=True)
    lab.cluster.quorum.crash(lab.cluster.quorum.active or "")

    asked_everything(lab)

    assert [(one.api, one.version, one.error) for one in lab.events(HandlerFailed)] == []
