#!/usr/bin/env python3
"""Writes ocsf.tsv and ecs.tsv beside this file: what the published schemas say of the attributes apitap uses.

With these tables the tests check every event without network and Python. Run it when an attribute is added:

    tables.py EVENTS.ocsf.jsonl EVENTS.ecs.jsonl ECS_FLAT.json

The events are what `cargo test -p apitap-tests --test siem` leaves in target/siem/, the field list of ECS is
`EcsFlat` of the npm package @elastic/ecs 9.4.0 as JSON. The OCSF schema comes with the Python package ocsf-json-schema.
"""

import json
import pathlib
import sys

from ocsf_json_schema import get_ocsf_schema

HERE = pathlib.Path(__file__).parent
CLASSES = {4001: "network_activity", 4002: "http_activity", 6003: "api_activity"}
BASE = {"string_t", "integer_t", "long_t", "boolean_t", "object_t", "json_t"}


def ocsf(events):
    schema = get_ocsf_schema(version="1.8.0")
    types = schema["dictionary"]["types"]["attributes"]
    used = {}

    def walk(kind, name, value):
        attributes = schema[kind][name]["attributes"]
        names = used.setdefault((kind, name), set())
        names |= {a for a, d in attributes.items() if d["requirement"] == "required" and not d.get("profile")}
        for attribute, inner in value.items():
            names.add(attribute)
            found = attributes[attribute]
            if found["type"] == "object_t" and found["object_type"] != "object":
                for item in inner if found.get("is_array") else [inner]:
                    walk("objects", found["object_type"], item)

    for event in events:
        walk("classes", CLASSES[event["class_uid"]], event)
    rows = []
    for (kind, name), attributes in sorted(used.items()):
        for attribute in sorted(attributes):
            found = schema[kind][name]["attributes"][attribute]
            # Of a profile that no event lists.
            if attribute in ("cloud", "osint"):
                continue
            base = found["type"] if found["type"] in BASE else types[found["type"]]["type"]
            rows.append([
                name, attribute, found.get("object_type") or base.removesuffix("_t"),
                "list" if found.get("is_array") else "one",
                "required" if found["requirement"] == "required" else "optional",
                ",".join(sorted(found.get("enum", {}))) or "-",
            ])
    return rows


def ecs(events, flat):
    used = {"@timestamp", "ecs.version", "event.kind"}

    def walk(prefix, value):
        for name, inner in value.items():
            path = f"{prefix}{name}"
            if isinstance(inner, dict):
                walk(f"{path}.", inner)
            else:
                used.add(path)

    for event in events:
        walk("", {name: value for name, value in event.items() if name != "apitap"})
    rows = []
    for path in sorted(used):
        found = flat[path]
        values = [value["name"] for value in found.get("allowed_values", [])] or found.get("expected_values", [])
        rows.append([path, found["type"], "list" if "array" in found["normalize"] else "one", ",".join(values) or "-"])
    return rows


def write(name, rows):
    (HERE / name).write_text("".join("\t".join(row) + "\n" for row in rows))


if __name__ == "__main__":
    events = [[json.loads(line) for line in open(path)] for path in sys.argv[1:3]]
    write("ocsf.tsv", ocsf(events[0]))
    write("ecs.tsv", ecs(events[1], json.load(open(sys.argv[3]))))
