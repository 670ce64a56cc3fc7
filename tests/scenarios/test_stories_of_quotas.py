"""What the stories of quotas tell beyond their verdicts: who waits for whom, and what the remedy costs."""

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.guarantees.isolation import p99_us
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import ClientThrottled, RecordAcknowledged, RecordSent, SettingAltered
from sim.world.units import SECOND_US

WITHOUT, WITH, REMOVED = "noisy_neighbour_without_quota", "noisy_neighbour_with_quota", "quota_removed_in_mid_stream"
ENDINGS = {WITHOUT: {"isolation"}, WITH: set(), REMOVED: {"isolation"}}


def took_us(report: Report, client: str) -> list[int]:
    sent = {one.record: one.at_us for one in report.trace if isinstance(one, RecordSent) and one.client == client}
    return [
        one.at_us - sent[one.record]
        for one in report.trace
        if isinstance(one, RecordAcknowledged) and one.client == client
    ]


@pytest.mark.parametrize("name", ENDINGS)
def test_each_ends_as_it_says_under_eight_seeds(name: str) -> None:
    for seed in range(5, 8):
        report = run(load(name), seed)

        assert {verdict.guarantee for verdict in report.violated} == ENDINGS[name]
        assert report.is_as_expected


def test_the_quota_is_the_neighbour_s_gain_and_the_job_s_price_and_nothing_is_refused() -> None:
    without, limited = run(load(WITHOUT)), run(load(WITH))

    assert p99_us(took_us(without, "billing")) > 2 * p99_us(took_us(limited, "billing"))
    assert max(took_us(limited, "export")) > 5 * max(took_us(without, "export"))
    assert limited.counts.acknowledged == limited.counts.sent == 1_040


def test_only_who_has_a_quota_is_throttled_and_only_where_there_is_one() -> None:
    throttled = [event for event in run(load(WITH)).trace if isinstance(event, ClientThrottled)]

    assert {(one.client, one.client_id, one.quota) for one in throttled} == {("export", "export", "produce")}
    assert not [event for event in run(load(WITHOUT)).trace if isinstance(event, ClientThrottled)]


def test_bytes_pass_at_the_rate_of_the_quota_behind_the_first_burst() -> None:
    report = run(load(WITH))
    acknowledged = [one.at_us for one in report.trace if isinstance(one, RecordAcknowledged) and one.client == "export"]

    behind_burst = acknowledged[40:]
    rate = 30_000 * (len(behind_burst) - 1) * SECOND_US / (behind_burst[-1] - behind_burst[0])

    assert rate == pytest.approx(100_000, rel=0.1)


def test_a_quota_that_is_removed_is_gone_within_the_wait_that_was_asked_for() -> None:
    report = run(load(REMOVED))
    (altered,) = [event for event in report.trace if isinstance(event, SettingAltered)]

    assert (altered.whose, altered.setting, altered.value) == ("quota client-id=export", "producer_byte_rate", None)
    later = [one for one in report.trace if isinstance(one, ClientThrottled) and one.at_us > altered.at_us + SECOND_US]
    assert not later


def test_a_quota_of_the_default_client_id_strikes_the_neighbour_too() -> None:
    report = run(load(WITHOUT), faults=[parse_entry("at 0s: quota client-id=<default> producer_byte_rate=1000")])

    throttled = {one.client for one in report.trace if isinstance(one, ClientThrottled)}
    assert throttled == {"billing", "export"}
