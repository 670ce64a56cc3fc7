"""Two producers with one set of calls, ours and Java's: what is sent to either, and what it told of each record."""

import json
import queue
import subprocess
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from producer import Producer
from producer.error_codes import TLS_REFUSED, Code, error_code
from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    MetadataTimeoutError,
    Outcome,
    ProducerError,
    RecordTooLargeError,
    SendError,
    UsageError,
)
from producer.records import RecordMetadata
from tests.interop import jars
from tests.interop.node import die_with_parent

SOURCE = Path(__file__).parent / "JavaProducer.java"
WAIT_S_MAX = 60
"""How long a record, or a command, may wait for its answer."""
END_S_MAX = 10

ACKNOWLEDGED = Code.NONE.name


@dataclass(frozen=True, slots=True)
class Told:
    """What a producer told of one record, in words that both have: Kafka's code, and where the record lies."""

    code: str = ACKNOWLEDGED
    partition: int = -1
    offset: int = -1
    outcome: Outcome = field(default=Outcome.ACKNOWLEDGED, compare=False)
    """Java's producer does not say it: there it is what the code leaves open."""
    detail: str = field(default="", compare=False)
    """In the producer's own words."""

    @property
    def is_acknowledged(self) -> bool:
        return self.code == ACKNOWLEDGED


class DrivenProducer(ABC):
    """A producer that does one command after another, in the background; `told` fills as it tells."""

    name: str

    def __init__(self) -> None:
        self.told: dict[int, list[Told]] = {}
        """By record, each time anything was told of it."""
        self.thrown: dict[int, Told] = {}
        """By record, what `send` threw although it had queued the record, which is told of as well: Java's alone does so."""
        self._codes: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._has_ended = False

    @abstractmethod
    def send(
        self, record: int, topic: str, value: str, *, key: str | None, partition: int | None, then: int | None = None
    ) -> None:
        """Send a record of that number; and from its callback another, `then`, of that number, to the same place."""

    @abstractmethod
    def flush(self) -> None:
        """Wait until everything sent before has its verdict."""

    @abstractmethod
    def metrics(self) -> Mapping[str, float]:
        """The group `producer-metrics`, by name."""

    @abstractmethod
    def partition_count(self, topic: str) -> int:
        """How many partitions it believes the topic to have."""

    @abstractmethod
    def close(self) -> None:
        """Wait for all verdicts, and end."""

    @abstractmethod
    def end(self) -> None:
        """End at once, whatever waits. Harmless after `close`."""

    @property
    def acknowledged(self) -> int:
        """How many records were acknowledged."""
        return self._codes[ACKNOWLEDGED]

    def wait_acknowledged(self, count: int) -> None:
        """Wait until so many records are acknowledged in all."""
        self._wait(lambda: self.acknowledged >= count, f"{count} acknowledgements")

    def wait_told(self, count: int) -> None:
        """Wait until so many records have their verdict."""
        self._wait(lambda: len(self.told) >= count, f"{count} verdicts")

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: holds() or self._has_ended, WAIT_S_MAX)
            assert holds(), (
                f"{self.name}: no {what} within {WAIT_S_MAX} s; told so far: {dict(self._codes)}, thrown: {self.thrown}"
            )

    def _tell(self, record: int, told: Told) -> None:
        with self._changed:
            self.told.setdefault(record, []).append(told)
            self._codes[told.code] += 1
            self._changed.notify_all()


class OurProducer(DrivenProducer):
    """`producer.Producer`, on a thread of its own: a send that blocks does not hold up the staging."""

    name = "ours"

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__()
        self._producer = Producer(properties)
        self._thread = ThreadPoolExecutor(max_workers=1)

    def send(
        self, record: int, topic: str, value: str, *, key: str | None, partition: int | None, then: int | None = None
    ) -> None:
        key_bytes = None if key is None else key.encode()

        def send(number: int, value: str, following: int | None) -> None:
            def told(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
                self._tell(number, _delivered(metadata) if metadata is not None else _refused(error))
                if following is not None:
                    send(following, f"{following}", None)

            try:
                self._producer.send(topic, value.encode(), key=key_bytes, partition=partition, on_delivery=told)
            except Exception as error:  # noqa: BLE001 - raised instead of told; one that Java has no word for is seen
                self._tell(number, _refused(error))

        self._thread.submit(send, record, value, then)

    def flush(self) -> None:
        self._thread.submit(self._producer.flush).result(WAIT_S_MAX)

    def metrics(self) -> Mapping[str, float]:
        measured = self._producer.metrics()
        return {name.name: value for name, value in measured.items() if name.group == "producer-metrics"}

    def partition_count(self, topic: str) -> int:
        return self._producer.partition_count(topic)

    def close(self) -> None:
        self._thread.submit(self._producer.close).result(WAIT_S_MAX)

    def end(self) -> None:
        self._producer.close(0)
        self._thread.shutdown(cancel_futures=True)


class JavaProducer(DrivenProducer):
    """`org.apache.kafka.clients.producer.KafkaProducer` in a process of its own (JavaProducer.java)."""

    name = "java"

    def __init__(self, properties: Mapping[str, Any], *, class_path: str, log: Path) -> None:
        super().__init__()
        self._log = log
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [*jars.JAVA, "-cp", class_path, "JavaProducer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                encoding="utf-8",
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - as for the nodes
            )
        self._asking = threading.Lock()
        self._saying = threading.Lock()
        self._reader = threading.Thread(target=self._read, args=(self._pipe(self._process.stdout),), daemon=True)
        self._reader.start()
        self._say({name: _as_java(value) for name, value in properties.items()})

    def send(
        self, record: int, topic: str, value: str, *, key: str | None, partition: int | None, then: int | None = None
    ) -> None:
        command: dict[str, Any] = {"do": "send", "record": record, "topic": topic, "value": value}
        if key is not None:
            command["key"] = key
        if partition is not None:
            command["partition"] = partition
        if then is not None:
            command["then"] = command | {"record": then, "value": f"{then}"}
        self._say(command)

    def flush(self) -> None:
        self._ask("flush")

    def metrics(self) -> Mapping[str, float]:
        return {name: float(value) for name, value in self._ask("metrics")["metrics"].items()}

    def partition_count(self, topic: str) -> int:
        return int(self._ask("partitions", topic=topic)["count"])

    def close(self) -> None:
        self._ask("close")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join(END_S_MAX)
        for pipe in (self._process.stdin, self._process.stdout):
            self._pipe(pipe).close()

    def logs(self) -> str:
        """What it printed beside the answers."""
        return self._log.read_text(errors="replace")

    def _ask(self, what: str, **more: str) -> dict[str, Any]:
        with self._asking:
            self._say({"do": what, **more})
            try:
                answer = self._answers.get(timeout=WAIT_S_MAX)
            except queue.Empty:
                raise AssertionError(f"no answer to {what} within {WAIT_S_MAX} s\n{self.logs()}") from None
        assert answer["done"] == what
        return answer

    def _say(self, line: dict[str, Any]) -> None:
        pipe = self._pipe(self._process.stdin)
        with self._saying:
            pipe.write(json.dumps(line) + "\n")
            pipe.flush()

    def _read(self, answers: IO[str]) -> None:
        for line in answers:
            answer = json.loads(line)
            if "record" not in answer:
                self._answers.put(answer)
            elif "thrown" in answer:
                self.thrown[answer["record"]] = _refused_in_java(answer["code"], answer["thrown"])
            elif "code" in answer:
                self._tell(answer["record"], _refused_in_java(answer["code"], answer["detail"]))
            else:
                self._tell(answer["record"], Told(partition=answer["partition"], offset=answer["offset"]))
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def compile_java(source: Path, folder: Path) -> str:
    """Compile a program of ours into a folder. Returns the class path that it runs with."""
    found = jars.class_path()
    command = ["javac", "-Xlint:all", "-Werror", "-cp", found, "-d", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    # The jars first: an archive of their classes is good for what begins with them.
    return f"{found}:{folder}"


def _delivered(metadata: RecordMetadata) -> Told:
    return Told(partition=metadata.partition, offset=metadata.offset)


def _refused(error: BaseException | None) -> Told:
    """What our producer told, by the code that Java's exception would have."""
    detail = f"{type(error).__name__}: {error}"
    if isinstance(error, SendError):
        return Told(error.code.name, outcome=error.outcome, detail=detail)
    if isinstance(error, AuthenticationError):
        # For a failed TLS handshake Java has no code, and finds that of a superclass of its exception.
        code = Code.INVALID_CONFIG.name if error.code == TLS_REFUSED else error.code.name
    elif isinstance(error, MetadataTimeoutError | BufferExhaustedError):
        code = Code.REQUEST_TIMED_OUT.name
    elif isinstance(error, RecordTooLargeError):
        code = Code.MESSAGE_TOO_LARGE.name
    elif isinstance(error, UsageError):
        # The topic is refused for good, and `send` says so at once; Java's says it in the future.
        code = str(error).rpartition(" is refused: ")[2]
    else:
        code = type(error).__name__
    return Told(code, outcome=Outcome.FAILED, detail=detail)


def _refused_in_java(code: str, detail: str) -> Told:
    may_be_written = error_code(Code[code]).may_hide_append
    return Told(code, outcome=Outcome.UNKNOWN if may_be_written else Outcome.FAILED, detail=detail)


def _as_java(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
