"""Every machine, all states by all inputs: what the table names moves, everything else raises and changes nothing."""

import importlib
import pkgutil
import random
import re
import ssl
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import pytest

import producer
from producer.client import identity, link_state
from producer.client.broker_link import BrokerLink
from producer.client.identity import Identity
from producer.client.sasl import exchange, scram
from producer.client.sasl.exchange import SaslExchange
from producer.client.sasl.mechanism import SaslSettings
from producer.client.sasl.scram import Scram
from producer.config.config import ProducerConfig
from producer.drivers import connection, tls_channel
from producer.drivers.tls_channel import TlsChannel
from producer.engine import batch
from producer.engine.batch import Batch
from producer.engine.engine import Engine
from producer.errors import IllegalTransitionError
from producer.records import TopicPartition
from producer.transactions import state
from sim.clients.consumer import reader
from sim.clients.consumer.reader import PartitionReader
from tests.unit.producer.drivers.tape import Tape


class Machine(Protocol):
    state: Any

    def feed(self, given: Any) -> None: ...


def a_batch() -> Machine:
    return Batch(number=1, partition=TopicPartition("t", 0), created_us=0, reserved_bytes=0, first_timestamp_ms=0)


def a_link() -> Machine:
    return BrokerLink(node_id=1, host="b1", port=9092, client_id="c")


def an_exchange() -> Machine:
    return SaslExchange(SaslSettings("PLAIN", "alice", "secret"), address="b1:9092")


def a_scram() -> Machine:
    return Scram("sha256", "alice", "secret", nonce="n")


def a_connection() -> Machine:
    return Tape()


def a_channel() -> Machine:
    return TlsChannel(ssl.create_default_context(), "b1")


def a_transaction() -> Machine:
    config = ProducerConfig.from_properties({"bootstrap.servers": "b1:9092", "transactional.id": "t"})
    transactions = Engine(config, chance=random.Random(1), now_us=0)._transactions
    assert transactions is not None
    return transactions


def a_reader() -> Machine:
    return PartitionReader(TopicPartition("t", 0), begin_at=-2, wants_end=True)


MACHINES: list[tuple[Callable[[], Machine], type[Enum], type[Enum], dict[Any, Any]]] = [
    (a_batch, batch.BatchState, batch.BatchInput, batch.TRANSITIONS),
    (Identity, identity.IdentityState, identity.IdentityInput, identity.TRANSITIONS),
    (a_link, link_state.LinkState, link_state.LinkInput, link_state.TRANSITIONS),
    (an_exchange, exchange.SaslState, exchange.SaslInput, exchange.TRANSITIONS),
    (a_scram, scram.ScramState, scram.ScramInput, scram.TRANSITIONS),
    (a_connection, connection.ConnectionState, connection.ConnectionInput, connection.TRANSITIONS),
    (a_channel, tls_channel.TlsState, tls_channel.TlsInput, tls_channel.TRANSITIONS),
    (a_transaction, state.TransactionState, state.TransactionInput, state.TRANSITIONS),
    (a_reader, reader.ReadState, reader.ReadInput, reader.TRANSITIONS),
]
PAIRS = [
    pytest.param(make, state, given, table, id=f"{states.__name__}-{state.name}-{given.name}")
    for make, states, inputs, table in MACHINES
    for state in states
    for given in inputs
]


@pytest.mark.parametrize(("make", "state", "given", "table"), PAIRS)
def test_a_pair_moves_as_the_table_says_or_raises_and_changes_nothing(
    make: Callable[[], Machine], state: Enum, given: Enum, table: dict[Any, Any]
) -> None:
    machine = make()
    machine.state = state

    if (state, given) in table:
        machine.feed(given)
        assert machine.state is table[state, given]
    else:
        with pytest.raises(IllegalTransitionError, match=given.name):
            machine.feed(given)
        assert machine.state is state


@pytest.mark.parametrize(("make", "states", "inputs", "table"), MACHINES)
def test_every_state_can_be_reached_and_every_input_is_used(
    make: Callable[[], Machine], states: type[Enum], inputs: type[Enum], table: dict[Any, Any]
) -> None:
    first = make().state

    assert {state for state in states if state is not first} <= set(table.values())
    assert set(inputs) == {given for _, given in table}


def test_every_table_of_the_producer_is_among_them() -> None:
    names = [found.name for found in pkgutil.walk_packages(producer.__path__, "producer.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]

    tables = [module.TRANSITIONS for module in modules if hasattr(module, "TRANSITIONS")]

    enumerated = [table for _, _, _, table in MACHINES]
    assert all(any(table is one for one in enumerated) for table in tables)
    assert len(tables) == len(enumerated) - 1, "the consumer's is the simulator's"


def test_no_machine_of_the_producer_is_moved_past_its_table() -> None:
    root = Path(producer.__path__[0])

    moved_by_hand = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in sorted(root.rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.search(r"(?<!self)\.state = ", line)
    ]

    assert moved_by_hand == []
