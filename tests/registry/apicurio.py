"""Apicurio Registry, asked over its Confluent API whether a schema may follow another one.

    python -m tests.registry.apicurio --at http://127.0.0.1:8080/apis/ccompat/v7

writes its answers to `compatibility_cases/apicurio.json`, a row a pair, and `apicurio_histories.json`, a row a history:
compatible, or the HTTP status of a refusal, for each level. Version 3.3.3 was asked, from Maven (io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all); it needs Java 21.
"""

import argparse
import json
import urllib.error
import urllib.request
from pathlib import Path
from uuid import uuid4

from producer.schemas.schema import SchemaType
from tests.registry.cases import FOLDER, Case, cases
from tests.registry.histories import History, histories

ANSWERS = FOLDER / "apicurio.json"
ANSWERS_ON_HISTORIES = FOLDER / "apicurio_histories.json"
LEVELS = ("BACKWARD", "FORWARD", "FULL")
LEVELS_OF_HISTORIES = tuple(f"{level}{ending}" for level in LEVELS for ending in ("", "_TRANSITIVE"))
TYPE = "application/vnd.schemaregistry.v1+json"
PATIENCE_S = 20
OK, INCOMPATIBLE = 200, 409

Answer = bool | int
"""Whether it is compatible, or the status of a refusal."""


def ask(at: str, case: Case) -> dict[str, Answer]:
    """Register the old schema under a subject of its own, and ask at each level about the new one."""
    subject = _new_subject()
    status, _ = _register(at, subject, case.schema_type, case.old)
    if status != OK:
        return dict.fromkeys(LEVELS, status)
    answers: dict[str, Answer] = {}
    for level in LEVELS:
        _set_level(at, subject, level)
        path = f"/compatibility/subjects/{subject}/versions/latest"
        status, said = _request(at, "POST", path, _body(case.schema_type, case.new))
        answers[level] = bool(said["is_compatible"]) if status == OK else status
    return answers


def ask_history(at: str, history: History) -> dict[str, Answer]:
    """Register all versions but the last, set a level, and register the last: at each level under a subject of its own.

    Only a registration is held against what the level says; a check is asked about one version, or about all.
    """
    *olds, new = history.versions
    answers: dict[str, Answer] = {}
    for level in LEVELS_OF_HISTORIES:
        subject = _new_subject()
        refused = [status for old in olds if (status := _register(at, subject, history.schema_type, old)[0]) != OK]
        _set_level(at, subject, level)
        status, _ = _register(at, subject, history.schema_type, new)
        answers[level] = refused[0] if refused else {OK: True, INCOMPATIBLE: False}.get(status, status)
    return answers


def recorded() -> dict[str, dict[str, Answer]]:
    """Give its answers as they were written down, by the key of a case."""
    return _read(ANSWERS)


def recorded_on_histories() -> dict[str, dict[str, Answer]]:
    """Give its answers on histories as they were written down, by the key of a history."""
    return _read(ANSWERS_ON_HISTORIES)


def _new_subject() -> str:
    return f"subject-{uuid4().hex}"


def _register(at: str, subject: str, schema_type: SchemaType, text: str) -> tuple[int, dict[str, object]]:
    return _request(at, "POST", f"/subjects/{subject}/versions", _body(schema_type, text))


def _set_level(at: str, subject: str, level: str) -> None:
    status, said = _request(at, "PUT", f"/config/{subject}", {"compatibility": level})
    assert status == OK, f"{subject}: {level}: {said}"


def _body(schema_type: SchemaType, text: str) -> dict[str, str]:
    return {"schema": text, "schemaType": schema_type.value}


def _read(path: Path) -> dict[str, dict[str, Answer]]:
    found: dict[str, dict[str, Answer]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, answers: dict[str, dict[str, Answer]]) -> None:
    rows = [f"{json.dumps(key)}: {json.dumps(answer)}" for key, answer in answers.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def _request(at: str, method: str, path: str, body: dict[str, str]) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(at + path, json.dumps(body).encode(), {"Content-Type": TYPE}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, {"message": refusal.read().decode(errors="replace")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", required=True, metavar="URL")
    at = parser.parse_args().at
    _write(ANSWERS, {case.key: ask(at, case) for case in cases()})
    _write(ANSWERS_ON_HISTORIES, {history.key: ask_history(at, history) for history in histories()})


if __name__ == "__main__":
    main()
