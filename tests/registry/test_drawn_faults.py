"""Whatever strikes several registries: what was answered stays, an id means one schema, and healed they say the same."""

from __future__ import annotations

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sim.world.units import MILLISECOND_US, SECOND_US
from tests.registry.asking import Said, record
from tests.registry.staging import Staged

NAMES = ("registry-1", "registry-2", "registry-3")
SCHEMAS = tuple(record(f"R{number}", x="int") for number in range(8))

registers = st.tuples(st.just("register"), st.sampled_from(NAMES), st.integers(0, 2), st.integers(0, 7))
strikes = st.tuples(
    st.sampled_from(["pause", "resume", "kill", "start", "cut", "hold", "open", "crash broker"]),
    st.sampled_from(NAMES),
    st.integers(1, 3),
    st.just(0),
)
steps = st.lists(st.tuples(st.one_of(registers, registers, strikes), st.sampled_from([1, 40, 700, 6_000])), max_size=14)


def strike(staged: Staged, what: str, name: str, broker: int) -> None:
    network, registries = staged.cluster.network, staged.registries
    try:
        match what:
            case "pause":
                registries.pause(name)
            case "resume":
                registries.resume(name)
            case "kill":
                registries.kill(name)
            case "start":
                registries.start(name)
            case "cut":
                network.cut(name, f"b{broker}")
            case "hold":
                network.hold(name, f"b{broker}")
            case "open":
                network.open_all()
            case _:
                staged.cluster.crash(broker)
    except (ValueError, KeyError):
        pass  # it makes no sense now


@given(drawn=steps, seed=st.integers(0, 3))
# A failure is told as it was drawn: to shrink one takes minutes.
@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.generate))
@example(drawn=[(("crash broker", "registry-1", 2, 0), 6_000), (("crash broker", "registry-2", 3, 0), 6_000)], seed=0)
@example(drawn=[(("crash broker", "registry-2", 1, 0), 1), (("kill", "registry-2", 1, 0), 6_000)], seed=1)
def test_what_was_answered_stays(drawn: list[tuple[tuple[str, str, int, int], int]], seed: int) -> None:
    staged = Staged(3, seed=seed)
    asked: list[tuple[str, str, list[Said | str]]] = []
    for (what, name, number, schema), wait_ms in drawn:
        if what == "register":
            subject = f"s{number}"
            body = {"schema": SCHEMAS[schema]}
            answers = staged.begin(name, "POST", f"/subjects/{subject}-{schema}/versions", body)
            asked.append((f"{subject}-{schema}", SCHEMAS[schema], answers))
        else:
            strike(staged, what, name, number)
        staged.after(wait_ms * MILLISECOND_US)
    staged.cluster.heal()
    staged.registries.heal()
    staged.until(staged.cluster.is_settled)
    staged.until(staged.registries.is_settled)
    staged.after(SECOND_US)

    told = {name: staged.ask(name, "GET", "/schemas?deleted=true").body for name in NAMES}
    assert told[NAMES[0]] == told[NAMES[1]] == told[NAMES[2]]
    kept = {(one["subject"], one["id"]): one["schema"].replace(" ", "") for one in told[NAMES[0]]}
    by_id: dict[int, set[str]] = {}
    for (_, schema_id), text in kept.items():
        by_id.setdefault(schema_id, set()).add(text)
    assert all(len(texts) == 1 for texts in by_id.values()), by_id
    for subject, schema_text, answers in asked:
        if answers and isinstance(answers[0], Said) and answers[0].status == 200:
            assert kept.get((subject, answers[0].body["id"])) == schema_text.replace(" ", "")
