"""What a terminal can do, asked of itself."""

from __future__ import annotations

import os
import select
import sys
import time

ANSWER_S_MAX = 0.5
"""A terminal that has not said by then who it is, is one that does not say: it may be at the other end of the world."""


def copies() -> bool:
    """Whether the terminal says that it takes what a program wants copied (OSC 52). Asks it, so nobody else may read from it."""
    from sim.tui.copying import QUESTION, says_it_copies

    try:
        return says_it_copies(_asked(QUESTION))
    except (OSError, ImportError):
        return False


def _asked(question: bytes) -> bytes:
    import termios
    import tty

    from sim.tui.copying import is_answered

    keys, screen = sys.stdin.fileno(), sys.stderr.fileno()
    before = termios.tcgetattr(keys)
    reply = b""
    try:
        tty.setcbreak(keys, termios.TCSANOW)
        os.write(screen, question)
        until_s = time.monotonic() + ANSWER_S_MAX
        while not is_answered(reply):
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not select.select([keys], [], [], left_s)[0]:
                break
            reply += os.read(keys, 1024)
    except termios.error:
        return reply
    finally:
        termios.tcsetattr(keys, termios.TCSANOW, before)
    return reply
