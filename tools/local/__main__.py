"""`python -m tools.local up`: run the local stack."""

import argparse
import sys
from pathlib import Path

from tools.build import ROOT
from tools.local.stack_file import stack_path
from tools.local.up import Options, up


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("up", help="build, start, deploy and stay until Ctrl-C")
    command.add_argument("--port", type=int, default=4566)
    command.add_argument("--sample", choices=("company", "none"), default="company")
    command.add_argument(
        "--auth", action="store_true", help="enforce the policies of the functions' roles"
    )
    command.add_argument(
        "--hosts", type=Path, help="JSON: which hosts are on this machine (docs/local-stack.md)"
    )
    command.add_argument("--directory", type=Path, help="where logs and temporary files lie")
    given = parser.parse_args()
    return up(
        Options(
            port=given.port,
            directory=(given.directory or ROOT / ".local" / str(given.port)).resolve(),
            stack_path=stack_path().resolve(),
            has_sample=given.sample != "none",
            with_policies=given.auth,
            hosts=given.hosts,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
