"""airbyte-cdk's standard tests of sources, run against the program.

The suite drives a connector written in Python, in its own process, through one function.
That function is replaced by one that starts the program, so all that the suite asserts is
asserted of what the program really prints.
"""

import subprocess

from airbyte_cdk.test import entrypoint_wrapper
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase

from connector import BINARY, LONGEST_RUN
from simulator import ROOT


def _run_program(source, args, expecting_exception=None, *, expected_outcome=None):
    command = [str(BINARY), *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_RUN)
    error = None
    if done.returncode:
        error = subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return entrypoint_wrapper.EntrypointOutput(
        messages=done.stdout.splitlines(),
        uncaught_exception=error,
        command=command,
        stderr=done.stderr,
    )


entrypoint_wrapper._run_command = _run_program


class InPlaceOfPython:
    """The suite only asks whether the connector has a `spec`."""

    def spec(self, logger):
        raise NotImplementedError


class TestStandardSuite(SourceTestSuiteBase):
    connector = InPlaceOfPython

    @classmethod
    def get_connector_root_dir(cls):
        return ROOT


# Or pytest would collect it as a suite of its own.
del SourceTestSuiteBase
