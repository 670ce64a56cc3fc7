"""`bootstrap.servers` as librdkafka reads it: a port may be missing, a place empty, and what cannot be read is left out."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

from producer.config.addresses import parse_address, written_address
from producer.errors import ConfigError

log = logging.getLogger(__name__)

PORT = 9092
PROTOCOLS = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
NOWHERE = "no-bootstrap-servers.invalid:9092"
"""Never a name (RFC 2606): a producer without servers is none that fails to be made, but one that finds no broker."""

_NUMBER = re.compile(r"\s*[+-]?\d+", re.ASCII)


class _Parsed(NamedTuple):
    host: str
    port: int


def servers_of(text: str | None, protocol: str) -> list[str]:
    """Read the list; `protocol` is the security protocol, which a server's own must be."""
    servers = []
    rest = text or ""
    while rest := rest.lstrip(", "):
        one, _, rest = rest.partition(",")
        parsed = _parse(one, protocol)
        if parsed is None:
            log.warning("bootstrap.servers has %r, which is no server with security.protocol=%s: it and what is behind it "
                        "are left out", one, protocol)  # fmt: skip
            break
        server = written_address(*parsed)
        try:
            parse_address(server)
        except ConfigError:
            log.warning("bootstrap.servers has %r, where no broker can be", one)
            continue
        servers.append(server)
    if not servers:
        log.warning("bootstrap.servers names nobody: no broker will be found")
    return servers or [NOWHERE]


def _parse(one: str, protocol: str) -> _Parsed | None:
    its_protocol, mark, host = one.partition("://")
    if mark:
        if its_protocol.lower() != protocol.lower() or protocol.lower() not in PROTOCOLS:
            return None
        host = host.partition("/")[0]
    else:
        host = one
    port = PORT
    before, colon, behind = host.rpartition(":")
    # Several colons, and no bracket before the last one, are an IPv6 address without a port.
    if colon and (":" not in before or before.endswith("]")):
        found = _NUMBER.match(behind)
        host, port = before, (int(found[0]) if found else 0) % (1 << 16)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return _Parsed(host or "localhost", port)
