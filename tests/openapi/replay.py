#!/usr/bin/env python3
"""Does an OpenAPI description accept the traffic it was written from?

    replay.py DESCRIPTION.json CAPTURE.pcap…

Reads the HTTP/1 calls of captures without loss (classic pcap, Ethernet, IPv4) by itself, and holds each request and
response against the description: path, parameters, media types, schemas. Needs the Python packages jsonschema and
openapi-spec-validator; exit code 3 without them, 1 when a call is refused.
"""

import json
import re
import struct
import sys
from collections import defaultdict
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, unquote, urlsplit

try:
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import validate
except ImportError as error:
    print(f"not installed: {error.name}")
    sys.exit(3)


def streams(path):
    """Both directions of each connection: bytes in order."""
    data = open(path, "rb").read()
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at, segments, start = 24, defaultdict(dict), {}
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        packet = data[at + 16:at + 16 + size]
        at += 16 + size
        if packet[12:14] != b"\x08\x00" or packet[23] != 6:
            continue
        ip = packet[14:]
        length = struct.unpack(">H", ip[2:4])[0]
        tcp = ip[(ip[0] & 15) * 4:length]
        flow = (ip[12:16], tcp[0:2], ip[16:20], tcp[2:4])
        sequence, flags = struct.unpack(">I", tcp[4:8])[0], tcp[13]
        if flags & 2:
            start[flow] = sequence + 1
        payload = tcp[(tcp[12] >> 4) * 4:]
        if payload and flow in start:
            segments[flow].setdefault((sequence - start[flow]) & 0xFFFFFFFF, payload)
    joined = {}
    for flow, parts in segments.items():
        whole = b""
        for offset in sorted(parts):
            assert offset <= len(whole), "a gap"
            whole += parts[offset][len(whole) - offset:]
        joined[flow] = whole
    for flow, whole in joined.items():
        back = flow[2:] + flow[:2]
        if re.match(rb"[A-Z]+ [^ ]+ HTTP/1", whole) and back in joined:
            yield whole, joined[back]


def messages(data, methods=None):
    """The messages of one direction: first line, fields, body."""
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        known = dict(fields)
        status = int(lines[0].split(" ")[1]) if methods is not None else 0
        body = b""
        if methods is not None and (status in (204, 304) or status < 200 or methods[0] == "HEAD"):
            pass
        elif known.get("transfer-encoding", "").endswith("chunked"):
            while True:
                line, _, rest = rest.partition(b"\r\n")
                size = int(line.split(b";")[0], 16)
                if size == 0:
                    while line:
                        line, _, rest = rest.partition(b"\r\n")
                    break
                body, rest = body + rest[:size], rest[size + 2:]
        elif "content-length" in known:
            size = int(known["content-length"])
            body, rest = rest[:size], rest[size:]
        elif methods is not None:
            body, rest = rest, b""
        data = rest
        if status and status < 200:
            continue
        if methods:
            methods.pop(0)
        yield lines[0], fields, body


def find(description, method, path):
    found = None
    for template, item in description["paths"].items():
        parts = (re.sub(r"\\{.*\\}", "[^/]+", re.escape(part)) for part in template.split("/"))
        pattern = "/".join(parts)
        if re.fullmatch(pattern, path) and method in item:
            found = found if found and found[0].count("{") <= template.count("{") else (template, item[method])
    return found[1] if found else None


def typed(text, schema):
    for kind, read in (("integer", int), ("number", float)):
        if schema.get("type") == kind:
            return read(text)
    return {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else text


def parameters(operation, query, fields, problems):
    cookies = {m.key: m.value for m in SimpleCookie(dict(fields).get("cookie", "")).values()}
    given = {"query": defaultdict(list), "header": defaultdict(list), "cookie": defaultdict(list)}
    for place, pairs in (("query", query), ("header", fields), ("cookie", cookies.items())):
        for name, value in pairs:
            given[place][name].append(value)
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            continue
        values, schema = given[parameter["in"]].get(parameter["name"]), parameter["schema"]
        if not values:
            problems += [f"{parameter['name']} is required"] if parameter["required"] else []
        elif schema.get("type") == "array":
            Draft202012Validator(schema).validate([typed(value, schema["items"]) for value in values])
        else:
            Draft202012Validator(schema).validate(typed(values[0], schema))


def content(described, fields, body, problems):
    known = dict(fields)
    if not body or known.get("content-encoding", "identity") != "identity":
        return
    media_type = known.get("content-type", "").split(";")[0].strip().lower()
    schema = described.get(media_type, described.get("*/*"))
    if schema is None:
        problems.append(f"{media_type} is not described")
    elif media_type.endswith("json"):
        Draft202012Validator(schema["schema"]).validate(json.loads(body))
    elif media_type.endswith("urlencoded"):
        properties = schema["schema"].get("properties", {})
        form = {name: typed(value, properties.get(name, {})) for name, value in parse_qsl(body.decode(), keep_blank_values=True)}
        Draft202012Validator(schema["schema"]).validate(form)


def check(description, request, response):
    line, fields, body = request
    method, target, _ = line.split(" ")
    url = urlsplit(target)
    operation = find(description, method.lower(), unquote(url.path))
    status = response[0].split(" ")[1]
    if operation is None:
        # Answers that show no endpoint are left out on purpose.
        return [] if status in ("400", "404", "405") else ["no such operation"]
    problems = []
    # A request may be refused for what it lacks.
    if not status.startswith("4"):
        asks(operation, url, fields, body, problems)
    _, fields, body = response
    answer = operation["responses"].get(status)
    if answer is None:
        return problems + [f"status {status} is not described"]
    content(answer.get("content", {}), fields, body, problems)
    return problems


def asks(operation, url, fields, body, problems):
    parameters(operation, parse_qsl(url.query, keep_blank_values=True), fields, problems)
    described = operation.get("requestBody")
    if described and described["required"] and not body:
        problems.append("the body is required")
    if described or body:
        content((described or {"content": {}})["content"], fields, body, problems)


def main():
    description = json.load(open(sys.argv[1]))
    validate(description)
    calls, schemas, refused = 0, 0, 0
    for path in sys.argv[2:]:
        for asked, answered in streams(path):
            requests = list(messages(asked))
            methods = [request[0].split(" ")[0] for request in requests]
            for request, response in zip(requests, messages(answered, methods)):
                calls += 1
                try:
                    problems = check(description, request, response)
                except Exception as error:  # A refusal of the schema, or traffic that cannot be read as described.
                    problems = [f"{type(error).__name__} {str(error).splitlines()[0]}"]
                schemas += bool(response[2])
                if problems:
                    refused += 1
                    print(f"{request[0]}: {'; '.join(problems)}")
    print(f"{calls - refused} of {calls} calls are accepted, {schemas} with a body")
    return 1 if refused or not calls else 0


if __name__ == "__main__":
    sys.exit(main())
