"""confluent-kafka and our façade of it, for tests whose bodies hold for both."""

from typing import Any

import confluent_kafka
import pytest

import producer.facades.confluent as facade

WAIT_S = 30

KINDS = [pytest.param(confluent_kafka, id="confluent_kafka"), pytest.param(facade, id="facade")]
both = pytest.mark.parametrize("kafka", KINDS)


def end(producer: Any) -> None:
    """Close without waiting: the original waits for what it still has, whatever timeout it is given."""
    producer.purge()
    producer.flush(WAIT_S)
    producer.close()
