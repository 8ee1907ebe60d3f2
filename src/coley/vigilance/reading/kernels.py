"""Loops over bytes, compiled: lines to fields, fields to text, whole numbers, dates and numbers."""

from __future__ import annotations

import numpy as np
from numba import njit

# What became of a line.
GOOD, BLANK, FEWER, MORE, BAD_KEY, ZERO_BYTE, TOO_LONG, NOT_UTF8 = range(8)
# What became of a field.
EMPTY, READ, WRONG = range(3)

_NEWLINE, _RETURN, _SPACE = 10, 13, 32
_ZERO, _NINE = 48, 57
_MOST_DIGITS = 18  # of a whole number that surely fits into 64 bits
_EARLIEST, _LATEST = 1900, 2100  # years outside are slips of the keyboard


@njit(cache=True, nogil=True)
def is_utf8(block, start, stop):  # type: ignore[no-untyped-def]
    """Return whether these bytes are well-formed UTF-8 (Unicode standard, table 3-7)."""
    i = start
    while i < stop:
        c = block[i]
        if c < 0x80:
            i += 1
            continue
        low, high = 0x80, 0xBF
        if 0xC2 <= c <= 0xDF:
            more = 1
        elif 0xE0 <= c <= 0xEF:
            more = 2
            if c == 0xE0:
                low = 0xA0
            elif c == 0xED:
                high = 0x9F
        elif 0xF0 <= c <= 0xF4:
            more = 3
            if c == 0xF0:
                low = 0x90
            elif c == 0xF4:
                high = 0x8F
        else:
            return False
        if i + more >= stop:
            return False
        if block[i + 1] < low or block[i + 1] > high:
            return False
        for j in range(2, more + 1):
            if block[i + j] < 0x80 or block[i + j] > 0xBF:
                return False
        i += more + 1
    return True


@njit(cache=True, nogil=True)
def _is_key(block, start, stop):  # type: ignore[no-untyped-def]
    while start < stop and block[start] <= _SPACE:
        start += 1
    while stop > start and block[stop - 1] <= _SPACE:
        stop -= 1
    if stop == start or stop - start > _MOST_DIGITS:
        return False
    for i in range(start, stop):  # noqa: SIM110  # compiled, and a generator is not
        if block[i] < _ZERO or block[i] > _NINE:
            return False
    return True


@njit(cache=True, nogil=True)
def split(block, delimiter, slots, n_slots, n_lines, longest):  # type: ignore[no-untyped-def]
    """Return where the wanted fields of each good line lie, and which lines are not good.

    A line is good if it has as many fields as `slots`, or one more that is empty; its first field is a number.
    Returns bounds of fields (n_slots, n_good), the number of each good line within the block from 0, and for
    the other lines their number, bounds and status.
    """
    starts = np.empty((n_slots, n_lines), np.int32)
    stops = np.empty((n_slots, n_lines), np.int32)
    rows = np.empty(n_lines, np.int32)
    odd = np.empty((n_lines, 4), np.int32)
    n_fields = len(slots)
    good = bad = line = 0
    position, end = 0, len(block)
    while position < end:
        first = position
        field = 0
        field_start = position
        bits = np.uint8(0)
        zero = False
        while position < end:
            c = block[position]
            if c == _NEWLINE:
                break
            if c == delimiter:
                if field < n_fields and slots[field] >= 0:
                    starts[slots[field], good] = field_start
                    stops[slots[field], good] = position
                field += 1
                field_start = position + 1
            bits |= c
            zero |= c == 0
            position += 1
        stop = position
        position += 1
        if stop > first and block[stop - 1] == _RETURN:
            stop -= 1
        if field < n_fields and slots[field] >= 0:
            starts[slots[field], good] = min(field_start, stop)
            stops[slots[field], good] = stop
        status = GOOD
        if position - 1 - first > longest:
            status = TOO_LONG
        elif stop == first:
            status = BLANK
        elif zero:
            status = ZERO_BYTE
        elif field < n_fields - 1:
            status = FEWER
        elif field > n_fields or (field == n_fields and field_start < stop):
            status = MORE
        elif not _is_key(block, starts[0, good], stops[0, good]):
            status = BAD_KEY
        elif bits & 0x80 and not is_utf8(block, first, stop):
            status = NOT_UTF8
        if status == GOOD:
            rows[good] = line
            good += 1
        else:
            odd[bad, 0], odd[bad, 1], odd[bad, 2], odd[bad, 3] = line, first, stop, status
            bad += 1
        line += 1
    return starts[:, :good], stops[:, :good], rows[:good], odd[:bad]


@njit(cache=True, nogil=True)
def trim(block, starts, stops):  # type: ignore[no-untyped-def]
    """Return the bounds of one field in each line without blanks about it, and the bytes of all."""
    n = len(starts)
    first, last = np.empty(n, np.int32), np.empty(n, np.int32)
    total = 0
    for row in range(n):
        i, j = starts[row], stops[row]
        while i < j and block[i] <= _SPACE:
            i += 1
        while j > i and block[j - 1] <= _SPACE:
            j -= 1
        first[row], last[row] = i, j
        total += j - i
    return first, last, total


@njit(cache=True, nogil=True)
def gather(block, first, last, total):  # type: ignore[no-untyped-def]
    """Return the fields one after another, where each begins, and a bit for each that is not empty."""
    n = len(first)
    data = np.empty(total, np.uint8)
    offsets = np.empty(n + 1, np.int32)
    valid = np.zeros((n + 7) // 8, np.uint8)
    offsets[0] = 0
    k = 0
    for row in range(n):
        for i in range(first[row], last[row]):
            data[k] = block[i]
            k += 1
        offsets[row + 1] = k
        if last[row] > first[row]:
            valid[row >> 3] |= np.uint8(1 << (row & 7))
    return data, offsets, valid


@njit(cache=True, nogil=True)
def whole(block, first, last):  # type: ignore[no-untyped-def]
    """Return whole numbers and what became of each field."""
    n = len(first)
    values, state = np.zeros(n, np.int64), np.zeros(n, np.uint8)
    for row in range(n):
        length = last[row] - first[row]
        if length == 0:
            continue
        value, state[row] = np.int64(0), READ
        if length > _MOST_DIGITS:
            state[row] = WRONG
            continue
        for i in range(first[row], last[row]):
            digit = block[i] - _ZERO
            if digit < 0 or digit > 9:
                state[row] = WRONG
                break
            value = value * 10 + digit
        values[row] = value if state[row] == READ else 0
    return values, state


@njit(cache=True, nogil=True)
def is_date(value):  # type: ignore[no-untyped-def]
    """Return whether a whole number is a year, a year and month, or a day of the calendar."""
    day, month, year = 1, 1, value
    if value > 9_999_999:
        year, month, day = value // 10_000, value // 100 % 100, value % 100
    elif value > 99_999:
        year, month = value // 100, value % 100
    if year < _EARLIEST or year > _LATEST or month < 1 or month > 12 or day < 1:
        return False
    days = 31
    if month == 2:
        days = 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    elif month in (4, 6, 9, 11):
        days = 30
    return day <= days


@njit(cache=True, nogil=True)
def date(block, first, last):  # type: ignore[no-untyped-def]
    """Return dates as whole numbers of 4, 6 or 8 digits, and what became of each field."""
    values, state = whole(block, first, last)
    for row in range(len(first)):
        if state[row] != READ:
            continue
        length = last[row] - first[row]
        if length not in (4, 6, 8) or not is_date(values[row]):
            values[row], state[row] = 0, WRONG
    return values, state


@njit(cache=True, nogil=True)
def number(block, first, last):  # type: ignore[no-untyped-def]
    """Return decimal numbers, and what became of each field."""
    n = len(first)
    values, state = np.zeros(n), np.zeros(n, np.uint8)
    for row in range(n):
        i, stop = first[row], last[row]
        if i == stop:
            continue
        state[row] = READ
        sign = 1.0
        if block[i] == 45 or block[i] == 43:  # minus, plus
            sign = -1.0 if block[i] == 45 else 1.0
            i += 1
        mantissa, scale, digits, point = 0.0, 1.0, 0, False
        while i < stop:
            c = block[i]
            if c == 46 and not point:
                point = True
            elif _ZERO <= c <= _NINE and digits < _MOST_DIGITS:
                mantissa = mantissa * 10.0 + (c - _ZERO)
                digits += 1
                if point:
                    scale *= 10.0
            else:
                state[row] = WRONG
                break
            i += 1
        if digits == 0:
            state[row] = WRONG
        if state[row] == READ:
            values[row] = sign * mantissa / scale
    return values, state


@njit(cache=True, nogil=True)
def are_dates(values):  # type: ignore[no-untyped-def]
    """Return which whole numbers are dates."""
    good = np.empty(len(values), np.bool_)
    for row in range(len(values)):
        good[row] = is_date(values[row])
    return good
