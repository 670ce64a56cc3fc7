"""What there is to choose for a fault more: every kind of the catalogue, and the targets that are there at a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sim.clients.drivers import PRODUCER
from sim.cluster.applications import life_of
from sim.faults import FAULT_TYPES, parse_fault

if TYPE_CHECKING:
    from sim.tui.view_model import State


class FaultKind(NamedTuple):
    """One kind of fault of the catalogue."""

    verb: str
    meaning: str
    """What it does, in one sentence."""
    example: str

    @property
    def brief(self) -> str:
        """What it does, up to the first pause for breath; nothing behind that takes it back."""
        return re.split(r"[,;:(]| until ", self.meaning)[0].strip().rstrip(".")


def fault_kinds() -> tuple[FaultKind, ...]:
    """Give every kind of the catalogue; one that is said of brokers and of applications is one."""
    found: dict[str, FaultKind] = {}
    for kind in FAULT_TYPES:
        verb, meaning = kind.EXAMPLE.split()[0], (kind.__doc__ or "").partition("\n")[0]
        known = found.get(verb)
        example = kind.EXAMPLE if known is None else f"{known.example} | {kind.EXAMPLE}"
        found[verb] = FaultKind(verb, meaning if known is None else known.meaning, example)
    return tuple(found.values())


def offers(state: State, verb: str) -> list[str]:
    """Give the faults of a kind, as text, whose targets are there at this moment; the likeliest first."""
    return [text for text in dict.fromkeys(_offers(state, verb)) if _is_fault(text)]


def _is_fault(text: str) -> bool:
    try:
        parse_fault(text)
    except ValueError:
        return False
    return True


def _offers(state: State, verb: str) -> Iterator[str]:
    brokers = [f"b{broker}" for broker in sorted(state.brokers)] or ["b1"]
    partitions = [f"{where.topic}-{where.partition}" for where in sorted(state.partitions)] or ["orders-0"]
    topics = sorted({where.topic for where in state.partitions}) or ["orders"]
    clients = sorted(name for name, one in state.applications.items() if not one.is_raw) or [PRODUCER]
    applications = list(dict.fromkeys(life_of(client)[0] for client in clients))
    leaders = [f"leader({partition})" for partition in partitions]
    groups = list(dict.fromkeys(state.members.values())) or [("billing", "classic")]
    match verb:
        case "crash" | "pause" | "stop":
            coordinators = [f"coordinator({group})" for group, _ in dict.fromkeys(state.members.values())]
            for target in (*leaders, *(f"followers({one})" for one in partitions), *coordinators, *brokers):
                yield f"{verb} {target}"
            if verb in {"pause", "stop"}:
                for client in clients:
                    yield f"{verb} {client}"
            if verb != "stop":
                yield f"{verb} controller"
            if verb == "crash":
                for target in (*leaders, *brokers):
                    yield f"crash {target}, unflushed lost"
                    yield f"crash {target}, wiped"
        case "restart" | "resume":
            for broker in brokers:
                yield f"{verb} {broker}"
            yield f"{verb} controller"
            for one in applications:
                yield f"{verb} {one}"
        case "roll":
            yield "roll all"
            for one in partitions:
                yield f"roll followers({one})"
        case "start" | "kill" | "replace":
            for one in applications:
                yield f"{verb} {one}"
        case "deploy":
            for one in applications:
                yield f"deploy {one} version 2"
        case "slow":
            for target in (*leaders, *brokers):
                yield f"slow {target} x100"
        case "clock":
            for target in (*leaders, *clients, *brokers):
                yield f"clock {target} 7200s behind"
                yield f"clock {target} 7200s ahead"
        case "move":
            yield from _leader_moves(state)
            yield f"move {partitions[0]}"
        case "elect":
            for one in partitions:
                yield f"elect {one} unclean"
                yield f"elect {one} preferred"
        case "alter":
            for topic in topics:
                yield f"alter topic {topic} set min.insync.replicas=1"
                yield f"alter topic {topic} set unclean.leader.election.enable=true"
                yield f"alter topic {topic} set max.message.bytes=2000"
            yield "alter brokers set unclean.leader.election.enable=true"
        case "quota":
            for one in (*applications, "<default>"):
                yield f"quota client-id={one} producer_byte_rate=10000"
                yield f"quota client-id={one} remove producer_byte_rate"
        case "grant" | "deny" | "revoke":
            for who in (*[f"User:{one}" for one in applications], "User:*"):
                for topic in topics:
                    yield f"{verb} {who} WRITE topic {topic}"
                    yield f"{verb} {who} READ topic {topic}"
        case "rotate" | "shred":
            # Which tenants there are, no event says: this one is a key service's first in every story of ours.
            yield f"{verb} key of acme"
        case "shrink":
            for one in partitions:
                yield f"shrink {one} by followers({one}) for 2s"
        case "grow":
            for topic in topics:
                count = sum(where.topic == topic for where in state.partitions)
                yield f"grow {topic} to {count + 1} partitions"
        case "delete" | "create":
            there = {where.topic for where in state.partitions}
            for topic in sorted(state.min_insync_replicas):
                if (topic in there) == (verb == "delete"):
                    yield f"{verb} {topic}"
            yield f"create {topics[0]}.more with 3 partitions" if verb == "create" else f"delete {topics[0]}"
        case "hold" | "cut" | "reject" | "open" | "reset":
            for one in (*clients, *state.members, *brokers):
                yield f"{verb} {one} <-> *"
            for client in clients:
                for target in leaders:
                    yield f"{verb} {client} <-> {target}"
                    yield f"{verb} {target} -> {client}"
        case "read":
            for topic in topics:
                yield f"read {topic}"
                for group, protocol in groups:
                    yield f"read {topic} in {'' if protocol == 'classic' else f'{protocol} '}group {group}"
        case "close":
            for member in state.members or ["reader-1"]:
                yield f"close {member}"
        case "write":
            for one in partitions:
                yield f"write {one}"
                for client in clients:
                    yield f"write {one}, of {client}"
        case "truncate":
            for one in partitions:
                for broker in brokers:
                    yield f"truncate {one} on {broker} by 1 batch"
        case "unsync":
            for one, target in zip(partitions, leaders, strict=True):
                yield f"unsync {one} on {','.join(brokers)}"
                yield f"unsync {one} on {target}"
        case "flip":
            for one, target in zip(partitions, leaders, strict=True):
                for broker in (target, *brokers):
                    yield f"flip {one} on {broker} at offset 0"
        case "fail" | "repair":
            for target in (*leaders, *brokers):
                yield f"{verb} log directory 1 of {target}"
                yield f"{verb} log directory 2 of {target}"
                if verb == "repair":
                    yield f"{verb} log directory 2 of {target}, wiped"
        case "detain":
            for one, target in zip(partitions, leaders, strict=True):
                yield f"detain Produce {one} x1 to {target} for 40s"
        case "lose":
            for one, target in zip(partitions, leaders, strict=True):
                yield f"lose Produce {one} x1 to {target} then stall"
                yield f"lose Produce {one} x1 to {target} then reset"
        case "drop" | "delay" | "answer":
            for one, target in zip(partitions, leaders, strict=True):
                yield from _answers(verb, one, target)
        case _:
            yield from ()


def _leader_moves(state: State) -> Iterator[str]:
    for where, known in sorted(state.partitions.items()):
        for broker in sorted(known.isr):
            if broker != known.leader:
                yield f"move {where.topic}-{where.partition} to b{broker}"


def _answers(verb: str, partition: str, leader: str) -> Iterator[str]:
    match verb:
        case "drop":
            yield f"drop Produce {partition} x1 by {leader} then reset"
            yield f"drop Produce {partition} x1 by {leader} then stall"
        case "delay":
            yield f"delay Produce {partition} x1 by {leader} for 300ms"
            yield f"delay Produce {partition} x1 by {leader} for 40s"
        case _:
            for code in ("NOT_ENOUGH_REPLICAS", "NOT_LEADER_OR_FOLLOWER", "MESSAGE_TOO_LARGE"):
                yield f"answer Produce {partition} {code} x1 by {leader}"
            yield f"answer Produce {partition} NOT_LEADER_OR_FOLLOWER x1 by {leader} after append"
