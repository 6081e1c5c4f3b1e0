"""The two flows: `xero-shard` loads one shard on any worker, `xero-sync` runs all shards."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.concurrency.asyncio import concurrency

from . import database, plan, watch
from .connector import load_shard
from .loader import Progress

ORGANISATIONS_LIMIT = "xero-organisations"
SHARD_DEPLOYMENT = "xero-shard/workers"
# The length of the windows in which Xero counts the calls of an app.
WINDOW_SECONDS = 60.0
# Between the runs of a shard: the database must notice that the last one is gone.
PAUSE_SECONDS = 15.0
# After an outage or a limit of Xero, with a pause before each.
OUTAGE_STARTS = 3
SHOW_SECONDS = 5.0
KEEP_TOKEN_SECONDS = 300.0


class Incomplete(Exception):
    """Some streams of a shard are not complete."""


class Stuck(Exception):
    """A run of a shard ended without an outcome and without progress."""


def database_url() -> str:
    return os.environ["XERO_DATABASE_URL"]


def outage_seconds() -> float:
    """The pause before a shard is started again after an outage or a limit of Xero."""
    return float(os.environ.get("XERO_OUTAGE_SECONDS", "120"))


@flow(name="xero-shard", flow_run_name="shard-{shard}", log_prints=False)
def shard_flow(shard: int) -> str:
    """Loads one shard. Fails if its streams are not complete."""
    shown = ShownProgress(shard)
    run_id = str(runtime.flow_run.id)
    outcome, progress = load_shard(database_url(), shard, run_id, shown.show)
    shown.end(progress, outcome)
    if outcome != "complete":
        raise Incomplete("; ".join(progress.errors) or "the connector was stopped")
    return outcome


class ShownProgress:
    """The artifacts of a run. That they cannot be shown never ends the run."""

    def __init__(self, shard: int) -> None:
        self._shard = shard
        self._shown_at = 0.0
        self._artifact: UUID | None = None

    def show(self, progress: Progress) -> None:
        if time.monotonic() - self._shown_at < SHOW_SECONDS:
            return
        self._shown_at = time.monotonic()
        self._update(progress)

    def end(self, progress: Progress, outcome: str) -> None:
        self._update(progress)
        try:
            create_markdown_artifact(markdown=table_of(progress, outcome), key=f"shard-{self._shard}-streams")
        except Exception as error:
            get_run_logger().warning("cannot show the streams: %s", error)

    def _update(self, progress: Progress) -> None:
        done = sum(status in ("COMPLETE", "INCOMPLETE") for status in progress.streams.values())
        percent = 100.0 * done / max(progress.stream_count, 1)
        text = f"{progress.row_count} rows, {done} of {progress.stream_count} streams"
        try:
            if self._artifact is None:
                created: Any = create_progress_artifact(
                    progress=percent, key=f"shard-{self._shard}", description=text
                )
                self._artifact = created
            else:
                update_progress_artifact(self._artifact, progress=percent, description=text)
        except Exception as error:
            get_run_logger().warning("cannot show the progress: %s", error)


def table_of(progress: Progress, outcome: str) -> str:
    head = f"{outcome}, {progress.row_count} rows\n\n"
    errors = "".join(f"- {error}\n" for error in progress.errors)
    lines = [f"| {name} | {status} |" for name, status in sorted(progress.streams.items())]
    return head + errors + "\n| Stream | Status |\n|---|---|\n" + "\n".join(lines)


@flow(name="xero-sync")
async def sync_flow(
    config: str,
    shards: int,
    organisations_at_once: int,
    streams: str | None = None,
    calls: str | None = None,
) -> None:
    """Reads all organisations of a config once. Runs where the config file is.

    config: path of the config file that has the refresh token.
    shards: number of shards.
    organisations_at_once: the limit of the concurrency limit `xero-organisations`.
    streams: names of streams, separated by commas. Default: all streams of `xero-source catalog`.
    calls: path of what `xero-source estimate --json` printed, which makes the shards even.
    """
    url = database_url()
    with database.connect(url) as connection:
        database.create(connection)
        await keep_token(url, config)
        await asyncio.to_thread(plan.save_catalog, connection, streams)
        answer = await asyncio.to_thread(plan.save_shards, connection, config, shards, calls)
    plan.check_fits(answer, organisations_at_once)
    keeper = asyncio.create_task(keep_token_until_cancelled(url, config))
    try:
        runs = [run_shard(it["shard"], [t["id"] for t in it["tenants"]]) for it in answer["shards"]]
        results = await asyncio.gather(*runs, return_exceptions=True)
    finally:
        keeper.cancel()
    failures = [str(result) for result in results if isinstance(result, BaseException)]
    overview = plan.overview(answer, results)
    await create_markdown_artifact(markdown=overview, key="xero-sync")  # type: ignore[misc]
    if failures:
        raise Incomplete("\n".join(failures))


@task(name="token", retries=5, retry_delay_seconds=20, cache_policy=NO_CACHE)
async def keep_token(url: str, config: str) -> None:
    """Saves an access token for the workers. Nothing else spends the refresh token."""
    access = await asyncio.to_thread(plan.access, config)
    with database.connect(url) as connection:
        database.save_access(connection, access)


async def keep_token_until_cancelled(url: str, config: str) -> None:
    while True:
        await asyncio.sleep(KEEP_TOKEN_SECONDS)
        try:
            await keep_token(url, config)
        except Exception as error:
            get_run_logger().error("no new access token: %s", error)


def retries_stuck(_task: Any, _run: Any, state: Any) -> bool:
    """Retries a shard whose run was killed or whose token ended, not one that Xero refuses."""
    return not isinstance(state.data, Incomplete)


@task(
    name="shard",
    task_run_name="shard-{shard}",
    retries=3,
    retry_delay_seconds=[10, 30, 60],
    retry_condition_fn=retries_stuck,
    cache_policy=NO_CACHE,
)
async def run_shard(shard: int, tenants: list[str]) -> int:
    """Runs a shard until it is complete, and returns its number of runs.

    Xero allows 60 calls a minute to an organisation, so the limit of organisations at once bounds the calls
    of a minute to all of them. The calls of an organisation count for a minute after its last call.
    """
    async with concurrency(
        ORGANISATIONS_LIMIT, occupy=len(tenants), strict=True, raise_on_lease_renewal_failure=False
    ):
        try:
            return await run_until_complete(shard, tenants)
        finally:
            await asyncio.sleep(WINDOW_SECONDS)


async def run_until_complete(shard: int, tenants: list[str]) -> int:
    """Starts a shard again after a killed run or an ended token for as long as its positions move.

    An organisation that is offline or has no calls left may stay so for hours, while the positions of the others
    move with every run. So after the connector's own request the number of starts is limited.
    """
    logger, url, runs, outages = get_run_logger(), database_url(), 0, 0
    while True:
        runs += 1
        before = await watch.positions(url, tenants)
        ended = await watch.run_deployment(url, SHARD_DEPLOYMENT, {"shard": shard})
        if ended.outcome == "complete":
            return runs
        if ended.outcome == "incomplete":
            # A new start would not help. The other organisations of the shard are complete.
            raise Incomplete(f"shard {shard}: {'; '.join(ended.errors)}")
        if ended.outcome == "again":
            outages += 1
            if outages > OUTAGE_STARTS:
                raise Incomplete(f"shard {shard}: {'; '.join(ended.errors)}")
            await asyncio.sleep(outage_seconds())
        elif before == await watch.positions(url, tenants):
            raise Stuck(f"shard {shard}: {ended.state}: {'; '.join(ended.errors)}")
        logger.info("shard %s ended with %s and goes on", shard, ended.state)
        await asyncio.sleep(PAUSE_SECONDS)
