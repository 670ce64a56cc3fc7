"""How rights, quotas, logins, errors and records change what a screen shows of governance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producer import events as engine
from producer.errors import Code
from sim.clients.reader import CONSUMER
from sim.trace import events as cluster
from sim.tui.view_model.governance import (
    Audited,
    Authorizer,
    Flow,
    Governance,
    Key,
    Principal,
    Reading,
    Refused,
    Ruled,
    Throttled,
    Trouble,
)

QUOTA = "quota "
"""How `SettingAltered` begins to say whose setting it is, where it is a quota's."""


def note(governance: Governance, event: Any, number: int) -> None:
    """Take an event of any kind; `number` is its place in the trace."""
    fold = FOLDS.get(type(event))
    if fold is not None:
        fold(governance, event, number)


# -- rights ------------------------------------------------------------------------------------------------------------


def _authorizer_began(known: Governance, event: cluster.AuthorizerBegan, number: int) -> None:
    known.authorizer = Authorizer(event.super_users, event.is_open)
    known.rules = dict.fromkeys(event.rules, number)


def _acl_created(known: Governance, event: cluster.AclCreated, number: int) -> None:
    known.rules[tuple(event[1:])] = number
    known.changed = (*known.changed, number)


def _acl_deleted(known: Governance, event: cluster.AclDeleted, number: int) -> None:
    known.rules.pop(tuple(event[1:]), None)
    known.changed = (*known.changed, number)


def _authorization_refused(known: Governance, event: cluster.AuthorizationRefused, number: int) -> None:
    key = event.principal, event.operation, event.kind, event.name
    before = known.refused.get(key)
    known.refused[key] = Refused(1 if before is None else before.times + 1, number)
    known.principals.setdefault(event.client, Principal(event.principal))


def _authenticated(known: Governance, event: cluster.ClientAuthenticated, _: int) -> None:
    known.principals[event.client] = Principal(event.principal, event.mechanism)


def _not_authenticated(known: Governance, event: cluster.AuthenticationFailed, number: int) -> None:
    _count(known, event.client, Code.SASL_AUTHENTICATION_FAILED, number, told=1)


# -- quotas ------------------------------------------------------------------------------------------------------------


def _quota_began(known: Governance, event: cluster.QuotaBegan, _: int) -> None:
    known.quotas[event.entity, event.limit] = event.value


def _altered(known: Governance, event: cluster.SettingAltered, _: int) -> None:
    if not event.whose.startswith(QUOTA):
        return
    key = event.whose.removeprefix(QUOTA), event.setting
    if event.value is None:
        known.quotas.pop(key, None)
    else:
        known.quotas[key] = event.value


def _throttled(known: Governance, event: cluster.ClientThrottled, number: int) -> None:
    key = event.client_id or event.client, event.user, event.quota
    before = known.throttled.get(key) or Throttled(0, 0, 0, number)
    until_us = max(before.until_us, event.at_us + event.throttle_us)
    known.throttled[key] = Throttled(before.times + 1, before.total_us + event.throttle_us, until_us, number)


# -- errors ------------------------------------------------------------------------------------------------------------


def _count(
    known: Governance,
    client: str,
    code: int,
    number: int,
    *,
    retried: int = 0,
    failed: int = 0,
    unknown: int = 0,
    told: int = 0,
) -> None:
    before = known.troubles.get((client, code)) or Trouble()
    known.troubles[client, code] = Trouble(
        before.retried + retried, before.failed + failed, before.unknown + unknown, before.told + told, number
    )


def _batch_retried(known: Governance, event: engine.BatchRetried, number: int) -> None:
    _count(known, event.client, event.code, number, retried=1)


def _record_failed(known: Governance, event: cluster.RecordFailed, number: int) -> None:
    is_sure = event.outcome == "failed"
    _count(known, event.client, event.code, number, failed=int(is_sure), unknown=int(not is_sure))


# -- policies and keys -------------------------------------------------------------------------------------------------


def _governed(known: Governance, event: cluster.RecordGoverned, number: int) -> None:
    key = event.client, event.topic
    before = known.rulings.get(key) or Ruled()
    has_passed = event.verdict == "passed"
    known.rulings[key] = before._replace(
        passed=before.passed + has_passed,
        refused=before.refused + (event.verdict == "refused"),
        dead_lettered=before.dead_lettered + (event.verdict == "dead lettered"),
        counted=before.counted + (has_passed and bool(event.violations)),
        plain=before.plain + (has_passed and event.is_plain),
        violations=event.violations or event.error or before.violations,
        last_event=number,
    )


def _passed_by(known: Governance, event: cluster.GatewayPassed, number: int) -> None:
    key = event.client, event.topic
    before = known.rulings.get(key) or Ruled()
    known.rulings[key] = before._replace(
        is_at_gateway=True,
        handed_on=before.handed_on + event.records,
        changed=before.changed + (event.records if event.made else 0),
        last_event=number,
    )


def _refused_by(known: Governance, event: cluster.GatewayRefused, number: int) -> None:
    key = event.client, event.topic
    before = known.rulings.get(key) or Ruled()
    # A batch is refused whole, and what cannot be decided is asked for again.
    refused = event.records if event.bad else 0
    known.rulings[key] = before._replace(
        is_at_gateway=True, refused=before.refused + refused, violations=event.why, last_event=number
    )


def _key_answered(known: Governance, event: cluster.KeyAnswered, number: int) -> None:
    known.keys[event.client, event.asked] = Key(event.version, event.error, number)


def _key_rotated(known: Governance, event: cluster.KeyRotated, number: int) -> None:
    known.tenants[event.tenant] = event.version, number


def _key_shredded(known: Governance, event: cluster.KeyShredded, number: int) -> None:
    known.tenants[event.tenant] = 0, number


def _secret_planted(known: Governance, event: cluster.SecretPlanted, number: int) -> None:
    known.secrets[event.secret] = number


# -- audits ------------------------------------------------------------------------------------------------------------


def _audit_opened(known: Governance, event: cluster.AuditOpened, number: int) -> None:
    before = known.audits.get(event.audit) or Audited(event.client)
    known.audits[event.audit] = before._replace(
        client=event.client,
        torn=before.torn + (event.torn_bytes > 0),
        without_outcome=event.without_outcome,
        last_event=number,
    )


def _audit_line(known: Governance, event: cluster.AuditLineKept, number: int) -> None:
    before = known.audits.get(event.audit) or Audited(event.client)
    known.audits[event.audit] = before._replace(
        intents=before.intents + (event.kind == "intent"),
        outcomes=before.outcomes + (event.kind == "outcome"),
        last_event=number,
    )


# -- who writes what for whom ------------------------------------------------------------------------------------------


def _sent(known: Governance, event: cluster.RecordSent, number: int) -> None:
    key = event.client, event.topic
    before = known.writes.get(key) or Flow()
    known.writes[key] = before._replace(sent=before.sent + 1, last_event=number)


def _acknowledged(known: Governance, event: cluster.RecordAcknowledged, number: int) -> None:
    key = event.client, event.topic
    before = known.writes.get(key) or Flow()
    known.writes[key] = before._replace(acknowledged=before.acknowledged + 1, last_event=number)


def _serialized(known: Governance, event: cluster.RecordSerialized, number: int) -> None:
    if event.subject:
        key = event.client, event.topic
        schema = f"{event.subject} version {event.version}" if event.version else event.subject
        known.writes[key] = (known.writes.get(key) or Flow())._replace(schema=schema, last_event=number)


def _read(known: Governance, event: cluster.RecordRead, number: int) -> None:
    if event.client != CONSUMER:
        key = event.client, event.topic
        before = known.reads.get(key)
        known.reads[key] = Reading(1 if before is None else before.read + 1, number)


FOLDS: dict[type[Any], Callable[[Governance, Any, int], None]] = {
    cluster.AuthorizerBegan: _authorizer_began,
    cluster.AclCreated: _acl_created,
    cluster.AclDeleted: _acl_deleted,
    cluster.AuthorizationRefused: _authorization_refused,
    cluster.ClientAuthenticated: _authenticated,
    cluster.AuthenticationFailed: _not_authenticated,
    cluster.QuotaBegan: _quota_began,
    cluster.SettingAltered: _altered,
    cluster.ClientThrottled: _throttled,
    cluster.RecordGoverned: _governed,
    cluster.GatewayPassed: _passed_by,
    cluster.GatewayRefused: _refused_by,
    cluster.KeyAnswered: _key_answered,
    cluster.KeyRotated: _key_rotated,
    cluster.KeyShredded: _key_shredded,
    cluster.SecretPlanted: _secret_planted,
    cluster.AuditOpened: _audit_opened,
    cluster.AuditLineKept: _audit_line,
    engine.BatchRetried: _batch_retried,
    cluster.RecordFailed: _record_failed,
    cluster.RecordSent: _sent,
    cluster.RecordAcknowledged: _acknowledged,
    cluster.RecordSerialized: _serialized,
    cluster.RecordRead: _read,
}
"""Types that are missing change nothing here."""
