"""A policy at a gateway in virtual time: what its decisions ask for is answered over the simulated network, and what it refuses is told."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from producer.errors import SchemaRegistryError
from producer.governance.audit.lines import Who
from producer.governance.errors import NoSuchKeyError
from producer.governance.protection.key_service import MaskKey, NewDataKey, UnwrapDataKey
from sim.gateway.core.auditing import Ticket, intents_of, outcomes_of
from sim.gateway.core.enforcement import UnavailableError
from sim.gateway.core.policing import Policing
from sim.gateway.core.questions import Asked, Buried, Intended
from sim.trace.events import GatewayRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    import simpy

    from producer.governance.asking import Told
    from producer.governance.policy.words import Policy
    from producer.governance.protection.key_service import KeyRequest
    from producer.records import Record
    from producer.wire.record_batch import BatchRecord
    from sim.clients.audit_file import AuditKeeper
    from sim.gateway.core.enforcement import Appended, Client, Decision, Steps
    from sim.gateway.node.letters import Letters
    from sim.world.kernel import World


class KeysWay(Protocol):
    """A way to the key service."""

    def ask(self, request: KeyRequest) -> Generator[simpy.Event, Any, Told]:
        """Give the answer, or why there is none, as part of a story."""
        ...


class Means(NamedTuple):
    """What a gateway has to answer its decisions with; None for what the story has not."""

    keys: KeysWay | None
    """It asks in the gateway's own name: a story's key service knows who asks by the host."""
    audit: AuditKeeper | None
    letters: Letters | None
    numbers: Iterator[int]
    """For what the audit tells of, over all lives."""


class SimPolicing(Policing):
    """What a policy says, enforced on whoever comes by, and told in the trace where it is refused."""

    def __init__(
        self,
        policy: Policy,
        means: Means,
        *,
        gateway: str,
        world: World,
        epoch_us: int,
        draw: Callable[[int], bytes],
        emit: Callable[[object], object],
    ) -> None:
        """`draw` gives keys and nonces of the world's chance."""
        super().__init__(
            policy,
            draw=draw,
            now_us=lambda: world.now_us,
            now_ms=lambda: (epoch_us + world.now_us) // 1_000,
            is_audited=means.audit is not None,
        )
        self._means = means
        self._gateway = gateway
        self._world = world
        self._emit = emit

    def produced(self, client: Client, topic: str, partition: int, records: tuple[BatchRecord, ...]) -> Steps[Decision]:
        """Rule on each record, and tell where nothing of a batch goes on."""
        bad, why = 0, ""
        try:
            decision = yield from super().produced(client, topic, partition, records)
            bad = len(decision.violations)
            why = "; ".join(f"record {one.record}: {one.why}" for one in decision.violations)
        except UnavailableError as error:
            why = str(error)
            raise
        finally:
            if why:
                told = GatewayRefused(
                    self._world.now_us, self._gateway, client.host, topic, partition, len(records), bad, why
                )
                self._emit(told)
        return decision

    def answered(self, client: Client, appended: Appended) -> None:  # noqa: ARG002 - the intents name the client
        """Tell the audit."""
        if self._means.audit is not None:
            for outcome in outcomes_of(appended):
                self._means.audit.tell(outcome)

    def answer(self, question: object) -> Generator[simpy.Event, Any, Any]:
        """Answer what a decision has to know, as part of a story. Raises UnavailableError."""
        match question:
            case Asked(_, wanted):
                return (yield from self._known(wanted))
            case Intended():
                return (yield from self._intended(question))
            case Buried(letters):
                yield from self._buried(letters)
                return None
            case _:
                raise AssertionError(f"nobody here knows what to do about {question}")

    def _known(self, wanted: Any) -> Generator[simpy.Event, Any, Told]:
        if not isinstance(wanted, (NewDataKey, UnwrapDataKey, MaskKey)):
            # A value that begins as one by a schema does.
            unasked = SchemaRegistryError("a value's schema", detail="a story's gateway asks no registry")
            raise UnavailableError(str(unasked))
        if self._means.keys is None:
            return NoSuchKeyError(str(wanted), "there is no key service")
        return (yield from self._means.keys.ask(wanted))

    def _intended(self, intended: Intended) -> Generator[simpy.Event, Any, Ticket]:
        audit = self._means.audit
        assert audit is not None, "nobody is audited"
        numbers = tuple(itertools.islice(self._means.numbers, len(intended.decision.records)))
        client = intended.client
        who = Who(client.principal, client.client_id, client.host)
        yield from audit.intend_all(intents_of(intended, numbers), who)
        return Ticket(numbers)

    def _buried(self, letters: tuple[Record, ...]) -> Generator[simpy.Event, Any, None]:
        assert self._means.letters is not None, "the policy makes no dead letters"
        yield from self._means.letters.bury(letters)
