"""What a broker looks at before settings are altered: it refuses nonsense, and what is its own affair, and passes the rest on.

Kafka: ConfigAdminManager.preprocess. Both ways to alter settings come through here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import Code
from sim.cluster.broker.handlers.forwarded import forward
from sim.cluster.broker_settings import BROKER_CONFIGS
from sim.cluster.broker_values import broker_told, started_with
from sim.cluster.config_resources import ResourceType
from sim.cluster.effective_settings import BrokerLayers
from sim.cluster.envelope import Refusal, RefusedError
from sim.cluster.metadata_states import EVERY_BROKER
from sim.cluster.security.acls.kinds import Operation as Deed
from sim.cluster.setting_changes import Change, Operation, altered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_PER_LISTENER = ("ssl.", "sasl.", "listener")
_ROOT_LOGGER = "root"
_THREADS = (
    "background.threads",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
)
"""Of these there can be half as many, or twice as many, at one stroke (DynamicThreadPool.validateReconfiguration)."""


class Way(NamedTuple):
    """How one of the two APIs says what is to be changed, and how it answers."""

    changes: Callable[[Any], tuple[Change, ...]]
    """What one resource of the request is to become."""
    has_loggers: bool
    result: type[Any]
    response: type[Any]
    only: Callable[[Any, Sequence[Any]], Any]
    """The request with those resources alone."""
    is_whole: bool
    """Whether what is not named goes."""


def alter(broker: ServingBroker, request: Request, wanted: Any, way: Way) -> None:
    """Answer: what is refused or decided here, and what the controller says of the rest."""
    refusals = _refusals(broker, request, wanted.resources, way)
    rest = [one for place, one in enumerate(wanted.resources) if place not in refusals]
    made_whole = partial(_whole, wanted, way, refusals)
    if rest:
        forward(broker, request, way.only(wanted, rest), partial(_refused, way), made_whole=made_whole)
    else:
        request.respond(made_whole(way.response()))


def _refused(way: Way, wanted: Any, refusal: Refusal) -> Any:
    return way.response(
        responses=tuple(way.result(*refusal, one.resource_type, one.resource_name) for one in wanted.resources)
    )


def _whole(wanted: Any, way: Way, refusals: dict[int, Refusal], answer: Any) -> Any:
    """Put what was decided here between what the controller said, in the order of the request."""
    found = iter(answer.responses)
    results = [
        way.result(*refusals[place], one.resource_type, one.resource_name) if place in refusals else next(found)
        for place, one in enumerate(wanted.resources)
    ]
    return way.response(responses=tuple(results))


def _refusals(broker: ServingBroker, request: Request, resources: Sequence[Any], way: Way) -> dict[int, Refusal]:
    times = Counter((one.resource_type, one.resource_name) for one in resources)
    found: dict[int, Refusal] = {}
    for place, one in enumerate(resources):
        try:
            if times[one.resource_type, one.resource_name] > 1:
                raise RefusedError(Code.INVALID_REQUEST, "Each resource must appear at most once.")
            changes = way.changes(one)
            _check_shape(changes)
            if _is_decided_here(broker, request, one.resource_type, one.resource_name, changes, way):
                found[place] = Refusal(Code.NONE)
        except RefusedError as error:
            found[place] = error.refusal
    return found


def _check_shape(changes: tuple[Change, ...]) -> None:
    if len({change.name for change in changes}) != len(changes):
        raise RefusedError(Code.INVALID_REQUEST, "A setting is named twice.")
    nulls = [change.name for change in changes if change.value is None and change.operation != Operation.DELETE]
    if nulls:
        raise RefusedError(Code.INVALID_REQUEST, f"Null value not supported for : {', '.join(nulls)}")


def _is_decided_here(
    broker: ServingBroker, request: Request, kind: int, name: str, changes: tuple[Change, ...], way: Way
) -> bool:
    match kind:
        case ResourceType.BROKER_LOGGER if way.has_loggers:
            if not broker.rights.allows_on_cluster(request, Deed.ALTER_CONFIGS):
                raise RefusedError(Code.CLUSTER_AUTHORIZATION_FAILED)
            _check_own_id(broker, name)
            for change in changes:
                _check_logger(change)
            return True
        case ResourceType.BROKER:
            if name:
                _check_own_id(broker, name)
            _check_broker(broker, broker.broker_id if name else EVERY_BROKER, changes, way)
        case ResourceType.TOPIC | ResourceType.CLIENT_METRICS | ResourceType.GROUP:
            pass
        case _:
            raise RefusedError(Code.INVALID_REQUEST, f"Unknown resource type {kind}")
    return False


def _check_logger(change: Change) -> None:
    """There is none, but for the one that everybody has; nobody's level is remembered, as simulated brokers log nothing."""
    if change.operation not in tuple(Operation):
        # Kafka falls over it, as its controller does over those of a topic.
        raise RefusedError(Code.UNKNOWN_SERVER_ERROR)
    if change.operation in {Operation.APPEND, Operation.SUBTRACT}:
        raise RefusedError(Code.INVALID_REQUEST, "A logger's level is no list.")
    if change.operation == Operation.DELETE and change.name == _ROOT_LOGGER:
        raise RefusedError(Code.INVALID_REQUEST, "Removing the log level of the root logger is not allowed")
    raise RefusedError(Code.INVALID_CONFIG, f"Logger {change.name} does not exist: simulated brokers log nothing.")


def _check_own_id(broker: ServingBroker, name: str) -> None:
    try:
        number = int(name)
    except ValueError as error:
        raise RefusedError(Code.INVALID_REQUEST, f"Node id must be an integer, but it is: {name}") from error
    if number != broker.broker_id:
        text = f"Unexpected broker id, expected {broker.broker_id}, but received {name}"
        raise RefusedError(Code.INVALID_REQUEST, text)


def _check_broker(broker: ServingBroker, number: int, changes: tuple[Change, ...], way: Way) -> None:
    """Whether a broker could take those while it runs (DynamicBrokerConfig.validate); names unknown to Kafka pass."""
    if not all(change.operation in tuple(Operation) for change in changes):
        raise RefusedError(Code.INVALID_REQUEST, "Unknown operation on a setting.")
    known = broker.image.settings.get(number)
    before = {} if known is None or way.is_whole else dict(known.settings)
    for name, text in altered(before, changes, ResourceType.BROKER).items():
        setting = BROKER_CONFIGS.get(name)
        if setting is None:
            continue
        if setting.is_read_only:
            raise RefusedError(Code.INVALID_REQUEST, f"Cannot update these configs dynamically: [{name}]")
        if name.startswith(_PER_LISTENER):
            raise RefusedError(
                Code.INVALID_REQUEST, f"{name} can be updated of a listener only, and there are none to name."
            )
        try:
            setting.check(text)
        except ValueError as error:
            raise RefusedError(
                Code.INVALID_REQUEST, f"Invalid value {text} for configuration {name}: {error}"
            ) from error
        if name in _THREADS:
            _check_threads(broker, name, int(text))


def _check_threads(broker: ServingBroker, name: str, wanted: int) -> None:
    known = (broker.image.settings.get(number) for number in (broker.broker_id, EVERY_BROKER))
    own, of_all = (dict(one.settings) if one else {} for one in known)
    now = int(broker_told(name, BrokerLayers(own, of_all, started_with(broker.config, broker.broker_id))).value or 1)
    if wanted < 1 or not now // 2 <= wanted <= now * 2:
        text = f"{name} is {now}, and can become anything from half to twice of it, and 1 at least, but not {wanted}"
        raise RefusedError(Code.INVALID_REQUEST, text)
