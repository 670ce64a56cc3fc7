"""One Apache Kafka cluster of three brokers for the whole session, healed after each test; node logs at each failure."""

from collections.abc import Generator, Iterator

import pytest

from tests.interop.apache_kafka import ApacheKafka

CLUSTER = pytest.StashKey[ApacheKafka]()

# A dead broker is noticed after 6 s instead of 9: each test that kills a leader waits that long.
PROPERTIES = {"broker.session.timeout.ms": "6000", "broker.heartbeat.interval.ms": "1000"}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ApacheKafka]:
    with ApacheKafka(tmp_path_factory.mktemp("kafka"), brokers=3, properties=PROPERTIES) as kafka:
        request.config.stash[CLUSTER] = kafka
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
    kafka = item.config.stash.get(CLUSTER, None)
    if report.failed and kafka is not None:
        report.sections.append((f"Apache Kafka, {call.when}", kafka.logs()))
    return report
