"""Runs a Python program whose requests to Xero go to a simulator.

    redirect.py URL MODULE:FUNCTION [ARGUMENT...]

Both peers send their requests with the package `requests`. Their own code is not changed.
"""

import importlib
import sys

from requests.adapters import HTTPAdapter

HOSTS = ("https://api.xero.com", "https://identity.xero.com", "https://login.xero.com")


def main():
    _, url, program, *arguments = sys.argv
    send = HTTPAdapter.send

    def redirected(self, request, *args, **kwargs):
        for host in HOSTS:
            if request.url.startswith(f"{host}/"):
                request.url = url + request.url.removeprefix(host)
        return send(self, request, *args, **kwargs)

    HTTPAdapter.send = redirected
    module, function = program.split(":")
    sys.argv = [module, *arguments]
    getattr(importlib.import_module(module), function)()


if __name__ == "__main__":
    main()
