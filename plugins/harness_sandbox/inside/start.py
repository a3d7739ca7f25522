"""The script that starts a fork server; by path, so that of the package around it nothing else is imported."""

import os
import sys
import types

if __name__ == "__main__":
    # A stand-in for the package: its true face imports the harness, which is not there.
    package = types.ModuleType("harness_sandbox")
    package.__path__ = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]  # noqa: PTH100, PTH120
    sys.modules["harness_sandbox"] = package
    from harness_sandbox.inside.launch import main

    main(sys.argv[1])
