"""What reading may take: each limit with its reason."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Literal

from coley.model.errors import InvalidSetting

MEBI = 1 << 20


def _workers() -> int:
    return max(1, min(4, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of memory, of trust in archives, and what to do with a quarter that is not whole.

    Attributes
    ----------
    block_bytes
        Text held at a time by each worker. 8 MiB stay near the processor, which makes reading a fifth faster than
        with 32, and give row groups of some 50,000 to 200,000 rows.
    line_bytes
        The longest line; those of FAERS stay below 10 kB, so 1 MiB is no line of a table.
    archive_ratio
        How many times its size a member of an archive may unpack to. FAERS text shrinks about tenfold; deflate
        could reach 1,032.
    archive_ratio_from
        Bytes up to which the ratio does not matter, for a short text of one letter harms nobody.
    member_bytes
        The most that one file may hold unpacked. The largest quarterly file of FAERS is below 1 GiB.
    workers
        Files read at a time.
    incomplete
        A quarter without DEMO, DRUG or REAC: `refuse` it, or `read` what is there.
    examples
        How many line numbers are kept for each reason.
    """

    block_bytes: int = 8 * MEBI
    line_bytes: int = MEBI
    archive_ratio: float = 200.0
    archive_ratio_from: int = 16 * MEBI
    member_bytes: int = 64 << 30
    workers: int = field(default_factory=_workers)
    incomplete: Literal["refuse", "read"] = "refuse"
    examples: int = 5

    def __post_init__(self) -> None:
        largest = 1 << 30  # positions within a block are 32-bit numbers
        if not 0 < self.line_bytes <= self.block_bytes <= largest or self.workers < 1:
            raise InvalidSetting(
                f"Blocks of {self.block_bytes:,} bytes, lines of {self.line_bytes:,} and {self.workers} workers do "
                "not go together.",
                remedy=f"At least one worker, and lines no longer than blocks, blocks of at most {largest:,} bytes.",
            )
