"""OAuth tokens from the application's callback: on a thread of its own, for it may ask a server, and kept while good."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.commands import BearerToken

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.chance import Chance
    from producer.config.security import SecurityConfig

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What RFC 6750 allows; a broker looks for nothing else."""
_EXTENSION_NAME = re.compile(r"[A-Za-z]+")
_EXTENSION_VALUE = re.compile(r"[\x21-\x7E \t\r\n]+")
"""What RFC 7628 allows, as Kafka reads it (OAuthBearerClientInitialResponse)."""
_RESERVED = "auth"
"""Where the token itself stands."""


class Given(NamedTuple):
    """A token, or why there is none."""

    token: BearerToken | None
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
        self._token: BearerToken | None = None
        self._good_until_s = 0.0
        self._waiting: list[Callable[[Given], object]] = []

    def ask(self, then: Callable[[Given], object]) -> None:
        """Call `then` with a token or a problem: at once if one is at hand, else later, on another thread."""
        with self._lock:
            token = self._token if self._clock_s() < self._good_until_s else None
            if token is None:
                self._waiting.append(then)
            begins = token is None and len(self._waiting) == 1
        if token is not None:
            then(Given(token))
        elif begins:
            try:
                threading.Thread(target=self._fetch, name="acklab-oauth-token", daemon=True).start()
            except RuntimeError as error:  # the process has too many
                self._give(Given(None, f"sasl.oauthbearer.token.callback cannot be called: {error}"), 0.0)

    def _fetch(self) -> None:
        try:
            given, lifetime_s = _checked(self._callback())
        except BaseException as error:  # noqa: BLE001 - the application's code: if it exits, those who wait are told all the same
            problem = f"sasl.oauthbearer.token.callback raised {type(error).__name__}: {error}"
            given, lifetime_s = Given(None, problem), 0.0
        self._give(given, lifetime_s)

    def _give(self, given: Given, lifetime_s: float) -> None:
        with self._lock:
            self._token = given.token
            if given.token is not None:
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
    """Read what the callback returned; no message shows a token, or an extension's value."""
    rule = "sasl.oauthbearer.token.callback must return (token, seconds that it is good for), perhaps with a dict of extensions"
    if not isinstance(answer, tuple) or len(answer) not in {2, 3}:
        size = f" of {len(answer)}" if isinstance(answer, tuple) else ""
        return Given(None, f"{rule}, not a {type(answer).__name__}{size}"), 0.0
    token, lifetime_s, *more = answer
    if not isinstance(token, str) or not _BEARER.fullmatch(token):
        return Given(None, f"{rule}; its token is no bearer token (RFC 6750)"), 0.0
    if isinstance(lifetime_s, bool) or not isinstance(lifetime_s, int | float) or not lifetime_s > 0:
        return Given(None, f"{rule}; its lifetime is {lifetime_s!r}"), 0.0
    extensions = (more[0] or {}) if more else {}
    problem = _wrong_with(extensions)
    if problem:
        return Given(None, f"{rule}; {problem}"), 0.0
    return Given(BearerToken(token, tuple(extensions.items()))), float(lifetime_s)


def _wrong_with(extensions: object) -> str:
    if not isinstance(extensions, Mapping):
        return f"its extensions are a {type(extensions).__name__}"
    for name, value in extensions.items():
        if not isinstance(name, str) or not _EXTENSION_NAME.fullmatch(name) or name == _RESERVED:
            return f"an extension cannot be named {name!r}: only letters, and not {_RESERVED!r} (RFC 7628)"
        if not isinstance(value, str) or not _EXTENSION_VALUE.fullmatch(value):
            return f"the value of its extension {name} is no line of visible ASCII characters (RFC 7628)"
    return ""
