"""`client.dns.lookup`: bootstrap servers under the names that their addresses have themselves."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from producer.config.addresses import written_address
from producer.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.config.config import ProducerConfig


def _addresses_of(host: str, port: int) -> list[Any]:
    return [address for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _name_of(address: Any) -> str:
    return socket.getnameinfo(address, socket.NI_NUMERICSERV)[0]


def resolve_bootstrap(
    config: ProducerConfig,
    *,
    addresses_of: Callable[[str, int], Iterable[Any]] = _addresses_of,
    name_of: Callable[[Any], str] = _name_of,
) -> ProducerConfig:
    """Look names up if the configuration asks for it; this blocks. A bootstrap server becomes one for each address.

    Names that do not resolve are passed over. Raises ConfigError if none does (ClientUtils.parseAndValidateAddresses).
    """
    if config.client_dns_lookup == "use_all_dns_ips":
        return config
    servers: dict[str, None] = {}
    problem = ""
    for host, port in config.bootstrap_addresses:
        try:
            for address in addresses_of(host, port):
                name = name_of(address)
                servers[written_address(name, port)] = None
        except OSError as error:
            problem = f"{host}: {error.strerror or error}"
    if not servers:
        msg = f"bootstrap.servers: no name resolves; {problem}"
        raise ConfigError(msg)
    return config.model_copy(update={"bootstrap_servers": list(servers)})
