"""Apicurio Registry, asked over its Confluent API whether a schema may follow another one.

    python -m tests.registry.apicurio --at http://127.0.0.1:8080/apis/ccompat/v7

writes its answers to `compatibility_cases/apicurio.json`, a row a pair: compatible, or the HTTP status of a refusal, for each
level. Version 3.3.3 was asked, from Maven (io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all); it needs Java 21.
"""

import argparse
import json
import urllib.error
import urllib.request
from uuid import uuid4

from tests.registry.cases import FOLDER, Case, cases

ANSWERS = FOLDER / "apicurio.json"
LEVELS = ("BACKWARD", "FORWARD", "FULL")
TYPE = "application/vnd.schemaregistry.v1+json"
PATIENCE_S = 20

Answer = bool | int
"""Whether it is compatible, or the status of a refusal."""


def ask(at: str, case: Case) -> dict[str, Answer]:
    """Register the old schema under a subject of its own, and ask at each level about the new one."""
    subject = f"{case.format}-{uuid4().hex}"
    status, _ = _request(at, "POST", f"/subjects/{subject}/versions", _body(case, case.old))
    if status != 200:
        return dict.fromkeys(LEVELS, status)
    answers: dict[str, Answer] = {}
    for level in LEVELS:
        status, said = _request(at, "PUT", f"/config/{subject}", {"compatibility": level})
        assert status == 200, f"{case.key}: {level}: {said}"
        path = f"/compatibility/subjects/{subject}/versions/latest"
        status, said = _request(at, "POST", path, _body(case, case.new))
        answers[level] = bool(said["is_compatible"]) if status == 200 else status
    return answers


def recorded() -> dict[str, dict[str, Answer]]:
    """Give its answers as they were written down, by the key of a case."""
    found: dict[str, dict[str, Answer]] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found


def _body(case: Case, text: str) -> dict[str, str]:
    return {"schema": text, "schemaType": case.schema_type.value}


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
    rows = [f"{json.dumps(case.key)}: {json.dumps(ask(at, case))}" for case in cases()]
    ANSWERS.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
