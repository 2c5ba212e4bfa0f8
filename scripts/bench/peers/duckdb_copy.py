"""Copies tables by DuckDB and its PostgreSQL extension: duckdb_copy.py SOURCE TARGET TABLE [TABLE ...]"""

import sys
from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner


def main(source: str, target: str, tables: list[str]) -> None:
    # The package carries DuckDB's own signed file, which DuckDB would otherwise fetch from its site.
    folder = Path(duckdb_extension_postgres_scanner.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    connection = duckdb.connect()
    connection.execute(f"LOAD '{folder / 'postgres_scanner.duckdb_extension'}'")
    connection.execute(f"ATTACH '{source}' AS source (TYPE postgres, READ_ONLY)")
    connection.execute(f"ATTACH '{target}' AS target (TYPE postgres)")
    # All tables in one snapshot of the source, and in one transaction of the target.
    connection.begin()
    for table in tables:
        connection.execute(f"CREATE TABLE target.public.{table} AS FROM source.public.{table}")
    connection.commit()


main(sys.argv[1], sys.argv[2], sys.argv[3:])
