"""A schema registry of a few lines: ids, versions, GUIDs and references, no compatibility; as values, and over HTTP."""

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from producer.errors import SchemaRegistryError
from producer.serialization.registry.calls import Call
from producer.serialization.unknown import SchemaUnknownError

T = TypeVar("T")
Told = tuple[int, Any]
ROUNDS_MAX = 3
"""Of questions, for one call."""


class SmallRegistry:
    """Knows what was registered. `asked` has every request, in order."""

    def __init__(self, *, has_guids: bool = True, tells_versions: bool = True) -> None:
        self.asked: list[str] = []
        self.has_guids = has_guids
        self.tells_versions = tells_versions
        """Whether the answer to a registration says more than the id, as newer ones do."""
        self.connections = 0
        """Of clients, while it is served."""
        self._counting = threading.Lock()
        self._schemas: list[dict[str, Any]] = []
        self._subjects: dict[str, list[int]] = {}

    def answer(self, method: str, target: str, body: bytes | None) -> Told:
        self.asked.append(f"{method} {target}")
        status, told = self._answer(method, target, body)
        if status == 200 and "format=serialized" in target and told.get("schemaType") == "PROTOBUF":
            told = told | {"schema": _descriptor(told["schema"])}
        return status, told

    def _answer(self, method: str, target: str, body: bytes | None) -> Told:
        path = [unquote(part) for part in urlsplit(target).path.split("/")[1:]]
        match method, path:
            case "POST", ["subjects", subject, "versions"]:
                found = self._register(subject, self._read(body))
                return 200, found if self.tells_versions else {"id": found["id"]}
            case "POST", ["subjects", subject]:
                return self._look_up(subject, self._read(body))
            case "GET", ["subjects", subject, "versions", version]:
                ids = self._subjects.get(subject)
                if ids is None:
                    return 404, {"error_code": 40401, "message": f"Subject '{subject}' not found."}
                number = len(ids) if version == "latest" else int(version)
                if not 1 <= number <= len(ids):
                    return 404, {"error_code": 40402, "message": f"Version {version} not found."}
                return 200, self._told(subject, number)
            case "GET", ["schemas", "ids", number] if 1 <= int(number) <= len(self._schemas):
                return 200, self._schemas[int(number) - 1] | self._guid(int(number))
            case "GET", ["schemas", "guids", guid] if self._of_guid(guid):
                return 200, self._schemas[self._of_guid(guid) - 1]
            case _:
                pass
        return 404, {"error_code": 40403, "message": "Schema not found"}

    def count(self, more: int) -> None:
        with self._counting:
            self.connections += more

    def known(self, use: Callable[[], T]) -> T:
        """Call `use`, and answer what it asks."""
        for _ in range(ROUNDS_MAX):
            try:
                return use()
            except SchemaUnknownError as unknown:
                questions = unknown.questions
            try:
                call: Call = next(questions)
                while True:
                    status, told = self.answer(*call)
                    if status == 200:
                        call = questions.send(told)
                    else:
                        call = questions.throw(
                            SchemaRegistryError(
                                str(call), status=status, error_code=told["error_code"], detail=told["message"]
                            )
                        )
            except StopIteration:
                continue
        raise AssertionError("it never knows enough")

    def _read(self, body: bytes | None) -> dict[str, Any]:
        given = json.loads(body or b"")
        return {name: given[name] for name in ("schema", "schemaType", "references") if name in given}

    def _register(self, subject: str, schema: dict[str, Any]) -> dict[str, Any]:
        if schema not in self._schemas:
            self._schemas.append(schema)
        number = self._schemas.index(schema) + 1
        ids = self._subjects.setdefault(subject, [])
        if number not in ids:
            ids.append(number)
        return self._told(subject, ids.index(number) + 1)

    def _look_up(self, subject: str, schema: dict[str, Any]) -> Told:
        ids = self._subjects.get(subject)
        if ids is None:
            return 404, {"error_code": 40401, "message": f"Subject '{subject}' not found."}
        number = self._schemas.index(schema) + 1 if schema in self._schemas else 0
        if number not in ids:
            return 404, {"error_code": 40403, "message": "Schema not found"}
        return 200, self._told(subject, ids.index(number) + 1)

    def _told(self, subject: str, version: int) -> dict[str, Any]:
        number = self._subjects[subject][version - 1]
        return {"subject": subject, "version": version, "id": number} | self._guid(number) | self._schemas[number - 1]

    def _guid(self, number: int) -> dict[str, str]:
        return {"guid": f"0000abcd-0000-0000-0000-{number:012x}"} if self.has_guids else {}

    def _of_guid(self, guid: str) -> int:
        numbers = [number for number in range(1, len(self._schemas) + 1) if self._guid(number).get("guid") == guid]
        return numbers[0] if numbers else 0


def _descriptor(text: str) -> str:
    """Give a .proto file as the descriptor in base64 that some clients ask for."""
    if ";" not in text:
        return text
    from producer.schemas.protobuf.protobuf_schema import parse_protobuf
    from producer.schemas.schema import Schema, SchemaType

    return b64encode(parse_protobuf(Schema(SchemaType.PROTOBUF, text), {}).file.SerializeToString()).decode()


@contextmanager
def served(registry: SmallRegistry) -> Iterator[str]:
    """Serve it on 127.0.0.1 as long as the block lasts; gives the URL."""

    open_ones: list[socket.socket] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            open_ones.append(self.connection)
            registry.count(1)

        def finish(self) -> None:
            super().finish()
            registry.count(-1)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
            """Keep the test's output clean."""

        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            status, told = registry.answer(self.command, self.path, self.rfile.read(size) if size else None)
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - as the standard library calls them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        for one in open_ones:
            # Kept ones end, too: it is gone.
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        server.server_close()
        thread.join()
