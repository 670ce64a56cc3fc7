"""AlterUserScramCredentials: users get, change and lose what they prove themselves by (ScramControlManager.alterCredentials)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.sasl.scram_keys import ITERATIONS_MIN
from producer.errors import Code
from producer.wire.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from sim.cluster.envelope import Refusal
from sim.cluster.security.scram_credentials import NAMES, RemovedScramCredential, ScramCredentials, credential_of

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions

ITERATIONS_MAX = 16_384

_TWICE = Refusal(Code.DUPLICATE_RESOURCE, "A user credential cannot be altered twice in the same request")


def handle(decisions: Decisions, wanted: AlterUserScramCredentialsRequest) -> AlterUserScramCredentialsResponse:
    """Decide for each user by itself; one that is named twice is left as it was."""
    log = decisions.metadata
    deletions: dict[str, ScramCredentialDeletion] = {}
    upsertions: dict[str, ScramCredentialUpsertion] = {}
    refusals: dict[str, Refusal] = {}
    for deletion in wanted.deletions:
        user = deletion.name
        if user in refusals:
            continue
        refusal = (
            _TWICE if deletions.pop(user, None) is not None else _refused_deletion(deletion, log.scram_credentials)
        )
        if refusal is None:
            deletions[user] = deletion
        else:
            refusals[user] = refusal
    for upsertion in wanted.upsertions:
        user = upsertion.name
        if user in refusals:
            continue
        is_again = deletions.pop(user, None) is not None or upsertions.pop(user, None) is not None
        refusal = _TWICE if is_again else _refused_upsertion(upsertion)
        if refusal is None:
            upsertions[user] = upsertion
        else:
            refusals[user] = refusal
    for deletion in deletions.values():
        log.put(RemovedScramCredential(deletion.name, deletion.mechanism))
    for upsertion in upsertions.values():
        name, mechanism, iterations, salt, salted = upsertion
        log.put(credential_of(name, mechanism, salt=salt, salted=salted, iterations=iterations))
    log.commit()
    done = [AlterUserScramCredentialsResult(user, Code.NONE, None) for user in (*deletions, *upsertions)]
    refused = [AlterUserScramCredentialsResult(user, *refusal) for user, refusal in refusals.items()]
    return AlterUserScramCredentialsResponse(results=(*done, *refused))


def _refused_deletion(deletion: ScramCredentialDeletion, known: ScramCredentials) -> Refusal | None:
    refusal = _refused(deletion.name, deletion.mechanism)
    if refusal is None and (deletion.name, deletion.mechanism) not in known:
        refusal = Refusal(Code.RESOURCE_NOT_FOUND, "Attempt to delete a user credential that does not exist")
    return refusal


def _refused_upsertion(upsertion: ScramCredentialUpsertion) -> Refusal | None:
    refusal = _refused(upsertion.name, upsertion.mechanism)
    if refusal is None and upsertion.iterations < ITERATIONS_MIN:
        refusal = Refusal(Code.UNACCEPTABLE_CREDENTIAL, "Too few iterations")
    if refusal is None and upsertion.iterations > ITERATIONS_MAX:
        refusal = Refusal(Code.UNACCEPTABLE_CREDENTIAL, "Too many iterations")
    return refusal


def _refused(user: str, mechanism: int) -> Refusal | None:
    if not user:
        return Refusal(Code.UNACCEPTABLE_CREDENTIAL, "Username must not be empty")
    if mechanism not in NAMES:
        return Refusal(Code.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism")
    return None
