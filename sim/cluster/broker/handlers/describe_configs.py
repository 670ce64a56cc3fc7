"""DescribeConfigs 1 to 4: settings of topics and of this broker, from the metadata that it has; nothing is asked of the controller.

Kafka: ConfigHelper.describeConfigs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from producer.wire.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
    DescribeConfigsSynonym,
)
from sim.cluster.broker_values import broker_told, names_of, started_with
from sim.cluster.config_resources import ResourceType, Told, client_metrics_told, group_told
from sim.cluster.effective_settings import BrokerLayers, effective, synonyms_of
from sim.cluster.envelope import RefusedError
from sim.cluster.metadata_states import EVERY_BROKER
from sim.cluster.security.acls.kinds import CLUSTER_NAME, Operation, ResourceKind
from sim.cluster.security.rights import refusal_of
from sim.cluster.setting_documentation import documentation_of
from sim.cluster.settings import TOPIC_CONFIGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeConfigsRequest)
    if all(resource.resource_type in tuple(ResourceType) for resource in wanted.resources):
        # What may not be told comes last.
        is_hidden = [_unauthorized(broker, request, kind, name) is not None for kind, name, _ in wanted.resources]
        order = sorted(range(len(is_hidden)), key=is_hidden.__getitem__)
        results = tuple(_result_of(broker, request, wanted, wanted.resources[place]) for place in order)
    else:
        # One kind that there is none of, and Kafka looks at no other resource.
        text = "There are resources of kinds that nobody knows."
        results = tuple(
            DescribeConfigsResult(Code.INVALID_REQUEST, text, resource.resource_type, resource.resource_name)
            for resource in wanted.resources
        )
    request.respond(DescribeConfigsResponse(results=results))


def _unauthorized(broker: ServingBroker, request: Request, kind: int, name: str) -> Code | None:
    """Say why the settings of a resource may not be told to whoever asks, if they may not (ConfigHelper)."""
    match kind:
        case ResourceType.TOPIC:
            whose = ResourceKind.TOPIC
        case ResourceType.GROUP:
            whose = ResourceKind.GROUP
        case _:
            whose, name = ResourceKind.CLUSTER, CLUSTER_NAME
    if broker.rights.allows(request, Operation.DESCRIBE_CONFIGS, whose, name):
        return None
    return refusal_of(whose)


def _result_of(
    broker: ServingBroker, request: Request, wanted: DescribeConfigsRequest, resource: DescribeConfigsResource
) -> DescribeConfigsResult:
    kind, name, keys = resource
    refusal = _unauthorized(broker, request, kind, name)
    if refusal is not None:
        text = f"{request.principal} may not DESCRIBE_CONFIGS {name}."
        return DescribeConfigsResult(refusal, text, kind, name)
    try:
        told = _told(broker, kind, name)
    except RefusedError as error:
        return DescribeConfigsResult(*error.refusal, kind, name)
    chosen = [one for one in told if not keys or one.name in keys]
    configs = tuple(
        DescribeConfigsResourceResult(
            one.name,
            None if one.is_sensitive else one.value,
            one.is_read_only,
            one.source,
            one.is_sensitive,
            tuple(_synonyms(one)) if wanted.include_synonyms else (),
            one.type,
            documentation_of(one.name) if wanted.include_documentation else None,
        )
        for one in chosen
    )
    return DescribeConfigsResult(0, "", kind, name, configs)


def _synonyms(told: Told) -> Iterable[DescribeConfigsSynonym]:
    for name, value, source in told.synonyms:
        yield DescribeConfigsSynonym(name, None if told.is_sensitive else value, source)


def _told(broker: ServingBroker, kind: int, name: str) -> list[Told]:
    match kind:
        case ResourceType.TOPIC:
            return _topic(broker, name)
        case ResourceType.BROKER:
            return _broker(broker, name)
        case ResourceType.BROKER_LOGGER:
            if not name:
                raise RefusedError(Code.INVALID_REQUEST, "A broker's logger is named by the broker's id.")
            _check_own_id(broker, name)
            # Simulated brokers log nothing.
            return []
        case ResourceType.CLIENT_METRICS:
            _check_named(name, "A subscription to client metrics")
            return client_metrics_told(broker.image.settings_of_resource(kind, name))
        case ResourceType.GROUP:
            _check_named(name, "A group")
            return group_told(broker.image.settings_of_resource(kind, name), broker.config)
        case _:
            raise RefusedError(Code.INVALID_REQUEST, f"There are no resources of type {kind}.")


def _check_named(name: str, what: str) -> None:
    if not name:
        raise RefusedError(Code.INVALID_REQUEST, f"{what} must have a name.")


def _check_own_id(broker: ServingBroker, name: str) -> None:
    try:
        number = int(name)
    except ValueError as error:
        raise RefusedError(Code.INVALID_REQUEST, f"A broker's id is a whole number, not {name!r}.") from error
    if number != broker.broker_id:
        raise RefusedError(Code.INVALID_REQUEST, f"This is broker {broker.broker_id}, broker {name} was asked for.")


def _topic(broker: ServingBroker, name: str) -> list[Told]:
    if not is_topic_name(name):
        raise RefusedError(Code.INVALID_TOPIC_EXCEPTION, f"No topic can be called {name!r}.")
    known = broker.image.topics.get(name)
    if known is None:
        raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION, "")
    own, layers = dict(known.settings), _layers(broker)
    settings = [one for one in TOPIC_CONFIGS.values() if one.is_told or one.name in own]
    return [Told(*effective(one, own, layers), one.type, synonyms=synonyms_of(one, own, layers)) for one in settings]


def _layers(broker: ServingBroker) -> BrokerLayers:
    own, of_all = (_set_for(broker, number) for number in (broker.broker_id, EVERY_BROKER))
    return BrokerLayers(own, of_all, started_with(broker.config, broker.broker_id))


def _set_for(broker: ServingBroker, number: int) -> Mapping[str, str]:
    known = broker.image.settings.get(number)
    return {} if known is None else dict(known.settings)


def _broker(broker: ServingBroker, name: str) -> list[Told]:
    if not name:
        # What holds for all of them, as far as it was set while they ran.
        of_all = BrokerLayers({}, _set_for(broker, EVERY_BROKER), {})
        return [broker_told(one, of_all, has_defaults=False) for one in sorted(of_all.of_all)]
    _check_own_id(broker, name)
    layers = _layers(broker)
    return [broker_told(one, layers) for one in names_of(layers)]
