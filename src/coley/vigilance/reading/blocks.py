"""A stream to blocks of whole lines, in memory that does not grow with the file or with a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from numpy.typing import NDArray

_NEWLINE = 10
_PIECE = 1 << 20  # bytes read at a time


class Block(NamedTuple):
    """Whole lines, valid until the next block is asked for: bytes, number of the first line, number of lines."""

    data: NDArray[np.uint8]
    first_line: int
    n_lines: int


def blocks(
    stream: BinaryIO, size: int, longest: int, *, on_long: Callable[[int], None], first_line: int = 1
) -> Iterator[Block]:
    r"""Yield blocks of about `size` bytes that end where a line ends.

    A line of more than `longest` bytes that does not end within a block is passed over without being kept, and
    its number is given to `on_long`.

    Examples
    --------
    >>> from io import BytesIO
    >>> found = blocks(BytesIO(b"a$1\nb$2\nc$3"), 9, 8, on_long=print)
    >>> [(block.data.tobytes(), block.first_line) for block in found]
    [(b'a$1\nb$2\n', 1), (b'c$3', 3)]
    """
    buffer = bytearray(max(size, longest + 1))
    view = memoryview(buffer)
    held, line, passing = 0, first_line, False
    while True:
        got = _fill(stream, view, held, len(buffer))
        held += got
        ended = held < len(buffer)
        if passing:  # the rest of a line that is too long
            cut = buffer.find(b"\n", 0, held) + 1
            if cut:
                buffer[: held - cut] = buffer[cut:held]
                held, passing, line = held - cut, False, line + 1
                continue
            held = 0
            if ended:
                return
            continue
        cut = held if ended else buffer.rfind(b"\n", 0, held) + 1
        if cut:
            data = np.frombuffer(view[:cut], np.uint8)
            n_lines = int(np.count_nonzero(data == _NEWLINE)) + int(data[-1] != _NEWLINE)
            yield Block(data, line, n_lines)
            line += n_lines
            del data
        if ended:
            return
        rest = held - cut
        if rest > longest:
            on_long(line)
            held, passing = 0, True
            continue
        buffer[:rest] = buffer[cut:held]
        held = rest


def _fill(stream: BinaryIO, view: memoryview, start: int, stop: int) -> int:
    filled = start
    while filled < stop:
        got = stream.readinto(view[filled : min(filled + _PIECE, stop)])  # type: ignore[attr-defined]
        if not got:
            break
        filled += got
    return filled - start
