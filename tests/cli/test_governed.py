"""`acklab produce --policy` and `consume --keys`: of three lines the good ones are written, encrypted, and read by who has the right."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer as LibrdkafkaProducer

from tests.cli.command import Told, run_here

POLICY = """\
version: 1
topics:
  - match: orders-*
    required: [tenant_id]
    tenant: {field: tenant_id}
    protect: {card: {by: encrypt}}
"""
GOOD, BAD = '{"tenant_id":"acme","card":"4111-1111"}', '{"card":"4111-1111"}'
LINES = f"{GOOD}\n{BAD}\n{GOOD}\n".encode()


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    holder = LibrdkafkaProducer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = holder.list_topics(timeout=30).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    del holder


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Told]:
    """The command, in a folder with a policy, keys and lines."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    Path("lines").write_bytes(LINES)

    def run(*words: str) -> Told:
        return run_here(capsys, monkeypatch, *words)

    assert run("keys", "add", "keys.json", "--tenant", "acme", "--reader", "billing") == Told(0, "", "")
    return run


def test_good_lines_are_written_and_only_who_has_the_right_reads_the_card(
    bootstrap: str, acklab: Callable[..., Told]
) -> None:
    told = acklab(
        "produce", "-b", bootstrap, "-t", "orders-1", "--policy", "policy.yaml", "--keys", "keys.json", "lines"
    )

    assert (told.status, told.out) == (1, "produced 2 records to orders-1; 1 of 3 failed\n")
    assert "INVALID_RECORD (87), not written: tenant_id: is missing" in told.err
    read = ("consume", "-b", bootstrap, "-t", "orders-1", "-e", "-J", "--keys", "keys.json", "--as")
    billing, marketing = (acklab(*read, name) for name in ("billing", "marketing"))
    assert (billing.status, marketing.status) == (0, 1)
    assert "4111" not in marketing.out
    assert [json.loads(line)["value"] for line in billing.out.splitlines()] == [GOOD, GOOD]
    assert marketing.err.count("is shown as it lies: key service: tenant acme version 1: marketing has no right") == 1


@pytest.mark.parametrize(
    "given, said",
    [
        (("--policy", "none.yaml"), "none.yaml: cannot be read: No such file or directory"),
        (("--policy", "policy.yaml", "--keys", "none.json"), "none.json: cannot be read: No such file or directory"),
        (("--keys", "keys.json"), "--keys has no effect without --policy"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(
    bootstrap: str, acklab: Callable[..., Told], given: tuple[str, ...], said: str
) -> None:
    told = acklab("produce", "-b", bootstrap, "-t", "orders-2", *given, "lines")

    assert (told.status, told.out) == (2, "")
    assert said in told.err
