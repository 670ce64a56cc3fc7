"""One broker is asked by a request of ours, over a connection of its own: what it knows itself, and nobody else for it."""

import socket
from typing import Any

from producer.errors import Code
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages.describe_acls import DescribeAclsRequest
from producer.wire.messages.describe_client_quotas import ComponentData, DescribeClientQuotasRequest
from producer.wire.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource

ANSWER_S_MAX = 30
RECEIVE_BYTES = 1 << 16
TOPIC, LITERAL, ALLOW = 2, 3, 3
"""Kafka's numbers of a kind of resource, of names, and of rules."""


def ask(port: int, key: ApiKey, request: Any, version: int) -> Any:
    """Give the answer of the broker that listens there on 127.0.0.1. Raises AssertionError if it hangs up, TimeoutError."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S_MAX) as connection:
        connection.sendall(api.encode_request(key, version, 1, "raw", encode(request, version)))
        reader = FrameReader()
        while received := connection.recv(RECEIVE_BYTES):
            for payload in reader.feed(received):
                return decode(key.message("response"), api.response_body(key, version, payload), version)
    raise AssertionError(f"the broker ended the connection without an answer to {key.title}")


def topic_config(port: int, topic: str, name: str) -> str | None:
    """What that setting of the topic is there."""
    wanted = DescribeConfigsRequest((DescribeConfigsResource(TOPIC, topic, (name,)),))
    (told,) = ask(port, ApiKey.DESCRIBE_CONFIGS, wanted, 4).results
    assert told.error_code == Code.NONE, told
    value: str | None
    (value,) = (one.value for one in told.configs)
    return value


def client_quotas(port: int, client_id: str) -> dict[str, float]:
    """What that client is allowed there, by the quota's name."""
    wanted = DescribeClientQuotasRequest((ComponentData("client-id", 0, client_id),), strict=True)
    told = ask(port, ApiKey.DESCRIBE_CLIENT_QUOTAS, wanted, 1)
    assert told.error_code == Code.NONE, told
    return {one.key: one.value for entry in told.entries for one in entry.values}


def is_allowed(port: int, user: str, operation: int, topic: str) -> bool:
    """Whether there is a rule there that lets the user do that with the topic, by Kafka's number of the operation."""
    wanted = DescribeAclsRequest(TOPIC, topic, LITERAL, f"User:{user}", "*", operation, ALLOW)
    told = ask(port, ApiKey.DESCRIBE_ACLS, wanted, 3)
    assert told.error_code == Code.NONE, told
    return bool(told.resources)
