"""A broker that talks nonsense loses its connection, and nothing else: no record, no future, no later record.

Whatever is answered to whichever request: the engine raises nothing out of a driver's call, each record ends exactly
once by its delivery.timeout.ms, and what is sent after the brokers came to their senses goes through.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.client.broker_link import BrokerLink
from producer.client.identity import IdentityState
from producer.errors import Code, Outcome, PeerError, ProducerError
from producer.events import BatchRetried, ConnectionLost, MetadataLearned
from producer.records import Record
from producer.wire.api import ApiKey, decode_request_header, encode_response
from producer.wire.messages import api_versions
from producer.wire.messages.init_producer_id import InitProducerIdResponse
from tests.unit.producer.garbage_cluster import (
    Coded,
    Cut,
    GarbageCluster,
    Honest,
    Late,
    Measured,
    Noise,
    NoiseInside,
    Nonsense,
    Numbered,
    Overwritten,
    Renumbered,
    Repeated,
)
from tests.unit.producer.sasl_server import SecureCluster
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

PARTITIONS = 2
INT_MAX = 2**31 - 1
DELIVERY_US = 5 * SECOND_US
PROPERTIES: dict[str, Any] = {
    "brokers": 2,
    "partitions": PARTITIONS,
    "request_timeout_ms": 1_000,
    "delivery_timeout_ms": 5_000,
    "retry_backoff_ms": 20,
    # So that there is more than one answer to spoil.
    "metadata_max_age_ms": 300,
}
APIS = (ApiKey.API_VERSIONS, ApiKey.METADATA, ApiKey.INIT_PRODUCER_ID, ApiKey.PRODUCE)
SASL_APIS = (ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE)
EXTREMES = [-(2**31), -2, -1, 0, 1, 1 << 16, INT_MAX]
OVERWRITING = [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x0f", b"\x80\x00\x00\x00", b"\xff", b"\x00\x00", b"\x7f\xff"]
"""Lengths of 2^31 - 1 in both layouts, null where none may be, the least number, and a shifted rest."""

nonsense: st.SearchStrategy[Nonsense] = st.one_of(
    st.just(Honest()),
    st.builds(Noise, st.binary(max_size=40)),
    st.builds(NoiseInside, st.binary(max_size=60)),
    st.builds(
        Overwritten, st.integers(0, 200), st.one_of(st.sampled_from(OVERWRITING), st.binary(min_size=1, max_size=9))
    ),
    st.builds(Measured, st.sampled_from([*EXTREMES, 3, 4, 100 * 1024 * 1024])),
    st.builds(Cut, st.integers(0, 200), closes=st.booleans()),
    st.builds(Renumbered, st.sampled_from([-1, 1, 7, INT_MAX])),
    st.builds(Repeated),
    st.builds(Late),
    st.builds(Coded, st.one_of(st.sampled_from(list(Code)), st.integers(-(2**15), 2**15 - 1))),
    st.builds(Numbered, st.sampled_from(EXTREMES)),
)


class Application:
    """Sends records one after the other, waits as a driver would, and notes what it is told."""

    def __init__(self, cluster: GarbageCluster) -> None:
        self.cluster = cluster
        self.ended: Counter[int] = Counter()
        self.outcomes: dict[int, Outcome] = {}
        self.refused: dict[int, ProducerError] = {}
        self.sent_at_us: dict[int, int] = {}
        self.waiting: dict[int, Any] = {}

    def send(self, number: int) -> None:
        self.waiting[number] = None
        self._try(number)

    def _try(self, number: int) -> None:
        engine, now_us = self.cluster.engine, self.cluster.now_us
        try:
            wait = engine.send(self._record(number), number, now_us=now_us, wait=self.waiting.pop(number))
        except ProducerError as error:
            self.refused[number] = error
            return
        if wait is None:
            self.sent_at_us[number] = now_us
        else:
            self.waiting[number] = wait

    def give_up_waiting(self) -> None:
        for number, wait in self.waiting.items():
            self.refused[number] = self.cluster.engine.give_up(wait, self._record(number), now_us=self.cluster.now_us)
        self.waiting.clear()

    def pass_time(self, duration_us: int) -> None:
        """Let time pass, half a round of backoffs at a time, and look at what came."""
        until_us = self.cluster.now_us + duration_us
        while self.cluster.now_us < until_us:
            self.cluster.advance(min(50_000, until_us - self.cluster.now_us))
            self._hear()

    def _hear(self) -> None:
        answers, self.cluster.answers = self.cluster.answers, []
        for answer in answers:
            outcome = answer.error.outcome if hasattr(answer, "error") else Outcome.ACKNOWLEDGED
            for number in getattr(answer, "tokens", ()):
                self.ended[number] += 1
                self.outcomes[number] = outcome
        for number in list(self.waiting):
            self._try(number)
        for number, sent_us in self.sent_at_us.items():
            assert self.ended[number] == 1 or self.cluster.now_us < sent_us + DELIVERY_US + 50_000, (
                f"record {number} should have ended by now"
            )

    def _record(self, number: int) -> Record:
        return Record("orders", b"%d" % number, None, number % PARTITIONS)


plans = st.fixed_dictionaries({api: st.lists(nonsense, max_size=4) for api in (*APIS, *SASL_APIS)})


@given(
    plans=plans,
    mechanism=st.sampled_from([None, "PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"]),
    is_idempotent=st.booleans(),
    api_versions_max=st.sampled_from([0, 3, 4]),
)
@settings(max_examples=100)
def test_nonsense_loses_no_record_and_ends_with_the_broker_that_talked_it(
    plans: dict[ApiKey, list[Nonsense]], mechanism: str | None, is_idempotent: bool, api_versions_max: int
) -> None:
    cluster = GarbageCluster(
        plans,
        sasl_mechanism=mechanism,
        api_versions_max=api_versions_max,
        enable_idempotence=is_idempotent,
        **PROPERTIES,
    )
    application = Application(cluster)

    for number in range(6):
        application.send(number)
        application.pass_time(200_000)
    application.pass_time(DELIVERY_US)
    cluster.come_to_senses()
    application.give_up_waiting()
    application.pass_time(DELIVERY_US)

    assert cluster.engine.is_idle
    assert cluster.engine._buffer.free_bytes == cluster.engine._buffer.total_bytes
    assert sorted([*application.ended, *application.refused]) == list(range(6))
    assert set(application.ended.values()) <= {1}
    for number, outcome in application.outcomes.items():
        if outcome is Outcome.FAILED:
            assert b"%d" % number not in cluster.appended

    # A broker that asks for patience is obeyed, for the 24 days that it may ask for. They pass in one leap, as on a
    # machine that slept: each Metadata of those days would take half a minute of ours.
    links = cluster.engine._client.links._links.values()
    cluster.now_us = max(cluster.now_us, *(link.in_flight.throttled_until_us for link in links))
    cluster.settle()
    application.send(6)
    application.send(7)
    application.pass_time(DELIVERY_US)

    identity = cluster.engine._idempotence
    if identity is not None and identity.identity.state is IdentityState.REFUSED:
        # An answer that refuses an id for good is believed, as in Java's client: nothing is written, and each is told so.
        assert {application.outcomes[number] for number in (6, 7)} == {Outcome.FAILED}
    else:
        assert {application.outcomes.get(number) for number in (6, 7)} == {Outcome.ACKNOWLEDGED}


# -- what the property has found, one by one ---------------------------------------------------------------------------


def test_requests_lost_with_the_connection_of_a_babbler_are_tried_again_at_once() -> None:
    cluster = ScriptedCluster(partitions=2, enable_idempotence=False)
    first, second = cluster.send_alone(b"a", partition=0), cluster.send_alone(b"b", partition=1)
    assert first.connection == second.connection

    cluster.engine.bytes_received(
        first.connection, encode_response(ApiKey.PRODUCE, 13, first.header.correlation_id, b"\xff"), cluster.now_us
    )
    cluster.settle()

    assert [event.at_us for event in cluster.observed if isinstance(event, BatchRetried)] == [cluster.now_us] * 2


def test_without_sequences_a_batch_that_came_back_first_still_ends_in_its_time() -> None:
    cluster = ScriptedCluster(
        enable_idempotence=False,
        delivery_timeout_ms=5_000,
        request_timeout_ms=1_000,
        max_in_flight_requests_per_connection=2,
    )
    cluster.send_alone(b"older")
    cluster.advance(900_000)
    cluster.send_alone(b"younger")
    cluster.refuses_connections = True

    # Both go back to the queue, the older one first: so it stands behind the younger one.
    cluster.disconnect_all()
    cluster.advance(4_100_000)

    assert list(cluster.failed) == [b"older"]


def test_a_leader_that_metadata_does_not_list_is_waited_for_without_a_busy_loop() -> None:
    cluster = ScriptedCluster(brokers=2, partitions=2, metadata_max_age_ms=1_000)
    for partition in range(2):
        cluster.send_alone(b"before", partition=partition)
        cluster.answer()

    cluster.brokers = 1
    cluster.disconnect_all()
    cluster.advance(SECOND_US)
    events = len(cluster.observed)
    cluster.send(b"after", partition=1)
    cluster.advance(10 * SECOND_US)

    # One Metadata a back-off, at most; `settle` would have raised if the engine had wanted more at the same moment.
    assert sum(isinstance(event, MetadataLearned) for event in cluster.observed[events:]) < 20
    cluster.brokers = 2
    cluster.advance(2 * SECOND_US)
    assert cluster.waiting[0].values == [b"after"]


@pytest.mark.parametrize("idempotent", [False, True], ids=["plain", "idempotent"])
def test_a_request_that_a_broker_does_not_speak_ends_and_the_connection_goes_on(idempotent: bool) -> None:
    cluster = ScriptedCluster(enable_idempotence=idempotent)
    cluster.produce_max = 2
    cluster.send(b"refused")
    cluster.advance(5_000)
    connections = dict(cluster.connections)

    refusal = cluster.failed[b"refused"]
    assert (refusal.code.code, refusal.outcome) == (Code.UNSUPPORTED_VERSION, Outcome.FAILED)
    assert not any(isinstance(event, ConnectionLost) for event in cluster.observed)

    cluster.produce_max = 13
    cluster.send(b"too early")
    cluster.advance(5_000)
    assert cluster.failed[b"too early"].code.code == Code.UNSUPPORTED_VERSION
    assert cluster.connections == connections, "what was agreed on a connection holds as long as it"

    cluster.disconnect_all()
    cluster.send(b"next")
    cluster.advance(SECOND_US)
    if idempotent:
        # The error is fatal to an idempotent producer, as it is to Java's.
        assert cluster.failed[b"next"].code.code == Code.UNSUPPORTED_VERSION
    else:
        assert [request.values for request in cluster.waiting] == [[b"next"]]


def test_a_broker_that_refuses_each_version_that_it_offers_is_not_asked_for_ever() -> None:
    link = BrokerLink(node_id=1, host="b1", port=9092, client_id="p")
    link.begin(1, now_us=0, setup_deadline_us=SECOND_US)
    refusal = api_versions.encode_unsupported_version((api_versions.ApiVersion(ApiKey.API_VERSIONS, 0, 4),))

    asked = [link.negotiate(0, timeout_us=SECOND_US)]
    while asked[-1]:
        correlation_id = decode_request_header(asked[-1][4:])[0].correlation_id
        told = link.received(encode_response(ApiKey.API_VERSIONS, 0, correlation_id, refusal), 0, timeout_us=SECOND_US)
        asked.append(told.reply)

    assert [decode_request_header(frame[4:])[0].api_version for frame in asked[:-1]] == [4, 3, 2, 1, 0]
    assert isinstance(told.failure, PeerError)


@pytest.mark.parametrize(
    "given",
    [
        InitProducerIdResponse(producer_id=-1, producer_epoch=0),
        InitProducerIdResponse(producer_id=5, producer_epoch=-1),
    ],
)
def test_an_identity_that_none_can_have_is_not_taken(given: InitProducerIdResponse) -> None:
    cluster = ScriptedCluster()
    cluster.identities_given = [given]

    request = cluster.send_alone(b"v")

    assert (request.only.producer_id, request.only.producer_epoch) == (1_001, 0)


def test_a_session_that_ended_before_it_began_lives_for_ever() -> None:
    cluster = SecureCluster(session_lifetime_ms=-5)

    cluster.send_alone(b"v")
    cluster.answer()
    cluster.advance(SECOND_US)
    cluster.send_alone(b"w")

    assert all(len(sessions) == 1 for sessions in cluster.sessions.values())
