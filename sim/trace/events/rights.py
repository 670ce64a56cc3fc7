"""Who may do what, and how much, when a cluster begins; and who was refused what he may not do."""

from __future__ import annotations

from typing import NamedTuple


class AuthorizerBegan(NamedTuple):
    """A new cluster looks at who may do what; rules that come and go later are `AclCreated` and `AclDeleted`."""

    at_us: int
    super_users: tuple[str, ...]
    """May everything: `User:admin`."""
    is_open: bool
    """What no rule is about is open to all (allow.everyone.if.no.acl.found)."""
    rules: tuple[tuple[str, ...], ...]
    """Those of a new cluster, each as the fields of `AclCreated` behind its time."""


class QuotaBegan(NamedTuple):
    """A new cluster has a quota; changes come as `SettingAltered`."""

    at_us: int
    entity: str
    """`client-id=app`, `user=alice client-id=<default>`."""
    limit: str
    """`producer_byte_rate`, …"""
    value: str


class AuthorizationRefused(NamedTuple):
    """Somebody asked for what no rule allows him, or one denies him, and is told so (Kafka's authorizer logs the same, at INFO)."""

    at_us: int
    broker: int
    """Whom the client asked; of what a controller decides, who passed it on."""
    api: str
    client: str
    client_id: str
    """What the client calls itself (client.id)."""
    principal: str
    """On whose behalf it asks: `User:alice`."""
    operation: str
    """WRITE, DESCRIBE, …"""
    kind: str
    """TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, …"""
    name: str
    """`*` where there is no resource of that kind to which it may be done."""
