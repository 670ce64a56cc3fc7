"""The public API against a simple model, under any order of sends, answers, losses and time.

The model knows what it appended. Whatever happens: each record ends exactly once, `failed` is never said of a record that
was appended, `delivered` is only said of one that was, the buffer's bytes all come back, and the engine comes to rest.
"""

from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from producer.errors import Code, Outcome
from producer.events import BatchDelivered, BatchUndelivered
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, Produced, ScriptedCluster

PARTITIONS = 3
REFUSALS = [
    Code.NOT_ENOUGH_REPLICAS,
    Code.UNKNOWN_TOPIC_OR_PARTITION,
    Code.MESSAGE_TOO_LARGE,
    Code.TOPIC_AUTHORIZATION_FAILED,
    Code.OUT_OF_ORDER_SEQUENCE_NUMBER,
    Code.UNKNOWN_PRODUCER_ID,
    Code.INVALID_RECORD,
]
"""Answers that say for certain that nothing was appended."""
UNCERTAIN = [Code.NOT_LEADER_OR_FOLLOWER, Code.REQUEST_TIMED_OUT, Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND]


class EngineModel(RuleBasedStateMachine):
    """One engine, three partitions on two brokers."""

    properties: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.cluster = ScriptedCluster(
            brokers=2,
            partitions=PARTITIONS,
            batch_size=400,
            buffer_memory=4_000,
            linger_ms=3,
            delivery_timeout_ms=40_000,
            **self.properties,
        )
        self.cluster.send(b"warm", token="warm")
        self.cluster.advance(SECOND_US)
        self.appended: set[Any] = set()
        self.sent = ["warm"]
        self.ended: dict[Any, Outcome] = {}
        self.marks: list[int] = []

    # -- the application -----------------------------------------------------------------------------------------------

    @rule(partition=st.integers(0, PARTITIONS - 1), size=st.integers(0, 350))
    def send(self, partition: int, size: int) -> None:
        token = len(self.sent)
        record = Record("orders", b"%d " % token + b"x" * size, None, partition)
        wait = self.cluster.engine.send(record, token, now_us=self.cluster.now_us)
        if wait is None:
            self.sent.append(token)  # type: ignore[arg-type]  # the first one is called "warm"
        else:
            self.cluster.engine.give_up(wait, record, now_us=self.cluster.now_us)
        self.cluster.settle()

    @rule()
    def flush(self) -> None:
        self.marks.append(self.cluster.engine.flush(self.cluster.now_us))
        self.cluster.settle()

    @rule(us=st.sampled_from([1_000, 100_000, SECOND_US, 31 * SECOND_US]))
    def let_time_pass(self, us: int) -> None:
        self.cluster.advance(us)

    # -- the brokers ---------------------------------------------------------------------------------------------------

    def waiting(self, data: st.DataObject) -> Produced:
        # Each connection's requests are answered in their order.
        oldest = {request.connection: request for request in reversed(self.cluster.waiting)}
        return data.draw(st.sampled_from(list(oldest.values())))

    def append(self, request: Produced) -> None:
        self.appended.update(
            "warm" if record.value == b"warm" else int((record.value or b"").split()[0]) for record in request.records
        )

    @precondition(lambda self: self.cluster.waiting)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        request = self.waiting(data)
        self.append(request)
        self.cluster.answer(request, base_offset=7)

    @precondition(lambda self: self.cluster.waiting)
    @rule(data=st.data(), code=st.sampled_from(REFUSALS))
    def refuse(self, data: st.DataObject, code: Code) -> None:
        self.cluster.answer(self.waiting(data), code)

    @precondition(lambda self: self.cluster.waiting)
    @rule(data=st.data(), code=st.sampled_from(UNCERTAIN), appends=st.booleans())
    def answer_uncertainly(self, data: st.DataObject, code: Code, appends: bool) -> None:
        request = self.waiting(data)
        if appends:
            self.append(request)
        self.cluster.answer(request, code)

    @precondition(lambda self: self.cluster.waiting)
    @rule(data=st.data(), appends=st.booleans())
    def lose_the_connection(self, data: st.DataObject, appends: bool) -> None:
        request = self.waiting(data)
        if appends:
            self.append(request)
        self.cluster.disconnect(request.connection)

    @rule(partition=st.integers(0, PARTITIONS - 1))
    def move_the_leader(self, partition: int) -> None:
        leader, epoch = self.cluster.leaders[partition]
        self.cluster.leaders[partition] = (3 - leader, epoch + 1)

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def each_record_ends_at_most_once_and_honestly(self) -> None:
        answers, self.cluster.answers = self.cluster.answers, []
        for answer in answers:
            if isinstance(answer, BatchDelivered):
                outcome = Outcome.ACKNOWLEDGED
            elif isinstance(answer, BatchUndelivered):
                outcome = answer.error.outcome
            else:
                continue
            for token in answer.tokens:
                assert token not in self.ended, f"{token} ended twice"
                self.ended[token] = outcome
                if outcome is Outcome.ACKNOWLEDGED:
                    assert token in self.appended, f"{token} was delivered, yet never appended"
                if outcome is Outcome.FAILED:
                    assert token not in self.appended, f"{token} failed for certain, yet it was appended"

    @invariant()
    def the_buffer_is_never_overdrawn(self) -> None:
        buffer = self.cluster.engine._buffer
        assert 0 <= buffer.free_bytes <= buffer.total_bytes

    def teardown(self) -> None:
        for _ in range(50):
            while self.cluster.waiting:
                request = self.cluster.waiting[0]
                self.append(request)
                self.cluster.answer(request, base_offset=9)
            self.each_record_ends_at_most_once_and_honestly()
            self.cluster.advance(SECOND_US)
        assert sorted(map(str, self.ended)) == sorted(map(str, self.sent)), "each record ends"
        assert self.cluster.engine.is_idle
        assert all(self.cluster.engine.is_flushed(mark) for mark in self.marks)
        assert self.cluster.engine._buffer.free_bytes == self.cluster.engine._buffer.total_bytes


class PlainModel(EngineModel):
    properties: ClassVar[dict[str, Any]] = {"enable_idempotence": False, "retries": 2}


class StrictModel(EngineModel):
    properties: ClassVar[dict[str, Any]] = {"max_in_flight_requests_per_connection": 1, "compression_type": "lz4"}


FEW = settings(max_examples=40, stateful_step_count=40)

TestIdempotent = EngineModel.TestCase
TestIdempotent.settings = FEW
TestPlain = PlainModel.TestCase
TestPlain.settings = FEW
TestStrict = StrictModel.TestCase
TestStrict.settings = FEW
