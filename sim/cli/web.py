"""`acklab watch --web`: the same screens in a browser on this machine, by textual-serve."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Annotated

import typer

from sim.cli.endings import CommandError, Exit

HOST = "127.0.0.1"
"""Nobody from outside: whoever has the page has the keys of this program."""
PORT_FIRST = 8_000
_DRIVER = "TEXTUAL_DRIVER"
"""By which textual-serve tells the program to draw for it."""

Web = Annotated[bool, typer.Option("--web", help=f"Open it in a browser instead: on {HOST} alone, until control-C.")]
WebPort = Annotated[
    int, typer.Option("--web-port", min=1, max=65_535, metavar="PORT", help="Which port --web listens on.")
]


def is_drawn_for_web() -> bool:
    """Whether this process draws for a browser: then its streams are textual-serve's, and nothing else is printed on them."""
    return bool(os.environ.get(_DRIVER))


def own_command(words: list[str]) -> str:
    """Give the command of the program behind each page: the one that was given, without what is about the web."""
    kept: list[str] = []
    is_port = False
    for word in words:
        if is_port or word == "--web" or word.startswith("--web-port="):
            is_port = False
        elif word == "--web-port":
            is_port = True
        else:
            kept.append(word)
    # The shell gives its place to the program, so that a signal reaches that.
    return f"exec {shlex.join([sys.executable, '-m', 'sim', *kept])}"


def serve_web(port: int) -> int:
    """Serve what this command would open, until somebody interrupts it. Raises CommandError if it cannot be."""
    try:
        from sim.cli.web_server import LocalServer
    except ModuleNotFoundError as error:
        raise CommandError(f"--web needs the module {error.name!r}: pip install 'acklab[web]'") from error
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"--web cannot listen on {HOST}:{port}: {error.strerror}; --web-port takes another"
            ) from error
    print(f"http://{HOST}:{port}  (control-C ends it)", file=sys.stderr)
    LocalServer(own_command(sys.argv[1:]), host=HOST, port=port, title="acklab").serve()
    return Exit.HOLDS
