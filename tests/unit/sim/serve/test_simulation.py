"""The world behind the sockets: what comes in at one instant is worked off one by one, and a journal of it runs again."""

from io import StringIO

from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages.metadata import MetadataRequest
from sim.serve.inputs import Connected, Ended, Input, Received
from sim.serve.journal import Answers, End, Journal, WrittenJournal
from sim.serve.replay import replay
from sim.serve.simulation import Simulation
from sim.serve.stage import Stage

STAGE = Stage(topics=("orders:3:3",))
VERSION = 9


def request(correlation_id: int) -> bytes:
    body = encode(MetadataRequest(topics=None), VERSION)
    return api.encode_request(ApiKey.METADATA, VERSION, correlation_id, "by-hand", body)


def began(answers: Answers) -> Simulation:
    simulation = Simulation(STAGE, answers)
    simulation.settle()
    simulation.begin()
    return simulation


def test_what_follows_from_an_input_at_its_instant_is_done_before_the_next_input() -> None:
    simulation = began(Answers())
    inputs: tuple[Input, ...] = (Connected(1, "127.0.0.1", 1), Received(1, request(1)), Ended(1, is_reset=False))

    for given in inputs:
        simulation.take(given)

        assert simulation.world.next_due_us > simulation.world.now_us


def test_inputs_that_came_at_one_instant_run_again_in_their_order() -> None:
    written, answers = StringIO(), Answers()
    journal = Journal(written)
    simulation = began(answers)
    journal.begin(STAGE, "0")
    inputs: list[Input] = [Connected(number, "127.0.0.1", number) for number in (3, 2, 1)]
    inputs += [Received(number, request(number)) for number in (3, 2, 1)]
    for given in inputs:
        journal.write(simulation.world.now_us, given)
        simulation.take(given)
    simulation.world.run_until(simulation.world.now_us + 100_000)
    journal.end(End(simulation.world.now_us, simulation.trace.digest(), answers.digest()))

    again = replay(WrittenJournal(StringIO(written.getvalue())))

    assert answers.bytes > 0
    assert again.is_same


def test_a_fault_of_links_that_no_one_uses_any_more_leaves_with_the_last_connection() -> None:
    simulation = began(Answers())
    simulation.take(Connected(1, "127.0.0.9", 1))
    assert "127.0.0.9" in simulation.cluster.network.hosts

    simulation.take(Ended(1, is_reset=True))

    assert simulation.gate.connections == 0
    assert "127.0.0.9" not in simulation.cluster.network.hosts
