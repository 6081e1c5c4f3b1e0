"""The command line."""

import argparse
import sys
from pathlib import Path

import airbyte_deployment

from .platform import Platform, PlatformError
from .run import Run
from .secret import FileError, Secret, redact
from .settings import read


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="airbyte_deployment", description=airbyte_deployment.__doc__)
    parser.add_argument("verb", choices=["plan", "apply"], help="plan says what apply would do")
    parser.add_argument("file", type=Path, help="the description of the deployment, in YAML or JSON")
    new_login = "send the credentials of an existing source again, after a new login or for another app"
    parser.add_argument("--new-login", metavar="NAME", action="append", default=[], help=new_login)
    delete = "delete a source that is not in the file any more, and its connections"
    parser.add_argument("--delete", metavar="NAME", action="append", default=[], help=delete)
    options = parser.parse_args(arguments)
    secrets: list[Secret] = []
    try:
        deployment = read(options.file)
        secrets = deployment.secrets()
        for warning in deployment.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        platform = Platform(deployment.url, deployment.client_id, deployment.client_secret, deployment.workspace_id)
        apply = options.verb == "apply"
        run = Run(deployment, platform, print, apply, set(options.new_login), set(options.delete))
        run.run()
    except (FileError, PlatformError) as error:
        print(f"error: {redact(str(error), secrets)}", file=sys.stderr)
        return 1
    print(f"{run.differences} changes" + ("" if apply else " to make") if run.differences else "nothing to change")
    return 0


if __name__ == "__main__":
    sys.exit(main())
