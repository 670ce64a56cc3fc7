"""Apache Kafka for the whole session: three brokers, healed after each test; one secure broker; logs at each failure."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.driven import SOURCE, compile_java
from tests.interop.secure_kafka import secure_kafka
from tests.interop.side_by_side import Stage


class Logged(Protocol):
    """What can say, after a failure, what its processes logged."""

    def logs(self) -> str: ...


LOGGED = pytest.StashKey[dict[str, Logged]]()
"""What was started, by what it is."""

PROPERTIES = {
    # A dead broker is noticed after 6 s instead of 9: each test that kills a leader waits that long.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
    # A quota is an average over 2 s instead of 10.
    "quota.window.num": "3",
}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LOGGED] = {}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ApacheKafka]:
    with ApacheKafka(tmp_path_factory.mktemp("kafka"), brokers=3, properties=PROPERTIES) as kafka:
        request.config.stash[LOGGED]["Apache Kafka"] = kafka
        yield kafka


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ApacheKafka]:
    """A broker that trusts not everybody."""
    with secure_kafka(tmp_path_factory.mktemp("secure-kafka")) as kafka:
        request.config.stash[LOGGED]["Apache Kafka, secure"] = kafka
        yield kafka


@pytest.fixture
def kafka(cluster: ApacheKafka) -> Iterator[ApacheKafka]:
    """The cluster, with every node back and every replica in sync for the next test."""
    yield cluster
    cluster.heal()


def topic_name(request: pytest.FixtureRequest) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in request.node.name)


@pytest.fixture
def topic(kafka: ApacheKafka, request: pytest.FixtureRequest) -> str:
    """A topic of the test's own, three partitions."""
    name = topic_name(request)
    kafka.admin.create_topic(name, partitions=3)
    return name


@pytest.fixture(scope="session")
def java_class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return compile_java(SOURCE, tmp_path_factory.mktemp("java"))


@pytest.fixture
def stage(kafka: ApacheKafka, java_class_path: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Where our producer and Java's stand side by side; both are ended before the cluster is healed."""
    yield from set_stage(kafka, java_class_path, tmp_path, request)


@pytest.fixture
def secure_stage(
    secure: ApacheKafka, java_class_path: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    """The same before the broker that trusts not everybody."""
    yield from set_stage(secure, java_class_path, tmp_path, request)


def set_stage(
    kafka: ApacheKafka, java_class_path: str, folder: Path, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    stage = Stage(kafka, topic_name(request), java_class_path, folder)
    request.config.stash[LOGGED]["Java's producer"] = stage
    yield stage
    stage.end()
    del request.config.stash[LOGGED]["Java's producer"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for name, logged in item.config.stash[LOGGED].items():
            report.sections.append((f"{name}, {call.when}", logged.logs()))
    return report
