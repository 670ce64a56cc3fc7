"""A client program under way: a process of its own, its lines in and out."""

from __future__ import annotations

import asyncio
import json
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.gauntlet.spoken import READY

READY_S_MAX = 60
"""How long a library may take to be loaded."""
CLOSE_S_MAX = 10
"""How long it may take to close once the story is over."""
LINE_BYTES_MAX = 1 << 20


class ProgramError(Exception):
    """A client program ended by itself, or never began; the message has its last words."""


class Program:
    """One process."""

    def __init__(self, name: str, process: Process, errors: Any) -> None:
        """`begin` makes them."""
        self._name = name
        self._process = process
        self._errors = errors
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def begin(cls, name: str, command: Sequence[str]) -> Program:
        """Start it, and wait until its library is loaded. Raises ProgramError, OSError."""
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=errors, limit=LINE_BYTES_MAX
        )
        program = cls(name, process, errors)
        try:
            line = await asyncio.wait_for(program._line(), READY_S_MAX)
        except TimeoutError:
            line = ""
        if line != READY:
            await program.end()
            raise ProgramError(f"{name} did not begin: {program.last_words}")
        return program

    def run(self, properties: Mapping[str, Any], hear: Callable[[str], object]) -> None:
        """Let it make its producer; `hear` is given each of its lines."""
        self.say(json.dumps(properties))
        self._reading = asyncio.get_running_loop().create_task(self._read(hear))

    def say(self, line: str) -> None:
        """Say a line; to one that has ended, in vain."""
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(line.encode() + b"\n")

    @property
    def last_words(self) -> str:
        """What it wrote last on its standard error, and how it ended."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"exit {self._process.returncode}" + (f", {lines[-1]}" if lines else "")

    async def end(self) -> None:
        """Wait a while for its end, then end it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), CLOSE_S_MAX)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, hear: Callable[[str], object]) -> None:
        while line := await self._line():
            hear(line)

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().rstrip("\n")
