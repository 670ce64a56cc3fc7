"""docs/producer.md holds the tables that the code writes, and they are those of today."""

from pathlib import Path

import pytest

from producer.config import manual
from producer.config.config import ALIASES, PROPERTIES
from producer.config.manual import MANUAL, SECTIONS, marks
from producer.config.without_effect import REFUSED


@pytest.mark.parametrize("section", SECTIONS)
def test_the_manual_holds_each_table_as_it_is(section: str) -> None:
    begin, end = marks(section)

    assert f"{begin}\n{SECTIONS[section]()}\n{end}" in MANUAL.read_text(), (
        "write it anew: python -m producer.config.manual"
    )


def test_writing_anew_changes_what_is_between_the_marks_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "producer.md"
    copy.write_text("".join(f"before {one}\n{marks(one)[0]}old\n{marks(one)[1]}after {one}\n" for one in SECTIONS))
    monkeypatch.setattr(manual, "MANUAL", copy)

    manual.main()

    assert copy.read_text() == "".join(
        f"before {one}\n{marks(one)[0]}\n{write()}\n{marks(one)[1]}after {one}\n" for one, write in SECTIONS.items()
    )


def test_a_manual_without_a_mark_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "producer.md"
    copy.write_text("nothing")
    monkeypatch.setattr(manual, "MANUAL", copy)

    with pytest.raises(AssertionError, match="has lost <!-- properties"):
        manual.main()

    assert copy.read_text() == "nothing"


def test_every_property_alias_and_refusal_is_told() -> None:
    told = SECTIONS["properties"]()

    for name in (*PROPERTIES, *ALIASES, *REFUSED):
        assert f"`{name}`" in told, name


def test_defaults_and_ranges_are_told() -> None:
    told = SECTIONS["properties"]()

    for row in (
        "| `acks` | all | `all`, `0`, `1` | ",
        "| `linger.ms` | 5 | long, 0 or more | ",
        "| `bootstrap.servers` | required | list | ",
        "| `enable.idempotence` | true | true, false | ",
        "| `compression.gzip.level` | -1 | int, -1 to 9 | ",
        "| `connections.max.idle.ms` | 540000 | long | ",
        "| `sasl.login.refresh.window.factor` | 0.8 | double, 0.5 to 1.0 | ",
        "| `ssl.truststore.location` |  | text | ",
        "| `transactional.id` |  | text | ",
        "| `transaction.two.phase.commit.enable` | false | true, false | ",
        "| `enable.metrics.push` | `false` | telemetry (KIP-714) is not built |",
        "| `sasl.kerberos.*` | Kerberos (GSSAPI) is not here |",
    ):
        assert row in told, row
