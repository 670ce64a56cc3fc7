"""`client.dns.lookup`: what becomes of the bootstrap servers' names."""

import pytest

from producer.config.config import ProducerConfig
from producer.drivers.names import resolve_bootstrap
from producer.errors import ConfigError

CANONICAL = "resolve_canonical_bootstrap_servers_only"
ADDRESSES = {"kafka": ["10.0.0.1", "10.0.0.2", "2001:db8::1"], "other": ["10.0.0.2"]}
NAMES = {"10.0.0.1": "b1.example", "10.0.0.2": "b2.example"}


def addresses_of(host: str, port: int) -> list[str]:
    if host not in ADDRESSES:
        raise OSError(-2, "Name or service not known")
    return ADDRESSES[host]


def name_of(address: str) -> str:
    return NAMES.get(address, address)


def servers(given: str, lookup: str) -> list[str]:
    config = ProducerConfig.from_properties({"bootstrap.servers": given, "client.dns.lookup": lookup})
    return resolve_bootstrap(config, addresses_of=addresses_of, name_of=name_of).bootstrap_servers


def test_by_default_names_stay_as_they_are() -> None:
    assert servers("kafka:9092,nowhere:1", "use_all_dns_ips") == ["kafka:9092", "nowhere:1"]


def test_a_server_becomes_one_for_each_of_its_addresses_under_that_one_s_own_name() -> None:
    assert servers("kafka:9092", CANONICAL) == ["b1.example:9092", "b2.example:9092", "[2001:db8::1]:9092"]


def test_what_two_names_lead_to_is_there_once() -> None:
    assert servers("other:9092,kafka:9092", CANONICAL)[0] == "b2.example:9092"
    assert len(servers("other:9092,kafka:9092", CANONICAL)) == 3


def test_a_name_that_does_not_resolve_is_passed_over() -> None:
    assert servers("nowhere:1,other:9092", CANONICAL) == ["b2.example:9092"]


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="no name resolves; elsewhere: Name or service not known"):
        servers("nowhere:1,elsewhere:2", CANONICAL)


def test_the_operating_system_is_asked() -> None:
    config = ProducerConfig.from_properties({"bootstrap.servers": "127.0.0.1:9092", "client.dns.lookup": CANONICAL})

    (host, port), *_ = resolve_bootstrap(config).bootstrap_addresses

    assert (bool(host), port) == (True, 9092)
