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


def differing(where: Where, cases: list[Case]) -> dict[str, list[str]]:
    """The cases that are answered in another way than was recorded, and how; those apart that no two runs answer alike."""
    servers = {one.needs: where for one in cases}
    compared = [
        beside_recording(case, steps)
        for case, steps in asked(servers, [one for one in cases if one.path not in BY_CHANCE])
    ]
    return {one.case.path: one.differences for one in compared if not one.is_equal}


@pytest.mark.parametrize("needs", BROKERS)
def test_a_served_cluster_answers_over_tcp_as_apache_kafka_did(needs: str) -> None:
    cases = [one for one in all_cases() if one.needs == needs and one.area not in NOT_YET]

    with Served(Stage(brokers=BROKERS[needs], settings=tuple(SETTINGS.items())), Serving(port=0)) as cluster:
        found = differing(cluster.bootstrap.partition(",")[0], cases)

    assert {path: told for path, told in found.items() if path not in KNOWN} == {}


@pytest.mark.parametrize("needs", BROKERS)
def test_apache_kafka_answers_as_was_recorded(needs: str, tmp_path: Path) -> None:
    cases = [one for one in all_cases() if one.needs == needs]

    with ApacheKafka(tmp_path, brokers=BROKERS[needs], properties=PROPERTIES) as kafka:
        where = kafka.bootstrap.partition(",")[0]
        found = differing(where, cases)
        # A node on a busy machine may answer too late: what differs is asked once more.
        again = differing(where, [one for one in cases if one.path in found])

    assert again == {}
