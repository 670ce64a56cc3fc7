"""A policy at a gateway on threads: what its decisions ask for is answered by key services, registries, an audit and a producer that block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.drivers.clock import epoch_ms, now_us
from producer.governance.governed_producer import ask_keys, ask_registry
from producer.governance.protection.entropy import urandom
from producer.governance.protection.key_service import MaskKey, NewDataKey, UnwrapDataKey
from sim.gateway.core.policing import Policing
from sim.gateway.core.questions import Asked, Buried, Intended

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.governance.asking import Told
    from producer.governance.governed_producer import Registry
    from producer.governance.policy.words import Policy
    from producer.governance.protection.key_service import KeyService
    from sim.gateway.audited import BatchAudit
    from sim.gateway.core.enforcement import Appended, Client
    from sim.gateway.graveyard import Graveyard


class Policed(Policing):
    """What a policy file says, enforced on whoever comes by. Safe to use from many threads."""

    may_block = True

    def __init__(
        self,
        policy: Policy,
        *,
        keys_of: Callable[[str], KeyService] | None = None,
        registry: Registry | None = None,
        audit: BatchAudit | None = None,
        graveyard: Graveyard | None = None,
    ) -> None:
        """`keys_of` gives the key service as a principal (`User:alice`) has it; None where nothing is encrypted.

        `graveyard` takes dead letters; None where the policy makes none.
        """
        super().__init__(policy, draw=urandom, now_us=now_us, now_ms=epoch_ms, is_audited=audit is not None)
        self._keys_of = keys_of
        self._registry = registry
        self._audit = audit
        self._graveyard = graveyard

    def answer(self, question: object) -> Any:
        """Answer what a decision has to know, on the thread that decides. Raises UnavailableError, SchemaRegistryError."""
        match question:
            case Asked(principal, wanted):
                return self._known(principal, wanted)
            case Intended():
                assert self._audit is not None, "nobody is audited"
                return self._audit.intended(question)
            case Buried(letters):
                assert self._graveyard is not None, "the policy makes no dead letters"
                self._graveyard.bury(letters)
                return None
            case _:
                raise AssertionError(f"nobody here knows what to do about {question}")

    def answered(self, client: Client, appended: Appended) -> None:  # noqa: ARG002 - the intents name the client
        """Tell the audit."""
        if self._audit is not None:
            self._audit.answered(appended)

    def close(self) -> None:
        """Forget all keys, and end the audit and the producer of dead letters."""
        self.forget()
        if self._audit is not None:
            self._audit.close()
        if self._graveyard is not None:
            self._graveyard.close()

    def _known(self, principal: str, wanted: Any) -> Told:
        if isinstance(wanted, (NewDataKey, UnwrapDataKey, MaskKey)):
            return ask_keys(wanted, None if self._keys_of is None else self._keys_of(principal))
        ask_registry(wanted, self._registry)
        return None
