"""One resource's settings altered, by whichever of the two APIs (ConfigurationControlManager, ControllerConfigurationValidator)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from sim.cluster.client_metrics_settings import check_client_metrics_settings
from sim.cluster.config_resources import ResourceType
from sim.cluster.envelope import Refusal, RefusedError
from sim.cluster.group_settings import check_group_settings
from sim.cluster.metadata_states import EVERY_BROKER
from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, ResourceKind
from sim.cluster.security.rights import refusal_of
from sim.cluster.setting_changes import Change, altered
from sim.cluster.settings import MIN_INSYNC_REPLICAS, check_topic_settings

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.security.rights import Asker, Rights


def refusal_to_alter(rights: Rights, asker: Asker, kind: int, name: str) -> Refusal | None:
    """Say why somebody may not alter a resource; None if he may (ControllerApis.authorizeAlterResource)."""
    match kind:
        case ResourceType.TOPIC:
            whose = ResourceKind.TOPIC
        case ResourceType.GROUP:
            whose = ResourceKind.GROUP
        case ResourceType.BROKER | ResourceType.CLIENT_METRICS:
            whose, name = ResourceKind.CLUSTER, CLUSTER_NAME
        case _:
            return None
    if rights.allows(asker, Operation.ALTER_CONFIGS, whose, name):
        return None
    return Refusal(refusal_of(whose), f"{asker.principal} may not alter settings of {name}.")


def alter(
    decisions: Decisions, kind: int, name: str, changes: Sequence[Change], *, is_real: bool, is_whole: bool = False
) -> Refusal:
    """Alter one resource, or say why not; `is_whole` lets go what is not named. Whoever does so commits."""
    try:
        match kind:
            case ResourceType.TOPIC:
                _topic(decisions, name, changes, is_real=is_real, is_whole=is_whole)
            case ResourceType.BROKER:
                _broker(decisions, name, changes, is_real=is_real, is_whole=is_whole)
            case ResourceType.GROUP | ResourceType.CLIENT_METRICS:
                _resource(decisions, kind, name, changes, is_real=is_real, is_whole=is_whole)
            case _:
                raise RefusedError(Code.INVALID_REQUEST, f"Resources of type {kind} have no settings to be altered.")
    except RefusedError as error:
        return error.refusal
    return Refusal(Code.NONE)


def _topic(decisions: Decisions, name: str, changes: Sequence[Change], *, is_real: bool, is_whole: bool) -> None:
    known = decisions.metadata.topics.get(name)
    before = {} if known is None or is_whole else dict(known.settings)
    after = altered(before, changes, ResourceType.TOPIC)
    if not name:
        raise RefusedError(Code.INVALID_REQUEST, "Topics have no settings for all of them: brokers have.")
    if not is_topic_name(name):
        raise RefusedError(Code.INVALID_TOPIC_EXCEPTION, f"No topic can be called {name!r}.")
    try:
        check_topic_settings(after)
    except ValueError as error:
        raise RefusedError(Code.INVALID_CONFIG, str(error)) from error
    if known is None:
        raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION, f"The topic '{name}' does not exist.")
    if is_real:
        decisions.put_topic_settings(known, after)


def _broker(decisions: Decisions, name: str, changes: Sequence[Change], *, is_real: bool, is_whole: bool) -> None:
    number = int(name) if name else EVERY_BROKER
    before = dict(decisions.metadata.settings_of(number))
    after = altered({} if is_whole else before, changes, ResourceType.BROKER)
    if decisions.config.eligible_leader_replicas:
        is_named = any(change.name == MIN_INSYNC_REPLICAS for change in changes)
        if number != EVERY_BROKER and is_named:
            text = f"{MIN_INSYNC_REPLICAS} of one broker cannot be altered while ELR is enabled."
            raise RefusedError(Code.INVALID_CONFIG, text)
        if number == EVERY_BROKER and MIN_INSYNC_REPLICAS in before and MIN_INSYNC_REPLICAS not in after:
            text = f"{MIN_INSYNC_REPLICAS} of all brokers cannot be removed while ELR is enabled."
            raise RefusedError(Code.INVALID_CONFIG, text)
    if is_real:
        decisions.put_broker_settings(number, after)


def _resource(
    decisions: Decisions, kind: int, name: str, changes: Sequence[Change], *, is_real: bool, is_whole: bool
) -> None:
    """A group, or a subscription to clients' metrics: there is one as soon as something is set for it."""
    before = {} if is_whole else decisions.metadata.settings_of_resource(kind, name)
    after = altered(before, changes, kind)
    if not name:
        raise RefusedError(Code.INVALID_REQUEST, "Groups and subscriptions to client metrics have names.")
    if kind == ResourceType.CLIENT_METRICS:
        check_client_metrics_settings(after)
    else:
        try:
            check_group_settings(after, decisions.config)
        except ValueError as error:
            raise RefusedError(Code.INVALID_CONFIG, str(error)) from error
    if is_real:
        decisions.put_resource_settings(kind, name, after)
