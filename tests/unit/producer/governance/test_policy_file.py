"""A policy file is a policy wholly or not at all; what is wrong is named by line, key and value."""

from pathlib import Path

import pytest

from producer.governance.errors import PolicyFileError
from producer.governance.policy.file import check_policy, parse_policy, policy_of, read_policy
from producer.governance.policy.words import Action, MissingKey, Policy
from producer.governance.values import Format

WHOLE = """\
version: 1
name: shop
unlisted: refuse
on_missing_key: refuse
data_keys: {age_s: 60, uses: 1000}
topics:
  - match: orders-*
    on_violation: dead_letter
    formats: [json, avro]
    required: [event_time, tenant_id, "header:trace", key]
    fields:
      event_time: {format: timestamp}
      country: {one_of: [DE, FR]}
      sku: {pattern: "[A-Z]{3}-\\\\d+"}
    tenant: {field: tenant_id}
    protect:
      customer.email: {by: tokenise, key: tokens, domain: email}
      customer.name: {by: redact}
      items[*].card: {by: encrypt}
  - match: orders-eu
    encrypt_value: true
    tenant: {name: eu}
"""


def wrong(text: str, *, of: str = "policy.yaml") -> str:
    with pytest.raises(PolicyFileError) as raised:
        parse_policy(text, of)
    return str(raised.value)


def test_a_whole_file_becomes_a_policy() -> None:
    policy = parse_policy(WHOLE)
    orders = policy.of("orders-us")

    assert (policy.name, policy.allow_unlisted, policy.data_key_age_us, policy.data_key_uses) == (
        "shop",
        False,
        60_000_000,
        1000,
    )
    assert orders is not None
    assert (orders.action, orders.formats) == (Action.DEAD_LETTER, (Format.JSON, Format.AVRO))
    assert [str(path) for path, _ in orders.protect] == ["customer.email", "customer.name", "items[*].card"]


def test_the_topic_s_own_name_goes_before_the_longest_beginning() -> None:
    policy = policy_of({"version": 1, "topics": [{"match": "*"}, {"match": "a*"}, {"match": "ab*"}, {"match": "abc"}]})

    assert [one.match if (one := policy.of(name)) else None for name in ("abc", "abcd", "ax", "z")] == [
        "abc",
        "ab*",
        "a*",
        "*",
    ]


def test_what_is_not_said_is_the_strict_choice_for_keys() -> None:
    assert policy_of({"version": 1, "topics": [{"match": "t"}]}).on_missing_key is MissingKey.REFUSE


@pytest.mark.parametrize(
    "line, by, said",
    [
        ("version: 1", "version: 2", "policy.yaml:1: version: is 2, must be 1"),
        ("name: shop", "nane: shop", "policy.yaml:2: nane: is no key here, must be one of version, name"),
        ("unlisted: refuse", "unlisted: no", "policy.yaml:3: unlisted: is False, must be one of allow, refuse"),
        ("uses: 1000", "uses: 0", "policy.yaml:5: data_keys.uses: is 0, must fit minimum 1"),
        ("- match: orders-*", "- mach: orders-*", "policy.yaml:7: topics[0].mach: is no key here"),
        ("- match: orders-*", "- match: '*-orders'", "policy.yaml:7: topics[0].match: is '*-orders', must fit"),
        ("formats: [json, avro]", "formats: [jsn]", "policy.yaml:9: topics[0].formats[0]: is 'jsn', must be one of"),
        ("{format: timestamp}", "{format: time}", "policy.yaml:12: topics[0].fields.event_time.format: is 'time'"),
        ('pattern: "[A-Z]', 'pattern: "[A-Z', "policy.yaml:14: topics[0].fields.sku.pattern: is '[A-Z{3}"),
        ("{by: redact}", "{by: redakt}", "policy.yaml:18: topics[0].protect.customer.name.by: is 'redakt'"),
        ("{by: redact}", "{by: hash}", "policy.yaml:18: topics[0].protect.customer.name.key: is missing"),
        ("{by: redact}", "{by: generalise}", "policy.yaml:18: topics[0].protect.customer.name: needs exactly one of"),
        ("{by: redact}", "{by: redact, txt: x}", "policy.yaml:18: topics[0].protect.customer.name.txt: is no key"),
        ("items[*].card:", "items[0].card:", "topics[0].protect.items[0].card: 'items[0].card' is no path of a field"),
        ("customer.name:", "tenant_id:", "topics[0].protect.tenant_id: is the tenant, whom a reader must know"),
        ("    tenant: {name: eu}\n", "", "policy.yaml:20: topics[1].tenant: is missing: it says whose key encrypts"),
        ("match: orders-eu", "match: orders-*", "policy.yaml:20: topics[1].match: is 'orders-*', as that of topics[0]"),
        ("name: shop", "version: 1", "policy.yaml:2: version: is there twice"),
        ("name: shop", "name: [", "is no YAML"),
    ],
)
def test_what_is_wrong_is_named_by_line_key_and_value(line: str, by: str, said: str) -> None:
    assert line in WHOLE

    assert said in wrong(WHOLE.replace(line, by))


@pytest.mark.parametrize(
    "text", ["", "[]", "version: 1", "version: 1\ntopics: []", "\t", "a: !!python/object:os.system x"]
)
def test_what_is_no_policy_at_all_is_refused(text: str) -> None:
    assert "policy.yaml" in wrong(text)


def test_json_is_read_as_json() -> None:
    assert parse_policy('{"version": 1, "topics": [{"match": "a"}]}', "policy.json") == Policy(
        topics=parse_policy("version: 1\ntopics: [{match: a}]").topics
    )
    assert wrong("version: 1\ntopics: [{match: a}]", of="policy.json").startswith("policy.json:1: is no JSON")


def test_aliases_cannot_make_much_of_little() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    assert "is too large, or too deep" in wrong("\n".join(lines))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"none\.yaml: cannot be read: No such file"):
        read_policy(tmp_path / "none.yaml")


def test_a_check_names_everything_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(WHOLE.replace("version: 1", "version: 2").replace("{by: redact}", "{by: x}"), encoding="utf-8")

    assert [error.line for error in check_policy(file)] == [1, 18]
    file.write_text(WHOLE, encoding="utf-8")
    assert check_policy(file) == []
