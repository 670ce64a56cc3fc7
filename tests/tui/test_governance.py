"""The governance page: what it says follows from the trace, at any moment, and is cut at no width."""

from __future__ import annotations

from functools import cache
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from sim import Application, ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after
from sim.cluster.security.acls.settings import AuthorizerSettings
from sim.cluster.security.acls.text import parse_acl
from sim.stories.runner import run
from sim.trace import events as cluster
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of, width_of
from sim.tui.panels.error_classes import AUTHORIZATION, REPLICATION, class_of
from sim.tui.panels.governance import governance_rows
from sim.tui.plain import plain_lines
from sim.tui.screens.view import ViewScreen
from sim.tui.session import Watched, of_report
from sim.tui.view_model import State, take
from sim.tui.widgets.page_list import PageList
from tests.tui.runs import LOST, event_of, frame, page_of, press, run_of, use
from tests.tui.test_app import check_golden

WIDTHS = (60, 80, 100, 120, 160)
SIZES = ((80, 24), (100, 30), (120, 40), (160, 48))
ONE_IS_REFUSED = "policy_refuses_one_record_of_a_batch"
SHRINKING = "default_config_survives_leader_moves"
PLAINTEXT = "missing_key_passes_plaintext"
STORIES = ("rights", ONE_IS_REFUSED, SHRINKING, PLAINTEXT)


@cache
def rights() -> Watched:
    """A shop may write, is forbidden one topic, and loses its right in mid-stream."""
    anybody = "User:ANONYMOUS"
    allowed = (f"{anybody} WRITE topic ord*", f"{anybody} READ topic *", "User:audit READ topic orders from b7")
    scenario = Scenario(
        name="rights",
        question="Who may write?",
        cluster=ClusterConfig(
            topics=(TopicConfig("orders", partitions=1),),
            authorizer=AuthorizerSettings(super_users=("User:admin",), acls=tuple(map(parse_acl, allowed))),
        ),
        applications=(Application(name="shop", workload=Workload(records=20, phases=(Phase(every_us=50_000),))),),
        schedule=(after(acknowledged(10)).revoke(anybody, "WRITE", "topic", "ord*"),),
    )
    return of_report(run(scenario, 0), source="", scenario=scenario)


def watched_of(name: str) -> Watched:
    return rights() if name == "rights" else run_of(name)


def page(watched: Watched, index: int = -1, *, width: int = 0) -> list[str]:
    state = watched.film.state_at(index % len(watched.film))
    return [text_of(row.line).rstrip() for row in governance_rows(state, width=width)]


def part(lines: list[str], title: str) -> list[str]:
    """The lines beneath a heading."""
    begin = next(place for place, text in enumerate(lines) if text.startswith(title))
    return list(takewhile(lambda text: text.startswith("  "), lines[begin + 1 :]))


# -- what is said ------------------------------------------------------------------------------------------------------


def test_a_client_has_its_principal_and_its_rules_and_those_of_others_stand_behind() -> None:
    shown = part(page(rights(), event_of(rights(), "PhaseBegan")), "RIGHTS")

    assert page(rights())[0] == "RIGHTS  User:admin may everything; what no rule allows is refused"
    assert shown == [
        "  -             User:ANONYMOUS may READ topic *; may WRITE topic ord*",
        "  -             User:audit may READ topic orders from b7",
    ]
    said = part(page(rights(), event_of(rights(), "RecordAcknowledged", 3)), "RIGHTS")
    assert said[0] == "  shop          User:ANONYMOUS may READ topic *; may WRITE topic ord*"


def test_a_refusal_names_principal_operation_and_resource_and_leads_to_its_event() -> None:
    watched = rights()
    state = watched.film.state_at(len(watched.film) - 1)
    last = max(place for place, one in enumerate(watched.events) if isinstance(one, cluster.AuthorizationRefused))

    (row,) = [one for one in governance_rows(state, width=0) if "may not WRITE topic orders" in text_of(one.line)]

    times = sum(isinstance(one, cluster.AuthorizationRefused) for one in watched.events)
    assert text_of(row.line).endswith(
        f"User:ANONYMOUS may not WRITE topic orders: refused {times} times, last at #{last}"
    )
    assert row.event == last
    assert "may WRITE" not in "".join(part(page(watched), "RIGHTS"))


def test_errors_stand_under_their_class() -> None:
    (refused,) = part(page(rights()), "ERRORS")
    short = [one for one in part(page(run_of(SHRINKING)), "ERRORS") if "NOT_ENOUGH_REPLICAS" in one]

    assert "authorization  TOPIC_AUTHORIZATION_FAILED  10 records not written" in refused
    assert "replication shortfall  NOT_ENOUGH_REPLICAS  1 batch tried again" in short[0]
    assert (class_of(19), class_of(29)) == (REPLICATION, AUTHORIZATION)


def test_a_policy_s_verdicts_are_counted_by_client_and_topic() -> None:
    shown = part(page(run_of(ONE_IS_REFUSED)), "POLICY")
    plain = part(page(run_of(PLAINTEXT)), "POLICY")

    assert shown[0] == "  shop          orders: 9 passed, 1 refused; the latest: tenant_id: is missing"
    assert plain[0].startswith("  shop          orders: 20 passed (15 in plaintext)")


def test_a_gateway_hands_on_what_no_policy_spoke_of_and_is_not_said_to_have_passed_it() -> None:
    (without,) = part(page(run_of("gateway_dies_in_mid_stream")), "POLICY")
    (governed, *_) = part(page(run_of("policy_at_the_gateway")), "POLICY")
    handed_on = sum(
        event.records
        for event in run_of("gateway_dies_in_mid_stream").events
        if isinstance(event, cluster.GatewayPassed)
    )

    assert without == f"  shop          orders: {handed_on} handed on by the gateway"
    assert governed == (
        "  shop          orders: 11 handed on by the gateway (11 changed by its policy), 1 refused; "
        "the latest: record 0: tenant_id: is missing"
    )


def test_who_is_throttled_is_told_with_quota_and_times() -> None:
    state = State()
    for event in (
        cluster.QuotaBegan(0, "client-id=export", "producer_byte_rate", "1000"),
        cluster.SettingAltered(1, "quota client-id=export", "producer_byte_rate", "2000"),
        cluster.ClientThrottled(1_000, 1, "Produce", "batch", 1, 1, "export", "alice", "produce", 30_000),
        cluster.ClientThrottled(40_000, 1, "Produce", "batch", 1, 2, "export", "alice", "produce", 50_000),
    ):
        take(state, event)

    shown = part([text_of(row.line).rstrip() for row in governance_rows(state, width=0)], "THROTTLING")

    assert shown == [
        "  quota         client-id=export producer_byte_rate=2000",
        "  export        ‖ produce quota of User:alice exceeded 2 times, 0.080s in all, and not read for another 0.050s",
    ]
    take(state, cluster.SettingAltered(99_000, "quota client-id=export", "producer_byte_rate", None))
    assert part([text_of(row.line).rstrip() for row in governance_rows(state, width=0)], "THROTTLING") == [
        "  export        produce quota of User:alice exceeded 2 times, 0.080s in all"
    ]


def test_an_audit_s_lines_are_counted_and_what_a_crash_left_of_one_is_said() -> None:
    watched = run_of("audit_gap_is_found")
    kept = [one for one in watched.events if isinstance(one, cluster.AuditLineKept) and one.kind == "outcome"]

    assert part(page(watched), "AUDIT") == [f"  shop          kept by shop: 0 intents, {len(kept)} outcomes"]
    state = State()
    take(state, cluster.AuditOpened(0, "shop.2", "shop", 7, 12, 2))
    shown = part([text_of(row.line).rstrip() for row in governance_rows(state, width=0)], "AUDIT")
    assert shown == [
        "  shop          kept by shop.2: 0 intents, 0 outcomes; half a line at its end once; 2 intents without an outcome for good"
    ]


def test_lineage_names_who_writes_and_who_reads_a_topic() -> None:
    shown = part(page(run_of("field_removed_breaks_consumer")), "LINEAGE")

    assert "  orders        ◀ shop writes it: 10 of 10 records acknowledged, by orders-value version 1" in shown
    assert "                ▶ billing reads it: 10 records" in shown


def test_a_story_without_governance_says_so_and_its_plain_text_is_as_it_was() -> None:
    watched = run_of("acks_one_leader_crash")

    assert page(watched)[0] == "RIGHTS  no broker looks at them: every client may everything"
    assert "THROTTLING  none so far" in page(watched)
    assert not any(one.startswith("RIGHTS") for one in plain_lines(run_of("default_config")))


def test_the_plain_text_has_the_page_where_there_is_something_to_say() -> None:
    lines = list(plain_lines(run_of(ONE_IS_REFUSED)))

    assert "  shop          orders: 9 passed, 1 refused; the latest: tenant_id: is missing" in lines


# -- at any moment, at every width -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORIES)
@given(data=st.data())
def test_the_page_of_then_is_what_the_events_up_to_there_make_of_it(name: str, data: st.DataObject) -> None:
    film = watched_of(name).film

    for index in data.draw(st.lists(st.integers(0, len(film) - 1), min_size=1, max_size=3)):
        state = State()
        for event in film.events[: index + 1]:
            take(state, event)
        assert film.state_at(index).governance == state.governance


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", STORIES)
def test_nothing_is_cut_at_any_width(name: str, width: int) -> None:
    watched = watched_of(name)

    for index in range(0, len(watched.film), max(len(watched.film) // 15, 1)):
        rows = governance_rows(watched.film.state_at(index), width=width)
        assert max(width_of(row.line) for row in rows) <= width
        told = " ".join(" ".join(text_of(row.line) for row in rows).split())
        assert told == " ".join(" ".join(page(watched, index)).split())


def test_a_long_name_has_a_line_of_its_own() -> None:
    state = State()
    take(state, cluster.RecordSent(0, "application-of-the-north", 1, "orders-of-the-northern-region", None, b"v"))

    lines = [text_of(row.line).rstrip() for row in governance_rows(state, width=60)]

    assert part(lines, "LINEAGE") == [
        "  orders-of-the-northern-region",
        "                ◀ application-of-the-north writes it: 0 of 1",
        "                record acknowledged",
    ]


# -- on the screen -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ["rights", ONE_IS_REFUSED])
def test_the_screen_shows_the_page_at_the_widths_people_have(name: str, size: tuple[int, int]) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "G", "p")
        return page_of(app)

    shown = use(watched_of(name), act, size=size)

    check_golden(f"governance_{name}_{size[0]}x{size[1]}.txt", shown)


def test_enter_goes_to_the_event_of_a_line_and_the_run_is_found_there() -> None:
    watched = rights()

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[int, int | None, str]:
        await press(pilot, "G", "p")
        screen = app.screen
        assert isinstance(screen, ViewScreen)
        rows = screen.query_one(PageList).rows
        wanted = next(place for place, row in enumerate(rows) if "may not WRITE" in text_of(row.line))
        await press(pilot, *["down"] * wanted, "enter")
        found = screen.playhead.index
        await press(pilot, "left", "p")
        return found, rows[wanted].event, frame(app)

    found, event, shown = use(watched, act)

    assert found == event
    assert f"#{event - 1} of" in shown
    assert "VERDICTS" in shown


def test_stepping_on_the_page_shows_other_moments() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        await press(pilot, "p")
        first = frame(app)
        await press(pilot, "G")
        return first, frame(app)

    first, last = use(run_of(LOST), act)

    assert "0 of 0" not in first
    assert "LINEAGE" in first
    assert first != last
