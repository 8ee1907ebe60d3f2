import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.vigilance.reading import kernels


def parse(kernel, fields):
    data = "$".join(fields).encode()
    stops = np.cumsum([len(field.encode()) + 1 for field in fields]).astype(np.int32) - 1
    starts = np.concatenate([[0], stops[:-1] + 1]).astype(np.int32)
    block = np.frombuffer(data + b"$", np.uint8)
    first, last, _ = kernels.trim(block, starts, stops)
    values, state = kernel(block, first, last)
    return [value if s == kernels.READ else None for value, s in zip(values.tolist(), state, strict=True)]


@given(st.binary(max_size=12))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_utf8_is_what_python_decodes(data):
    try:
        data.decode("utf-8")
        valid = True
    except UnicodeDecodeError:
        valid = False
    assert kernels.is_utf8(np.frombuffer(data + b"x", np.uint8), 0, len(data)) == valid


@pytest.mark.parametrize(
    "data",
    [
        b"\xc0\x80",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"\x80",
        b"\xf0\x80\x80\x80",
        b"\xff",
    ],
)
def test_overlong_surrogate_and_cut_sequences_are_not_utf8(data):
    assert not kernels.is_utf8(np.frombuffer(data + b"$", np.uint8), 0, len(data))


@pytest.mark.parametrize("text", ["é", "日本", "𝄞", "\U0010ffff", "\u0800", "\ud7ff", "\ue000"])
def test_the_ends_of_each_range_are_utf8(text):
    data = text.encode()
    assert kernels.is_utf8(np.frombuffer(data, np.uint8), 0, len(data))


def test_dates_of_any_precision():
    given_ = ["2017", "201706", "20170630", " 20170630 ", "", "20160229", "20000229"]
    assert parse(kernels.date, given_) == [2017, 201706, 20170630, 20170630, None, 20160229, 20000229]


@pytest.mark.parametrize(
    "wrong",
    [
        "20170631",
        "20170229",
        "19000229",
        "0002017",
        "201713",
        "201700",
        "1066",
        "2117",
        "20170",
        "2017063",
        "2017-06-30",
        "x",
    ],
)
def test_what_is_no_day_is_no_date(wrong):
    assert parse(kernels.date, [wrong]) == [None]


@given(st.lists(st.decimals(-(10**6), 10**6, places=3).map(str), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_numbers_are_those_of_python(texts):
    assert parse(kernels.number, texts) == pytest.approx([float(text) for text in texts], rel=1e-15)


@pytest.mark.parametrize("wrong", [".", "-", "1,5", "1.2.3", "1e3", "12 3", "nan", "9" * 19])
def test_what_is_no_number_is_null(wrong):
    assert parse(kernels.number, [wrong]) == [None]


def test_whole_numbers_keep_18_digits_and_refuse_more():
    largest = "9" * 18
    assert parse(kernels.whole, [largest, "9" * 19, "-1", "1.0", "007"]) == [
        int(largest),
        None,
        None,
        None,
        7,
    ]


def test_lines_are_sorted_by_what_is_wrong_with_them():
    lines = [
        b"1$a$b", b"2$a$b$", b"3$a", b"4$a$b$c", b"x$a$b", b"5$a\0$b", b"", b"6$\xe9$b", b"7$a$b\r", b" 8 $a$",
        b"9$" + b"a" * 90 + b"$b",
    ]  # fmt: skip
    block = np.frombuffer(b"\n".join(lines), np.uint8)
    slots = np.array([0, -1, 1], np.int16)
    starts, stops, rows, odd = kernels.split(block, ord("$"), slots, 2, len(lines), 80)
    assert rows.tolist() == [0, 1, 8, 9]
    second = [block[i:j].tobytes() for i, j in zip(starts[1], stops[1], strict=True)]
    assert second == [b"b", b"b", b"b", b""]
    assert odd[:, [0, 3]].tolist() == [
        [2, kernels.FEWER], [3, kernels.MORE], [4, kernels.BAD_KEY], [5, kernels.ZERO_BYTE], [6, kernels.BLANK],
        [7, kernels.NOT_UTF8], [10, kernels.TOO_LONG],
    ]  # fmt: skip
