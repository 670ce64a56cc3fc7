"""Apache Kafka for the whole session: three brokers, healed after each test; one secure broker; logs at each failure."""

from collections.abc import Generator, Iterator

import pytest

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.secure_kafka import secure_kafka

CLUSTERS = pytest.StashKey[list[ApacheKafka]]()
"""Those that were started, for their logs."""

# A dead broker is noticed after 6 s instead of 9: each test that kills a leader waits that long.
PROPERTIES = {"broker.session.timeout.ms": "6000", "broker.heartbeat.interval.ms": "1000"}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ApacheKafka]:
    with ApacheKafka(tmp_path_factory.mktemp("kafka"), brokers=3, properties=PROPERTIES) as kafka:
        request.config.stash.setdefault(CLUSTERS, []).append(kafka)
        yield kafka


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ApacheKafka]:
    """A broker that trusts not everybody."""
    with secure_kafka(tmp_path_factory.mktemp("secure-kafka")) as kafka:
        request.config.stash.setdefault(CLUSTERS, []).append(kafka)
        yield kafka


@pytest.fixture
def kafka(cluster: ApacheKafka) -> Iterator[ApacheKafka]:
    """The cluster, with every node back and every replica in sync for the next test."""
    yield cluster
    cluster.heal()


@pytest.fixture
def topic(kafka: ApacheKafka, request: pytest.FixtureRequest) -> str:
    """A topic of the test's own, three partitions."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    kafka.create_topic(name, partitions=3)
    return name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for kafka in item.config.stash.get(CLUSTERS, []):
            report.sections.append((f"Apache Kafka, {call.when}", kafka.logs()))
    return report
