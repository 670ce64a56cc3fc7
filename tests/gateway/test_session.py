"""What passes a gateway, changed or not, what does not, and in which order both sides hear of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import Code
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.compression import Codec
from producer.wire.messages.api_versions import ApiVersion, ApiVersionsRequest, ApiVersionsResponse
from producer.wire.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from producer.wire.messages.fetch import (
    FetchPartitionResponse,
    FetchRequest,
    FetchResponse,
    FetchTopicResponse,
)
from producer.wire.messages.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from producer.wire.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from producer.wire.messages.leaders import LeaderIdAndEpoch, NodeEndpoint
from producer.wire.messages.metadata import MetadataBroker, MetadataRequest, MetadataResponse
from producer.wire.messages.produce import (
    ProducePartitionResponse,
    ProduceRequest,
    ProduceResponse,
    ProduceTopicResponse,
)
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from producer.wire.record_batch import decode_records, read_header
from sim.gateway.core.enforcement import NothingEnforced
from sim.gateway.core.session import SessionError
from tests.gateway.rules import SECRET, Rules
from tests.gateway.sessions import Ends, batch, produce

if TYPE_CHECKING:
    from collections.abc import Callable


def appended(topic: str, partition: int, base_offset: int) -> ProduceResponse:
    part = ProducePartitionResponse(partition, base_offset=base_offset)
    return ProduceResponse((ProduceTopicResponse(topic, partition_responses=(part,)),))


def told(ends: Ends) -> dict[tuple[str, int], ProducePartitionResponse]:
    _, message = ends.answers[-1]
    return {(topic.name, one.index): one for topic in message.responses for one in topic.partition_responses}


# -- on the way to the log ---------------------------------------------------------------------------------------------


def test_what_nothing_is_wrong_with_passes_byte_for_byte() -> None:
    ends = Ends(Rules())
    request = produce(("orders", 0, batch(b"one", b"two", producer_id=7, producer_epoch=1, base_sequence=40)))

    ends.ask(ApiKey.PRODUCE, 9, request)

    assert ends.request(ProduceRequest) == request
    ends.answer(appended("orders", 0, 12))
    assert told(ends)["orders", 0].base_offset == 12


@pytest.mark.parametrize("codec", Codec)
def test_a_changed_batch_keeps_producer_sequence_times_keys_headers_and_codec(codec: Codec) -> None:
    ends = Ends(Rules())
    before = batch(
        b"card " + SECRET, b"two", codec=codec, producer_id=7, producer_epoch=1, base_sequence=40, is_transactional=True
    )

    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, before)))

    after = ends.request(ProduceRequest).topic_data[0].partition_data[0].records
    hidden, other = decode_records(after)
    was, other_was = decode_records(before)
    assert hidden == was._replace(value=b"card ****")
    assert other == other_was
    kept = {"batch_length", "crc"}
    assert {k: v for k, v in read_header(after)._asdict().items() if k not in kept} == {
        k: v for k, v in read_header(before)._asdict().items() if k not in kept
    }


def test_one_bad_record_refuses_its_batch_and_no_other() -> None:
    ends = Ends(rules := Rules())
    good, bad = batch(b"one"), batch(b"fine", b"bad")

    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, good), ("orders", 1, bad)))

    assert [part.index for part in ends.request(ProduceRequest).topic_data[0].partition_data] == [0]
    ends.answer(appended("orders", 0, 5))
    assert told(ends)["orders", 0].error_code == Code.NONE
    refused = told(ends)["orders", 1]
    assert refused.error_code == Code.INVALID_RECORD
    assert [(one.batch_index, one.batch_index_error_message) for one in refused.record_errors] == [
        (1, "field kind is bad")
    ]
    assert [(one.partition, one.code.code, one.base_offset) for _, one in rules.appended] == [
        (0, Code.NONE, 5),
        (1, Code.INVALID_RECORD, -1),
    ]


def test_what_is_refused_whole_is_answered_in_its_turn() -> None:
    ends = Ends(Rules())
    first = ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"one"))))
    second = ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"bad"))))
    third = ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"three"))))

    assert len(ends.requests) == 2
    assert ends.answers == []
    ends.answer(appended("orders", 0, 0))
    assert [number for number, _ in ends.answers] == [first, second]
    ends.answer(appended("orders", 0, 1))
    assert [number for number, _ in ends.answers] == [first, second, third]


def test_who_wants_no_answer_is_left_when_something_is_refused() -> None:
    ends = Ends(rules := Rules())

    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"one")), acks=0))
    was_over = ends.session.is_over
    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"bad")), acks=0))

    assert (was_over, ends.session.is_over) == (False, True)
    assert len(ends.requests) == 1
    assert [one.code.code for _, one in rules.appended] == [Code.NONE, Code.INVALID_RECORD]


def test_while_nothing_can_be_decided_nothing_passes_and_the_client_may_ask_again() -> None:
    ends = Ends(rules := Rules())
    rules.is_away = True

    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"one"))))

    assert not ends.requests
    assert told(ends)["orders", 0].error_code == Code.KAFKA_STORAGE_ERROR
    rules.is_away = False
    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"one"))))
    assert len(ends.requests) == 1


@pytest.mark.parametrize("spoilt", [b"", b"\0" * 61, batch(b"one")[:-1], batch(b"one")[:-1] + b"\xff"])
def test_what_cannot_be_read_does_not_pass(spoilt: bytes) -> None:
    ends = Ends(Rules())

    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, spoilt)))

    if spoilt:
        assert ends.requests == []
        assert told(ends)["orders", 0].error_code == Code.CORRUPT_MESSAGE
    else:
        # No records at all: that is for the broker to refuse.
        assert ends.request(ProduceRequest).topic_data[0].partition_data[0].records == b""


# -- on the way back ---------------------------------------------------------------------------------------------------


def fetched(records: bytes | None) -> FetchResponse:
    part = FetchPartitionResponse(0, high_watermark=9, records=records)
    return FetchResponse(responses=(FetchTopicResponse("orders", partitions=(part,)),))


def log_in(ends: Ends, user: str, *, code: int = 0) -> None:
    ends.ask(ApiKey.SASL_HANDSHAKE, 1, SaslHandshakeRequest("PLAIN"))
    ends.answer(SaslHandshakeResponse(mechanisms=("PLAIN",)))
    ends.ask(ApiKey.SASL_AUTHENTICATE, 2, SaslAuthenticateRequest(b"\0%b\0secret" % user.encode()))
    ends.answer(SaslAuthenticateResponse(error_code=code))


@pytest.mark.parametrize(("user", "code", "read"), [("alice", 0, SECRET), ("bob", 0, b"****"), ("alice", 58, b"****")])
def test_each_reads_what_it_may_once_the_broker_has_taken_its_proof(user: str, code: int, read: bytes) -> None:
    ends = Ends(Rules())
    log_in(ends, user, code=code)
    stored = batch(b"****", base_offset=3, partition_leader_epoch=2)

    ends.ask(ApiKey.FETCH, 12, FetchRequest())
    ends.answer(fetched(stored + batch(b"cut off")[:30]))

    part = ends.answers[-1][1].responses[0].partitions[0]
    size = read_header(part.records).size_bytes
    assert [(one.offset, one.value) for one in decode_records(part.records[:size])] == [(3, read)]
    assert part.records[size:] == batch(b"cut off")[:30]


def test_scram_names_its_user_in_its_first_message_and_counts_with_its_last() -> None:
    ends = Ends(NothingEnforced())
    ends.ask(ApiKey.SASL_HANDSHAKE, 1, SaslHandshakeRequest("SCRAM-SHA-256"))
    ends.answer(SaslHandshakeResponse(mechanisms=("SCRAM-SHA-256",)))
    ends.ask(ApiKey.SASL_AUTHENTICATE, 2, SaslAuthenticateRequest(b"n,,n=al=2Cice,r=nonce"))
    ends.answer(SaslAuthenticateResponse(auth_bytes=b"r=nonceX,s=abc,i=4096"))
    assert ends.session.client.principal == "User:ANONYMOUS"
    ends.ask(ApiKey.SASL_AUTHENTICATE, 2, SaslAuthenticateRequest(b"c=biws,r=nonceX,p=proof"))
    ends.answer(SaslAuthenticateResponse(auth_bytes=b"v=signature"))

    assert ends.session.client.principal == "User:al,ice"


def test_markers_and_emptied_batches_are_left_as_they_are() -> None:
    ends = Ends(Rules())
    log_in(ends, "alice")
    marker = batch(b"****", base_offset=3, is_control=True)

    ends.ask(ApiKey.FETCH, 12, FetchRequest())
    ends.answer(fetched(marker))

    assert ends.answers[-1][1].responses[0].partitions[0].records == marker


def test_while_nothing_can_be_decided_nobody_reads() -> None:
    ends = Ends(rules := Rules())
    rules.is_away = True

    ends.ask(ApiKey.FETCH, 12, FetchRequest())
    ends.answer(fetched(batch(b"****")))

    part = ends.answers[-1][1].responses[0].partitions[0]
    assert (part.error_code, part.records) == (Code.KAFKA_STORAGE_ERROR, b"")


# -- nobody goes past it -----------------------------------------------------------------------------------------------

NODES = (NodeEndpoint(1, "b1", 9092), NodeEndpoint(2, "b2", 9093))
FORWARDED = [("gateway", 29_092), ("gateway", 29_093)]


@pytest.mark.parametrize(
    ("key", "version", "request_", "answer", "places"),
    [
        (
            ApiKey.METADATA,
            12,
            MetadataRequest(),
            MetadataResponse(brokers=tuple(MetadataBroker(*node) for node in NODES)),
            lambda message: message.brokers,
        ),
        (
            ApiKey.DESCRIBE_CLUSTER,
            2,
            DescribeClusterRequest(),
            DescribeClusterResponse(brokers=tuple(DescribeClusterBroker(*node) for node in NODES)),
            lambda message: message.brokers,
        ),
        (
            ApiKey.FIND_COORDINATOR,
            6,
            FindCoordinatorRequest(coordinator_keys=("g", "h")),
            FindCoordinatorResponse(coordinators=tuple(Coordinator("g", *node[:3]) for node in NODES)),
            lambda message: message.coordinators,
        ),
        (
            ApiKey.PRODUCE,
            12,
            produce(("orders", 0, batch(b"one"))),
            ProduceResponse(
                (
                    ProduceTopicResponse(
                        "orders",
                        partition_responses=(
                            ProducePartitionResponse(
                                0, Code.NOT_LEADER_OR_FOLLOWER, current_leader=LeaderIdAndEpoch(2, 3)
                            ),
                        ),
                    ),
                ),
                node_endpoints=NODES,
            ),
            lambda message: message.node_endpoints,
        ),
    ],
    ids=["Metadata", "DescribeCluster", "FindCoordinator", "Produce"],
)
def test_every_answer_that_names_brokers_names_the_gateway(
    key: ApiKey, version: int, request_: Any, answer: Any, places: Callable[[Any], Any]
) -> None:
    ends = Ends(NothingEnforced())

    ends.ask(key, version, request_)
    ends.answer(answer)

    assert [(node.host, node.port) for node in places(ends.answers[-1][1])] == FORWARDED


def test_a_coordinator_that_nobody_knows_is_nowhere() -> None:
    ends = Ends(NothingEnforced())

    ends.ask(ApiKey.FIND_COORDINATOR, 3, FindCoordinatorRequest("g"))
    ends.answer(FindCoordinatorResponse(error_code=15, node_id=-1, host="", port=-1))

    assert ends.answers[-1][1].port == -1


def test_topics_go_by_name_and_what_cannot_be_read_is_not_offered() -> None:
    ends = Ends(NothingEnforced())
    spoken = (
        ApiVersion(0, 0, 13),
        ApiVersion(1, 4, 18),
        ApiVersion(17, 0, 1),
        ApiVersion(78, 0, 1),
        ApiVersion(12, 0, 99),
    )

    ends.ask(ApiKey.API_VERSIONS, 3, ApiVersionsRequest("x", "1"))
    ends.answer(ApiVersionsResponse(api_keys=spoken))

    assert ends.answers[-1][1].ranges == {0: (0, 12), 1: (4, 12), 17: (1, 1), 12: (0, 4)}


@pytest.mark.parametrize(("key", "version"), [(0, 13), (1, 13), (78, 0), (17, 0), (999, 0), (-1, 0), (12, 5)])
def test_what_is_not_offered_ends_the_session(key: int, version: int) -> None:
    ends = Ends(NothingEnforced())
    frame = api.encode_request(key, version, 1, "x", b"\0" * 20)

    with pytest.raises(SessionError, match=rf"10\.0\.0\.7: API {key} version {version}"):
        ends.sends(frame)
    assert ends.session.take() == (b"", b"")


def test_versions_that_are_yet_unknown_are_told_so_here() -> None:
    ends = Ends(NothingEnforced())
    ends.sends(api.encode_request(ApiKey.API_VERSIONS, 9, 4, "x", b""))

    taken = ends.session.take()

    assert taken.for_broker == b""
    assert taken.for_client[8:10] == Code.UNSUPPORTED_VERSION.to_bytes(2)


# -- odd requests and odd answers --------------------------------------------------------------------------------------


def test_of_a_partition_that_is_named_twice_the_last_batch_counts_as_for_a_broker() -> None:
    ends = Ends(rules := Rules())

    ends.ask(
        ApiKey.PRODUCE,
        9,
        produce(("orders", 0, batch(b"bad")), ("orders", 0, batch(b"two")), ("orders", 1, batch(b"x"))),
    )

    passed = ends.request(ProduceRequest).topic_data
    assert [(topic.name, [one.index for one in topic.partition_data]) for topic in passed] == [("orders", [0, 1])]
    assert decode_records(passed[0].partition_data[0].records)[0].value == b"two"
    part = ProducePartitionResponse(0, base_offset=12)
    other = ProducePartitionResponse(1, base_offset=3)
    ends.answer(ProduceResponse((ProduceTopicResponse("orders", partition_responses=(part, other)),)))
    assert {place: one.error_code for place, one in told(ends).items()} == {("orders", 0): 0, ("orders", 1): 0}
    assert [(one.partition, one.base_offset) for _, one in rules.appended] == [(0, 12), (1, 3)]


def test_a_code_that_nobody_knows_yet_is_passed_on_and_ends_no_session() -> None:
    ends = Ends(rules := Rules())
    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"one"))))

    ends.answer(
        ProduceResponse((ProduceTopicResponse("orders", partition_responses=(ProducePartitionResponse(0, 4_711),)),))
    )

    assert told(ends)["orders", 0].error_code == 4_711
    ((_, appended_),) = rules.appended
    assert (appended_.code.name, appended_.code.may_hide_append) == ("UNKNOWN_CODE_4711", True)


# -- in whatever pieces ------------------------------------------------------------------------------------------------


@given(cut=st.integers(1, 400))
def test_bytes_may_come_in_any_pieces(cut: int) -> None:
    ends = Ends(Rules())

    ends.ask(ApiKey.PRODUCE, 9, produce(("orders", 0, batch(b"card " + SECRET))), cut=cut)
    ends.ask(ApiKey.HEARTBEAT, 4, HeartbeatRequest("g", 1, "m"), cut=cut)

    assert len(ends.requests) == 2
    ends.answer(appended("orders", 0, 1))
    ends.answer(HeartbeatResponse(error_code=27))
    assert [number for number, _ in ends.answers] == [1, 2]


@given(noise=st.binary(max_size=300))
def test_noise_ends_a_session_and_nothing_else(noise: bytes) -> None:
    for hand_in in (Ends.sends, Ends.answers_with):
        with suppress(SessionError):
            hand_in(Ends(Rules()), noise)


def test_an_answer_that_nobody_waits_for_ends_the_session() -> None:
    ends = Ends(NothingEnforced())
    ends.ask(ApiKey.HEARTBEAT, 4, HeartbeatRequest("g", 1, "m"))

    with pytest.raises(SessionError, match="correlation id 77"):
        ends.answers_with(api.encode_response(ApiKey.HEARTBEAT, 4, 77, b"\0" * 6))
