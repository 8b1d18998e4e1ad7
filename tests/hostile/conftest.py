from __future__ import annotations

from tests.web.conftest import door

__all__ = ["door"]
