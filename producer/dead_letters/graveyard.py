"""Dead letters on their way: sent in order on a thread of their own, and each record's future told exactly once."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from producer.dead_letters.failures import DeadLetteredError, DeadLetterLostError
from producer.dead_letters.letter import dead_letter
from producer.drivers.carrier import LAST_WORDS_US_MAX
from producer.drivers.clock import epoch_ms, now_us
from producer.errors import ProducerClosedError, ProducerError, UsageError
from producer.records import RecordMetadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.dead_letters.policy import DeadLetterPolicy
    from producer.drivers.future import SendFuture
    from producer.records import Record

log = logging.getLogger(__name__)


class Sends(Protocol):
    """What is asked of the producer that is wrapped; `producer.Producer` is one."""

    def send_record(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> SendFuture: ...

    def choose_partition(self, record: Record) -> int: ...

    def flush(self, timeout_s: float | None = None) -> None: ...

    def close(self, timeout_s: float | None = None) -> None: ...


class _Buried(NamedTuple):
    """A record that failed, and the future that waits for what becomes of it."""

    number: int
    record: Record
    error: ProducerError
    future: SendFuture


class Graveyard:
    """Sends dead letters to one producer. Whoever fails waits for nothing: what blocks, blocks the thread in here."""

    def __init__(self, to: Sends, policy: DeadLetterPolicy) -> None:
        self._to = to
        self._policy = policy
        self._changed = threading.Condition()
        self._count = 0
        self._waiting: deque[_Buried] = deque()
        """Not handed to the producer yet, in the order of failing."""
        self._is_sending = False
        """The thread holds one more, which its producer has not taken yet."""
        self._untold: dict[int, _Buried] = {}
        """By number: those whose future nobody has begun to end, wherever their letter is."""
        self._telling: list[int] = []
        """The threads that end one now, and call the application for it: they would wait for themselves."""
        self._worker: threading.Thread | None = None
        self._is_closed = False

    def bury(self, record: Record, error: ProducerError, future: SendFuture) -> None:
        """Let a dead letter of the record leave, and its future end by what becomes of that. Never blocks."""
        with self._changed:
            self._count += 1
            buried = _Buried(self._count, record, error, future)
            self._untold[buried.number] = buried
            is_full = len(self._waiting) >= self._policy.waiting_max
            if not is_full and not self._is_closed:
                self._waiting.append(buried)
                if self._worker is None:
                    self._worker = threading.Thread(target=self._work, name="acklab-dead-letters", daemon=True)
                    self._worker.start()
                self._changed.notify_all()
                return
        if is_full:
            self._end(buried, UsageError(f"{self._policy.waiting_max} dead letters wait already"))
        else:
            self._end(buried, ProducerClosedError("the producer is closed"))

    def flush(self, limit_us: int | None) -> None:
        """Wait until every dead letter has its answer, and its record's future was told, without lingering.

        Raises TimeoutError, and UsageError where the application is called, which would wait for itself.
        """
        with self._changed:
            if threading.current_thread() is self._worker or threading.get_ident() in self._telling:
                raise UsageError("flush was called in a callback of a dead letter, where it would wait for itself")
            is_sent = self._changed.wait_for(lambda: not self._waiting and not self._is_sending, _left_s(limit_us))
            is_under_way = bool(self._untold)
        if is_sent and is_under_way:
            self._to.flush(_left_s(limit_us))
        with self._changed:
            if not self._changed.wait_for(lambda: not self._untold and not self._telling, _left_s(limit_us)):
                raise TimeoutError(f"{len(self._untold)} dead letters have no answer in time")

    def close(self, limit_us: int | None) -> None:
        """Take no more, wait until `limit_us` for what there is, and give up the rest, whose futures are told.

        Raises what exits in a call of the application's, once all were told.
        """
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        with suppress(TimeoutError, UsageError):
            self.flush(limit_us)
        with self._changed:
            waiting = {buried.number for buried in self._waiting}
            self._waiting.clear()
            left = list(self._untold.values())
        exiting: BaseException | None = None
        for buried in left:
            what = "was not sent" if buried.number in waiting else "is on its way, and may arrive all the same"
            try:
                self._end(buried, ProducerClosedError(f"the producer was closed, and the dead letter {what}"))
            except BaseException as error:  # noqa: BLE001 - the application's own, raised once the others were told
                exiting = error
        if exiting is not None:
            raise exiting
        worker = self._worker
        if worker is not None and worker is not threading.current_thread():
            worker.join(LAST_WORDS_US_MAX / 1e6)
            if worker.is_alive():
                log.warning("closed, but a dead letter still waits in send")

    # -- inside ------------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Send what waits, and end: `send` may block, which the producer's own thread must never do."""
        while True:
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()
                if not self._waiting:
                    self._worker = None
                    return
                buried = self._waiting.popleft()
                self._is_sending = True
            try:
                self._send(buried)
            except BaseException:  # the application's own, which may even exit: others wait for this thread
                log.exception("what was called for a dead letter failed")

    def _send(self, buried: _Buried) -> None:
        try:
            topic = self._policy.topic_for(buried.record.topic)
            letter = dead_letter(buried.record, buried.error, to=topic, failed_at_ms=epoch_ms())
            self._to.send_record(letter, self._when_answered(buried))
        except ProducerError as error:
            self._end(buried, error)
        except BaseException as error:  # the policy's topic function, or a producer that died
            log.exception("a dead letter could not be made or sent")
            self._end(buried, UsageError(f"{type(error).__name__}: {error}"))

    def _when_answered(self, buried: _Buried) -> Callable[[RecordMetadata | None, ProducerError | None], object]:
        def on_delivery(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            self._end(buried, metadata if metadata is not None else error)

        return on_delivery

    def _end(self, buried: _Buried, told: RecordMetadata | ProducerError | None) -> None:
        """Tell a record's future, unless it was given up already. Raises what exits in a call of the application's."""
        with self._changed:
            if self._untold.pop(buried.number, None) is None:
                return
            self._telling.append(threading.get_ident())
        try:
            if isinstance(told, RecordMetadata):
                settle(buried.future, DeadLetteredError(buried.error, told))
            else:
                assert told is not None
                self._lose(buried, told)
        finally:
            with self._changed:
                self._telling.remove(threading.get_ident())
                self._changed.notify_all()

    def _lose(self, buried: _Buried, why: ProducerError) -> None:
        error = DeadLetterLostError(buried.error, why)
        log.error("a record for %s reached no topic: %s", buried.record.topic, error)
        try:
            if self._policy.on_lost is not None:
                self._policy.on_lost(buried.record, error)
        except Exception:  # the application's own
            log.exception("the policy's on_lost failed")
        finally:
            settle(buried.future, error)


def settle(future: SendFuture, told: RecordMetadata | ProducerError) -> None:
    """End a future. Raises what exits in one of its callbacks."""
    try:
        future.settle(told)
    except Exception:  # a callback of the application's must not keep others from their answers
        log.exception("a delivery callback failed")


def _left_s(limit_us: int | None) -> float | None:
    return None if limit_us is None else max(0, limit_us - now_us()) / 1e6
