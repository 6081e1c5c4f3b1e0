"""An empty database for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import postgres
import psycopg
import pytest

from xero_prefect import database


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres.server() as port:
        yield f"postgresql://xero@127.0.0.1:{port}"


@pytest.fixture
def url(server: str) -> str:
    """An empty database with the schema."""
    name = f"test_{os.urandom(4).hex()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    with database.connect(f"{server}/{name}") as connection:
        database.create(connection)
    return f"{server}/{name}"


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(url) as connection:
        yield connection
