"""The recorded cases over TCP: `acklab serve` answers as they say, and Apache Kafka itself still does."""

from pathlib import Path

import pytest

from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.conformance.known_differences import BY_CHANCE, KNOWN, NOT_YET
from tests.conformance.suite.case import Case, all_cases
from tests.conformance.suite.run import BROKERS, asked, beside_recording
from tests.conformance.suite.wire import Where
from tests.interop.apache_kafka import ApacheKafka
from tests.serve.served import Served

SETTINGS = {"group.initial.rebalance.delay.ms": "0"}
"""What `acklab serve` must be told to be as the recorded brokers were."""
PROPERTIES = SETTINGS | {
    "auto.create.topics.enable": "true",
    "min.insync.replicas": "1",
    "offsets.topic.num.partitions": "50",
}
"""The same for Apache Kafka: its defaults, where the fixture has others."""


AT_ONCE = 4
"""Cases that are asked at the same time: most wait, for a session to end, for a server to stay silent."""


def differing(where: Where, cases: list[Case], *, at_once: int = 1) -> dict[str, list[str]]:
    """The cases that are answered in another way than was recorded, and how; those apart that no two runs answer alike."""
    servers = {one.needs: where for one in cases}
    wanted = [one for one in cases if one.path not in BY_CHANCE]
    compared = [beside_recording(case, steps) for case, steps in asked(servers, wanted, at_once=at_once)]
    return {one.case.path: one.differences for one in compared if not one.is_equal}


def differing_alone(where: Where, cases: list[Case]) -> dict[str, list[str]]:
    """The same, several at once; what differs then is asked once more, one after the other, as it was recorded.

    A node on a busy machine may have answered too late, too.
    """
    found = differing(where, cases, at_once=AT_ONCE)
    return differing(where, [one for one in cases if one.path in found])


each_cluster = pytest.mark.parametrize("needs", ["one", "three"])
"""Not the secure one: which mechanisms it offers stands in the recording, and served brokers offer one more."""


@each_cluster
def test_a_served_cluster_answers_over_tcp_as_apache_kafka_did(needs: str) -> None:
    cases = [one for one in all_cases() if one.needs == needs and one.area not in NOT_YET and one.path not in KNOWN]

    with Served(Stage(brokers=BROKERS[needs], settings=tuple(SETTINGS.items())), Serving(port=0)) as cluster:
        assert differing_alone(cluster.bootstrap.partition(",")[0], cases) == {}


@each_cluster
def test_apache_kafka_answers_as_was_recorded(needs: str, tmp_path: Path) -> None:
    """What differs is asked of brokers that were not asked anything else: nodes were seen to leave a request without an answer."""
    differing_here = [one for one in all_cases() if one.needs == needs]

    for attempt in ("first", "anew"):
        if differing_here:
            with ApacheKafka(tmp_path / attempt, brokers=BROKERS[needs], properties=PROPERTIES) as kafka:
                found = differing_alone(kafka.bootstrap.partition(",")[0], differing_here)
            differing_here = [one for one in differing_here if one.path in found]

    assert found == {}
