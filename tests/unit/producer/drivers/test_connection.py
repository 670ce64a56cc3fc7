"""A connection's states and last words without a socket: what its carrier is asked for, and what its owner hears."""

from __future__ import annotations

import ssl

import pytest

from producer.drivers.connection import ConnectionState
from tests.unit.producer.drivers.tape import Tape
from tests.unit.producer.drivers.tls_peers import client_tls, server_tls


class Joined:
    """A connection of ours and the standard library's server, joined in memory."""

    def __init__(self, *, wants_certificate: bool = False) -> None:
        self.tape = Tape("localhost")
        self.to_us, self.to_them = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = server_tls(wants_certificate=wants_certificate)
        self.server = context.wrap_bio(self.to_them, self.to_us, server_side=True)
        self.tape.begin(client_tls())
        self.pass_on()
        self.shake_hands()
        self.tape.receive(self.to_us.read())
        self.pass_on()

    def shake_hands(self) -> None:
        try:
            self.server.do_handshake()
        except ssl.SSLWantReadError:
            return

    def pass_on(self) -> None:
        self.to_them.write(bytes(self.tape.pushed))
        self.tape.pushed.clear()


def test_it_is_up_at_once_without_tls_and_ends_in_order() -> None:
    tape = Tape()

    tape.begin(None)
    tape.write(b"last words")
    tape.end()
    tape.write(b"too late")
    tape.receive(b"too late, too")

    assert tape.noted == ["up", "finish"]
    assert bytes(tape.pushed + tape.given) == b"last words"
    tape.sent_all()
    tape.close_by_peer()
    assert tape.noted[2:] == ["drop", "gone"]
    assert tape.state is ConnectionState.GONE


def test_given_up_before_it_is_up_it_is_dropped_and_nobody_hears_of_it() -> None:
    tape = Tape()

    tape.end()
    tape.fail("late news")
    tape.give_up()

    assert tape.noted == ["drop", "gone"]


@pytest.mark.parametrize("ends", [False, True])
def test_what_breaks_is_told_unless_we_had_ended_it(ends: bool) -> None:
    tape = Tape()
    tape.begin(None)
    if ends:
        tape.end()

    tape.fail("Broken pipe")
    tape.lose("again")

    assert tape.noted == (["up", "finish", "drop", "gone"] if ends else ["up", "drop", "lost: Broken pipe"])


def test_the_last_words_over_tls_end_in_a_farewell() -> None:
    joined = Joined()
    joined.shake_hands()

    joined.tape.write(b"last words")
    joined.tape.end()
    joined.pass_on()

    assert joined.server.read(100) == b"last words"
    # Without a farewell it would want to read more.
    assert joined.server.read(100) == b""
    assert joined.tape.noted == ["up", "finish"]


def test_a_refusal_that_lies_in_the_socket_is_found_when_writing_fails() -> None:
    joined = Joined(wants_certificate=True)
    with pytest.raises(ssl.SSLError):
        joined.server.do_handshake()
    joined.tape.unread = joined.to_us.read()

    joined.tape.fail("Broken pipe")

    assert joined.tape.noted[:2] == ["up", "drop"]
    assert "refused: it ended the TLS handshake with the alert" in joined.tape.noted[2]


def test_who_has_spoken_to_us_trusts_us_and_what_comes_then_is_a_broken_connection() -> None:
    joined = Joined()
    joined.shake_hands()
    joined.server.write(b"hello")
    joined.tape.receive(joined.to_us.read())
    joined.tape.unread = b"never looked at"

    joined.tape.fail("Connection reset by peer")

    assert joined.tape.given == b"hello"
    assert joined.tape.noted == ["up", "drop", "lost: Connection reset by peer"]
