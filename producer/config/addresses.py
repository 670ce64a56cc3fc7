"""How servers are named: hosts and ports, as `ClientUtils.parseAndValidateAddresses` takes them."""

from __future__ import annotations

import ipaddress
import re

from producer.errors import ConfigError

_PROTOCOL = re.compile(r"\A[\w%.-]*://", re.ASCII)
_ADDRESS = re.compile(r"(?:\[([\w:.%-]+)\]|([\w:.%-]+)):(\d+)", re.ASCII)
_BARE_HOST = re.compile(r"\[([\w:.%-]+)\]|([\w:.%-]+)", re.ASCII)


def parse_address(server: str, *, port_default: int | None = None) -> tuple[str, int]:
    """Read `host:port`, an IPv6 host with or without brackets; a protocol before it is passed over, as in Kafka.

    `port_default` is for who speaks as kafka-python does: there a host may stand alone, and whatever is an IPv6 address has
    no port. Kafka takes the last part of `2001:db8::7:9092` for the port.

    Raises ConfigError naming it.
    """
    named = _PROTOCOL.sub("", server)
    host, port = _split(named, port_default)
    if not host or not 0 < port < 1 << 16 or (":" in host and not _is_ipv6(host)):
        hint = "; an IPv6 host and its port are written [::1]:9092" if named.count(":") > 1 else ""
        msg = f"bootstrap.servers has {server!r}, must be host:port{hint}"
        raise ConfigError(msg)
    return host, port


def written_address(host: str, port: int) -> str:
    """Write a host and a port so that nobody takes a part of one for the other."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _split(named: str, port_default: int | None) -> tuple[str, int]:
    """Give host and port; no host if it is of another form."""
    if port_default is not None:
        bare = _BARE_HOST.fullmatch(named)
        if bare is not None and (":" not in named or _is_ipv6(bare[1] or bare[2])):
            return bare[1] or bare[2], port_default
    found = _ADDRESS.fullmatch(named)
    return ("", 0) if found is None else (found[1] or found[2], int(found[3]))


def _is_ipv6(host: str) -> bool:
    """Whether it is an IPv6 address, perhaps with the interface that it is reached by (`fe80::1%eth0`)."""
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
