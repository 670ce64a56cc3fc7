"""SCRAM credentials by the admin API: they come, change and go, hold after the controller has failed over, and are never told."""

from __future__ import annotations

from producer.client.sasl.mechanism import SCRAM_SHA_256, SCRAM_SHA_512
from producer.client.sasl.scram_keys import HASHES, salted_password
from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialDeletion,
    ScramCredentialUpsertion,
)
from producer.wire.messages.describe_user_scram_credentials import DescribeUserScramCredentialsRequest, UserName
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.scram_credentials import NUMBERS, initial_credentials
from tests.unit.sim.cluster.security.sasl_client import ALICE, by_scram, connected, secure_lab
from tests.unit.sim.raw_client import Lab


def upsertion(
    name: str, password: str, mechanism: str = SCRAM_SHA_256, iterations: int = 4_096
) -> ScramCredentialUpsertion:
    salt = f"salt of {name}".encode()
    salted = salted_password(HASHES[mechanism], password, salt, iterations)
    return ScramCredentialUpsertion(name, NUMBERS[mechanism], iterations, salt, salted)


def alter(lab: Lab, *upsertions: ScramCredentialUpsertion, delete: tuple[tuple[str, str], ...] = ()) -> dict[str, int]:
    deletions = tuple(ScramCredentialDeletion(name, NUMBERS[mechanism]) for name, mechanism in delete)
    wanted = AlterUserScramCredentialsRequest(deletions, upsertions)
    answer = lab.client.connect(1).call(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, wanted)
    lab.run(1)
    return {one.user: one.error_code for one in answer.results}


def described(lab: Lab, *users: str, broker: int = 1) -> dict[str, list[tuple[int, int]]]:
    wanted = DescribeUserScramCredentialsRequest(tuple(UserName(user) for user in users))
    answer = lab.client.connect(broker).call(ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS, wanted)
    return {one.user: [tuple(info) for info in one.credential_infos] for one in answer.results}


def code_of(lab: Lab, user: str, password: str, mechanism: str = SCRAM_SHA_256, broker: int = 1) -> int:
    code: int = by_scram(connected(lab, broker), mechanism, user, password).error_code
    return code


def test_a_user_comes_changes_its_password_and_goes() -> None:
    lab = secure_lab()
    assert code_of(lab, "carol", "first") == Code.SASL_AUTHENTICATION_FAILED

    assert alter(lab, upsertion("carol", "first")) == {"carol": Code.NONE}
    assert code_of(lab, "carol", "first") == Code.NONE
    assert code_of(lab, "carol", "first", SCRAM_SHA_512) == Code.SASL_AUTHENTICATION_FAILED

    alter(lab, upsertion("carol", "second", iterations=8_192))
    assert code_of(lab, "carol", "first") == Code.SASL_AUTHENTICATION_FAILED
    assert code_of(lab, "carol", "second") == Code.NONE
    assert described(lab, "carol") == {"carol": [(1, 8_192)]}

    assert alter(lab, delete=(("carol", SCRAM_SHA_256),)) == {"carol": Code.NONE}
    assert code_of(lab, "carol", "second") == Code.SASL_AUTHENTICATION_FAILED


def test_they_hold_with_another_controller_and_on_a_broker_that_was_away() -> None:
    lab = secure_lab(controllers=3)
    lab.cluster.crash(2)
    alter(lab, upsertion("carol", "secret"), delete=(("alice", SCRAM_SHA_256),))
    lab.cluster.quorum.crash(lab.cluster.quorum.named("controller"))
    lab.run(10)
    lab.cluster.restart(2)
    lab.run(10)

    for broker in (1, 2, 3):
        assert code_of(lab, "carol", "secret", broker=broker) == Code.NONE
        assert code_of(lab, "alice", ALICE.password, broker=broker) == Code.SASL_AUTHENTICATION_FAILED
    assert described(lab, broker=2) == {"alice": [(2, 4_096)], "bob": [(1, 4_096), (2, 4_096)], "carol": [(1, 4_096)]}
    assert alter(lab, delete=(("alice", SCRAM_SHA_256),)) == {"alice": Code.RESOURCE_NOT_FOUND}


def test_each_user_is_decided_by_itself() -> None:
    lab = secure_lab()

    codes = alter(
        lab,
        upsertion("few", "x", iterations=4_095),
        upsertion("many", "x", iterations=16_385),
        upsertion("", "x"),
        upsertion("strange", "x")._replace(mechanism=9),
        upsertion("twice", "x"),
        upsertion("twice", "y"),
        upsertion("bob", "x"),
        upsertion("fine", "x"),
        delete=(("bob", SCRAM_SHA_256), ("nobody", SCRAM_SHA_256)),
    )

    assert codes == {
        "few": Code.UNACCEPTABLE_CREDENTIAL,
        "many": Code.UNACCEPTABLE_CREDENTIAL,
        "": Code.UNACCEPTABLE_CREDENTIAL,
        "strange": Code.UNSUPPORTED_SASL_MECHANISM,
        "twice": Code.DUPLICATE_RESOURCE,
        "bob": Code.DUPLICATE_RESOURCE,
        "nobody": Code.RESOURCE_NOT_FOUND,
        "fine": Code.NONE,
    }
    assert code_of(lab, "bob", "bob-secret") == Code.NONE


def test_a_credential_shows_nothing_that_is_secret() -> None:
    (one, _) = initial_credentials((ALICE,)).values()

    assert repr(one) == "ScramCredential(user='alice', mechanism=1, iterations=4096)"
    assert "secret" not in repr(ALICE)


def test_who_may_not_look_at_the_cluster_is_told_of_nobody() -> None:
    lab = secure_lab(authorizer=AuthorizerSettings())
    wanted = DescribeUserScramCredentialsRequest(None)

    answer = lab.client.connect(1).call(ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS, wanted)

    assert (answer.error_code, answer.results) == (Code.CLUSTER_AUTHORIZATION_FAILED, ())
    assert alter(lab, upsertion("carol", "secret")) == {"carol": Code.CLUSTER_AUTHORIZATION_FAILED}
