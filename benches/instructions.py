#!/usr/bin/env python3
"""Counts the instructions of some cases with valgrind, and compares them with a release.

  benches/instructions.py check           compares this code with the newest file of benches/history
  benches/instructions.py machine         says why `check` can compare nothing on this machine, or nothing
  benches/instructions.py record          writes the file of this version, and docs/benchmarks.md
  benches/instructions.py record --program FILE --version 0.1.0      the same for another program
  benches/instructions.py docs [--check]  writes docs/benchmarks.md, or compares it with the history
  benches/instructions.py spread [CASE]   counts each case five times
  benches/instructions.py seconds         the time of one page, without valgrind

The programs come from `cargo build --release`. Seconds depend on the machine and on its load.
Instructions do not, but for the order in which threads and sockets become ready: five counts of
a case differ by less than 0.5 %, so one is enough.
"""

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benches"), str(ROOT / "integration_tests/acceptance")]

import documentation  # noqa: E402
from simulator import simulator  # noqa: E402

HISTORY = ROOT / "benches/history"
RELEASE = ROOT / "target/release"

ALLOWED = 1.05
"""More instructions than this, in proportion to the newest release, fail the comparison."""

PAGE_ROWS = 1000
"""Rows of a page, as the connector requests them."""

READ_ROWS = 5000
"""Rows of the first read."""


class Counted:
    """One count: instructions, and what shows that the program did the same work."""

    def __init__(self, instructions, rows=0, calls=0):
        self.instructions = instructions
        self.rows = rows
        self.calls = calls


def valgrind(folder, command, function=None, stdin=None):
    """The instructions of a command, or those of one function of it. Returns them and its output."""
    profile = folder / "callgrind.out"
    flags = ["--tool=callgrind", f"--callgrind-out-file={profile}"]
    if function:
        flags.append(f"--toggle-collect={function}")
    with open(folder / "stderr", "w+b") as stderr:
        done = subprocess.run(
            ["valgrind", *flags, *command], stdin=stdin, stdout=subprocess.PIPE, stderr=stderr
        )
        if done.returncode != 0:
            stderr.seek(0)
            raise SystemExit(f"{command} ended with {done.returncode}: {stderr.read().decode()}")
    totals = re.search(r"^(?:totals|summary): (\d+)", profile.read_text(), re.MULTILINE)
    # The program alone starts with more. None at all means that the function has another name.
    assert int(totals[1]) > 100_000, f"{command}: {totals[0]}, and nothing of {function}"
    return int(totals[1]), done.stdout


def run(program, *arguments):
    """The output of the program without valgrind."""
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE).stdout


def messages(output, kind):
    start = b'{"type":"%s"' % kind.encode()
    return [line for line in output.splitlines() if line.startswith(start)]


def body(folder):
    """A file with one response of 1,000 invoices, as Xero indents it."""
    file = folder / "body.json"
    if not file.exists():
        with simulator("--only", "Invoices", "--rows", str(PAGE_ROWS), "--no-limits") as xero:
            config = xero["configs"][0]
            request = urllib.request.Request(
                f"{xero['url']}/api.xro/2.0/Invoices?page=1&pageSize={PAGE_ROWS}&unitdp=4",
                headers={
                    "Authorization": f"Bearer {config['credentials']['access_token']}",
                    "Xero-Tenant-Id": config["tenant_id"],
                    "Accept": "application/json",
                },
            )
            with urllib.request.urlopen(request) as answer:
                file.write_bytes(answer.read())
    return file


def conversion(case, function):
    """Counts a function of `measured` on one page."""

    def counted(_, folder):
        with open(body(folder), "rb") as stdin:
            instructions, answer = valgrind(
                folder,
                [RELEASE / "xero-pages", case, "1"],
                f"xero_source::measured::{function}*",
                stdin,
            )
        return Counted(instructions, json.loads(answer)["rows"])

    return counted


def spec(program, folder):
    return Counted(valgrind(folder, [program, "spec"])[0])


def check(program, folder):
    with simulator("--rows", "10") as xero:
        config = folder / "config.json"
        config.write_text(json.dumps(xero["configs"][0]))
        instructions, output = valgrind(folder, [program, "check", "--config", config])
        assert b'"SUCCEEDED"' in output, output
        return Counted(instructions, calls=xero.served()["calls"])


def read(program, folder, xero, *arguments):
    """Counts a read, after what the simulator served before."""
    xero.served()
    files = ["--config", folder / "config.json", "--catalog", folder / "catalog.json"]
    instructions, output = valgrind(folder, [program, "read", *files, *arguments])
    return Counted(instructions, len(messages(output, "RECORD")), xero.served()["calls"])


def catalog_of(names):
    streams = [{"stream": {"name": name}, "sync_mode": "incremental"} for name in names]
    return json.dumps({"streams": streams})


def first_read(program, folder):
    flags = ["--only", "Invoices", "--rows", str(READ_ROWS), "--no-limits", "--prepared"]
    with simulator(*flags) as xero:
        (folder / "config.json").write_text(json.dumps(xero["configs"][0]))
        (folder / "catalog.json").write_text(catalog_of(["invoices"]))
        return read(program, folder, xero)


def nothing_changed(program, folder):
    """Reads every stream twice and counts the second read. Reports are left out: their calls
    depend on the day. So are the streams that need a call for each document."""
    with simulator("--rows", "1000", "--no-limits", "--no-reports") as xero:
        config, catalog = folder / "config.json", folder / "catalog.json"
        config.write_text(json.dumps(xero["configs"][0] | {"max_calls_per_sync": 0}))
        found = json.loads(messages(run(program, "discover", "--config", config), "CATALOG")[0])
        catalog.write_text(catalog_of(stream["name"] for stream in found["catalog"]["streams"]))
        first = run(program, "read", "--config", config, "--catalog", catalog)
        state = folder / "state.json"
        state.write_bytes(b"\n".join(messages(first, "STATE")))
        return read(program, folder, xero, "--state", state)


CASES = {
    "spec": spec,
    "check": check,
    "whole catalogue, nothing changed": nothing_changed,
    "first read of 5,000 invoices": first_read,
    "rewriting 1,000 invoices": conversion("rewriting", "rewrite"),
    "a page of 1,000 invoices": conversion("page", "page"),
    "the same page with its line items": conversion("families", "page"),
}

OF_THIS_CODE = list(CASES)[-3:]
"""The cases whose program is built with this code. Another version's program has no such case."""


def count(case, program):
    with tempfile.TemporaryDirectory() as folder:
        return CASES[case](program, Path(folder))


def measure(program, cases):
    """Counts the cases. Returns them as a file of the history holds them."""
    results = {}
    for case in cases:
        counted = count(case, program)
        results[case] = {what: value for what, value in vars(counted).items() if value}
        print(f"{case}: {counted.instructions:,}", file=sys.stderr)
    return results


def machine():
    """The processor, as zlib, memchr and the C library choose their code by what it can do."""
    processor = Path("/proc/cpuinfo")
    has_avx2 = processor.exists() and " avx2 " in processor.read_text()
    return platform.machine() + (" with AVX2" if has_avx2 else "")


def other_machine():
    """Says that the newest release was counted on another kind of machine, or nothing."""
    base = documentation.history(HISTORY)[-1]
    if machine() == base["machine"]:
        return ""
    return f"{base['version']} was counted on {base['machine']}, and this machine is {machine()}"


def surroundings(program):
    """What else changes the number of instructions: compiler, valgrind and machine."""
    compiler = re.search(rb"rustc version ([0-9.]+)", program.read_bytes())
    version = subprocess.run(["valgrind", "--version"], check=True, capture_output=True, text=True)
    return {
        "rustc": compiler[1].decode() if compiler else "unknown",
        "valgrind": version.stdout.strip().removeprefix("valgrind-"),
        "machine": machine(),
    }


def own_version():
    manifest = (ROOT / "Cargo.toml").read_text()
    return re.search(r'^version = "(.*)"$', manifest, re.MULTILINE)[1]


def compare(program):
    """Prints each case beside the newest release. Returns whether all are within the limit."""
    base = documentation.history(HISTORY)[-1]
    here = surroundings(program)
    measured = measure(program, CASES)
    print(f"\n| million instructions | {base['version']} | now | change |\n|---|---|---|---|")
    slower, faster = [], []
    for name, now in measured.items():
        before = base["cases"].get(name)
        if not before:
            print(f"| {name} | | {now['instructions'] / 1e6:,.2f} | new |")
            continue
        ratio = now["instructions"] / before["instructions"]
        slower += [name] if ratio > ALLOWED else []
        faster += [name] if ratio < 2 - ALLOWED else []
        print(
            f"| {name} | {before['instructions'] / 1e6:,.2f} | {now['instructions'] / 1e6:,.2f} "
            f"| {100 * (ratio - 1):+.1f} % |"
        )
        for what in ("rows", "calls"):
            if now.get(what) != before.get(what):
                print(f"{name}: {now.get(what)} {what}, and {before.get(what)} in {base['version']}")
    others = [f"{what} {base[what]} and not {value}" for what, value in here.items() if value != base[what]]
    other = f"{base['version']} was counted with {', '.join(others)}: a difference may come from that."
    if others:
        print(other)
    if faster:
        print(f"Faster: {', '.join(faster)}. `benches/instructions.py record` keeps it.")
    if slower:
        limit = f"{100 * (ALLOWED - 1):.0f} %"
        print(f"FAILED: more than {limit} above {base['version']}: {', '.join(slower)}")
        if others:
            print(
                f"FAILED: {other} To know, build {base['version']} with what is here, and count it: "
                f"record --program FILE --version {base['version']}"
            )
    return not slower


def record(program, version, cases):
    """Writes the history file of a version."""
    entry = {"version": version} | surroundings(program)
    entry["cases"] = measure(program, cases)
    HISTORY.mkdir(exist_ok=True)
    (HISTORY / f"{version}.json").write_text(json.dumps(entry, indent=2) + "\n")


def spread(program, cases):
    print("| case | lowest | median | highest | spread % | rows | calls |\n|---|---|---|---|---|---|---|")
    for case in cases:
        counted = [count(case, program) for _ in range(5)]
        low, _, median, _, high = sorted(it.instructions for it in counted)
        rows, calls = (sorted({getattr(it, what) for it in counted}) for what in ("rows", "calls"))
        print(
            f"| {case} | {low:,} | {median:,} | {high:,} | {100 * (high - low) / median:.2f} "
            f"| {rows} | {calls} |",
            flush=True,
        )


def seconds():
    print("| one page | ms | MB/s | rows/s |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for case in ("split", "rewriting", "page", "families"):
            with open(body(Path(folder)), "rb") as stdin:
                done = subprocess.run(
                    [RELEASE / "xero-pages", case, "201"],
                    check=True,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                )
            answer = json.loads(done.stdout)
            time = answer["nanoseconds"] / 1e9
            print(
                f"| {case} | {1e3 * time:.2f} | {answer['bytes'] / 1e6 / time:,.0f} "
                f"| {answer['rows'] / time:,.0f} |"
            )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["check", "machine", "record", "docs", "spread", "seconds"])
    parser.add_argument("case", nargs="*", help="words of the names of cases, for spread")
    parser.add_argument("--program", type=Path, help="for record: the program of another version")
    parser.add_argument("--version", help="for record: its version")
    parser.add_argument("--check", action="store_true", help="for docs: write nothing")
    given = parser.parse_args()
    if bool(given.program) != bool(given.version):
        parser.error("--program and --version belong together")
    program = given.program or RELEASE / "xero-source"
    match given.verb:
        case "check":
            if other := other_machine():
                print(f"SKIPPED: {other}")
                return
            sys.exit(not compare(program))
        case "machine":
            print(other_machine())
        case "record":
            cases = [case for case in CASES if not given.program or case not in OF_THIS_CODE]
            record(program, given.version or own_version(), cases)
            documentation.write(HISTORY, ROOT)
        case "docs":
            sys.exit(not documentation.write(HISTORY, ROOT, only_compare=given.check))
        case "spread":
            words = given.case
            spread(program, [it for it in CASES if not words or any(w in it for w in words)])
        case "seconds":
            seconds()


if __name__ == "__main__":
    main()
