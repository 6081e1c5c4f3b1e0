"""Secrets: where the file takes them from, and a string that is never printed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class FileError(Exception):
    """The file cannot be used. The message says where and why, without any secret."""


@dataclass(frozen=True)
class Secret:
    """A secret value. `origin` names the variable or file that it comes from and may be printed."""

    value: str = field(repr=False)
    origin: str


def read_secret(reference: Any, where: str, folder: Path) -> Secret:
    """Reads the secret of `{env: NAME}` or `{file: PATH}`. Paths are relative to the folder of the file."""
    if not isinstance(reference, Mapping) or len(reference) != 1:
        raise FileError(f"{where} is a secret: write {{env: NAME}} or {{file: PATH}}, not the value itself")
    ((kind, name),) = reference.items()
    if kind == "env" and isinstance(name, str):
        value = os.environ.get(name, "")
    elif kind == "file" and isinstance(name, str):
        try:
            value = (folder / name).read_text().strip()
        except OSError as error:
            raise FileError(f"{where}: {name} cannot be read: {error.strerror}") from error
    else:
        raise FileError(f"{where} is a secret: write {{env: NAME}} or {{file: PATH}}, not the value itself")
    if not value:
        raise FileError(f"{where}: {kind} {name} is not set or empty")
    return Secret(value, f"{kind} {name}")


def redact(text: str, secrets: list[Secret]) -> str:
    """Replaces secrets in the text of somebody else, such as an error that repeats the request."""
    for secret in sorted(secrets, key=lambda secret: len(secret.value), reverse=True):
        for form in (secret.value, json.dumps(secret.value)[1:-1]):
            text = text.replace(form, "[secret]")
    return text
