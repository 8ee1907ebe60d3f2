"""What every table of a model file shares: it is frozen, and unknown words and infinite numbers are refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of every table of a model file."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
