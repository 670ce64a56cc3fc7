"""`acklab produce --metrics`: a live table on a terminal, the last one at the end everywhere, nothing of it on stdout."""

import io
import sys
import threading
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from producer.metrics import Measured, ProducerMetrics
from sim.cli.metrics_table import MetricsTable
from tests.cli.command import run_process

WAIT_S = 30
LINES = 10
"""Of a producer that has done nothing: no topics, no brokers."""


class Screen(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    holder = LibrdkafkaProducer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = holder.list_topics(timeout=30).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del holder


class Reader:
    """Metrics of a producer that has done nothing, and how often they were read."""

    def __init__(self, *, until: int) -> None:
        self.times = 0
        self.is_done = threading.Event()
        self._until = until

    def __call__(self) -> Measured:
        self.times += 1
        if self.times == self._until:
            self.is_done.set()
        return ProducerMetrics(client_id="p").measure(0)


def test_without_a_terminal_the_table_comes_once_at_the_end_on_stderr(bootstrap: str) -> None:
    told = run_process("produce", "-b", bootstrap, "-t", "table", "--metrics", stdin=b"a\nb\nc\n")

    assert told.status == 0, told.err
    assert told.out == "produced 3 records to table\n"
    assert "\033" not in told.err
    assert told.err.count("records         sent 3 ") == 1
    assert "topic table     sent 3  bytes " in told.err
    assert "retried 0  failed 0" in told.err


def test_without_the_flag_there_is_no_table(bootstrap: str) -> None:
    told = run_process("produce", "-b", bootstrap, "-t", "plain", stdin=b"a\n")

    assert (told.status, told.err) == (0, "")


def test_records_that_no_broker_took_are_in_the_table(bootstrap: str) -> None:
    told = run_process(
        "produce", "-b", "127.0.0.1:1", "-t", "lost", "-X", "max.block.ms=300", "--metrics", stdin=b"a\n"
    )

    assert told.status == 1
    assert "failed 1\n" in told.err
    assert "made 0  ended " in told.err


def test_on_a_terminal_the_table_is_drawn_over_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("sim.cli.metrics_table.REFRESH_S", 0.01)
    reader = Reader(until=3)

    table = MetricsTable(reader)
    assert reader.is_done.wait(WAIT_S)
    table.clear()
    table.clear()

    drawn = screen.getvalue().split(f"\033[{LINES}F\033[J")
    assert len(drawn) == reader.times
    assert all(one.count("\n") == LINES for one in drawn)


def test_a_small_terminal_shows_what_fits_and_the_end_shows_all(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("sim.cli.metrics_table.REFRESH_S", 0.01)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("LINES", "5")

    reader = Reader(until=2)

    table = MetricsTable(reader)
    assert reader.is_done.wait(WAIT_S)
    table.clear()

    first, *_, last = screen.getvalue().split("\033[4F\033[J")
    assert [len(line) < 30 for line in first.splitlines()] == [True] * 4
    assert last.count("\n") == LINES
