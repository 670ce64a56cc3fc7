"""A process forked from one with a producer: there each call says what is wrong, and here nothing has happened."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from producer import AsyncProducer, DeadLetterProducer, Producer
from producer.facades import confluent
from producer.facades import kafka_python as kafka
from producer.records import Record
from tests.librdkafka.reading import read_back

WAIT_S = 30

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

names = itertools.count(1)


@pytest.fixture
def topic() -> str:
    return f"fork-{next(names)}"


def fork() -> int:
    with warnings.catch_warnings():
        # Python warns of threads in a forked process since 3.12; that they are not there is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def in_a_fork(story: Callable[[], object]) -> str:
    """Run a story in a forked process; give what it said, or how it failed. A story that hangs is ended by an alarm."""
    told, say = os.pipe()
    child = fork()
    if not child:
        # Nothing of the tests may go on in this process, whatever happens.
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(WAIT_S)
            os.write(say, str(story()).encode())
        except BaseException:  # noqa: BLE001 - the other process shows it
            os.write(say, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(say)
    with open(told, "rb") as heard:  # noqa: PTH123 - a descriptor has no path
        said = heard.read().decode()
    _, status = os.waitpid(child, 0)
    return said if os.WIFEXITED(status) else f"ended by signal {os.WTERMSIG(status)}"


def error_of(call: Callable[[], object]) -> Exception | None:
    """Give what a call raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - that is what is asked for
        return error
    return None


def raised(call: Callable[[], object]) -> str:
    """Name the class of what a call raises."""
    return type(error_of(call)).__name__


def run(coroutine: Any) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, WAIT_S))


CALLS: dict[str, Callable[[Producer, Any], object]] = {
    "send": lambda producer, _: producer.send("t", b"v"),
    "send to a topic that is known": lambda producer, topic: producer.send(topic, b"v"),
    "send_record": lambda producer, _: producer.send_record(Record("t", b"v")),
    "send_many": lambda producer, topic: producer.send_many(topic, [b"v"]),
    "flush": lambda producer, _: producer.flush(),
    "close": lambda producer, _: producer.close(),
    "purge": lambda producer, _: producer.purge(),
    "partitions_for": lambda producer, _: producer.partitions_for("t"),
    "metrics": lambda producer, _: producer.metrics(),
}


def test_each_call_in_the_child_names_both_processes_and_the_parent_goes_on(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "client.id": "mine", "linger.ms": 300}) as producer:
        producer.send(topic, b"before", partition=0).result(WAIT_S)
        queued = producer.send(topic, b"queued", partition=0)
        connections = producer.metrics().value("connection-creation-total")

        def story() -> list[str]:
            return [raised(lambda call=call: call(producer, topic)) for call in CALLS.values()]  # type: ignore[misc]

        said = in_a_fork(story)
        words = in_a_fork(lambda: error_of(lambda: producer.send("t", b"v")))
        producer.send(topic, b"after", partition=0)
        producer.flush(WAIT_S)

        assert said == str(["ForkedProducerError"] * len(CALLS))
        assert words.startswith(f"mine was made in process {os.getpid()}, and this is its fork ")
        assert words.endswith(": make a producer here")
        assert queued.result(0).offset == 1
        assert producer.metrics().value("connection-creation-total") == connections, "no connection was lost"
    assert [one.value for one in read_back(bootstrap, topic, 3)] == [b"before", b"queued", b"after"]


def test_a_producer_made_in_the_child_works_beside_the_parents(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap}) as producer:
        producer.send(topic, b"parent", partition=0).result(WAIT_S)

        def story() -> int:
            with Producer({"bootstrap.servers": bootstrap}) as own:
                return own.send(topic, b"child", partition=0).result(WAIT_S).offset

        assert in_a_fork(story) == "1"
        assert producer.send(topic, b"parent", partition=0).result(WAIT_S).offset == 2
    assert [one.value for one in read_back(bootstrap, topic, 3)] == [b"parent", b"child", b"parent"]


def test_a_future_that_waits_for_its_answer_is_not_waited_for_in_the_child(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap, "linger.ms": 2_000}) as producer:
        answered = producer.send(topic, b"v", partition=0)
        producer.flush(WAIT_S)
        waiting = producer.send(topic, b"w", partition=0)

        said = in_a_fork(lambda: [answered.result().offset, raised(waiting.result)])

        assert said == "[0, 'ForkedProducerError']"
        producer.flush(WAIT_S)
        assert waiting.result(0).offset == 1


def test_a_fork_while_other_threads_hold_the_lock_hangs_nobody(bootstrap: str, topic: str) -> None:
    stopping = threading.Event()
    with Producer({"bootstrap.servers": bootstrap}) as producer:
        futures: list[Any] = []

        def work() -> None:
            while not stopping.is_set():
                futures.append(producer.send(topic, b"%d" % len(futures), partition=0))

        sender = threading.Thread(target=work)
        sender.start()
        said = {in_a_fork(lambda: raised(lambda: producer.send(topic, b"child"))) for _ in range(20)}
        stopping.set()
        sender.join(WAIT_S)
        producer.flush(WAIT_S)

    assert said == {"ForkedProducerError"}
    assert [future.result(0).offset for future in futures] == list(range(len(futures)))


def test_the_child_leaves_the_with_block_in_peace_and_with_its_own_exception(bootstrap: str) -> None:
    def story() -> None:
        with producer:
            raise ValueError("the child's own")

    with Producer({"bootstrap.servers": bootstrap}) as producer:
        said = in_a_fork(story)

    assert said.rstrip().endswith("ValueError: the child's own")
    assert "ForkedProducerError" not in said


def test_a_fork_inside_of_a_delivery_callback_ends_the_thread_that_it_goes_on_in(bootstrap: str, topic: str) -> None:
    told, say = os.pipe()
    children: list[int] = []

    def on_delivery(_metadata: object, _error: object) -> None:
        child = fork()
        if child:
            children.append(child)
        else:
            # The thread is to end, and with it this process: nobody else is in it.
            signal.alarm(WAIT_S)
            os.write(say, raised(lambda: producer.send(topic, b"child")).encode())
            os.close(say)

    with Producer({"bootstrap.servers": bootstrap}) as producer:
        producer.send(topic, b"v", partition=0, on_delivery=on_delivery)
        producer.flush(WAIT_S)
        os.close(say)
        with open(told, "rb") as heard:  # noqa: PTH123 - a descriptor has no path
            assert heard.read() == b"ForkedProducerError"
        _, status = os.waitpid(children[0], 0)
        assert producer.send(topic, b"w", partition=0).result(WAIT_S).offset == 1

    assert os.WIFEXITED(status)


def test_each_call_of_an_asyncio_producer_raises_in_the_child_and_the_parent_goes_on(
    bootstrap: str, topic: str
) -> None:
    calls: list[Callable[[AsyncProducer], Any]] = [
        lambda producer: producer.send("t", b"v"),
        lambda producer: producer.send_and_wait("t", b"v"),
        lambda producer: producer.flush(),
        lambda producer: producer.close(),
        lambda producer: producer.partitions_for("t"),
    ]

    async def story() -> list[Any]:
        async with AsyncProducer({"bootstrap.servers": bootstrap, "linger.ms": 300}) as producer:
            await producer.send_and_wait(topic, b"before", partition=0)
            queued = await producer.send(topic, b"queued", partition=0)

            async def awaited() -> None:
                await queued

            def child() -> list[str]:
                return [
                    *(raised(lambda call=call: run(call(producer))) for call in calls),  # type: ignore[misc]
                    raised(lambda: run(awaited())),
                    raised(producer.purge),
                    raised(producer.metrics),
                ]

            said = in_a_fork(child)
            after = await producer.send_and_wait(topic, b"after", partition=0)
            return [said, (await queued).offset, after.offset]

    said, queued, after = run(story())

    assert said == str(["ForkedProducerError"] * (len(calls) + 3))
    assert (queued, after) == (1, 2)


def test_a_facade_says_it_in_the_words_of_the_client_whose_shape_it_has(bootstrap: str, topic: str) -> None:
    theirs = confluent.Producer({"bootstrap.servers": bootstrap})
    # One that waits for its topic makes the façade's own worker start, which the child does not have either.
    theirs.produce(topic, b"v")
    python = kafka.KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5_000)
    waiting = python.send(topic, b"v")

    def story() -> list[str]:
        said = []
        for call in (lambda: theirs.produce("t", b"v"), theirs.poll, theirs.flush, theirs.purge, theirs.close):
            with pytest.raises(confluent.KafkaException) as told:
                call()
            assert told.value.args[0].code() == confluent.KafkaError._STATE
            said.append(told.value.args[0].str().partition(",")[0])
        with theirs, python:
            pass
        assert set(said) == {f"{theirs._producer.config.client_id} was made in process {os.getppid()}"}
        return [raised(lambda: python.send("t", b"v")), raised(python.flush), raised(python.close),
                raised(python.metrics), raised(lambda: python.partitions_for("t")), raised(waiting.get)]  # fmt: skip

    said = in_a_fork(story)
    left = theirs.flush(WAIT_S)
    python.close()

    assert said == str(["IllegalStateError"] * 6)
    assert left == 0


def test_a_dead_letter_producer_raises_in_the_child_too(bootstrap: str, topic: str) -> None:
    with DeadLetterProducer(Producer({"bootstrap.servers": bootstrap})) as producer:

        def story() -> list[str]:
            with producer:
                return [raised(lambda: producer.send("t", b"v")), raised(producer.flush), raised(producer.close)]

        assert in_a_fork(story) == str(["ForkedProducerError"] * 3)
        assert producer.send(topic, b"v").result(WAIT_S).topic == topic


def test_a_child_that_ends_as_processes_do_disturbs_nobody(bootstrap: str, topic: str) -> None:
    with Producer({"bootstrap.servers": bootstrap}) as producer:
        producer.send(topic, b"v", partition=0).result(WAIT_S)
        child = fork()
        if not child:
            # Finalizers run, and what is collected is closed.
            try:
                sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
                del producer
                __import__("gc").collect()
            finally:
                os._exit(0)
        os.waitpid(child, 0)

        assert producer.send(topic, b"w", partition=0).result(WAIT_S).offset == 1
        assert producer.metrics().value("connection-close-total") == 0
