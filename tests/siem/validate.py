#!/usr/bin/env python3
"""Validates events on standard input, one JSON object a line, against the published OCSF 1.8.0 JSON Schema.

Needs the Python packages ocsf-json-schema and jsonschema; exit code 3 without them, 1 when an event is invalid.
"""

import json
import sys

try:
    from jsonschema import Draft202012Validator
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
except ImportError as error:
    print(f"not installed: {error.name}")
    sys.exit(3)

CLASSES = {4001: "network_activity", 4002: "http_activity", 6003: "api_activity"}


def main() -> int:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0"))
    validators = {}
    events = 0
    for number, line in enumerate(sys.stdin, 1):
        event = json.loads(line)
        profiles = tuple(event["metadata"]["profiles"])
        key = (event["class_uid"], profiles)
        if key not in validators:
            found = schema.get_class_schema(CLASSES[key[0]], list(profiles))
            validators[key] = Draft202012Validator(found)
        problem = next(validators[key].iter_errors(event), None)
        if problem:
            path = ".".join(map(str, problem.absolute_path))
            print(f"event {number}: {path}: {problem.message[:200]}")
            return 1
        events += 1
    print(f"{events} events are valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
