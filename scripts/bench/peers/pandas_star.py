"""Makes the star by pandas, as pipelines written by hand do: pandas_star.py SETTING SOURCE TARGET

Each table is read by read_sql, joined and reshaped in DataFrames, written by to_sql. `insert` leaves it to to_sql how;
`copy` gives it the method that pandas' manual shows for PostgreSQL.
https://pandas.pydata.org/docs/user_guide/io.html#insertion-method
"""

import csv
import io
import sys

import pandas as pd
from sqlalchemy import create_engine

TABLES = [
    "address",
    "department",
    "staff",
    "counterparty",
    "currency",
    "design",
    "payment_type",
    "sales_order",
    "purchase_order",
    "transaction",
    "payment",
]
CURRENCY_NAMES = {"GBP": "Pound Sterling", "USD": "US Dollar", "EUR": "Euro"}
ROWS_AT_A_TIME = 10_000


def by_psycopg2(url: str) -> str:
    """The driver for which SQLAlchemy writes many rows into one INSERT."""
    return url.replace("postgres://", "postgresql+psycopg2://")


def by_copy(table, connection, columns, rows) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table.name}" ({names}) FROM STDIN WITH CSV', buffer)


def fact(rows: pd.DataFrame, record_id: str, dates: list[str]) -> pd.DataFrame:
    """Timestamps taken apart, texts made dates, and the key that each record has."""
    made = rows.drop(columns=["created_at", "last_updated"])
    for name, column in [("created", "created_at"), ("last_updated", "last_updated")]:
        made[f"{name}_date"] = rows[column].dt.date
        made[f"{name}_time"] = rows[column].dt.time
    for column in dates:
        made[column] = pd.to_datetime(made[column]).dt.date
    made.insert(0, record_id, range(1, len(made) + 1))
    return made


def dim_date(facts: list[pd.DataFrame]) -> pd.DataFrame:
    columns = pd.concat([rows[name] for rows in facts for name in rows.columns if name.endswith("_date")])
    days = pd.Series(pd.date_range(columns.min(), columns.max()))
    parts = {
        "year": days.dt.year,
        "month": days.dt.month,
        "day": days.dt.day,
        "day_of_week": days.dt.day_of_week + 1,
        "day_name": days.dt.day_name(),
        "month_name": days.dt.month_name(),
        "quarter": days.dt.quarter,
    }
    return pd.DataFrame({"date_id": days.dt.date, **parts})


def star(of: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    audit = ["created_at", "last_updated"]
    orders = ["agreed_delivery_date", "agreed_payment_date"]
    location = of["address"].drop(columns=audit)
    legal = location.rename(columns={"phone": "phone_number"}).add_prefix("counterparty_legal_")
    facts = {
        "fact_sales_order": fact(of["sales_order"], "sales_record_id", orders).rename(
            columns={"staff_id": "sales_staff_id"}
        ),
        "fact_purchase_order": fact(of["purchase_order"], "purchase_record_id", orders),
        "fact_payment": fact(of["payment"], "payment_record_id", ["payment_date"]).drop(
            columns=["company_ac_number", "counterparty_ac_number"]
        ),
    }
    return {
        "dim_date": dim_date(list(facts.values())),
        "dim_staff": of["staff"]
        .drop(columns=audit)
        .merge(of["department"].drop(columns=[*audit, "manager"]), on="department_id")
        .drop(columns="department_id"),
        "dim_location": location.rename(columns={"address_id": "location_id"}),
        "dim_currency": of["currency"]
        .drop(columns=audit)
        .assign(currency_name=lambda rows: rows["currency_code"].map(CURRENCY_NAMES)),
        "dim_design": of["design"].drop(columns=audit),
        "dim_counterparty": of["counterparty"][["counterparty_id", "counterparty_legal_name", "legal_address_id"]]
        .merge(legal, left_on="legal_address_id", right_on="counterparty_legal_address_id")
        .drop(columns=["legal_address_id", "counterparty_legal_address_id"]),
        "dim_payment_type": of["payment_type"].drop(columns=audit),
        "dim_transaction": of["transaction"].drop(columns=audit),
        **facts,
    }


def main(setting: str, source: str, target: str) -> None:
    with create_engine(by_psycopg2(source)).connect() as connection:
        tables = {table: pd.read_sql(f"SELECT * FROM {table}", connection) for table in TABLES}
    method = by_copy if setting == "copy" else None
    with create_engine(by_psycopg2(target)).begin() as connection:
        for name, rows in star(tables).items():
            rows.to_sql(name, connection, index=False, method=method, chunksize=ROWS_AT_A_TIME)


main(*sys.argv[1:])
