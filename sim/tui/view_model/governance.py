"""What a screen shows of governance: who may do what, who was refused or held back, what policies said, and who writes what for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

NOWHERE = -1
"""In place of the number of an event: there was none."""

Rule = tuple[str, ...]
"""The fields of `AclCreated` behind its time."""


class Authorizer(NamedTuple):
    """That brokers look at who may do what, and at whom they do not."""

    super_users: tuple[str, ...]
    is_open: bool
    """What no rule is about is open to all."""


class Principal(NamedTuple):
    """Who a client is to brokers, as far as that was told."""

    name: str
    mechanism: str = ""
    """How it proved it; empty where nobody said so."""


class Refused(NamedTuple):
    """What somebody was told that he may not do."""

    times: int
    last_event: int


class Trouble(NamedTuple):
    """How often a client met one error."""

    retried: int = 0
    """Batches that were to be tried again."""
    failed: int = 0
    """Records of which the application was told that they are not written."""
    unknown: int = 0
    """Records of which nobody knows."""
    told: int = 0
    """Times that it was told outside of a record: logins."""
    last_event: int = NOWHERE


class Throttled(NamedTuple):
    """How often and how long a client was not read for a quota's sake."""

    times: int
    total_us: int
    until_us: int
    """When the latest of it is over."""
    last_event: int


class Ruled(NamedTuple):
    """What a client's policy said of its records for one topic, or what became of them at a gateway."""

    passed: int = 0
    refused: int = 0
    dead_lettered: int = 0
    counted: int = 0
    """Of those that passed: something is wrong with them all the same."""
    plain: int = 0
    """Of those that passed: in plaintext, as no key could be had."""
    is_at_gateway: bool = False
    """Whether a gateway told, not a client's own policy."""
    handed_on: int = 0
    """By a gateway, each time: whether a policy said anything of them, a trace does not tell."""
    changed: int = 0
    """Of those handed on: in batches in which a policy hid something."""
    violations: str = ""
    """The latest: fields and rules, never a value."""
    last_event: int = NOWHERE


class Key(NamedTuple):
    """What became of a client's latest question for a key."""

    version: int
    error: str
    """Why it has none; empty if it has."""
    last_event: int


class Audited(NamedTuple):
    """What an audit has on its disk."""

    client: str
    """The life that keeps it."""
    intents: int = 0
    outcomes: int = 0
    torn: int = 0
    """How often a life found half a line at the end."""
    without_outcome: int = 0
    """Intents that a life found and nobody will tell the end of: the latest."""
    last_event: int = NOWHERE


class Flow(NamedTuple):
    """What one client writes to one topic."""

    sent: int = 0
    acknowledged: int = 0
    schema: str = ""
    """Subject and version of the latest value; empty where nobody said so."""
    last_event: int = NOWHERE


class Reading(NamedTuple):
    """What one client reads from one topic."""

    read: int
    last_event: int


@dataclass(slots=True)
class Governance:
    """All of it after one event; what it holds is never changed, only replaced."""

    authorizer: Authorizer | None = None
    rules: dict[Rule, int] = field(default_factory=dict)
    """Those in force, by the controller's word, and the event that told of each."""
    changed: tuple[int, ...] = ()
    """Events at which rules came or went behind the begin."""
    principals: dict[str, Principal] = field(default_factory=dict)
    """By client."""
    refused: dict[tuple[str, str, str, str], Refused] = field(default_factory=dict)
    """(principal, operation, kind, name) -> how often."""
    troubles: dict[tuple[str, int], Trouble] = field(default_factory=dict)
    """(client, Kafka's error code) -> how often."""
    quotas: dict[tuple[str, str], str] = field(default_factory=dict)
    """(entity, limit) -> its value."""
    throttled: dict[tuple[str, str, str], Throttled] = field(default_factory=dict)
    """(client id, user, quota) -> how much."""
    rulings: dict[tuple[str, str], Ruled] = field(default_factory=dict)
    """(client, topic) -> what its policy said."""
    keys: dict[tuple[str, str], Key] = field(default_factory=dict)
    """(client, whose key) -> what it was told last."""
    tenants: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Tenant -> version of its key since it was last changed, 0 where they are deleted, and the event that told so."""
    secrets: dict[str, int] = field(default_factory=dict)
    """What is to lie on no disk as it is, by its name, and the event that told so."""
    audits: dict[str, Audited] = field(default_factory=dict)
    """By name."""
    writes: dict[tuple[str, str], Flow] = field(default_factory=dict)
    """(client, topic) -> what it writes there."""
    reads: dict[tuple[str, str], Reading] = field(default_factory=dict)
    """(client, topic) -> what it reads there; whoever reads all back at the end is not counted."""

    def copy(self) -> Governance:
        """Give another with the same content."""
        return Governance(
            self.authorizer, self.rules.copy(), self.changed, self.principals.copy(), self.refused.copy(),
            self.troubles.copy(), self.quotas.copy(), self.throttled.copy(), self.rulings.copy(), self.keys.copy(),
            self.tenants.copy(), self.secrets.copy(), self.audits.copy(), self.writes.copy(), self.reads.copy(),
        )  # fmt: skip

    @property
    def is_plain(self) -> bool:
        """Whether nobody is told apart, limited or refused: there is nothing to say but who writes what."""
        seen = (
            self.principals
            or self.quotas
            or self.throttled
            or self.troubles
            or self.rulings
            or self.keys
            or self.audits
        )
        return self.authorizer is None and not seen

    @property
    def clients(self) -> list[str]:
        """Whoever writes, reads, proved who he is or met an error, in the order of their names."""
        everybody = [*self.writes, *self.reads]
        return sorted(
            {*self.principals, *(client for client, _ in everybody), *(client for client, _ in self.troubles)}
        )
