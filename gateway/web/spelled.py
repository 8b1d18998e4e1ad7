"""What the models of our answers have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Spelled(BaseModel):
    """Something that we say: nothing unknown, and nothing that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
