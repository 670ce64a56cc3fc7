"""FF1 of NIST SP 800-38G: encryption of digits of any radix into as many digits of that radix, over AES."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from producer.errors import UsageError

DOMAIN_MIN = 1_000_000
"""Fewer texts than this of one length can be tried out one by one (SP 800-38G, revision 1)."""
DIGITS_MAX = 4_096
"""Longer texts are refused: numbers of that size take long."""
RADIX_MAX = 1 << 16
ROUNDS = 10
BLOCK_BYTES = 16


class FF1:
    """One key and one radix. Immutable."""

    def __init__(self, key: bytes, radix: int) -> None:
        """Raises UsageError for a key that AES does not take, or a radix that FF1 does not."""
        if len(key) not in {16, 24, 32}:
            raise UsageError(f"FF1's key has {len(key)} bytes, must have 16, 24 or 32")
        if not 2 <= radix <= RADIX_MAX:
            raise UsageError(f"FF1's radix is {radix}, must be 2..{RADIX_MAX}")
        self._aes = algorithms.AES(key)
        self.radix = radix
        self.digits_min = next(size for size in range(2, 21) if radix**size >= DOMAIN_MIN)
        """So many digits a text needs at least."""

    def __repr__(self) -> str:
        return f"FF1(radix={self.radix})"

    def encrypt(self, digits: Sequence[int], tweak: bytes = b"") -> list[int]:
        """Give as many digits. Equal digits under an equal tweak are equal again. Raises UsageError for too few or too many."""
        left, right, rounds = self._begun(digits, tweak)
        for number in range(ROUNDS):
            size = rounds.left_size if number % 2 == 0 else rounds.right_size
            mixed = (_number(left, self.radix) + rounds.of(number, right)) % self.radix**size
            left, right = right, _digits(mixed, self.radix, size)
        return left + right

    def decrypt(self, digits: Sequence[int], tweak: bytes = b"") -> list[int]:
        """Give back what `encrypt` was given."""
        left, right, rounds = self._begun(digits, tweak)
        for number in reversed(range(ROUNDS)):
            size = rounds.left_size if number % 2 == 0 else rounds.right_size
            mixed = (_number(right, self.radix) - rounds.of(number, left)) % self.radix**size
            left, right = _digits(mixed, self.radix, size), left
        return left + right

    def _begun(self, digits: Sequence[int], tweak: bytes) -> tuple[list[int], list[int], _Rounds]:
        count = len(digits)
        if not self.digits_min <= count <= DIGITS_MAX:
            raise UsageError(
                f"FF1 was given {count} digits of radix {self.radix}, takes {self.digits_min}..{DIGITS_MAX}"
            )
        if any(not 0 <= digit < self.radix for digit in digits):
            raise UsageError(f"FF1 was given what is no digit of radix {self.radix}")
        half = count // 2
        return list(digits[:half]), list(digits[half:]), _Rounds(self._aes, self.radix, count, tweak)


class _Rounds:
    """The function of each round, for texts of one length under one tweak (algorithm 7, steps 1 to 6.v)."""

    def __init__(self, aes: algorithms.AES, radix: int, count: int, tweak: bytes) -> None:
        self.left_size = count // 2
        self.right_size = count - self.left_size
        self._aes = aes
        self._radix = radix
        self._tweak = tweak
        self._number_bytes = ((radix**self.right_size - 1).bit_length() + 7) // 8
        self._bytes = 4 * -(-self._number_bytes // 4) + 4
        self._head = (
            bytes((1, 2, 1))
            + radix.to_bytes(3)
            + bytes((ROUNDS, self.left_size % 256))
            + count.to_bytes(4)
            + len(tweak).to_bytes(4)
        )

    def of(self, number: int, digits: Sequence[int]) -> int:
        """Give what a round adds."""
        padding = bytes(-(len(self._tweak) + self._number_bytes + 1) % BLOCK_BYTES)
        said = _number(digits, self._radix).to_bytes(self._number_bytes)
        mixed = self._mac(self._head + self._tweak + padding + bytes((number,)) + said)
        blocks = [mixed]
        counters = (number.to_bytes(BLOCK_BYTES) for number in range(1, -(-self._bytes // BLOCK_BYTES)))
        blocks += [self._block(bytes(a ^ b for a, b in zip(mixed, one, strict=True))) for one in counters]
        return int.from_bytes(b"".join(blocks)[: self._bytes])

    def _mac(self, data: bytes) -> bytes:
        """CBC-MAC: the last block under a vector of zeros, as the standard's PRF."""
        encryptor = Cipher(self._aes, modes.CBC(bytes(BLOCK_BYTES))).encryptor()
        return (encryptor.update(data) + encryptor.finalize())[-BLOCK_BYTES:]

    def _block(self, data: bytes) -> bytes:
        encryptor = Cipher(self._aes, modes.ECB()).encryptor()  # noqa: S305 - single blocks, as the standard has it
        return encryptor.update(data) + encryptor.finalize()


def _number(digits: Sequence[int], radix: int) -> int:
    number = 0
    for digit in digits:
        number = number * radix + digit
    return number


def _digits(number: int, radix: int, size: int) -> list[int]:
    digits = [0] * size
    for place in range(size - 1, -1, -1):
        number, digits[place] = divmod(number, radix)
    return digits
