"""Unlawful: something was written by whom no rule let write it, somebody was refused what every rule let him do, or was read while he had to wait.

No promise about records breaks by it, so it is no guarantee of `sim.judges.guarantees`; it is what a search looks for besides where a
story's cluster has an authorizer, or quotas. Brokers decide by the rules that they have heard of. Where nothing strikes but changes of rights and quotas they hear
within milliseconds, and what held in the last fifth of a second counts; where anything else does, a broker may be cut off, and only what all rules
since the begin agree on is held against it. The rules are read here by themselves, one by
one, as Kafka states them: super users may everything, who denies is heard first, a right to read, write, delete or alter implies the one to describe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.faults import Deny, Grant, Revoke, SetQuota
from sim.judges.history import is_of_services
from sim.trace.events import (
    AclCreated,
    AclDeleted,
    AuthorizationRefused,
    AuthorizerBegan,
    BatchAppended,
    ClientAuthenticated,
    ClientThrottled,
    RequestReceived,
)
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.judges.report import Report

NAME = "unlawful"
HEARD_US = SECOND_US // 5
ANYBODY, ANYTHING = "User:*", "*"
_IMPLYING = {"DESCRIBE": ("READ", "WRITE", "DELETE", "ALTER"), "DESCRIBE_CONFIGS": ("ALTER_CONFIGS",)}
"""Which rights imply these."""

Rule = tuple[str, ...]
"""Kind, name, pattern, principal, host, operation, permission."""


class _Asked(NamedTuple):
    principal: str
    host: str
    operation: str
    kind: str
    name: str


def unlawful(report: Report) -> str:
    """Say what a run let in that might not be, or refused that might; empty if nothing."""
    is_heard = all(isinstance(entry.fault, (Grant, Deny, Revoke, SetQuota)) for entry in report.schedule)
    return unlawful_in(report.trace, HEARD_US if is_heard else None)


def unlawful_in(events: Iterable[Any], heard_us: int | None) -> str:
    """Do so for a trace. `heard_us`: how late a broker may hear of a change; None: nobody knows."""
    law: _Law | None = None
    who: dict[tuple[str, int], str] = {}
    waits: dict[tuple[int, str, int], int] = {}
    for event in events:
        match event:
            case AuthorizerBegan():
                law = _Law(event, heard_us)
            case AclCreated() | AclDeleted() if law is not None:
                law.change(event.at_us, tuple(event[1:]), holds=isinstance(event, AclCreated))
            case ClientThrottled():
                waits[event.broker, event.client, event.connection] = event.at_us + event.throttle_us
            case RequestReceived() if event.at_us < waits.get((event.broker, event.client, event.connection), 0):
                return f"b{event.broker} read a request of {event.client} that had to wait for its quota's sake"
            case ClientAuthenticated():
                who[event.client, event.connection] = event.principal
            case BatchAppended() if law is not None and event.client and not is_of_services(event.topic):
                principal = who.get((event.client, event.connection), "User:ANONYMOUS")
                asked = _Asked(principal, event.client, "WRITE", "TOPIC", event.topic)
                if law.never(asked, event.at_us):
                    return f"b{event.broker} let {principal} write to {event.topic}, which no rule allowed"
            case AuthorizationRefused() if law is not None and event.kind == "TOPIC" and event.name != ANYTHING:
                asked = _Asked(event.principal, event.client, event.operation, event.kind, event.name)
                if law.always(asked, event.at_us):
                    return f"b{event.broker} refused {event.principal} {event.operation} of {event.name}, which the rules allowed"
            case _:
                pass
    return ""


class _Law:
    """Every set of rules that ever held, and until when."""

    def __init__(self, begun: AuthorizerBegan, heard_us: int | None) -> None:
        self._heard_us = heard_us
        self._super_users = begun.super_users
        self._is_open = begun.is_open
        self._rules: dict[Rule, None] = dict.fromkeys(begun.rules)
        self._past: list[tuple[int, tuple[Rule, ...]]] = []
        """Until when, and which rules held."""

    def change(self, at_us: int, rule: Rule, *, holds: bool) -> None:
        """A rule holds from now on, or no longer."""
        self._past.append((at_us, tuple(self._rules)))
        if holds:
            self._rules[rule] = None
        else:
            self._rules.pop(rule, None)

    def never(self, asked: _Asked, now_us: int) -> bool:
        return not any(self._allows(rules, asked) for rules in self._may_hold(now_us))

    def always(self, asked: _Asked, now_us: int) -> bool:
        return all(self._allows(rules, asked) for rules in self._may_hold(now_us))

    def _may_hold(self, now_us: int) -> list[tuple[Rule, ...]]:
        """Give the sets of rules by which a broker may decide now."""
        since_us = 0 if self._heard_us is None else now_us - self._heard_us
        return [*(rules for until_us, rules in self._past if until_us >= since_us), tuple(self._rules)]

    def _allows(self, rules: tuple[Rule, ...], asked: _Asked) -> bool:
        if asked.principal in self._super_users:
            return True
        about = [one for one in rules if one[0] == asked.kind and _is_about(one, asked.name)]
        mine = [one for one in about if one[3] in {asked.principal, ANYBODY} and one[4] in {asked.host, ANYTHING}]
        if any(one[6] == "DENY" and one[5] in {asked.operation, "ALL"} for one in mine):
            return False
        enough = {asked.operation, "ALL", *_IMPLYING.get(asked.operation, ())}
        return any(one[6] == "ALLOW" and one[5] in enough for one in mine) or (self._is_open and not about)


def _is_about(rule: Rule, name: str) -> bool:
    _, named, pattern, *_ = rule
    return name.startswith(named) if pattern == "PREFIXED" else named in {name, ANYTHING}
