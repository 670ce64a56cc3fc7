"""`acklab watch --web`: a page for this machine and its own origin, behind it this program on a story; clear words where it cannot be."""

from __future__ import annotations

import asyncio
import shlex
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web

from sim.cli.web import HOST, own_command
from sim.cli.web_server import LocalServer
from tests.cli.command import ROOT, Told

Acklab = Callable[..., Told]
STORY = "acks_one_leader_crash"
SHOWN_S_MAX = 120


@pytest.mark.parametrize(
    "words",
    [
        ["watch", STORY, "--web", "--seed", "3"],
        ["watch", "--web-port", "8123", STORY, "--web", "--seed", "3"],
        ["watch", STORY, "--web", "--web-port=8123", "--seed", "3"],
    ],
)
def test_behind_a_page_is_the_command_without_its_words_on_the_web(words: list[str]) -> None:
    assert shlex.split(own_command(words))[2:] == ["-m", "sim", "watch", STORY, "--seed", "3"]


def test_the_home_can_be_a_page_too() -> None:
    assert shlex.split(own_command(["--web", "--web-port", "8123"]))[2:] == ["-m", "sim"]


@pytest.mark.parametrize(
    ("host", "origin", "is_own"),
    [
        (f"{HOST}:8000", None, True),
        (f"{HOST}:8000", f"http://{HOST}:8000", True),
        ("localhost:8000", "http://localhost:8000", True),
        (f"{HOST}:8000", "http://elsewhere.example", False),
        (f"{HOST}:8000", "null", False),
        (f"{HOST}:8000", f"http://{HOST}:9000", False),
        ("elsewhere.example:8000", None, False),
        ("", None, False),
    ],
)
def test_only_its_own_page_on_its_own_machine_may_open_a_screen(host: str, origin: str | None, is_own: bool) -> None:
    assert LocalServer("true", host=HOST, port=8000).is_own(host, origin) is is_own


def test_without_textual_serve_the_extra_is_named(acklab: Acklab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sim.cli.web_server")
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)

    told = acklab("watch", STORY, "--web")

    assert told.status == 2
    assert "pip install 'acklab[web]'" in told.err


def test_a_port_that_is_taken_is_named(acklab: Acklab) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        told = acklab("watch", STORY, "--web", "--web-port", str(port))

    assert told.status == 2
    assert f"--web cannot listen on {HOST}:{port}" in told.err


@pytest.mark.parametrize("other", [["--plain"], ["--view", "cluster", "--json"], ["--export", "page.html"]])
def test_what_is_printed_or_written_opens_no_page(other: list[str], acklab: Acklab) -> None:
    assert acklab("watch", STORY, "--web", *other).status == 2


def test_a_story_that_is_not_there_is_told_before_anything_is_served(acklab: Acklab) -> None:
    told = acklab("watch", "acks_one_leader_crush", "--web")

    assert told.status == 2
    assert "did you mean acks_one_leader_crash?" in told.err


def children() -> set[str]:
    """Processes that were started from here, and live."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= set((task / "children").read_text(encoding="utf-8").split())
    return {child for child in found if "sim watch" in command_of(child)}


def command_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in /proc")
def test_a_page_shows_the_story_and_its_keys_move_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("ACKLAB_STATE", str(tmp_path))

    async def looked_at() -> tuple[str, str, int]:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        server = LocalServer(own_command(["watch", STORY]), host=HOST, port=port, title="acklab")
        runner = web.AppRunner(await server._make_app())
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        try:
            async with ClientSession() as client:
                page = await (await client.get(f"http://{HOST}:{port}/")).text()
                with pytest.raises(WSServerHandshakeError) as refused:
                    await client.ws_connect(f"http://{HOST}:{port}/ws", origin="http://elsewhere.example")
                shown = ""
                async with client.ws_connect(f"http://{HOST}:{port}/ws?width=100&height=30") as screen:
                    await screen.send_json(["resize", {"width": 100, "height": 30}])
                    for key, wanted in (("", "VERDICTS"), ("f", "fault: pause b2,b3")):
                        await screen.send_json(["stdin", key])
                        while wanted not in shown:
                            message = await screen.receive(timeout=SHOWN_S_MAX)
                            assert message.type in {WSMsgType.BINARY, WSMsgType.TEXT}, message
                            shown += message.data.decode() if isinstance(message.data, bytes) else message.data
                return page, shown, refused.value.status
        finally:
            await runner.cleanup()

    page, shown, refused = asyncio.run(looked_at())
    assert "googleapis" not in page
    assert "css/xterm.css" in page
    assert STORY in shown
    assert refused == 403
    assert not children()
