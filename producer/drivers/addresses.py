"""`client.dns.lookup=use_all_dns_ips`: which of a name's addresses an attempt to connect begins with."""

from __future__ import annotations

from typing import Any

HOSTS_MAX = 1_024
"""More names than a cluster has brokers: only a peer that makes names up gets there, and the oldest are forgotten."""

Found = tuple[Any, ...]
"""What `getaddrinfo` gives for one address; the address itself stands last."""


class Addresses:
    """Begins each attempt behind the address that was tried last: one that answers nothing takes a whole attempt's time.

    So also when a connection had been there, for the address may be why it ended (ClusterConnectionStates.resolveAddresses).
    """

    def __init__(self) -> None:
        self._tried: dict[tuple[str, int], Any] = {}
        """By name and port, the oldest first."""

    def in_turn(self, host: str, port: int, found: list[Found]) -> list[Found]:
        """Give what a lookup found, in the order in which to try it."""
        addresses = [address for *_, address in found]
        last = self._tried.get((host, port))
        begin = addresses.index(last) + 1 if last in addresses else 0
        return found[begin:] + found[:begin]

    def try_next(self, host: str, port: int, address: Any) -> None:
        """Remember that this address of the name is tried now."""
        self._tried.pop((host, port), None)
        self._tried[host, port] = address
        if len(self._tried) > HOSTS_MAX:
            del self._tried[next(iter(self._tried))]
