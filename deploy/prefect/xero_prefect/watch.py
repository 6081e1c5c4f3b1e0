"""Starts a run of a shard, and notices when its worker is dead."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from prefect import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment as start_deployment
from prefect.logging import get_run_logger
from prefect.states import Crashed

from . import database

POLL_SECONDS = 2.0
# A run is alive if it has written to the database within this time. It does so every five seconds.
DEAD_SECONDS = 60.0
# A worker starts a run that it took within this time, or it is dead.
START_SECONDS = 180.0
# Errors of a server or a database that restarts.
RESTARTS = (httpx.HTTPError, psycopg.OperationalError, OSError)


@dataclass(frozen=True)
class Ended:
    """How a run of a shard ended."""

    state: str
    outcome: str | None = None
    errors: list[str] = field(default_factory=list)


async def positions(url: str, tenants: list[str]) -> str:
    def read() -> str:
        with database.connect(url) as connection:
            return database.positions(connection, tenants)

    return await asyncio.to_thread(read)


async def run_deployment(url: str, name: str, parameters: dict[str, Any]) -> Ended:
    """Runs a deployment and returns when it has ended, or when its worker is dead."""
    started: Any = await start_deployment(name, parameters=parameters, timeout=0)  # type: ignore[misc]
    run: FlowRun = started
    watched = Watch(url, run)
    while True:
        await asyncio.sleep(POLL_SECONDS)
        try:
            ended = await watched.look()
        except RESTARTS as error:
            get_run_logger().warning("cannot see the run %s: %s", run.name, type(error).__name__)
        else:
            if ended is not None:
                return ended


class Watch:
    def __init__(self, url: str, run: FlowRun) -> None:
        self._url = url
        self._run = run
        self._taken_at: float | None = None

    async def look(self) -> Ended | None:
        """Returns `None` while the run waits or lasts."""
        async with get_client() as client:
            state = (await client.read_flow_run(self._run.id)).state
            if state is None or state.is_scheduled():
                return None
            known = await asyncio.to_thread(self._known)
            if state.is_final():
                if known is None:
                    return Ended(state.name or state.type.value, None, [state.message or ""])
                return Ended(state.name or state.type.value, known.outcome, known.errors)
            if not self._is_dead(known):
                return None
            crashed: Any = Crashed(message="The worker of this run is dead.")
            await client.set_flow_run_state(self._run.id, crashed, force=True)
            return Ended("Crashed", None, ["its worker is dead"])

    def _known(self) -> database.Run | None:
        with database.connect(self._url) as connection:
            return database.run(connection, str(self._run.id))

    def _is_dead(self, known: database.Run | None) -> bool:
        if known is not None:
            return known.seconds_since_seen > DEAD_SECONDS
        now = asyncio.get_running_loop().time()
        self._taken_at = self._taken_at or now
        return now - self._taken_at > START_SECONDS
