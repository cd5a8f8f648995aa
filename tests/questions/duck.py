#!/usr/bin/env python3
"""Asks the ten questions of docs/record.md, as they stand there, of records in JSON lines: duck.py RECORD.md CALLS.jsonl

Texts like `tok_id_k1_…` stand for a token: they get one that a caller of the records has, and the moment is the last. Prints how many rows
each answer has. Ends with 3 where DuckDB is not installed.
"""

import json
import re
import sys

try:
    import duckdb
except ImportError:
    print("the Python package duckdb is not installed")
    sys.exit(3)

page = open(sys.argv[1], encoding="utf-8").read().split("## Ten questions")[1]
records = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
views = re.search(r"```sql\n(.*?)```", page, re.S)[1].replace("calls.jsonl", sys.argv[2])
questions = re.findall(r"`(select .*?)`$", page, re.S | re.M)


def token(*kinds, role="CALLER"):
    """A token of an entity: of a caller with a link, if there is one."""
    for source in ("LINK", "CLAIM", "LOGIN", None):
        for record in records:
            for entity in record.get("entities", []):
                if entity["kind"] in kinds and entity.get("role") == role and source in (None, entity["source"]):
                    return entity["value"]["token"]["text"]
    raise SystemExit(f"no caller is a {kinds}")


def returned():
    """The token of an object that was handed out."""
    return next(o["value"]["token"]["text"] for r in records for o in r.get("objects", []) if o.get("returned"))


database = duckdb.connect()
for view in views.split(";"):
    if view.strip():
        database.sql(view)
assert len(questions) == 10, f"{len(questions)} questions found"
for number, question in enumerate(questions, 1):
    if number == 1:
        question = question.replace("'INVOICE'", "'ORDER'")
        orders = [o for r in records for o in r.get("objects", []) if o.get("kind") == "ORDER" and not o.get("returned")]
        question = question.replace("tok_id_k1_…", orders[0]["value"]["token"]["text"])
    if number == 2:
        who = next(e for r in records if any(o.get("returned") for o in r.get("objects", []))
                   for e in r.get("entities", []) if e["role"] == "CALLER")["value"]["token"]["text"]
        what = next(o for r in records if any(e["value"].get("token", {}).get("text") == who for e in r.get("entities", []))
                    for o in r.get("objects", []) if o.get("returned"))["value"]["token"]["text"]
        question = question.replace("tok_id_k1_…", what).replace("tok_user…", who).replace("timestamp '…'", "timestamp '2100-01-01'")
    question = question.replace("tok_id_k1_…", token("USER"))
    try:
        ((rows,),) = database.sql(f"select count(*) from ({question})").fetchall()
    except duckdb.Error as error:
        raise SystemExit(f"question {number}: {error}") from None
    print(f"{number}: {rows}")
