"""What only the selector's driver can do wrong: waking, from another thread."""

import threading

from producer.drivers.sockets import SocketDriver
from tests.unit.producer.drivers.notes import WAIT_S, Notes


def test_a_deadline_rings_and_a_wake_ends_the_wait() -> None:
    machine = Notes()
    driver = SocketDriver(machine)
    machine.deadline_us = 0
    driver.poll()
    assert machine.heard == [("timer", 0, None)]

    waker = threading.Thread(target=driver.wake)
    waker.start()
    driver.poll()
    waker.join(WAIT_S)
    driver.close()
