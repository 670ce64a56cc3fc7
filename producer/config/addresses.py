"""How `bootstrap.servers` is read: hosts and ports, as `ClientUtils.parseAndValidateAddresses` takes them."""

from __future__ import annotations

import re

from producer.errors import ConfigError

_ADDRESS = re.compile(r"(?:\w+://)?(?:\[([\w:.%-]+)\]|([\w:.%-]+)):(\d+)", re.ASCII)


def parse_address(server: str) -> tuple[str, int]:
    """Read `host:port`, an IPv6 host with or without brackets; a protocol before it is passed over, as in Kafka.

    Raises ConfigError naming it.
    """
    found = _ADDRESS.fullmatch(server)
    if found is None or not 0 < int(found[3]) < 1 << 16:
        msg = f"bootstrap.servers has {server!r}, must be host:port"
        raise ConfigError(msg)
    return found[1] or found[2], int(found[3])
