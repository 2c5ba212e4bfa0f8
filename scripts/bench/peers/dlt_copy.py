"""Copies tables by dlt, each replaced as a whole: dlt_copy.py SETTING SOURCE TARGET TABLE [TABLE ...]

The setting `default` is what dlt does when nothing is said: rows through SQLAlchemy, INSERT statements. `arrow` is what its
manual names for speed: record batches by ConnectorX, CSV files by COPY.
"""

import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.sql_database import sql_database

SETTINGS = {
    "default": ({}, {}),
    "arrow": (
        {"backend": "connectorx", "backend_kwargs": {"return_type": "arrow"}, "reflection_level": "full_with_precision"},
        {"loader_file_format": "csv"},
    ),
}


def main(setting: str, source: str, target: str, tables: list[str]) -> None:
    read, write = SETTINGS[setting]
    pipeline = dlt.pipeline(
        pipeline_name="totesys",
        pipelines_dir=os.getcwd(),
        destination=dlt.destinations.postgres(target),
        dataset_name="public",
    )
    rows = sql_database(source.replace("postgres://", "postgresql+psycopg2://"), schema="public", table_names=tables, **read)
    pipeline.run(rows, write_disposition="replace", **write).raise_on_failed_jobs()


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
