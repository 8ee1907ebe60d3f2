"""Blocks of rows on threads."""

from __future__ import annotations

import numpy as np
import pytest
import threadpoolctl

from coley.stats import threads
from coley.stats.threads import in_blocks, one_blas_thread


@pytest.mark.parametrize("available", [1, 2, 7])
@pytest.mark.parametrize(("count", "size"), [(0, 3), (1, 3), (3, 3), (10, 3), (12, 3)])
def test_every_row_is_visited_once_whatever_the_number_of_cores(
    monkeypatch: pytest.MonkeyPatch, available: int, count: int, size: int
) -> None:
    monkeypatch.setattr(threads, "cores", lambda: available)
    visits = np.zeros(count, dtype=int)

    def visit(rows: slice) -> None:
        assert rows.stop - rows.start <= size
        visits[rows] += 1

    in_blocks(visit, count, size=size)
    assert (visits == 1).all()


@pytest.mark.parametrize("available", [1, 3])
def test_the_first_block_that_fails_is_told_of(monkeypatch: pytest.MonkeyPatch, available: int) -> None:
    monkeypatch.setattr(threads, "cores", lambda: available)

    def fail(rows: slice) -> None:
        if rows.start >= 4:
            raise LookupError(rows.start)

    with pytest.raises(LookupError, match="4"):
        in_blocks(fail, 20, size=2)


def test_linear_algebra_is_kept_to_one_thread_and_let_go() -> None:
    def pools() -> list[int]:
        import scipy.linalg  # noqa: F401

        found = threadpoolctl.ThreadpoolController().select(user_api="blas").info()
        return [pool["num_threads"] for pool in found]

    before = pools()
    assert len(before) >= 1
    with one_blas_thread():
        assert set(pools()) == {1}
    assert pools() == before
    with pytest.raises(KeyError), one_blas_thread():
        raise KeyError
    assert pools() == before
