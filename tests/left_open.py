"""What kafka-python leaves behind in a test's own process, collected where nobody hears of it.

It never closes the socket of a connection that was refused: the garbage collector does, and warns, in whichever test runs
then. In that warning the socket's address is 0.0.0.0, for it was connected twice.
"""

import gc
import logging
import warnings
from typing import Any

import kafka

THREAD_S_MAX = 30

# pytest keeps what is logged until a test is over, in that the error, and in the error's frames the socket, which could not
# be collected before. Whether a logger propagates makes no difference to pytest.
logging.getLogger(kafka.__name__).setLevel(logging.CRITICAL + 1)


def end(producer: Any, timeout_s: float) -> None:
    """Close, and wait for the thread of kafka-python's, which holds its sockets and would go on connecting."""
    producer.close(timeout_s)
    if isinstance(producer, kafka.KafkaProducer):
        producer._sender.join(THREAD_S_MAX)


def collect() -> None:
    """Call it when nobody holds a client any more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
