"""Bootstrap servers as confluent-kafka and kafka-python read them: the originals are asked, ours connects nowhere else."""

import re
import time

import confluent_kafka
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.cluster import collect_hosts

from producer.config.addresses import parse_address
from producer.errors import ConfigError
from producer.facades.servers import read_servers

WAIT_S = 10
ADDED = re.compile(r"\[thrd:app\]: (\S+)/bootstrap: Added new broker")

SERVERS = st.text(st.sampled_from("ab19:.[]%-"), min_size=1, max_size=8)
WHOLE = st.one_of(
    SERVERS,
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=6).map(lambda host: f"[{host}]"),
    st.builds("[{}]:{}".format, st.ip_addresses(v=6), st.integers(1, 65_535)),
    st.builds("{}:{}".format, st.sampled_from(["b1", "b1.example", "127.0.0.1"]), st.integers(1, 65_535)),
)


@given(st.lists(WHOLE, min_size=1, max_size=3).map(",".join))
def test_where_kafka_python_connects_ours_connects_or_refuses(servers: str) -> None:
    try:
        ours = [parse_address(server) for server in read_servers(servers)]
    except ConfigError:
        return

    assert ours == [(host, port) for host, port, _ in collect_hosts(servers, randomize=False)]


class Log:
    """Takes the place of a logger."""

    def __init__(self) -> None:
        self.text = ""

    def log(self, _level: int, line: str, *values: object) -> None:
        self.text += line % values + "\n"


def added_by_librdkafka(servers: str) -> list[str]:
    """The brokers that librdkafka's log names."""
    log = Log()
    producer = confluent_kafka.Producer({"bootstrap.servers": servers, "debug": "broker"}, logger=log)
    until_s = time.monotonic() + WAIT_S
    while not (added := ADDED.findall(log.text)) and time.monotonic() < until_s:
        producer.poll(0.01)
    del producer
    return added


@pytest.mark.parametrize(
    "servers",
    [
        "localhost",
        "::1",
        "[::1]",
        "[::1]:9093",
        "fe80::1%lo",
        "127.0.0.1:1",
        "PLAINTEXT://b1:9",
        "a:1,,b:2,",
        " a, b:2",
    ],
)
def test_where_librdkafka_connects_ours_connects(servers: str) -> None:
    assert read_servers(servers) == added_by_librdkafka(servers)


@pytest.mark.parametrize(
    "server", ["b1:abc", "b1:12abc", "[::1]:abc", "localhost:", "localhost:65536", "b1:9/x", "[::1:9092"]
)
def test_what_librdkafka_takes_for_some_other_port_is_refused(server: str) -> None:
    (theirs,) = added_by_librdkafka(server)
    assert not theirs.endswith(server)

    with pytest.raises(ConfigError, match="must be host:port"):
        read_servers(server)


@pytest.mark.parametrize("given", [None, 7, ["b1:1", None]])
def test_what_is_no_text_is_named(given: object) -> None:
    with pytest.raises(ConfigError, match=r"bootstrap\.servers has (None|7), must be host:port"):
        read_servers(given)
