"""Delegation tokens without a master key: refused as Kafka refuses them, by who asks and over what."""

from typing import Any

import pytest

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.create_delegation_token import CreatableRenewers, CreateDelegationTokenRequest
from producer.wire.messages.describe_delegation_token import DescribeDelegationTokenRequest
from producer.wire.messages.expire_delegation_token import ExpireDelegationTokenRequest
from producer.wire.messages.renew_delegation_token import RenewDelegationTokenRequest
from sim.cluster.security.acls.settings import AuthorizerSettings
from tests.unit.sim.cluster.security.sasl_client import logged_in, secure_lab

REQUESTS: dict[ApiKey, Any] = {
    ApiKey.CREATE_DELEGATION_TOKEN: CreateDelegationTokenRequest(),
    ApiKey.RENEW_DELEGATION_TOKEN: RenewDelegationTokenRequest(b"hmac"),
    ApiKey.EXPIRE_DELEGATION_TOKEN: ExpireDelegationTokenRequest(b"hmac"),
    ApiKey.DESCRIBE_DELEGATION_TOKEN: DescribeDelegationTokenRequest(None),
}


@pytest.mark.parametrize("key", REQUESTS)
def test_they_are_not_to_be_had_where_nobody_says_who_he_is_and_switched_off_elsewhere(key: ApiKey) -> None:
    lab = secure_lab()

    nameless = lab.client.connect(1).call(key, REQUESTS[key])
    named = logged_in(lab).call(key, REQUESTS[key])

    assert nameless.error_code == Code.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    assert named.error_code == Code.DELEGATION_TOKEN_AUTH_DISABLED


def test_a_refusal_says_for_whom_it_would_have_been() -> None:
    wanted = CreateDelegationTokenRequest("User", "bob", (CreatableRenewers("Group", "all"),), -1)

    answer = logged_in(secure_lab()).call(ApiKey.CREATE_DELEGATION_TOKEN, wanted)

    assert answer.error_code == Code.INVALID_PRINCIPAL_TYPE
    assert (answer.principal_name, answer.token_requester_principal_name) == ("bob", "alice")
    assert answer.hmac == b""


def test_who_may_not_speak_for_somebody_else_is_refused_before_all_are() -> None:
    wanted = CreateDelegationTokenRequest("User", "bob", (), -1)

    answer = logged_in(secure_lab(authorizer=AuthorizerSettings())).call(ApiKey.CREATE_DELEGATION_TOKEN, wanted)

    assert answer.error_code == Code.DELEGATION_TOKEN_AUTHORIZATION_FAILED
