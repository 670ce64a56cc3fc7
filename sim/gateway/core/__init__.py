"""The gateway's protocol, sans-IO: bytes of a client in, bytes for its broker out, and back."""
