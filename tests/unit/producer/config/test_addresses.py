"""A server is a host and a port, or an error that names it: no part of an address is ever taken for another one."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.config.addresses import parse_address
from producer.errors import ConfigError

NAMES = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,5}[a-z0-9_])?(\.[a-z][a-z0-9-]{0,5})*\.?", fullmatch=True)
IPV6 = st.builds(
    lambda address, interface: f"{address}{interface}",
    st.ip_addresses(v=6).map(str),
    st.sampled_from(["", "%eth0", "%1"]),
)
PORTS = st.integers(1, 65_535)
PORT_DEFAULT = 9092


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("localhost:9092", ("localhost", 9092)),
        ("localhost.:9092", ("localhost.", 9092)),
        ("[2001:db8::1]:9092", ("2001:db8::1", 9092)),
        ("::1:9092", ("::1", 9092)),
        ("fe80::1%eth0:9092", ("fe80::1%eth0", 9092)),
        ("[::ffff:127.0.0.1]:9092", ("::ffff:127.0.0.1", 9092)),
        ("[localhost]:9092", ("localhost", 9092)),
        ("SASL_SSL://broker-1.example:9093", ("broker-1.example", 9093)),
        ("://localhost:9092", ("localhost", 9092)),
    ],
)
def test_what_kafka_takes_for_a_host_and_a_port_is_one(server: str, address: tuple[str, int]) -> None:
    assert parse_address(server) == address


@pytest.mark.parametrize(
    "server",
    ["::1", "fe80::1", "1::2", "b1:abc", "b1:12abc", "1:2:3", "127.0.0.1:9092:9093", "b1:9092:9092", "[b1:9092]:9092",
     "[::1]", "[::1:9092", "::1]:9092", "localhost", "localhost:", "localhost:0", "localhost:65536", "localhost:+1",
     "localhost:٩", ":9092", "[]:9092", "http://localhost:9092/", "user@localhost:9092", "b1 :9092", "a:1 b:2", ""],
)  # fmt: skip
def test_what_is_no_host_and_port_is_named(server: str) -> None:
    with pytest.raises(ConfigError, match=r"bootstrap\.servers has .*, must be host:port") as told:
        parse_address(server)

    assert repr(server) in str(told.value)


def test_who_leaves_out_the_port_of_an_ipv6_host_is_told_how_it_is_written() -> None:
    with pytest.raises(
        ConfigError, match=r"has '::1', must be host:port; an IPv6 host and its port are written \[::1\]:9092"
    ):
        parse_address("::1")


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("localhost", ("localhost", PORT_DEFAULT)),
        ("localhost:1", ("localhost", 1)),
        ("::1", ("::1", PORT_DEFAULT)),
        ("[::1]", ("::1", PORT_DEFAULT)),
        ("[::1]:1", ("::1", 1)),
        ("fe80::1%eth0", ("fe80::1%eth0", PORT_DEFAULT)),
        ("::1:9092", ("::1:9092", PORT_DEFAULT)),
        ("SSL://localhost", ("localhost", PORT_DEFAULT)),
    ],
)
def test_as_other_clients_have_it_a_host_may_stand_alone(server: str, address: tuple[str, int]) -> None:
    assert parse_address(server, port_default=PORT_DEFAULT) == address


@pytest.mark.parametrize("server", ["b1:abc", "1:2:3", "localhost:", ":9092", "[::1", "[::1]:abc", "b1:9092:9092", ""])
def test_what_is_no_port_is_never_passed_over_for_the_default_one(server: str) -> None:
    with pytest.raises(ConfigError, match="must be host:port"):
        parse_address(server, port_default=PORT_DEFAULT)


@given(
    NAMES | IPV6 | st.ip_addresses(v=4).map(str), PORTS, st.sampled_from(["", "SSL://"]), st.sampled_from([None, 9092])
)
def test_a_host_and_its_port_come_back(host: str, port: int, protocol: str, port_default: int | None) -> None:
    written = f"[{host}]" if ":" in host else host

    assert parse_address(f"{protocol}{written}:{port}", port_default=port_default) == (host, port)
    if port_default is not None:
        assert parse_address(f"{protocol}{written}", port_default=port_default) == (host, port_default)
        assert parse_address(f"{protocol}{host}", port_default=port_default) == (host, port_default)


@given(st.text(st.sampled_from("ab1:.%[]/ -_٩"), max_size=12), st.sampled_from([None, 9092]))
def test_no_text_gives_a_host_with_a_colon_that_is_no_address(server: str, port_default: int | None) -> None:
    try:
        host, port = parse_address(server, port_default=port_default)
    except ConfigError:
        return

    assert 0 < port < 1 << 16
    if ":" in host:
        ipaddress.IPv6Address(host)
