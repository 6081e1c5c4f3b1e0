"""The image, started the way Airbyte's launcher starts it in a cluster: by a script that `sh -c`
runs as an unprivileged user in a mounted folder, with stdout and stderr on named pipes, and
the exit code left in a file."""

import json
import os
import subprocess
from contextlib import ExitStack

import pytest

from connector import LONGEST_RUN, Run
from protocol import problems

SCRIPT = """
[ -n "$AIRBYTE_ENTRYPOINT" ] || exit 127
(eval "$AIRBYTE_ENTRYPOINT {arguments}" 2> stderr > stdout) &
child=$!
(while true; do [ -f TERMINATED ] && kill $child; sleep 1; done) &
watcher=$!
wait $child
code=$?
echo $code > exitCode.tmp
mv exitCode.tmp exitCode.txt
kill $watcher
exit $code
"""

CONTAINER = [
    *["docker", "run", "--rm", "--network", "host", "--user", "1000:1000"],
    *["--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    *["-e", "DATA_CHANNEL_MEDIUM=STDIO", "-e", "DATA_CHANNEL_FORMAT=JSONL"],
    *["-e", "USE_STREAM_CAPABLE_STATE=true", "-e", "DEPLOYMENT_MODE=OSS"],
]


@pytest.fixture
def start(connector, tmp_path):
    if connector.image is None:
        pytest.skip("only an image is started by a platform")

    def started(folder, verb, **files):
        for name, content in files.items():
            (tmp_path / name).write_text(json.dumps(content))
        # The platform's folder belongs to a group that the user is in.
        for directory in (tmp_path, *tmp_path.parents[:3]):
            directory.chmod(directory.stat().st_mode | 0o055)
        tmp_path.chmod(0o777)
        flags = {"connectorConfig.json": "config", "catalog.json": "catalog", "inputState.json": "state"}
        arguments = [verb]
        for name in files:
            arguments += [f"--{flags[name]}", f"{folder}/{name}"]
        for pipe in ("stdout", "stderr"):
            os.mkfifo(tmp_path / pipe)
            (tmp_path / pipe).chmod(0o666)
        script = SCRIPT.format(arguments=" ".join(arguments))
        command = [*CONTAINER, "-v", f"{tmp_path}:{folder}", "-w", folder]
        command += ["--entrypoint", "sh", connector.image, "-c", script]
        with ExitStack() as stack:
            readers = [
                stack.enter_context(
                    subprocess.Popen(["cat", tmp_path / pipe], stdout=subprocess.PIPE, text=True)
                )
                for pipe in ("stdout", "stderr")
            ]
            container = stack.enter_context(subprocess.Popen(command))
            stdout, stderr = (reader.communicate(timeout=LONGEST_RUN)[0] for reader in readers)
            code = container.wait(timeout=LONGEST_RUN)
        assert (tmp_path / "exitCode.txt").read_text() == f"{code}\n"
        assert stderr == ""
        return Run(verb, stdout, stderr, code)

    return started


def test_spec(start):
    run = start("/config", "spec")
    assert (problems(run), run.code) == ([], 0)


@pytest.mark.parametrize("verb", ["check", "discover"])
def test_verbs_with_a_config(start, config, verb):
    run = start("/config", verb, **{"connectorConfig.json": config})
    assert (problems(run), run.code) == ([], 0)


@pytest.mark.parametrize("state", [None, []], ids=["no state", "a state"])
def test_read(start, config, catalog, state):
    files = {"connectorConfig.json": config, "catalog.json": catalog}
    if state is not None:
        files["inputState.json"] = state
    run = start("/source", "read", **files)
    assert (problems(run, catalog), run.code) == ([], 0)
    assert run.records()


def test_a_read_that_fails_leaves_its_exit_code(start, catalog):
    run = start("/source", "read", **{"connectorConfig.json": {}, "catalog.json": catalog})
    assert (problems(run), run.code) == ([], 1)
