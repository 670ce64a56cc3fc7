"""A journal runs again without sockets: the same events, and the same bytes to every client."""

import socket
from dataclasses import replace
from io import StringIO

import pytest
from confluent_kafka import Producer
from kafka import KafkaConsumer, TopicPartition

from sim.serve.inputs import Received
from sim.serve.journal import Journal, JournalError, WrittenJournal
from sim.serve.replay import Replayed, replay
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.serve.served import Served, answer, connected, is_ended, metadata_request

LIMIT_S = 60


def replayed(journal: str) -> Replayed:
    return replay(WrittenJournal(StringIO(journal)))


@pytest.fixture(scope="module")
def journal() -> str:
    """Two real clients, a reset, a crash, a request without an end, and a client that does not read."""
    written = StringIO()
    with Served(Stage(topics=("orders:2:3",), seed=7), Serving(port=0, journal=written)) as cluster:
        producer = Producer({"bootstrap.servers": cluster.bootstrap, "enable.idempotence": True, "linger.ms": 0})
        for value in range(50):
            producer.produce("orders", str(value).encode(), partition=value % 2)
        assert producer.flush(LIMIT_S) == 0
        cluster.strike("reset 127.0.0.1 <-> *")
        cluster.strike("drop Produce orders-0 x1 by leader(orders-0) then reset")
        for value in range(50, 60):
            producer.produce("orders", str(value).encode(), partition=0)
        assert producer.flush(LIMIT_S) == 0
        with connected(cluster.address(3), source="127.0.0.5", buffer_bytes=65_536) as deaf:
            deaf.settimeout(0.5)
            with pytest.raises(TimeoutError):
                overfill(deaf)
        consumer = KafkaConsumer(bootstrap_servers=cluster.bootstrap)
        consumer.assign([TopicPartition("orders", 0)])
        consumer.seek_to_beginning()
        assert next(consumer).value == b"0"
        consumer.close()
        with connected(cluster.address(2)) as half:
            half.sendall(metadata_request()[:9])
            cluster.strike("crash b2")
            assert is_ended(half)
    return written.getvalue()


def test_a_journal_runs_again_event_for_event_and_byte_for_byte(journal: str) -> None:
    again = replayed(journal)

    assert again.was is not None
    assert again.end == again.was
    assert again.judgement.acknowledged_records == 60


def test_another_byte_from_a_client_is_another_run(journal: str) -> None:
    lines = journal.splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if '"Received"' in line)
    source = WrittenJournal(StringIO("".join(lines)))
    entry = list(source)[place - 1]
    assert isinstance(entry.given, Received)
    changed = StringIO()
    data = entry.given.data[:-1] + bytes([entry.given.data[-1] ^ 1])
    Journal(changed).write(entry.at_us, replace_data(entry.given, data))
    lines[place] = changed.getvalue()

    again = replayed("".join(lines))

    assert not again.is_same


def test_another_seed_is_another_run(journal: str) -> None:
    source = WrittenJournal(StringIO(journal))
    source.stage = replace(source.stage, seed=8)

    assert not replay(source).is_same


def test_a_journal_without_an_end_runs_as_far_as_it_goes(journal: str) -> None:
    cut = journal[: len(journal) * 2 // 3]

    again = replayed(cut)

    assert again.was is None
    assert not again.is_same
    assert 0 < again.judgement.acknowledged_records <= 60


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1 is not the header of a journal"),
        ('{"format": "acklab-trace-1"}\n', "format is 'acklab-trace-1', must be 'acklab-journal-1'"),
        (
            '{"format": "acklab-journal-1", "acklab": "0", "stage": {"brokers": "many"}}\n',
            "line 1 is not the header of a journal",
        ),
    ],
)
def test_what_is_no_journal_is_named(text: str, told: str) -> None:
    with pytest.raises(JournalError) as raised:
        WrittenJournal(StringIO(text))

    assert told in str(raised.value)


@pytest.mark.parametrize(
    "line", ['[5,"Nonsense",1]\n', '[5,"Received",1,"%%%"]\n', "[]\n", '[-5,"Filled",1]\n', "{}\n"]
)
def test_a_line_that_is_no_input_is_named(journal: str, line: str) -> None:
    header = journal.splitlines(keepends=True)[0]

    with pytest.raises(JournalError, match="line 2 is not an input"):
        replayed(header + line)


def test_a_client_that_is_served_while_a_journal_is_written_is_answered_as_ever() -> None:
    written = StringIO()
    with Served(Stage(brokers=1), Serving(port=0, journal=written)) as cluster, connected(cluster.address(1)) as client:
        client.sendall(metadata_request())
        assert answer(client)

    assert replayed(written.getvalue()).is_same


def replace_data(given: Received, data: bytes) -> Received:
    return given._replace(data=data)


def overfill(client: socket.socket) -> None:
    """Ask, and read nothing, until nobody takes a question any more."""
    while True:
        client.send(metadata_request() * 200)
