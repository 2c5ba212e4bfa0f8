"""Copies tables by Sling, each replaced as a whole: sling_copy.py SOURCE TARGET TABLE [TABLE ...]"""

import json
import os
import sys
from importlib import import_module

PACKAGES = {
    ("linux", "x86_64"): "sling_linux_amd64",
    ("linux", "aarch64"): "sling_linux_arm64",
    ("darwin", "x86_64"): "sling_mac_amd64",
    ("darwin", "arm64"): "sling_mac_arm64",
}

UNAVAILABLE = 69


def main(source: str, target: str, tables: list[str]) -> None:
    package = PACKAGES.get((sys.platform, os.uname().machine))
    if package is None:
        print("skipped: PyPI has no Sling for this system", file=sys.stderr)
        sys.exit(UNAVAILABLE)
    binary = import_module(package).SLING_BIN
    replication = {
        "source": "SOURCE",
        "target": "TARGET",
        "defaults": {"mode": "full-refresh", "object": "public.{stream_table}"},
        "streams": {f"public.{table}": {} for table in tables},
    }
    with open("replication.json", "w", encoding="utf-8") as file:
        json.dump(replication, file)
    os.chmod(binary, 0o755)
    os.environ.update(
        SOURCE=f"{source}?sslmode=disable",
        TARGET=f"{target}?sslmode=disable",
        SLING_HOME_DIR=os.getcwd(),
        SLING_TEMP_DIR=os.getcwd(),
        SLING_DISABLE_TELEMETRY="TRUE",
    )
    os.execv(binary, [binary, "run", "--replication", "replication.json"])


main(sys.argv[1], sys.argv[2], sys.argv[3:])
