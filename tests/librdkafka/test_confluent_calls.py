"""Every call of confluent-kafka's producer with odd arguments: the original is asked, and our façade of it says the same."""

import itertools
import pickle
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import confluent_kafka
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import producer.facades.confluent as facade
from tests.librdkafka.confluent_kinds import WAIT_S, both, end
from tests.librdkafka.reading import read_back

KINDS = (confluent_kafka, facade)
names = itertools.count(1)

NO_TEXT = "\udcff"


class Pair:
    """The original and the façade, each with its reports."""

    def __init__(self, bootstrap: str) -> None:
        self.heard: dict[Any, list[Any]] = {kafka: [] for kafka in KINDS}
        self.producers = {kafka: self._made(kafka, bootstrap) for kafka in KINDS}

    def _made(self, kafka: Any, bootstrap: str) -> Any:
        heard = self.heard[kafka]
        given_to_both = {"bootstrap.servers": bootstrap, "log_level": 0, "on_delivery": self.teller(heard, "default")}
        producer = kafka.Producer(given_to_both)
        producer.produce("known", b"v", partition=0)
        assert producer.flush(WAIT_S) == 0
        return producer

    @staticmethod
    def teller(heard: list[Any], name: str) -> Callable[[Any, Any], None]:
        def tell(error: Any, message: Any) -> None:
            code = None if error is None else error.code()
            told = (message.topic(), message.partition(), message.key(), message.value(), message.headers())
            heard.append((name, code, told if message.partition() is not None else told[:1] + told[2:]))

        return tell

    def do(self, kafka: Any, call: Callable[[Any, Any], Any]) -> tuple[Any, ...]:
        """What a call gives or raises, and what is reported then."""
        heard, producer = self.heard[kafka], self.producers[kafka]
        heard.clear()
        outcome = outcome_of(kafka, lambda: call(producer, lambda name: self.teller(heard, name)))
        return outcome, outcome_of(kafka, lambda: producer.flush(WAIT_S)), list(heard)

    def are_alike(self, **arguments: Any) -> None:
        """Whatever `produce` does with them."""
        self.end_alike(lambda producer, _: producer.produce(**arguments))

    def end_alike(self, call: Callable[[Any, Any], Any]) -> None:
        theirs, ours = (self.do(kafka, call) for kafka in KINDS)
        assert ours == theirs


def outcome_of(kafka: Any, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except kafka.KafkaException as error:
        return error.args[0].code(), error.args[0].str()
    except Exception as error:  # noqa: BLE001 - what is compared
        return type(error), str(error)


@pytest.fixture(scope="module")
def pair(bootstrap: str) -> Iterator[Pair]:
    one = Pair(bootstrap)
    yield one
    for producer in one.producers.values():
        end(producer)


class Index:
    def __index__(self) -> int:
        return 1


class Bytes(bytes):
    __slots__ = ()


class Text(str):
    __slots__ = ()


class Mute:
    def __str__(self) -> str:
        raise ValueError("planted")


PAYLOADS: list[Any] = [
    None, b"", b"v", "", "text", "a\0b", "größe", NO_TEXT, 5, 1.5, True, [b"v"], {}, bytearray(b"v"), memoryview(b"v"),
    Bytes(b"v"), Text("v"), print,
]  # fmt: skip
TOPICS: list[Any] = [
    "x" * 249, "x" * 513, "ö" * 257, "a\0b", NO_TEXT, None, b"known", 5, ["known"], Text("known"), True,
]  # fmt: skip
NUMBERS: list[Any] = [
    -1, 0, 1, 3, -2, 99, True, Index(), 1.0, "1", None, b"1", [], 2**31 - 1, 2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 2**64,
]  # fmt: skip
HEADERS: list[Any] = [
    None, [], {}, (), set(), "", "ab", b"", 0, 5, False, iter([("a", b"b")]), (("a", b"b"),), [("a", b"b")], {"a": b"b"},
    [("a", None)], {"a": None}, [("a", "text")], [("a", "x\0y")], [("a\0c", b"x")], [("", b"")], [(b"a", b"b")], [(5, b"b")],
    [(None, b"b")], {5: b"b"}, [("a",)], [("a", b"b", b"c")], [["a", b"b"]], ["ab"], [None], [("a", 5)], [("a", bytearray(b"b"))],
    [("a", memoryview(b"b"))], [("a", NO_TEXT)], [("a", [])], [(Mute(), b"b")], [(Text("a"), Bytes(b"b"))], {"a": 1.5},
]  # fmt: skip


@pytest.mark.parametrize("role", ["value", "key"])
def test_a_payload_is_taken_or_refused_alike(pair: Pair, role: str) -> None:
    for given_one in PAYLOADS:
        pair.are_alike(topic="known", partition=0, **{role: given_one})


def test_a_topic_is_taken_or_refused_alike(pair: Pair) -> None:
    for topic in TOPICS:
        pair.are_alike(topic=topic, value=b"v", partition=0)


def test_a_partition_is_taken_or_refused_alike(pair: Pair) -> None:
    for partition in NUMBERS:
        pair.are_alike(topic="known", value=b"v", key=b"k", partition=partition)


def test_a_timestamp_is_taken_or_refused_alike(pair: Pair) -> None:
    for timestamp in NUMBERS:
        pair.are_alike(topic="known", value=b"v", partition=0, timestamp=timestamp)


def test_headers_are_taken_or_refused_alike(pair: Pair) -> None:
    for headers in HEADERS:
        pair.are_alike(topic="known", value=b"v", partition=0, headers=headers)


def test_headers_that_are_taken_are_read_alike(bootstrap: str, pair: Pair) -> None:
    odd: list[Any] = [("a", "x\0y"), ("a\0c", b"x\0y"), (b"a", None), (5, ""), (None, "ö"), ("", b"")]
    for kafka in KINDS:
        topic = f"headers-{next(names)}"
        pair.producers[kafka].produce(topic, b"v", headers=odd)
        pair.producers[kafka].flush(WAIT_S)
        (found,) = read_back(bootstrap, topic, 1)

        assert found.headers == [
            ("a", b"x"),
            ("a", b"x\0y"),
            ("b'a'", None),
            ("5", b""),
            ("None", "ö".encode()),
            ("", b""),
        ]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    st.fixed_dictionaries(
        {"topic": st.sampled_from(["known", *TOPICS])},
        optional={
            "value": st.one_of(st.sampled_from(PAYLOADS), st.binary(max_size=9), st.text(max_size=9)),
            "key": st.one_of(st.sampled_from(PAYLOADS), st.binary(max_size=9), st.text(max_size=9)),
            "partition": st.one_of(st.sampled_from(NUMBERS), st.integers(-5, 5)),
            "timestamp": st.one_of(st.sampled_from(NUMBERS), st.integers(-(2**64), 2**64)),
            "headers": st.one_of(
                st.sampled_from([one for one in HEADERS if not isinstance(one, Iterator)]),
                st.lists(st.tuples(st.text(max_size=3), st.one_of(st.none(), st.text(max_size=3), st.integers()))),
            ),
        },
    )
)
def test_drawn_messages_end_alike(pair: Pair, drawn: dict[str, Any]) -> None:
    if drawn.get("partition", -1) == -1 and not isinstance(drawn.get("partition"), float):
        # Which one a message without a key goes to is drawn.
        drawn = drawn | {"partition": 0}
    pair.are_alike(**drawn)


@pytest.mark.parametrize("arguments", [
    {"callback": "c", "on_delivery": "o"}, {"callback": None, "on_delivery": "o"}, {"callback": "c", "on_delivery": None},
    {"callback": None}, {"on_delivery": None}, {"callback": "c"}, {"on_delivery": "o"}, {},
], ids=str)  # fmt: skip
def test_callback_wins_over_on_delivery_and_none_is_that_of_the_configuration(
    pair: Pair, arguments: dict[str, str | None]
) -> None:
    def call(producer: Any, teller: Any) -> None:
        told = {name: tag and teller(tag) for name, tag in arguments.items()}
        producer.produce("known", b"1", partition=0, **told)
        batch: list[dict[str, Any]] = [{"value": b"2", "partition": 1}, {"value": b"3", "callback": teller("own")}]
        producer.produce_batch("known", batch, 2, **told)

    (their_outcome, _, theirs), (our_outcome, _, ours) = (pair.do(kafka, call) for kafka in KINDS)
    assert our_outcome == their_outcome
    assert sorted(ours, key=str) == sorted(theirs, key=str)


@pytest.mark.parametrize("overhead", [35, 36, 37])
def test_a_message_is_too_large_at_the_same_byte(pair: Pair, overhead: int) -> None:
    with_headers = {"headers": [("name", bytes(200)), ("n", None)]}
    for rest_bytes, rest in ((0, {}), (40_000, {"key": bytes(40_000)}), (209, with_headers)):
        pair.are_alike(topic="known", value=bytes(1_000_000 - overhead - rest_bytes), partition=0, **rest)


def produced(topic: str, producer: Any, _teller: object) -> None:
    producer.produce(topic, b"v")


def test_an_invalid_topic_is_reported_as_brokers_report_it(pair: Pair) -> None:
    """librdkafka's mock brokers take any name; Kafka's say INVALID_TOPIC_EXCEPTION, which librdkafka reports so."""
    for topic in ("", "two words", "..", "größe", "x" * 250, "x" * 512):
        outcome, left, heard = pair.do(facade, partial(produced, topic))
        assert (outcome, left) == (None, 0)
        assert [(name, code) for name, code, _ in heard] == [("default", facade.KafkaError.TOPIC_EXCEPTION)]


@both
def test_a_message_that_failed_tells_the_partition_that_was_asked_for(kafka: Any) -> None:
    producer = kafka.Producer({"bootstrap.servers": "127.0.0.1:1", "message.timeout.ms": 300, "log_level": 0})
    heard: list[Any] = []
    for partition in (99, -2, 0, -1, 2**31 - 1):
        producer.produce("orders", b"v", partition=partition, on_delivery=lambda _, one: heard.append(one.partition()))
    producer.flush(WAIT_S)
    end(producer)

    assert sorted(heard, key=str) == sorted([99, -2, 0, None, 2**31 - 1], key=str)


BATCHES: list[Any] = [
    [], 5, None, (), [5], [{}], [{"value": 5}], [{"key": []}], [{"partition": "1"}], [{"partition": True}],
    [{"timestamp": 5}], [{"timestamp": None, "headers": None}], [{"headers": 5}], [{"headers": [("a", b"b")]}],
    [{"value": b"v", "partition": 0}, {"key": "k", "partition": 1}], [{"value": bytes(2_000_000), "partition": 0}],
    [{"value": b"v", "partition": 99}], [{"value": b"v"}, {"value": bytearray(b"v")}],
]  # fmt: skip


def batched(batch: Any, producer: Any, _teller: object) -> tuple[int, list[Any]]:
    messages = [dict(one) if isinstance(one, dict) else one for one in batch] if isinstance(batch, list) else batch
    taken = producer.produce_batch("known", messages, partition=2)
    return taken, [one["_error"].code() for one in messages if "_error" in one]


def test_batches_are_taken_or_refused_alike(pair: Pair) -> None:
    for batch in BATCHES:
        pair.end_alike(partial(batched, batch))


CALLS = [
    "poll(None)", "poll('1')", "poll(0)", "poll(0.0)", "poll(timeout=0)", "poll(True)", "poll(b'1')", "poll(-0.0)",
    "flush(None)", "flush('1')", "flush(0)", "flush(timeout=0.0)", "flush()", "flush(-1)", "flush(-0.5)",
    "purge(None)", "purge('x')", "purge(2)", "purge(False, False)", "purge(in_queue=True, blocking=False)", "purge(1.5)",
    "list_topics(5)", "list_topics(b'known')", "list_topics('known', 'x')", "list_topics('known', None)",
    "list_topics('known', timeout=9).topics['known'].error", "str(list_topics('known').topics['known'])",
    "repr(list_topics('known').topics['known'])", "str(list_topics('known').topics['known'].partitions[0])",
    "repr(list_topics('known').topics['known'].partitions[0])", "str(list_topics('known'))", "repr(list_topics('known'))",
    "sorted(map(str, list_topics('known').brokers.values()))", "sorted(map(repr, list_topics('known').brokers.values()))",
    "cluster_id(5)", "cluster_id('x')", "set_sasl_credentials('a', 'b')", "set_sasl_credentials(None, 'b')",
    "set_sasl_credentials('a', 5)", "init_transactions()", "init_transactions('x')", "begin_transaction()",
    "commit_transaction()", "abort_transaction(1)", "__init__({})", "__len__()", "__bool__()", "__enter__() is producer",
    "close()", "close()", "__len__()", "__bool__()", "flush()", "flush('x')", "poll(0)", "purge()", "list_topics('known')",
    "list_topics(5)", "produce('known')", "produce(5)", "produce('known', 5)", "produce_batch('known', [])",
    "produce_batch('known', [{}])", "produce_batch('known', 5)", "begin_transaction()", "init_transactions()",
    "set_sasl_credentials('a', 'b')", "cluster_id()", "__enter__() is producer", "__exit__(None, None, None)",
]  # fmt: skip


def test_every_call_answers_alike_before_and_after_close(bootstrap: str) -> None:
    one = Pair(bootstrap)
    told = []
    for kafka in KINDS:
        producer = one.producers[kafka]
        methods = {name: getattr(producer, name) for name in dir(producer) if not name.startswith("__")}
        methods |= {
            name: getattr(producer, name) for name in ("__init__", "__len__", "__bool__", "__enter__", "__exit__")
        }
        scope = {"producer": producer} | methods
        told.append([(call, outcome_of(kafka, partial(eval, call, dict(scope)))) for call in CALLS])

    assert told[1] == told[0]


# -- errors and messages -----------------------------------------------------------------------------------------------


def test_every_code_has_librdkafkas_name_and_words() -> None:
    for code in range(-400, 400):
        theirs, ours = confluent_kafka.KafkaError(code), facade.KafkaError(code)
        assert (ours.name(), ours.str(), str(ours), repr(ours)) == (
            theirs.name(),
            theirs.str(),
            str(theirs),
            repr(theirs),
        )
    for name in dir(confluent_kafka.KafkaError):
        if name.isupper():
            assert getattr(facade.KafkaError, name) == getattr(confluent_kafka.KafkaError, name)


VALUES = [
    "KafkaError('x')", "KafkaError(1.5)", "KafkaError(None)", "KafkaError(2**40)", "KafkaError(3, 5)", "KafkaError(3, 'a\\0b')",
    "str(KafkaError(3, 'why'))", "KafkaError(3, None).str()", "KafkaError(3, '').str()", "KafkaError(error=3, reason='x').str()",
    "KafkaError(3, 'w', True, True, True).fatal()", "KafkaError(3, 'w', 1, 0, 2).retriable()", "KafkaError(True).code()",
    "KafkaError(3, 'w', txn_requires_abort=True).txn_requires_abort()", "KafkaError(3) == 3", "KafkaError(3) == KafkaError(3)",
    "KafkaError(3) != 3",
    "KafkaError(3) < 4", "KafkaError(3) >= KafkaError(4)", "KafkaError(1) == True", "3 == KafkaError(3)",
    "hash(KafkaError(3))", "bool(KafkaError(0))", "KafkaError(3) in (3,)", "KafkaException(KafkaError(3)).args[0].code()",
    "str(KafkaException(KafkaError(3)))", "KafkaException('x', 5).args", "Message().topic()", "Message().timestamp()",
    "Message().latency()", "Message().partition()", "Message().offset()", "Message().leader_epoch()", "Message().error()",
    "Message('t', 1, 2, b'k', b'v', [('a', b'b')], None, (1, 2), 0.5).headers()", "Message('t', 1, 2).offset()",
    "Message(topic=5).topic()", "Message(partition='x')", "Message(partition=None)", "Message(partition=2**33)",
    "Message(offset='x')", "Message(offset=2**70)", "Message(offset=-1).offset()", "Message(timestamp=5)",
    "Message(timestamp=[1, 2])", "Message(timestamp=(1, 2)).timestamp()", "Message(latency='x')", "Message(latency=None)",
    "Message(leader_epoch=4).leader_epoch()", "Message(leader_epoch='x')", "Message(error=5).error()", "len(Message(value=b'vv'))",
    "len(Message())", "len(Message(value=5))", "Message(topic='a') == Message(topic='a')", "Message(topic='a') != Message(topic='b')",
    "Message(latency=1.0) == Message()", "Message(timestamp=(1, 2)) == Message()", "Message(value=b'1') == Message(value=b'2')",
    "Message() == 5", "hash(Message())", "Message().set_value(b'x')", "Message().set_topic('x')",
    "Message(value=b'v').deserialized_value()", "Message().delivery_count()",
    "TIMESTAMP_NOT_AVAILABLE", "TIMESTAMP_CREATE_TIME", "TIMESTAMP_LOG_APPEND_TIME",
]  # fmt: skip


@pytest.mark.parametrize("expression", VALUES)
def test_errors_and_messages_are_made_and_compared_alike(expression: str) -> None:
    theirs, ours = (outcome_of(kafka, partial(eval, expression, dict(vars(kafka)))) for kafka in KINDS)

    if isinstance(theirs, tuple) and theirs[0] is TypeError and "type" in theirs[1]:
        # The classes' full names stand in some.
        theirs, ours = theirs[0], ours[0]
    assert ours == theirs


def test_an_error_is_like_no_other_thing() -> None:
    """confluent-kafka says so, too, and leaves an exception behind that strikes later."""
    error = facade.KafkaError(3)

    assert [error == other for other in ("x", None, 3.0, [3])] == [False] * 4
    assert [error != other for other in ("x", None, 3.0, [3])] == [True] * 4
    assert not error < "x"


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(facade.KafkaError(3, "why", fatal=True)))

    assert (error.code(), error.str(), error.fatal()) == (3, "why", True)


# -- in callbacks ------------------------------------------------------------------------------------------------------


def leave() -> None:
    raise SystemExit(3)


def fail() -> None:
    raise ValueError("the application's own")


@pytest.mark.parametrize("end_call", ["flush", "close"])
@pytest.mark.parametrize("act", [fail, leave], ids=["raises", "exits"])
def test_a_callback_that_raises_or_exits_does_so_in_the_call_that_serves_it(
    bootstrap: str, end_call: str, act: Callable[[], None]
) -> None:
    """And what was closed is closed all the same."""
    told = []
    for kafka in KINDS:
        heard: list[bytes] = []
        producer: Any = kafka.Producer({"bootstrap.servers": bootstrap, "log_level": 0})

        def hear(_error: object, message: Any, heard: list[bytes] = heard) -> None:
            heard.append(message.value())
            if message.value() == b"1":
                act()

        for index in range(5):
            producer.produce("known", b"%d" % index, partition=0, on_delivery=hear)
        with pytest.raises((ValueError, SystemExit)) as raised:
            getattr(producer, end_call)()
        after = outcome_of(kafka, producer.flush), len(producer), outcome_of(kafka, partial(producer.produce, "known"))
        producer.close()
        told.append((type(raised.value), after, heard[:2]))

    assert told[1] == told[0]


@pytest.mark.parametrize("call", ["poll(0)", "purge()", "produce('known', b'new', partition=0)"])
def test_a_callback_may_call_the_producer(bootstrap: str, call: str) -> None:
    told = []
    for kafka in KINDS:
        answers: list[Any] = []
        producer: Any = kafka.Producer({"bootstrap.servers": bootstrap, "log_level": 0})
        scope = {"producer": producer}

        def hear(
            _error: object, _message: object, kafka: Any = kafka, answers: Any = answers, scope: Any = scope
        ) -> None:
            answers.append(outcome_of(kafka, partial(eval, f"producer.{call}", scope)))

        producer.produce("known", b"v", partition=0, on_delivery=hear)
        left = producer.flush(WAIT_S)
        end(producer)
        told.append((answers, left, len(producer)))

    assert told[1] == told[0]
