"""What a socket has no room for yet, however much it is, with either driver."""

import socket
import threading
import tracemalloc
from hashlib import sha256
from typing import Any

from producer.commands import Connect, Disconnect, Write
from tests.unit.producer.drivers.driving import both


@both
def test_what_the_socket_has_no_room_for_yet_waits_without_being_copied(drive: Any) -> None:
    frames = [bytes([number]) * 1_000_000 for number in range(16)]
    received = sha256()
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        drive(Connect(1, *listening.getsockname()), send_buffer_bytes=65_536) as driving,
    ):
        driving.hear("connected")
        peer, _ = listening.accept()

        def read() -> None:
            while data := peer.recv(65_536):
                received.update(data)

        reader = threading.Thread(target=read)
        tracemalloc.start()
        try:
            driving.do(*[Write(1, frame) for frame in frames], Disconnect(1))
            reader.start()
            driving.drive_until(lambda: not reader.is_alive())
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            peer.close()

    assert received.digest() == sha256(b"".join(frames)).digest()
    assert peak_bytes < len(frames[0])
