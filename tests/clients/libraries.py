"""The client libraries, by name."""

from __future__ import annotations

from tests.clients.aio import Aiokafka
from tests.clients.confluent import Confluent
from tests.clients.kafka_python import KafkaPython
from tests.clients.library import Library

LIBRARIES: tuple[Library, ...] = (Confluent(), KafkaPython(), Aiokafka())
