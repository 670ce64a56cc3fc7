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
from producer.facades.confluent.servers import NOWHERE, servers_of
from producer.facades.kafka_python.servers import read_servers

WAIT_S = 60
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
        "b1:12abc",
        "b1:-1",
        "localhost:65537",
        "b1:9/x",
        ":9093",
        "plaintext://b1/x,b2",
        "b1,SSL://b2,b3",
        "b1,nope://b2,b3",
        "[::1]:9/x",
    ],
)
def test_where_librdkafka_connects_ours_connects(servers: str) -> None:
    assert servers_of(servers, "plaintext") == [_bracketed(one) for one in added_by_librdkafka(servers)]


def _bracketed(server: str) -> str:
    """librdkafka logs an IPv6 host as it was written."""
    host, _, port = server.rpartition(":")
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else server


@pytest.mark.parametrize("servers", ["b1:abc", "localhost:", "b1:0", "localhost:65536", "[::1]:abc", "b1:1:2"])
def test_where_no_broker_can_be_ours_does_not_look(servers: str) -> None:
    """librdkafka tries port 0, or a name that cannot be one, for ever: no producer is refused for it."""
    assert len(added_by_librdkafka(servers)) == 1
    assert servers_of(servers, "plaintext") == [NOWHERE]
    assert servers_of(f"b1,{servers}", "plaintext") == ["b1:9092"]


@pytest.mark.parametrize("servers", [None, "", ",", " ", ", ,"])
def test_a_producer_without_servers_is_one_that_finds_no_broker(servers: str | None) -> None:
    assert servers_of(servers, "plaintext") == [NOWHERE]


@pytest.mark.parametrize("given", [None, 7, ["b1:1", None]])
def test_what_is_no_text_is_named(given: object) -> None:
    with pytest.raises(ConfigError, match=r"bootstrap\.servers has (None|7), must be host:port"):
        read_servers(given)
