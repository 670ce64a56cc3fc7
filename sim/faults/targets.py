"""Whom a fault strikes: a broker by its number, or by its role at the moment of the injection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sim.faults.text import PARTITION, FaultTextError, topic_partition

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.cluster import Cluster

T = TypeVar("T")

NUMBER = r"b\d+"
HOST = r"(?:[A-Za-z][\w.-]*|\d+(?:\.\d+){3})"
"""A name, or the IPv4 address of clients that come from outside."""
GROUP = r"[\w.-]+"


class NotInjectedError(Exception):
    """A fault could not take effect: nobody holds the role it names, or the cluster forbids it now."""


def of_the_story(found: T | None, otherwise: str) -> T:
    """Give what only a story has, a cluster alone has not. Raises NotInjectedError, saying what there is `otherwise`."""
    if found is None:
        raise NotInjectedError(f"no story is told here: {otherwise}")
    return found


@dataclass(frozen=True, slots=True)
class Leader:
    """Whoever leads this partition when the fault strikes."""

    leader_of: str
    """As `orders-0`."""

    def __post_init__(self) -> None:
        topic_partition(self.leader_of)

    def __str__(self) -> str:
        return f"leader({self.leader_of})"


@dataclass(frozen=True, slots=True)
class Followers:
    """Every replica of this partition that does not lead it when the fault strikes."""

    followers_of: str
    """As `orders-0`."""

    def __post_init__(self) -> None:
        topic_partition(self.followers_of)

    def __str__(self) -> str:
        return f"followers({self.followers_of})"


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Whoever coordinates this group when the fault strikes: the leader of its partition of `__consumer_offsets`."""

    coordinator_of: str
    """The group's id."""

    def __post_init__(self) -> None:
        if re.fullmatch(GROUP, self.coordinator_of) is None:
            raise FaultTextError(
                f"{self.coordinator_of!r} is not a group that a fault can name: letters, digits, . _ -"
            )

    def __str__(self) -> str:
        return f"coordinator({self.coordinator_of})"


@dataclass(frozen=True, slots=True)
class TransactionCoordinator:
    """Whoever coordinates this transactional id when the fault strikes: the leader of its partition of `__transaction_state`."""

    transaction_coordinator_of: str
    """The transactional id."""

    def __post_init__(self) -> None:
        if re.fullmatch(GROUP, self.transaction_coordinator_of) is None:
            raise FaultTextError(
                f"{self.transaction_coordinator_of!r} is not a transactional id that a fault can name: "
                "letters, digits, . _ -"
            )

    def __str__(self) -> str:
        return f"transaction_coordinator({self.transaction_coordinator_of})"


Role = Leader | Followers | Coordinator | TransactionCoordinator
Target = int | tuple[int, ...] | Leader | Followers | Coordinator | TransactionCoordinator
"""One broker, several, or a role."""
OneTarget = int | Leader | Coordinator | TransactionCoordinator
"""Exactly one broker."""
HostTarget = int | Leader | Coordinator | TransactionCoordinator | str
"""One host: a broker, a role, or a client or the controller by name."""

_ROLE_OF_ONE = rf"leader\({PARTITION}\)|(?:transaction_)?coordinator\({GROUP}\)"
TARGET = rf"(?:{NUMBER}(?:,{NUMBER})*|{_ROLE_OF_ONE}|followers\({PARTITION}\))"
ONE_TARGET = rf"(?:{NUMBER}|{_ROLE_OF_ONE})"
HOST_TARGET = rf"(?:{_ROLE_OF_ONE}|{HOST})"


def leader(partition: str) -> Leader:
    """Whoever leads `orders-0` at that moment."""
    return Leader(partition)


def followers(partition: str) -> Followers:
    """Every replica of `orders-0` but its leader at that moment."""
    return Followers(partition)


def broker_number(name: str | int) -> int:
    """Read `b1`, `1` or 1. Raises FaultTextError."""
    text = str(name).removeprefix("b")
    if not text.isdigit():
        raise FaultTextError(f"{name!r} is not a broker: expected b1, b2, …")
    return int(text)


def target_text(target: Target | HostTarget) -> str:
    """Write a target as `b1`, `b2,b3`, `leader(orders-0)`, `producer-1`."""
    if isinstance(target, int):
        return f"b{target}"
    if isinstance(target, tuple):
        return ",".join(f"b{number}" for number in target)
    return str(target)


def parse_target(text: str) -> Target:
    """Read what `target_text` writes of brokers. Raises FaultTextError."""
    role, bracket, rest = text.partition("(")
    if bracket and rest.endswith(")"):
        if role == "leader":
            return Leader(rest[:-1])
        if role == "followers":
            return Followers(rest[:-1])
        if role == "coordinator":
            return Coordinator(rest[:-1])
        if role == "transaction_coordinator":
            return TransactionCoordinator(rest[:-1])
        raise FaultTextError(
            f"{text!r} is not a role: expected leader(orders-0), followers(orders-0), coordinator(group) "
            "or transaction_coordinator(transactional-id)"
        )
    numbers = tuple(broker_number(part) for part in text.split(","))
    return numbers[0] if len(numbers) == 1 else numbers


def parse_one(text: str) -> OneTarget:
    """Read a target that is one broker. Raises FaultTextError."""
    target = parse_target(text)
    if not isinstance(target, (int, Leader, Coordinator, TransactionCoordinator)):
        raise FaultTextError(f"{text!r} may be several brokers: expected one, such as b1 or leader(orders-0)")
    return target


def parse_host(text: str) -> HostTarget:
    """Read a target that is one host. Raises FaultTextError."""
    if text.startswith(("leader(", "coordinator(", "transaction_coordinator(")):
        return parse_one(text)
    return broker_number(text) if text[0] == "b" and text[1:].isdigit() else text


def brokers(target: Target, cluster: Cluster) -> tuple[int, ...]:
    """Resolve a target against the cluster as it is now. Raises NotInjectedError if nobody has the role."""
    match target:
        case int():
            return (target,)
        case tuple():
            return target
        case Leader(partition):
            found = cluster.leader_of(topic_partition(partition))
            if found < 0:
                raise NotInjectedError(f"{partition} has no leader")
            return (found,)
        case Followers(partition):
            replicas = tuple(sorted(cluster.followers_of(topic_partition(partition))))
            if not replicas:
                raise NotInjectedError(f"{partition} has no followers")
            return replicas
        case Coordinator(group):
            found = cluster.coordinator_of(group)
            if found < 0:
                raise NotInjectedError(f"nobody coordinates {group}")
            return (found,)
        case TransactionCoordinator(transactional_id):
            found = cluster.transaction_coordinator_of(transactional_id)
            if found < 0:
                raise NotInjectedError(f"nobody coordinates transactions of {transactional_id}")
            return (found,)


def resolve(target: Target, cluster: Cluster) -> Target:
    """Give the brokers behind a target by number. Raises NotInjectedError if nobody has the role."""
    found = brokers(target, cluster)
    return found[0] if len(found) == 1 else found


def for_each(target: Target, cluster: Cluster, strike: Callable[[int], object]) -> tuple[int, ...]:
    """Strike each broker behind a target; gives those that could be struck.

    Raises NotInjectedError if the cluster forbids it for every one of them.
    """
    struck, reasons = [], []
    for broker in brokers(target, cluster):
        try:
            strike(broker)
        except ValueError as error:
            reasons.append(str(error))
        else:
            struck.append(broker)
    if not struck:
        raise NotInjectedError("; ".join(reasons))
    return tuple(struck)


def one_broker(target: OneTarget, cluster: Cluster) -> int:
    """Resolve a target that is one broker. Raises NotInjectedError if nobody has the role."""
    return brokers(target, cluster)[0]


def known_host(target: HostTarget, cluster: Cluster) -> str:
    """Resolve a target to the name of its host on the network. Raises NotInjectedError if there is none."""
    name = target if isinstance(target, str) else f"b{one_broker(target, cluster)}"
    if name == "controller":
        # One of several is whichever is active now.
        name = cluster.quorum.named(name)
    if name not in cluster.network.hosts:
        hosts = ", ".join(sorted(cluster.network.hosts))
        raise NotInjectedError(f"no host {name!r} on the network; there are {hosts}")
    return name
