"""OAuth tokens from the application's callback: on a thread of its own, for it may ask a server, and kept while good."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.config.security import SecurityConfig

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What RFC 6750 allows; a broker looks for nothing else."""


class Given(NamedTuple):
    """A token, or why there is none."""

    token: str
    problem: str = ""


class RefreshWindow(NamedTuple):
    """When a token is too old to be shown to another broker: `sasl.login.refresh.*`, in seconds."""

    factor: float
    jitter: float
    period_min: float
    buffer: float

    def good_for_s(self, lifetime_s: float, chance: Chance) -> float:
        """Give how long a token of this lifetime is kept (ExpiringCredentialRefreshingLogin.refreshMs)."""
        proposed_s = lifetime_s * (self.factor + self.jitter * chance.random())
        if self.period_min + self.buffer > lifetime_s:
            return min(proposed_s, lifetime_s)
        return max(min(proposed_s, lifetime_s - self.buffer), self.period_min)


class TokenSource:
    """Gets a token when one is wanted, once for all who want one at the same time."""

    def __init__(
        self,
        callback: Callable[[], Any],
        window: RefreshWindow,
        *,
        chance: Chance,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._callback = callback
        self._window = window
        self._chance = chance
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._token = ""
        self._good_until_s = 0.0
        self._waiting: list[Callable[[Given], object]] = []

    def ask(self, then: Callable[[Given], object]) -> None:
        """Call `then` with a token or a problem: at once if one is at hand, else later, on another thread."""
        with self._lock:
            is_good = bool(self._token) and self._clock_s() < self._good_until_s
            if not is_good:
                self._waiting.append(then)
            begins = not is_good and len(self._waiting) == 1
        if is_good:
            then(Given(self._token))
        elif begins:
            try:
                threading.Thread(target=self._fetch, name="acklab-oauth-token", daemon=True).start()
            except RuntimeError as error:  # the process has too many
                self._give(Given("", f"sasl.oauthbearer.token.callback cannot be called: {error}"), 0.0)

    def _fetch(self) -> None:
        try:
            given, lifetime_s = _checked(self._callback())
        except BaseException as error:  # noqa: BLE001 - the application's code: if it exits, those who wait are told all the same
            problem = f"sasl.oauthbearer.token.callback raised {type(error).__name__}: {error}"
            given, lifetime_s = Given("", problem), 0.0
        self._give(given, lifetime_s)

    def _give(self, given: Given, lifetime_s: float) -> None:
        with self._lock:
            self._token = given.token
            if given.token:
                self._good_until_s = self._clock_s() + self._window.good_for_s(lifetime_s, self._chance)
            waiting, self._waiting = self._waiting, []
        for then in waiting:
            then(given)


def token_source(config: SecurityConfig, chance: Chance) -> TokenSource | None:
    """Make of a configuration what gives tokens; None where brokers want none."""
    if not config.uses_sasl or config.sasl_mechanism != "OAUTHBEARER":
        return None
    window = RefreshWindow(
        config.sasl_login_refresh_window_factor,
        config.sasl_login_refresh_window_jitter,
        config.sasl_login_refresh_min_period_seconds,
        config.sasl_login_refresh_buffer_seconds,
    )
    return TokenSource(config.sasl_oauthbearer_token_callback, window, chance=chance)


def _checked(answer: object) -> tuple[Given, float]:
    """Read what the callback returned; no message shows a token."""
    rule = "sasl.oauthbearer.token.callback must return (token, seconds that it is good for)"
    if not isinstance(answer, tuple) or len(answer) != 2:
        return Given("", f"{rule}, not a {type(answer).__name__}"), 0.0
    token, lifetime_s = answer
    if not isinstance(token, str) or not _BEARER.fullmatch(token):
        return Given("", f"{rule}; its token is no bearer token (RFC 6750)"), 0.0
    if isinstance(lifetime_s, bool) or not isinstance(lifetime_s, int | float) or not lifetime_s > 0:
        return Given("", f"{rule}; its lifetime is {lifetime_s!r}"), 0.0
    return Given(token), float(lifetime_s)
