"""A scripted cluster that coordinates a transaction, too: it notes what it is asked, and answers as the test says."""

from __future__ import annotations

from typing import Any, NamedTuple

from producer.errors import Code, TransactionError
from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
from producer.transactions.call import TransactionalCall
from producer.transactions.prepared import PreparedTransaction
from producer.transactions.state import TransactionState
from producer.transactions.transaction import Transactions
from producer.wire.api import SUPPORTED, ApiKey, RequestHeader, decode_request_header
from producer.wire.codec import decode, encode
from producer.wire.messages import (
    add_offsets_to_txn,
    add_partitions_to_txn,
    api_versions,
    end_txn,
    find_coordinator,
    init_producer_id,
    txn_offset_commit,
)
from tests.unit.producer.scripted_cluster import Produced, ScriptedCluster

GROUP = ConsumerGroupMetadata("readers", 3, "member-1")
OFFSETS = {TopicPartition("inputs", 0): OffsetAndMetadata(17)}

TRANSACTIONAL = (
    ApiKey.FIND_COORDINATOR,
    ApiKey.INIT_PRODUCER_ID,
    ApiKey.ADD_PARTITIONS_TO_TXN,
    ApiKey.ADD_OFFSETS_TO_TXN,
    ApiKey.TXN_OFFSET_COMMIT,
    ApiKey.END_TXN,
)


class AskedOf(NamedTuple):
    """A transactional request."""

    at_us: int
    broker: int
    api: ApiKey
    version: int
    request: Any


class CoordinatedCluster(ScriptedCluster):
    """V1 unless `level` is 2. `codes` are what the next answers to an API say, the first first; then everything is well."""

    def __init__(self, *, level: int = 1, **properties: Any) -> None:
        self.level = level
        self.features_epoch = 10
        self.asked_of: list[AskedOf] = []
        self.codes: dict[ApiKey, list[Code]] = {api: [] for api in TRANSACTIONAL}
        self.keeps: list[ApiKey] = []
        """APIs whose requests are left without an answer, until `answer_kept`."""
        self.kept: list[tuple[int, bytes]] = []
        self.versions: dict[ApiKey, tuple[int, int]] = {}
        """Of brokers that speak less than we do."""
        self.coordinator = 1
        self.identity = [7_000, -1]
        self.open = (-1, -1)
        """Who wrote the transaction that is open when a producer asks for it to be kept."""
        super().__init__(**({"transactional_id": "t"} | properties))

    # -- the application ---------------------------------------------------------------------------------------------

    @property
    def transactions(self) -> Transactions:
        found = self.engine._transactions
        assert found is not None
        return found

    @property
    def state(self) -> TransactionState:
        return self.transactions.state

    def init(self, *, keep_prepared: bool = False) -> TransactionalCall:
        return self._made(self.engine.init_transactions(self.now_us, keep_prepared=keep_prepared))

    def begin(self) -> None:
        self.engine.begin_transaction(self.now_us)
        self.settle()

    def commit(self) -> TransactionalCall:
        return self._made(self.engine.commit_transaction(self.now_us))

    def abort(self) -> TransactionalCall:
        return self._made(self.engine.abort_transaction(self.now_us))

    def prepare(self) -> TransactionalCall:
        return self._made(self.engine.prepare_transaction(self.now_us))

    def complete(self, decided: PreparedTransaction) -> TransactionalCall:
        return self._made(self.engine.complete_transaction(decided, self.now_us))

    def send_offsets(self, offsets: Any = None, group: ConsumerGroupMetadata = GROUP) -> TransactionalCall:
        given = OFFSETS if offsets is None else offsets
        return self._made(self.engine.send_offsets_to_transaction(given, group, self.now_us))

    def begun(self, *values: bytes) -> CoordinatedCluster:
        """Begin the first transaction, with these records in it, whose Produce waits for its answer."""
        self.init().hear()
        self.begin()
        for value in values:
            self.send(value)
        if values:
            self.engine.flush(self.now_us)
            self.settle()
        return self

    def refusal(self, call: TransactionalCall) -> TransactionError:
        """Give the error that a call that is over came to."""
        try:
            call.hear()
        except TransactionError as error:
            return error
        raise AssertionError(f"{call.operation} ended well")

    def _made(self, call: TransactionalCall) -> TransactionalCall:
        self.settle()
        return call

    # -- the brokers -------------------------------------------------------------------------------------------------

    @property
    def apis(self) -> list[ApiKey]:
        """What was asked, in order, but for who coordinates."""
        return [one.api for one in self.asked_of if one.api is not ApiKey.FIND_COORDINATOR]

    def last(self, api: ApiKey) -> AskedOf:
        return [one for one in self.asked_of if one.api is api][-1]

    def answer_kept(self) -> None:
        """Answer what was kept, and keep nothing more."""
        kept, self.kept, self.keeps = self.kept, [], []
        for connection, payload in kept:
            self._request(connection, payload)
        self.settle()

    def answer_all(self, code: Code = Code.NONE) -> list[Produced]:
        """Answer every Produce that waits."""
        waiting = list(self.waiting)
        for request in waiting:
            self.answer(request, code)
        return waiting

    def _request(self, connection: int, payload: bytes) -> None:
        header, position = decode_request_header(payload)
        api = ApiKey(header.api_key)
        if api not in TRANSACTIONAL:
            super()._request(connection, payload)
            return
        if api in self.keeps:
            self.kept.append((connection, payload))
            return
        request = decode(api.message("request"), payload[position:], header.api_version)
        broker = self.connections[connection].broker
        self.asked_of.append(AskedOf(self.now_us, broker, api, header.api_version, request))
        code = self.codes[api].pop(0) if self.codes[api] else Code.NONE
        self._reply(connection, header, encode(self._told(api, request, header, code), header.api_version))

    def _told(self, api: ApiKey, request: Any, header: RequestHeader, code: Code) -> Any:
        match api:
            case ApiKey.FIND_COORDINATOR:
                host = self.hosts[self.coordinator]
                if header.api_version < 4:
                    return find_coordinator.FindCoordinatorResponse(
                        error_code=code, node_id=self.coordinator, host=host, port=9092
                    )
                one = find_coordinator.Coordinator(request.coordinator_keys[0], self.coordinator, host, 9092, code)
                return find_coordinator.FindCoordinatorResponse(coordinators=(one,))
            case ApiKey.INIT_PRODUCER_ID:
                if code:
                    return init_producer_id.InitProducerIdResponse(0, code)
                self.identity[1] += 1
                ongoing = self.open if request.keep_prepared_txn else (-1, -1)
                producer_id, epoch = self.identity
                return init_producer_id.InitProducerIdResponse(0, 0, producer_id, epoch, *ongoing)
            case ApiKey.ADD_PARTITIONS_TO_TXN:
                return add_partitions_to_txn.AddPartitionsToTxnResponse(
                    results_by_topic_v3_and_below=tuple(
                        add_partitions_to_txn.AddPartitionsToTxnTopicResult(
                            topic.name,
                            tuple(
                                add_partitions_to_txn.AddPartitionsToTxnPartitionResult(index, code)
                                for index in topic.partitions
                            ),
                        )
                        for topic in request.v3_and_below_topics
                    )
                )
            case ApiKey.ADD_OFFSETS_TO_TXN:
                return add_offsets_to_txn.AddOffsetsToTxnResponse(0, code)
            case ApiKey.TXN_OFFSET_COMMIT:
                return txn_offset_commit.TxnOffsetCommitResponse(
                    0,
                    tuple(
                        txn_offset_commit.TxnOffsetCommitResponseTopic(
                            topic.name,
                            tuple(
                                txn_offset_commit.TxnOffsetCommitResponsePartition(one.partition_index, code)
                                for one in topic.partitions
                            ),
                        )
                        for topic in request.topics
                    ),
                )
            case _:
                assert api is ApiKey.END_TXN
                if code or header.api_version < 5:
                    return end_txn.EndTxnResponse(0, code)
                self.identity[1] += 1
                return end_txn.EndTxnResponse(0, 0, *self.identity)

    def _reply_versions(self, connection: int, header: RequestHeader) -> None:
        known = dict(SUPPORTED) | {ApiKey.PRODUCE: (0, 13)} | self.versions
        ranges = tuple(api_versions.ApiVersion(key, *known[key]) for key in sorted(known))
        told = api_versions.ApiVersionsResponse(
            0,
            ranges,
            0,
            finalized_features_epoch=self.features_epoch,
            finalized_features=(api_versions.FinalizedFeature("transaction.version", self.level, self.level),),
        )
        self._reply(connection, header, encode(told, header.api_version))
