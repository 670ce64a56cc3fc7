"""One plain sentence for each event about who asks, what he may do, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.faults.text import duration_text
from sim.trace import events as cluster

if TYPE_CHECKING:
    from collections.abc import Sequence


def sentence_of_rights(event: Any) -> str | None:
    """Say what happened; None for an event of another kind."""
    match event:
        case cluster.AuthorizerBegan():
            whose = f", {', '.join(event.super_users)} may everything" if event.super_users else ""
            rest = "what no rule is about is open to all" if event.is_open else "what no rule allows is refused"
            rules = "1 rule" if len(event.rules) == 1 else f"{len(event.rules)} rules"
            return f"brokers look at who may do what: {rules}{whose}, {rest}"
        case cluster.AuthorizationRefused():
            what = f"{event.operation} {resource_text(event.kind, event.name)}"
            return f"b{event.broker} refuses {event.principal} from {event.client} ({event.api}): it may not {what}"
        case cluster.ClientAuthenticated():
            return f"{event.client} is {event.principal} to b{event.broker}, by {event.mechanism}"
        case cluster.AuthenticationFailed():
            by = f" by {event.mechanism}" if event.mechanism else ""
            return f"b{event.broker} does not believe {event.client} who it is{by}: {event.reason}"
        case cluster.QuotaBegan():
            return f"{event.limit} of quota {event.entity} is {event.value} from the start"
        case cluster.ClientThrottled():
            who = event.client_id or event.client
            return f"{who} exceeds its {event.quota} quota at b{event.broker}, and is not read for {duration_text(event.throttle_us)}"
        case _:
            return None


def rule_text(rule: Sequence[str]) -> str:
    """Say a rule that is given as the fields of `AclCreated` behind its time."""
    kind, name, pattern, principal, host, operation, permission = rule
    may = "may" if permission == "ALLOW" else "may not"
    star = "*" if pattern == "PREFIXED" else ""
    where = "" if host == "*" else f" from {host}"
    return f"{principal} {may} {operation} {kind.lower().replace('_', ' ')} {name}{star}{where}"


def resource_text(kind: str, name: str) -> str:
    """Name a resource: `topic orders`, `the cluster`, `any topic`."""
    words = kind.lower().replace("_", " ")
    return "the cluster" if kind == "CLUSTER" else f"any {words}" if name == "*" else f"{words} {name}"
