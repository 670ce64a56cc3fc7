"""Disclosed finds each planted secret, however it is written and wherever it lies, and nothing where there is none."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from producer.records import Headers, Record
from sim.judges.report import Report
from sim.judges.verdict import State
from sim.stories.applications import Application
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load
from sim.stories.secrets import Secret
from sim.stories.workload import Phase, Workload

SECRET = Secret("the word", "open sesame, please")
TEXT = SECRET.text.encode()


def told(*records: Record, **producer: str) -> Report:
    """A story whose application sends these, with a secret that is to lie nowhere."""
    base = load("default_config")
    return run(
        Scenario(
            name="planted",
            question="Is it found?",
            cluster=replace(base.cluster, auto_create_topics=True),
            secrets=(SECRET,),
            applications=(
                Application(
                    producer=producer,
                    workload=Workload(records=(Record("orders", b"nothing"), *records), phases=(Phase(every_us=0),)),
                ),
            ),
        )
    )


def headers(value: bytes) -> Headers:
    return (("h", value),)


@pytest.mark.parametrize(
    "record, form",
    [
        (Record("orders", b"a" + TEXT + b"b"), "as it is"),
        (Record("orders", TEXT), "as it is"),
        (Record("orders", b"v", TEXT), "as it is"),
        (Record("orders", b"v", headers=headers(TEXT)), "as it is"),
        (Record("orders", TEXT.hex().encode()), "in hexadecimal"),
        (Record("orders", b64encode(TEXT)), "in base64"),
        (Record("orders", b64encode(TEXT + b" and more")), "in base64"),
        (Record("orders.dead", TEXT), "as it is"),
    ],
)
def test_a_planted_secret_is_found_wherever_it_is(record: Record, form: str) -> None:
    verdict = told(record).verdict("disclosed")

    assert verdict.state is State.VIOLATED
    (finding,) = verdict.findings
    assert f"holds the secret the word {form}" in finding.what
    assert finding.record == 2


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_it_is_found_in_compressed_batches_as_well(codec: str) -> None:
    verdict = told(Record("orders", TEXT * 20), **{"compression.type": codec}).verdict("disclosed")

    assert [finding.record for finding in verdict.findings] == [2]


@pytest.mark.parametrize("value", [TEXT[:-1], TEXT.swapcase(), TEXT[::-1], b""])
def test_what_is_not_the_secret_is_not_found(value: bytes) -> None:
    report = told(Record("orders", value))

    assert report.verdict("disclosed").state is State.HOLDS
    assert report.verdict("disclosed").checked == 2


def test_a_policy_s_word_counts_for_nothing() -> None:
    """A liar: it says that the field is redacted, by a text that is the secret itself."""
    report = told(Record("orders", b'{"word":"harmless"}'))
    liar = load("policy_refuses_one_record_of_a_batch")
    (shop,) = liar.applications
    policy = {
        "version": 1,
        "topics": [{"match": "orders", "protect": {"card": {"by": "redact", "text": SECRET.text}}}],
    }
    lied = run(replace(liar, secrets=(SECRET,), applications=(replace(shop, policy=policy),)))

    assert report.verdict("disclosed").state is State.HOLDS
    assert len(lied.verdict("disclosed").findings) == 10


def test_a_story_without_secrets_is_not_judged_for_it() -> None:
    assert "disclosed" not in {verdict.guarantee for verdict in run(load("default_config")).verdicts}


@pytest.mark.parametrize("name, text", [("", "long enough"), ("short", "12345"), ("a card", "this is a card 4111")])
def test_a_secret_that_cannot_be_one_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="Secret"):
        Secret(name, text)
