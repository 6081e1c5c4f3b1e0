"""Creates the work pools, the concurrency limit and the deployments. Running it again changes them.

python -m xero_prefect.deploy --config /srv/xero/config.json --shards 12
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from prefect import get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import WorkPool
from prefect.exceptions import ObjectNotFound
from prefect.types.entrypoint import EntrypointType

from .flows import ORGANISATIONS_LIMIT, SHARD_DEPLOYMENT, shard_flow, sync_flow

KEEPER_POOL = "xero-keeper"
SHARDS_POOL = "xero-shards"
# Xero's limits: calls a minute of an app to all organisations, and to one organisation.
APP_MINUTE = 10_000
ORGANISATION_MINUTE = 60


def organisations_at_once(app_minute: int) -> int:
    """Returns the largest number of organisations whose calls together cannot exceed the app's minute."""
    return app_minute // ORGANISATION_MINUTE


async def create_pool(name: str, limit: int | None) -> None:
    async with get_client() as client:
        try:
            pool: WorkPool = await client.read_work_pool(name)
        except ObjectNotFound:
            created = WorkPoolCreate(name=name, type="process", concurrency_limit=limit)
            await client.create_work_pool(created)
        else:
            await client.update_work_pool(pool.name, WorkPoolUpdate(concurrency_limit=limit))


async def create_limit(name: str, limit: int) -> None:
    async with get_client() as client:
        await client.upsert_global_concurrency_limit_by_name(name, limit)


async def deploy(flags: argparse.Namespace) -> None:
    at_once = organisations_at_once(flags.app_minute)
    await create_pool(KEEPER_POOL, 1)
    await create_pool(SHARDS_POOL, flags.runs_at_once)
    await create_limit(ORGANISATIONS_LIMIT, at_once)
    parameters = {
        "config": flags.config,
        "shards": flags.shards,
        "organisations_at_once": at_once,
        "streams": flags.streams,
        "calls": flags.calls,
    }
    await apply(shard_flow, SHARD_DEPLOYMENT.split("/")[1], SHARDS_POOL)
    # One sync at a time: a second one waits.
    await apply(sync_flow, "all", KEEPER_POOL, parameters=parameters, cron=flags.cron, concurrency_limit=1)


async def apply(flow: Any, name: str, pool: str, **options: Any) -> None:
    deployment = await flow.to_deployment(
        name=name, work_pool_name=pool, entrypoint_type=EntrypointType.MODULE_PATH, **options
    )
    await deployment.apply()


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Creates what the flows need in Prefect")
    parser.add_argument("--config", required=True, help="path of the config on the keeper's machine")
    parser.add_argument("--shards", type=int, required=True, help="number of shards")
    parser.add_argument("--streams", help="names of streams, separated by commas")
    parser.add_argument("--calls", help="file with the output of xero-source estimate --json")
    parser.add_argument("--cron", help="schedule of the sync, such as '0 * * * *'")
    parser.add_argument("--runs-at-once", type=int, help="most runs of shards at the same time")
    parser.add_argument("--app-minute", type=int, default=APP_MINUTE, help="Xero's calls a minute of the app")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(deploy(flags()))
