"""The application's tokens: asked for on a thread of their own, shared, kept while good, and never shown."""

import queue
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from producer.commands import AskToken, BearerToken, Connect
from producer.config.config import ProducerConfig
from producer.drivers.tokens import Given, RefreshWindow, TokenSource, token_source
from tests.unit.producer.drivers.driving import OnSelector
from tests.unit.producer.drivers.listener import Listener
from tests.unit.producer.drivers.notes import WAIT_S

WINDOW = RefreshWindow(factor=0.8, jitter=0.0, period_min=60, buffer=300)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def source(callback: Callable[[], Any], clock: Clock | None = None) -> TokenSource:
    return TokenSource(callback, WINDOW, chance=random.Random(1), clock_s=clock or Clock())


def ask(one: TokenSource) -> Given:
    given: queue.Queue[Given] = queue.Queue()
    one.ask(given.put)
    return given.get(timeout=WAIT_S)


def test_a_token_is_kept_for_its_window_and_then_asked_for_again() -> None:
    clock = Clock()
    numbers = iter(range(10))
    one = source(lambda: (f"token{next(numbers)}", 3_600), clock)

    assert ask(one) == Given(BearerToken("token0"))
    clock.now_s += 3_600 * 0.8 - 1
    assert ask(one) == Given(BearerToken("token0"))
    clock.now_s += 2
    assert ask(one) == Given(BearerToken("token1"))


def test_many_who_ask_at_once_share_one_token() -> None:
    go = threading.Event()
    calls: list[str] = []

    def callback() -> tuple[str, int]:
        go.wait(WAIT_S)
        calls.append(threading.current_thread().name)
        return "shared", 3_600

    one = source(callback)
    given: queue.Queue[Given] = queue.Queue()
    for _ in range(5):
        one.ask(given.put)
    go.set()

    assert [given.get(timeout=WAIT_S) for _ in range(5)] == [Given(BearerToken("shared"))] * 5
    assert calls == ["acklab-oauth-token"]


@pytest.mark.parametrize(
    ("lifetime_s", "good_for_s"),
    [
        (3_600, 2_880),  # the factor
        (1_000, 700),  # the buffer before the end
        (370, 70),  # the same
        (361, 61),  # the least period, nearly
        (300, 240),  # too short for buffer and period: the factor alone
        (1, 0.8),
    ],
)
def test_the_window_is_that_of_javas_client(lifetime_s: float, good_for_s: float) -> None:
    assert WINDOW.good_for_s(lifetime_s, random.Random(1)) == pytest.approx(good_for_s)


def test_jitter_moves_the_window_by_no_more_than_it_says() -> None:
    window = RefreshWindow(factor=0.8, jitter=0.05, period_min=0, buffer=0)
    chance = random.Random(3)

    drawn = [window.good_for_s(1_000, chance) for _ in range(200)]

    assert 800 <= min(drawn) < max(drawn) <= 850


def raises() -> tuple[str, int]:
    msg = "no identity provider"
    raise ConnectionError(msg)


@pytest.mark.parametrize(
    ("callback", "says"),
    [
        (raises, "raised ConnectionError: no identity provider"),
        (lambda: sys.exit("no more"), "raised SystemExit: no more"),
        (
            lambda: "token",
            "must return (token, seconds that it is good for), perhaps with a dict of extensions, not a str",
        ),
        (lambda: ("secret token", 1), "is no bearer token"),
        (lambda: (b"secret", 1), "is no bearer token"),
        (lambda: ("", 1), "is no bearer token"),
        (lambda: ("secret", 0), "its lifetime is 0"),
        (lambda: ("secret", "1"), "its lifetime is '1'"),
        (lambda: ("secret", float("nan")), "its lifetime is nan"),
        (lambda: ("secret", True), "its lifetime is True"),
        (lambda: ("secret", 1, {}, {}), "not a tuple of 4"),
        (lambda: ("secret", 1, "traceId=7"), "its extensions are a str"),
        (lambda: ("secret", 1, {"auth": "7"}), "an extension cannot be named 'auth'"),
        (lambda: ("secret", 1, {"trace-id": "7"}), "an extension cannot be named 'trace-id'"),
        (lambda: ("secret", 1, {"": "7"}), "an extension cannot be named ''"),
        (lambda: ("secret", 1, {7: "7"}), "an extension cannot be named 7"),
        (lambda: ("secret", 1, {"traceId": 7}), "the value of its extension traceId is no line"),
        (lambda: ("secret", 1, {"traceId": ""}), "the value of its extension traceId is no line"),
        (
            lambda: ("secret", 1, {"traceId": "secret\x01auth=Bearer x"}),
            "the value of its extension traceId is no line",
        ),
    ],
)
def test_a_callback_that_gives_no_token_is_named_and_asked_again(callback: Callable[[], Any], says: str) -> None:
    answers: list[Callable[[], Any]] = [callback, lambda: ("good", 10)]

    def next_answer() -> Any:
        return answers.pop(0)()

    one = source(next_answer)

    problem = ask(one)

    assert problem.token is None
    assert says in problem.problem
    assert "secret" not in problem.problem
    assert ask(one) == Given(BearerToken("good"))


def test_without_a_thread_to_call_it_on_who_asks_is_told_and_may_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    one = source(lambda: ("good", 10))
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        problem = ask(one)

    assert "can't start new thread" in problem.problem
    assert ask(one) == Given(BearerToken("good"))


def oauth(callback: Callable[[], Any]) -> TokenSource:
    config = ProducerConfig.from_properties(
        {
            "bootstrap.servers": "b:1",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "OAUTHBEARER",
            "sasl.oauthbearer.token.callback": callback,
        }
    )
    made = token_source(config, random.Random(1))
    assert made is not None
    return made


def test_only_oauthbearer_needs_a_source() -> None:
    assert token_source(ProducerConfig.from_properties({"bootstrap.servers": "b:1"}), random.Random(1)) is None


@pytest.mark.parametrize(
    ("callback", "word", "what"),
    [
        (lambda: ("good", 60), "token", BearerToken("good")),
        (lambda: ("good", 60, {"traceId": "7"}), "token", BearerToken("good", (("traceId", "7"),))),
        (raises, "refused", "sasl.oauthbearer.token.callback raised ConnectionError: no identity provider"),
    ],
)
def test_the_driver_passes_on_what_the_callback_gives(callback: Callable[[], Any], word: str, what: object) -> None:
    listener = Listener()
    with OnSelector(Connect(1, "127.0.0.1", listener.port), tokens=oauth(callback)) as driving:
        driving.hear("connected")
        driving.do(AskToken(1))
        told = driving.hear(word)
    listener.finish()

    assert driving.machine.words.count(word) == 1
    assert told == what


def test_a_token_that_comes_after_the_end_disturbs_nobody() -> None:
    go, given = threading.Event(), threading.Event()

    def callback() -> tuple[str, int]:
        go.wait(WAIT_S)
        given.set()
        return "late", 60

    tokens = oauth(callback)
    listener = Listener()
    with OnSelector(Connect(1, "127.0.0.1", listener.port), tokens=tokens) as driving:
        driving.hear("bytes")
        driving.do(AskToken(1))
    listener.finish()
    go.set()
    assert given.wait(WAIT_S)

    assert ask(tokens).token == BearerToken("late")
    assert driving.machine.words == ["connected", "bytes"]
