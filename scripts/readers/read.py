"""Prints the rows of a file as one reader sees them: `read.py READER FILE`, as JSON {version, rows}.

Each row has the columns of rows.ts: text, number, date, date-time, flag. Texts are as they are, numbers are numbers, days and
instants are ISO text. Exit code 3: the reader is not installed.
"""

import csv
import datetime
import importlib.metadata
import io
import json
import sys


def plain(value):
    """Returns a value as JSON can hold it."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return None if value != value else value
    return str(value)


def openpyxl_rows(path):
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return list(sheet.iter_rows(min_row=2, values_only=True))


def calamine_rows(path):
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]


def pandas_rows(path):
    import pandas

    frame = pandas.read_excel(path, dtype=object, keep_default_na=False, na_values=[])
    return frame.values.tolist()


def polars_rows(path):
    import polars

    return polars.read_excel(path, infer_schema_length=None).rows()


def duckdb_rows(path):
    import duckdb

    return duckdb.sql(f"SELECT * FROM read_xlsx('{path}', header = true)").fetchall()


def xlsx2csv_rows(path):
    from xlsx2csv import Xlsx2csv

    out = io.StringIO()
    Xlsx2csv(path, outputencoding="utf-8").convert(out, sheetid=1)
    return list(csv.reader(io.StringIO(out.getvalue(), newline="")))[1:]


def csv_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))[1:]


def pandas_csv_rows(path):
    import pandas

    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[])
    return frame.values.tolist()


def polars_csv_rows(path):
    import polars

    return polars.read_csv(path, infer_schema_length=0).rows()


def duckdb_csv_rows(path):
    import duckdb

    options = "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"'"
    return duckdb.sql(f"SELECT * FROM read_csv('{path}', {options})").fetchall()


READERS = {
    "openpyxl": ("openpyxl", openpyxl_rows),
    "calamine": ("python-calamine", calamine_rows),
    "pandas": ("pandas", pandas_rows),
    "polars": ("polars", polars_rows),
    "duckdb": ("duckdb", duckdb_rows),
    "xlsx2csv": ("xlsx2csv", xlsx2csv_rows),
    "csv": (None, csv_rows),
    "pandas-csv": ("pandas", pandas_csv_rows),
    "polars-csv": ("polars", polars_csv_rows),
    "duckdb-csv": ("duckdb", duckdb_csv_rows),
}

package, read = READERS[sys.argv[1]]
try:
    version = sys.version.split()[0] if package is None else importlib.metadata.version(package)
except importlib.metadata.PackageNotFoundError:
    sys.exit(3)
rows = [[plain(value) for value in row] for row in read(sys.argv[2])]
json.dump({"version": version, "rows": rows}, sys.stdout)
