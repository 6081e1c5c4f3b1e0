"""Writes schema.json: the arguments of the Terraform provider, from its documentation.

    python extract.py terraform-provider-airbyte/docs VERSION
"""

import json
import re
import sys
from pathlib import Path

PAGES = {
    "provider": "index.md",
    "airbyte_source_definition": "resources/source_definition.md",
    "airbyte_source": "resources/source.md",
    "airbyte_connection": "resources/connection.md",
}


def arguments(page: str) -> dict[str, str]:
    """Each argument by its path, such as schedule.cron_expression, with Required, Optional or Read-Only."""
    found, prefix, group = {}, "", ""
    for line in page.partition("## Schema")[2].partition("## Import")[0].splitlines():
        if nested := re.fullmatch(r"### Nested Schema for `(.*)`", line):
            prefix = nested[1] + "."
        elif line in ("### Required", "### Optional", "### Read-Only", "Required:", "Optional:", "Read-Only:"):
            group = line.strip("#: ")
        elif argument := re.match(r"- `(\w+)` \((.*?)\)(.*)", line):
            required = "Not Null" in argument[3] or group == "Required"
            found[prefix + argument[1]] = "Required" if required else group
    return found


def main() -> None:
    docs, version = sys.argv[1:]
    schema = {name: arguments((Path(docs) / page).read_text()) for name, page in PAGES.items()}
    target = Path(__file__).with_name("schema.json")
    target.write_text(json.dumps({"version": version, **schema}, indent=1) + "\n")


main()
