"""Our transactional producer and Java's through the same stagings: each call ends as the table of docs/producer.md says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.apache_kafka import ApacheKafka
from tests.interop.conftest import LOGGED
from tests.interop.driven import compile_java
from tests.interop.transactional_pair import SOURCE, JavaTransactions
from tests.interop.transactional_stagings import DIFFERENCES, STAGINGS, Staging
from tests.interop.transactional_table import (
    KINDS,
    cells_in_the_manual,
    cells_of,
    name_of,
    play,
    transactional_kafka,
)


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[JavaTransactions]:
    folder = tmp_path_factory.mktemp("java-transactions")
    made = JavaTransactions(class_path=compile_java(SOURCE, folder), log=folder / "java.log")
    request.config.stash[LOGGED]["Java's producers"] = made
    yield made
    made.close()
    del request.config.stash[LOGGED]["Java's producers"]


@pytest.fixture(scope="module", params=KINDS, ids=lambda level: KINDS[level])
def level(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def kafka(
    level: int, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[ApacheKafka]:
    """One broker, whose transactions are of one kind."""
    folder: Path = tmp_path_factory.mktemp(f"kafka-{KINDS[level]}")
    with transactional_kafka(folder, level) as running:
        request.config.stash[LOGGED]["Apache Kafka, alone"] = running
        yield running


@pytest.mark.parametrize("staging", STAGINGS, ids=name_of)
def test_each_call_ends_as_with_java_s_producer_or_as_a_line_says_why_not(
    staging: Staging, kafka: ApacheKafka, java: JavaTransactions, level: int
) -> None:
    lines = play(staging, kafka, java, level=level)

    differing = {line.label: (line.ours, line.javas) for line in lines if not line.is_alike}
    expected, _why = DIFFERENCES.get(name_of(staging), ((), ""))
    assert sorted(differing) == sorted(expected), "\n".join(map(str, differing.items()))
    written = cells_in_the_manual()
    for title, cells in cells_of(staging, lines).items():
        assert cells == written[title, KINDS[level]], title
