from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from coley.vigilance.reading.blocks import blocks


@given(
    st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"x")), max_size=30),
    st.integers(10, 60),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_blocks_are_the_file_cut_between_lines(lines, size):
    text = b"\n".join(lines)
    line, pieces = 1, []
    for block in blocks(BytesIO(text), size, 9, on_long=lambda _: None):
        piece = block.data.tobytes()
        assert block.first_line == line
        assert block.n_lines == len(
            piece.splitlines() if b"\r" not in piece else piece.removesuffix(b"\n").split(b"\n")
        )
        line += block.n_lines
        pieces.append(piece)
    assert b"".join(pieces) == text
    assert all(piece.endswith(b"\n") for piece in pieces[:-1])


@given(st.lists(st.sampled_from([b"1$a", b"2$b", b"L" * 50]), min_size=1, max_size=12))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_long_lines_are_passed_over_by_number(lines):
    passed, kept, numbers = [], [], []
    for block in blocks(BytesIO(b"\n".join(lines)), 20, 19, on_long=passed.append):
        kept += block.data.tobytes().removesuffix(b"\n").split(b"\n")
        numbers += range(block.first_line, block.first_line + block.n_lines)
    assert passed == [number for number, line in enumerate(lines, 1) if len(line) == 50]
    assert kept == [line for line in lines if len(line) < 50]
    assert numbers == [number for number, line in enumerate(lines, 1) if len(line) < 50]


class Endless:
    """A line without an end, that counts what was asked of it."""

    def __init__(self, size):
        self.left, self.largest = size, 0

    def readinto(self, view):
        got = min(len(view), self.left)
        self.largest = max(self.largest, len(view))
        view[:got] = b"x" * got
        self.left -= got
        return got


def test_a_line_of_any_length_takes_the_memory_of_one_block():
    stream, passed = Endless(50_000_000), []
    assert list(blocks(stream, 1 << 16, 1 << 12, on_long=passed.append)) == []
    assert passed == [1]
    assert stream.left == 0
    assert stream.largest <= 1 << 16
