"""Forwards connections, because the simulator and the connector speak plain http on loopback only.

    forwarder.py ADDRESS:PORT ADDRESS:PORT [FILE]

FILE gets a line for each answer that passes: the time in seconds and the status, and for a refused call the
limit that refused it.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from typing import TextIO

# An answer begins at the beginning of what the server writes.
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) ")
PROBLEM = re.compile(rb"x-rate-limit-problem: *([a-z]+)", re.IGNORECASE)
# Calls that Xero counts have this header.
COUNTED = b"x-appminlimit-remaining"


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, calls: TextIO | None) -> None:
    try:
        while data := await reader.read(65536):
            if calls is not None and (answer := ANSWER.match(data)):
                write_down(calls, answer[1].decode(), data)
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def write_down(calls: TextIO, status: str, data: bytes) -> None:
    problem = PROBLEM.search(data)
    if COUNTED in data.lower():
        calls.write(f"{time.time():.3f} {status} {problem[1].decode().lower() if problem else '-'}\n")
        calls.flush()


async def main(listen: str, target: str, path: str | None) -> None:
    calls = open(path, "a", encoding="ascii") if path else None
    host, port = listen.rsplit(":", 1)
    target_host, target_port = target.rsplit(":", 1)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection(target_host, int(target_port))
        except OSError:
            writer.close()
            return
        await asyncio.gather(pipe(reader, there[1], None), pipe(there[0], writer, calls))

    server = await asyncio.start_server(accept, host, int(port))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None))
