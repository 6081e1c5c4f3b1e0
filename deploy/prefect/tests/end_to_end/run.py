"""Runs Prefect, PostgreSQL and three workers against a simulated Xero with 60 organisations.

    run.py XERO_SOURCE XERO_SIM FOLDER [faults] [changes] [figures]

First with faults: a worker, the Prefect server and a database connection are killed, and one organisation
fails. Then without, to read changes, and with `figures` also to measure one worker and two. The default is all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import compare
import psycopg
from machines import HOST, Machine, namespaces, reason_against_namespaces
from postgres import server as postgres_server
from services import Prefect, Simulator, descendants, get, kill, prefect, simulator, start_worker, wait

from xero_prefect import database

ORGANISATIONS = 60
SHARDS = 12
WORKERS = 3
FAILING = 17
# As many calls a minute as 15 organisations may make: three shards at once.
APP_MINUTE = 900
SYNC_SECONDS = 1200.0
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
STREAMS = (
    "accounts,bank_transactions,bank_transaction_line_items,contacts,contact_phones,credit_notes,"
    "credit_note_line_items,currencies,invoices,invoice_line_items,journals,journal_lines,organisations,"
    "payments,quotes,quote_line_items,tax_rates,tax_rate_components,tracking_categories,tracking_options,"
    "users"
)


@dataclass
class Scene:
    """One Prefect server and one database with the workers of one test."""

    source: str
    folder: Path
    host: str
    machines: list[Machine]
    simulator: Simulator
    url: str
    prefect: Prefect
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PREFECT_API_URL": self.prefect.api_url,
            "PREFECT_HOME": str(self.folder / "client"),
            "XERO_DATABASE_URL": self.url,
            "XERO_SOURCE": self.source,
            "XERO_OUTAGE_SECONDS": "60",
            "PREFECT_LOGGING_LEVEL": "WARNING",
            "DO_NOT_TRACK": "1",
        }

    def start_worker(self, number: int) -> None:
        log = self.folder / f"worker-{number + 1}.log"
        machine = self.machines[number]
        worker = start_worker(machine, "xero-shards", 1, log, self.environment)
        if number < len(self.workers):
            self.workers[number] = worker
        else:
            self.workers.append(worker)

    def deploy(self, app_minute: int) -> None:
        flags = ["--config", str(self.simulator.config), "--shards", str(SHARDS)]
        limits = ["--app-minute", str(app_minute), "--streams", STREAMS]
        self.call(sys.executable, "-m", "xero_prefect.deploy", *flags, *limits)

    def call(self, *command: str) -> str:
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def query(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with database.connect(self.url) as connection:
            return connection.execute(query, values).fetchall()

    def start_sync(self) -> str:
        answer = self.call(
            sys.executable,
            "-c",
            "from prefect.deployments import run_deployment\n"
            "print(run_deployment('xero-sync/all', timeout=0).id)",
        )
        return answer.strip().splitlines()[-1]

    def ended(self, run: str) -> str | None:
        """Returns the state of a flow run if it has ended."""
        answer = get(f"{self.prefect.api_url}/flow_runs/{run}")
        state = json.loads(answer)["state"] if answer else None
        return state["name"] if state and state["type"] in FINAL else None


@contextmanager
def scene(source: str, sim: str, folder: Path, machines: list[Machine], *flags: str) -> Iterator[Scene]:
    folder.mkdir(parents=True)
    host = HOST if machines[0].namespace else "127.0.0.1"
    with ExitStack() as stack:
        port = stack.enter_context(postgres_server(sorted({"127.0.0.1", host})))
        simulated = stack.enter_context(simulator(sim, folder, host, machines, *flags))
        server = f"{host}:{port}"
        with psycopg.connect(f"postgresql://xero@{server}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE prefect")
            connection.execute("CREATE DATABASE xero")
        for_prefect = f"postgresql+asyncpg://xero@{server}/prefect"
        engine = stack.enter_context(prefect(folder, host, for_prefect))
        url = f"postgresql://xero@{server}/xero"
        made = Scene(source, folder, host, machines, simulated, url, engine)
        try:
            keeper = Machine("keeper")
            log = folder / "keeper.log"
            made.deploy(10_000)
            worker = start_worker(keeper, "xero-keeper", 1, log, made.environment)
            stack.callback(kill, worker)
            yield made
        finally:
            for worker in made.workers:
                kill(worker)


def with_faults(source: str, sim: str, folder: Path, machines: list[Machine]) -> None:
    limits = ["--app-minute", str(APP_MINUTE), "--fail", f"{FAILING}:forbidden:5"]
    flags = ["--tenants", str(ORGANISATIONS), "--rows", "30", "--latency", "500", *limits]
    with scene(source, sim, folder, machines, *flags) as it:
        it.deploy(APP_MINUTE)
        for number in range(WORKERS):
            it.start_worker(number)
        sync = it.start_sync()
        resumed = {kill_a_worker(it), kill_a_connection(it)}
        it.prefect.restart()
        print("killed the Prefect server", flush=True)
        state = wait("the end of the sync", SYNC_SECONDS, lambda: it.ended(sync))
        failed = it.simulator.tenant_ids[FAILING - 1]
        check_failure(it, state, failed)
        rows = compare.compare(source, it.simulator, folder, STREAMS, it.url, {failed})
        print(f"{rows} rows of {ORGANISATIONS - 1} organisations are those of the simulator")
        for shard in sorted(resumed):
            check_resumed(it, shard)
        check_calls(it.simulator.calls)


LOADING = """
SELECT shard, flow_run, row_count FROM xero_sync.progress AS progress
WHERE outcome IS NULL AND row_count > 0 AND EXISTS (
    SELECT FROM xero_sync.shard JOIN xero_sync.state
        ON tenants @> jsonb_build_array(jsonb_build_object('id', tenant_id))
    WHERE shard.shard = progress.shard)"""


def loading(it: Scene) -> dict[str, tuple[int, int]]:
    """Returns the shard and the committed rows of each run that has saved a position and goes on."""
    try:
        return {run: (shard, rows) for shard, run, rows in it.query(LOADING)}
    except psycopg.errors.UndefinedTable:
        return {}


def kill_a_worker(it: Scene) -> int:
    """Kills a worker in the middle of a shard, and returns the shard."""

    def in_the_middle() -> tuple[int, int, int] | None:
        runs = loading(it)
        for number, worker in enumerate(it.workers):
            run = run_of(it.source, worker)
            if run in runs:
                return number, *runs[run]
        return None

    number, shard, rows = wait("a worker in the middle of a shard", 180, in_the_middle)
    kill(it.workers[number])
    print(f"killed worker {number + 1} after {rows} rows of shard {shard}", flush=True)
    it.start_worker(number)
    return int(shard)


def run_of(source: str, worker: subprocess.Popen[bytes]) -> str | None:
    """Returns the flow run whose connector runs below a worker."""
    for pid in descendants(worker.pid):
        process = Path(f"/proc/{pid}")
        with suppress(OSError):
            if (process / "exe").resolve() == Path(source):
                variables = (process / "environ").read_bytes().decode().split("\0")
                names = dict(it.split("=", 1) for it in variables if "=" in it)
                return names.get("PREFECT__FLOW_RUN_ID")
    return None


def kill_a_connection(it: Scene) -> int:
    """Ends a connection that loads, and returns the shard."""

    def terminate() -> int | None:
        for shard, _ in loading(it).values():
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
            if it.query(query, f"xero-shard-{shard}"):
                return shard
        return None

    shard: int = wait("a connection that loads", 180, terminate)
    print(f"killed the connection of shard {shard} to the database", flush=True)
    return shard


def check_resumed(it: Scene, shard: int) -> None:
    """The last run of the shard read less than the whole shard, for it went on from saved positions."""
    read = it.query("SELECT row_count FROM xero_sync.progress WHERE shard = %s", shard)[0][0]
    ids = [t["id"] for t in it.query("SELECT tenants FROM xero_sync.shard WHERE shard = %s", shard)[0][0]]
    tables = [
        f'SELECT count(*) AS rows FROM xero."{name}" WHERE tenant_id = ANY (%(ids)s)'
        for name in STREAMS.split(",")
    ]
    with database.connect(it.url) as connection:
        total = connection.execute(
            f"SELECT sum(rows) FROM ({' UNION ALL '.join(tables)}) AS counts", {"ids": ids}
        ).fetchone()
    assert total is not None and read < total[0], (shard, read, total)
    print(f"the last run of shard {shard} read {read} of its {total[0]} rows")


def check_failure(it: Scene, state: str, failed: str) -> None:
    """One organisation fails, so its shard is incomplete, and no other one is."""
    outcomes = dict(it.query("SELECT shard, outcome FROM xero_sync.progress ORDER BY shard"))
    incomplete = [shard for shard, outcome in outcomes.items() if outcome != "complete"]
    shard = it.query(
        "SELECT shard FROM xero_sync.shard WHERE tenants @> %s", psycopg.types.json.Jsonb([{"id": failed}])
    )
    assert state == "Failed", state
    assert incomplete == [shard[0][0]], (outcomes, shard)
    print(f"the sync ended with {state}: only shard {incomplete[0]} is incomplete")


def check_calls(path: Path) -> None:
    """The calls of each minute, and the refusals of Xero, as the forwarder saw them."""
    calls = [line.split() for line in path.read_text().splitlines()]
    times = [float(at) for at, status, _ in calls if status != "429"]
    refused = Counter(problem for _, status, problem in calls if status == "429")
    most = max(sum(at <= other < at + 60 for other in times) for at in times)
    print(f"{len(times)} calls, at most {most} in 60 s; refused: {dict(refused) or 'none'}")
    assert most <= APP_MINUTE, most
    assert not refused["appminute"], refused


def figures(source: str, sim: str, folder: Path, machines: list[Machine], first: int) -> None:
    """Organisations a minute with `first` workers and more, and a sync that reads changes with all of them."""
    print("workers  organisations  rows  seconds  organisations a minute")
    for workers in range(first, WORKERS + 1):
        flags = ["--tenants", str(ORGANISATIONS), "--rows", "30"]
        with scene(source, sim, folder / f"workers-{workers}", machines, *flags) as it:
            for number in range(workers):
                it.start_worker(number)
            sync(it, workers)
            if workers == WORKERS:
                read_changes(it)


def sync(it: Scene, workers: int) -> None:
    run = it.start_sync()
    state = wait("the end of the sync", SYNC_SECONDS, lambda: it.ended(run))
    assert state == "Completed", state
    begun, ended, rows = it.query(
        "SELECT extract(epoch FROM min(started_at)), extract(epoch FROM max(seen_at)), sum(row_count)"
        " FROM xero_sync.progress"
    )[0]
    seconds = float(ended - begun)
    rate = ORGANISATIONS * 60 / seconds
    print(f"{workers:>7}  {ORGANISATIONS:>13}  {rows}  {seconds:7.1f}  {rate:7.1f}", flush=True)


def read_changes(it: Scene) -> None:
    compare_all(it, "the first sync")
    for organisation in (1, 30, 60):
        it.simulator.command("edit", organisation=organisation, table="Invoices", row=7)
        it.simulator.command("add", organisation=organisation, table="Contacts", rows=5)
        it.simulator.command("delete", organisation=organisation, table="Quotes", row=3)
    sync(it, WORKERS)
    compare_all(it, "the sync of the changes")


def compare_all(it: Scene, what: str) -> None:
    rows = compare.compare(it.source, it.simulator, it.folder, STREAMS, it.url, set())
    print(f"after {what} all {rows} rows are those of the simulator", flush=True)


def main(source: str, sim: str, folder: Path, parts: list[str]) -> None:
    reason = reason_against_namespaces()
    if reason:
        print(f"SKIPPED: workers in network namespaces of their own: {reason}")
    began = time.monotonic()
    with ExitStack() as stack:
        if reason:
            machines = [Machine(f"worker-{number}") for number in range(1, WORKERS + 1)]
        else:
            machines = stack.enter_context(namespaces(WORKERS))
        if "faults" in parts:
            with_faults(source, sim, folder / "faults", machines)
        if "figures" in parts or "changes" in parts:
            first = 1 if "figures" in parts else WORKERS
            figures(source, sim, folder / "figures", machines, first)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    source, sim, folder = (str(Path(path).resolve()) for path in sys.argv[1:4])
    main(source, sim, Path(folder), sys.argv[4:] or ["faults", "figures"])
