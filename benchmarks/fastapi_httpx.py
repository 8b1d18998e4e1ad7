"""C: FastAPI and httpx with their defaults, as a user would write the fan-out. `python -m benchmarks.fastapi_httpx`."""

# No `from __future__ import annotations`: FastAPI reads the annotations of functions inside functions.

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Person(BaseModel):
    """Somebody."""

    citizen_id: str
    name: str


class Question(BaseModel):
    """What the counter sends; the rest of it is ignored."""

    case_number: str
    subject: Person
    guardian: Person | None = None


def application(plan: dict[str, list[list[dict[str, str]]]]) -> FastAPI:
    """One route for each workload."""
    clients: dict[str, httpx.AsyncClient] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient() as client:
            clients["http"] = client
            yield

    app = FastAPI(lifespan=lifespan)

    async def one(call: dict[str, str]) -> int:
        reply = await clients["http"].post(
            call["url"], content=call["body"], headers={"Content-Type": call["type"]}, timeout=60
        )
        return reply.status_code

    @app.post("/{workload}")
    async def fan_out(workload: str, question: Question) -> dict[str, Any]:
        statuses: list[int] = []
        for calls in plan[workload]:
            statuses += await asyncio.gather(*(one(call) for call in calls))
        return {"answered": statuses.count(200)}

    return app


if __name__ == "__main__":
    served = application(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    uvicorn.run(served, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
