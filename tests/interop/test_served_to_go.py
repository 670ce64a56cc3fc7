"""franz-go before `acklab serve`: its admin client, and the program of docs/serve.md through a crash."""

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim.judges.verdict import State
from sim.serve.client import Control
from sim.serve.server import Serving
from tests.interop.test_served_to_java import ROUNDS, STAGE
from tests.serve.programs import program
from tests.serve.served import Served

MODULE = Path(__file__).parent / "franz_go"
BUILD_S_MAX = 600
END_S_MAX = 120

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None, reason="`go` is not on the PATH: https://go.dev/doc/install"
)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which programs are built."""
    folder = tmp_path_factory.mktemp("franz-go")
    for name in ("go.mod", "go.sum"):
        shutil.copy(MODULE / name, folder)
    return folder


def built(module: Path, name: str, text: str) -> str:
    folder = module / name
    folder.mkdir(exist_ok=True)
    (folder / "main.go").write_text(text)
    done = subprocess.run(
        ["go", "build", "-mod=mod", "-o", str(folder / name), f"./{name}"],
        cwd=module, capture_output=True, encoding="utf-8", timeout=BUILD_S_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return str(folder / name)


@pytest.mark.parametrize(
    "faults",
    [
        (),
        (
            "after RequestReceived#1 api=CreateTopics client_id=stranger: answer CreateTopics NOT_CONTROLLER x1 by anybody",
        ),
        (
            "after RequestReceived#1 api=OffsetCommit client_id=stranger: answer OffsetCommit NOT_COORDINATOR x1 by anybody",
        ),
        (
            "after RequestReceived#1 api=OffsetFetch client_id=stranger: pause coordinator(app)",
            "after BrokerPaused +400ms: resume b1,b2,b3",
        ),
        ("after RequestReceived#1 api=DescribeGroups client_id=stranger: reset 127.0.0.1 <-> *",),
    ],
    ids=["none", "controller-moved", "coordinator-moved", "coordinator-pauses", "connections-reset"],
)
def test_its_admin_client_brings_everything_about(module: Path, faults: tuple[str, ...]) -> None:
    admin = built(module, "admin", (MODULE / "admin.go").read_text())
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster:
        for fault in faults:
            Control(cluster.server.control_url).strike(fault)

        done = subprocess.run(
            [admin, cluster.bootstrap.partition(",")[0]], capture_output=True, text=True, timeout=END_S_MAX, check=False
        )

    assert done.returncode == 0, done
    said = done.stdout.splitlines()
    assert {"at 1", "group Empty", "groups [app]"} <= set(said)
    assert said[-1] == "delete group"


def test_two_programs_of_the_page_share_a_group_and_go_on_when_a_leader_crashes(module: Path) -> None:
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster, ExitStack() as ends:
        addresses = cluster.bootstrap.replace(",", '", "')
        orders = built(module, "orders", program("Go", bootstrap=addresses, rounds=ROUNDS))
        control = Control(cluster.server.control_url)
        control.strike("after RequestReceived#20 api=Produce: crash leader(orders-0)")
        both = [
            ends.enter_context(subprocess.Popen([orders], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            for _ in range(2)
        ]
        said = [one.communicate(timeout=END_S_MAX) for one in both]

        assert [one.returncode for one in both] == [0, 0], said
        assert [one.fate.value for one in control.faults()] == ["fired"]

    assert cluster.judgement.state is State.HOLDS
    assert cluster.judgement.acknowledged_records == 2 * ROUNDS


@pytest.mark.parametrize(
    ("is_turned", "state"), [(False, State.HOLDS), (True, State.VIOLATED)], ids=["idempotent", "plain"]
)
def test_the_duplicate_of_the_page_is_told_unless_the_producer_is_idempotent(
    module: Path, is_turned: bool, state: State
) -> None:
    with Served(STAGE, Serving(port=0, control_port=0)) as cluster:
        addresses = cluster.bootstrap.replace(",", '", "')
        text = program("Go", bootstrap=addresses, rounds=ROUNDS, is_turned=is_turned)
        orders = built(module, f"orders-{state.value}", text)
        Control(cluster.server.control_url).strike("drop Produce x1 by anybody then reset")
        done = subprocess.run([orders], capture_output=True, text=True, timeout=END_S_MAX, check=False)

    assert done.returncode == 0, done
    assert cluster.judgement.state is state
    assert (cluster.judgement.doubled_records >= 1) is (state is State.VIOLATED)
    assert cluster.judgement.lost_records == 0
