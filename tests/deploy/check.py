"""Checks the Helm chart; called by check.sh, which says how."""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import kubernetes_validate
import yaml

CHART = Path("deploy/helm/apitap")
PLAIN = Path("deploy/kubernetes")
HERE = Path("tests/deploy")
# The oldest and the newest that the schemas at hand cover.
VERSIONS = ["1.25", "1.34"]
OWN_KINDS = {"PodMonitor", "PrometheusRule"}
UPDATE = os.environ.get("UPDATE") == "1"

problems = []
checked = 0


def check(holds, what):
    global checked
    checked += 1
    if not holds:
        problems.append(what)


def helm(*arguments):
    return subprocess.run(["helm", *map(str, arguments)], capture_output=True, text=True)


def template(*arguments, name="apitap"):
    flags = ["--namespace", "apitap", "--kube-version", "1.34.0"]
    return helm("template", name, CHART, *flags, *arguments)


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def said(output):
    return "\n".join(line for line in output.splitlines() if "symbolic link" not in line)


def find(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def check_schemas(case, objects):
    for one in objects:
        where = f"{case}: {one['kind']} {one['metadata']['name']}"
        if one["kind"] in OWN_KINDS:
            check(one.get("spec"), f"{where} has no spec")
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(one, version, strict=True)
                check(True, "")
            except Exception as error:  # whatever it is, it is said
                check(False, f"{where}, Kubernetes {version}: {error}")


def mount_of(path, pod):
    mounts = [m for c in pod["containers"] for m in c["volumeMounts"]]
    return next((m for m in mounts if path == m["mountPath"] or path.startswith(m["mountPath"] + "/")), None)


def files_in(table):
    """Paths of files in a configuration, with their keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from files_in(value)
        elif isinstance(value, str) and (key.endswith("_file") or key == "directory"):
            yield key, value


def check_config(case, values, objects, pod):
    text = next(m for m in find(objects, "ConfigMap") if "apitap.toml" in m["data"])["data"]["apitap.toml"]
    try:
        config = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        check(False, f"{case}: apitap.toml is no TOML: {error}\n{text}")
        return

    def same(given, found, path):
        if isinstance(given, dict):
            check(isinstance(found, dict), f"{case}: {path} is no table")
            for key in given:
                same(given[key], (found or {}).get(key), f"{path}.{key}")
        else:
            # `7` must not become `7.0`: equal in Python, not in a configuration.
            whole = isinstance(given, float) and given.is_integer()
            kind = int if whole else type(given)
            check(found == given and isinstance(found, kind), f"{case}: {path} is {found!r}, given {given!r}")

    same(values.get("config", {}), config, "config")
    for key, path in files_in(config):
        check(mount_of(path, pod), f"{case}: {key} = {path} is in no mounted volume")
    program = os.environ.get("APITAP_BIN")
    if program and "sampling" not in config:
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            run = subprocess.run([program, "check", "--config", file.name], capture_output=True, text=True)
        check(run.returncode == 0, f"{case}: apitap check: {run.stderr}")


def check_pod(case, pod):
    own, pod_security = pod["containers"][0]["securityContext"], pod["securityContext"]
    check(own["capabilities"] == {"drop": ["ALL"], "add": ["NET_RAW"]}, f"{case}: capabilities")
    check(own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"], f"{case}: security context")
    check(pod_security["runAsNonRoot"] and pod_security["seccompProfile"]["type"] == "RuntimeDefault", f"{case}: pod security")
    check(pod["hostNetwork"] and pod["dnsPolicy"] == "ClusterFirstWithHostNet", f"{case}: host network")
    names = {volume["name"] for volume in pod["volumes"]}
    for container in pod["containers"] + pod.get("initContainers", []):
        check("memory" in container["resources"]["limits"], f"{case}: {container['name']} has no memory limit")
        for mount in container["volumeMounts"]:
            check(mount["name"] in names, f"{case}: no volume {mount['name']}")


def check_secrets(case, objects, pod):
    made = {secret["metadata"]["name"] for secret in find(objects, "Secret")}
    for secret in find(objects, "Secret"):
        text = base64.b64decode(secret["data"].get("apitap.key", "")).decode()
        if text:
            line = re.fullmatch(r"apitap-keys 1\nkey k1 \d{4}-\d\d-\d\d (\S+)\n", text)
            check(line and len(base64.b64decode(line[1])) == 32, f"{case}: the key made is no key file")
            check(secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep", f"{case}: the key is not kept")
        if "token" in secret["data"]:
            check(len(base64.b64decode(secret["data"]["token"])) >= 16, f"{case}: the token made is too short")
    text = yaml.safe_dump(find(objects, "ConfigMap") + find(objects, "DaemonSet"))
    check("not-a-real-password" not in text, f"{case}: a secret outside of Secrets")
    for volume in pod["volumes"]:
        name = volume.get("secret", {}).get("secretName")
        if name and not name.startswith("apitap-keys"):
            here = name in made
            check(here or case == "secrets", f"{case}: no Secret {name}")


def check_rights(case, values, objects, pod):
    watches = values["config"]["kubernetes"]["enabled"]
    roles = find(objects, "ClusterRole")
    check(bool(roles) == watches, f"{case}: RBAC {'missing' if watches else 'without need'}")
    check(pod["automountServiceAccountToken"] == watches, f"{case}: service account token")
    for rule in (rule for role in roles for rule in role["rules"]):
        check(set(rule["verbs"]) == {"list", "watch"}, f"{case}: RBAC allows more than to read")
        check("secrets" not in rule["resources"], f"{case}: RBAC allows to read Secrets")
    if roles and values["config"]["kubernetes"].get("scope") == "cluster":
        check("nodes" not in roles[0]["rules"][0]["resources"], f"{case}: nodes are not watched in that scope")


def merged(base, over):
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}


def check_case(file):
    case = file.stem
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    values = merged(defaults, yaml.safe_load(file.read_text()) or {})
    lint = helm("lint", "--strict", "--kube-version", "1.34.0", "--values", file, CHART)
    check(lint.returncode == 0, f"{case}: helm lint: {lint.stdout}{said(lint.stderr)}")
    made = template("--values", file)
    check(made.returncode == 0, f"{case}: {said(made.stderr)}")
    if made.returncode != 0:
        return
    objects = documents(made.stdout)
    check_schemas(case, objects)
    pod = find(objects, "DaemonSet")[0]["spec"]["template"]["spec"]
    check_pod(case, pod)
    check_config(case, values, objects, pod)
    check_secrets(case, objects, pod)
    check_rights(case, values, objects, pod)
    if case == "monitored":
        rules = yaml.safe_load(Path("deploy/prometheus/rules.yaml").read_text())
        check(find(objects, "PrometheusRule")[0]["spec"] == rules, f"{case}: alerts differ from deploy/prometheus/rules.yaml")
        ports = {port["name"] for port in pod["containers"][0]["ports"]}
        for endpoint in find(objects, "PodMonitor")[0]["spec"]["podMetricsEndpoints"]:
            check(endpoint["port"] in ports, f"{case}: the PodMonitor's port")
            jobs = [label["replacement"] for label in endpoint["relabelings"] if label["targetLabel"] == "job"]
            check(jobs == ["apitap"], f"{case}: the job that alerts look for")
        board = next(m for m in find(objects, "ConfigMap") if m["metadata"]["name"].endswith("-dashboard"))
        given = json.loads(Path("deploy/grafana/apitap.json").read_text())
        check(json.loads(board["data"]["apitap.json"]) == given, f"{case}: the dashboard differs")
    check_restart(case, file, objects)


def check_restart(case, file, objects):
    """A change of the configuration makes new pods; the same configuration does not."""
    sums = []
    for change in ([], ["--set", "config.privacy.tenant=other"]):
        again = documents(template("--values", file, *change).stdout)
        pod = find(again, "DaemonSet")[0]["spec"]["template"]
        sums.append(pod["metadata"]["annotations"]["checksum/config"])
    first = find(objects, "DaemonSet")[0]["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
    check(first == sums[0] != sums[1], f"{case}: the checksum of the configuration")


def check_refused(file):
    wanted = re.search(r"# says: (.*)", file.read_text())[1]
    made = template("--values", file)
    found = said(made.stderr)
    check(made.returncode != 0 and wanted in found, f"{file.stem} is to be refused with {wanted!r}: {found or 'it is not'}")


def fresh(file, text):
    if UPDATE:
        file.write_text(text)
    check(file.exists() and file.read_text() == text, f"{file} is old: run UPDATE=1 tests/deploy/check.sh")


def check_plain():
    made = template("--values", PLAIN / "values.yaml")
    check(made.returncode == 0, f"plain manifests: {said(made.stderr)}")
    dropped = ("# Source:", "    helm.sh/chart:", "        helm.sh/chart:")
    lines = [line for line in made.stdout.splitlines() if not line.startswith(dropped)]
    text = "\n".join(lines).replace("managed-by: Helm", "managed-by: kubectl")
    head = "# Made from deploy/helm/apitap with values.yaml by tests/deploy/check.sh: change those.\n"
    fresh(PLAIN / "apitap.yaml", head + text + "\n")
    for file in sorted(PLAIN.glob("*.yaml")):
        if file.name not in ("values.yaml", "kustomization.yaml"):
            check_schemas(f"plain {file.name}", documents(file.read_text()))
    resources = yaml.safe_load((PLAIN / "kustomization.yaml").read_text())["resources"]
    check(all((PLAIN / name).exists() for name in resources), "kustomization.yaml names files that are not there")


def table():
    """The table of values, from the comments that begin with `# --`."""
    rows, path, comment = [], [], None
    lines = (CHART / "values.yaml").read_text().splitlines()
    values = yaml.safe_load("\n".join(lines))
    for line in lines:
        text = line.strip()
        if text.startswith("# -- "):
            comment = [text[5:]]
        elif text.startswith("#"):
            if comment is not None:
                comment.append(text[2:])
        elif match := re.match(r"( *)([A-Za-z0-9_]+):", line):
            path = path[: len(match[1]) // 2] + [match[2]]
            if comment is not None:
                value = values
                for step in path:
                    value = value[step]
                shown = "see values.yaml" if "@default -- see below" in comment else f"`{json.dumps(value)}`"
                words = " ".join(part for part in comment if not part.startswith("@default"))
                rows.append(f"| `{'.'.join(path)}` | {shown} | {words} |")
                comment = None
    return "\n".join(["| Value | Default | Meaning |", "|-|-|-|", *rows])


def check_readme():
    file = CHART / "README.md"
    text = file.read_text()
    begin, end = "<!-- values: made by tests/deploy/check.sh -->\n", "\n<!-- end of values -->"
    check(begin in text and end in text, f"{file} has no place for the values")
    before, rest = text.split(begin)
    fresh(file, before + begin + table() + end + rest.split(end)[1])


def check_schema_is_whole():
    """Every value has a schema, and every schema a value."""
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    check(set(schema) - {"global"} == set(values), f"values.schema.json: {set(schema) ^ set(values)}")
    for name, value in values.items():
        if schema.get(name, {}).get("additionalProperties") is False:
            check(set(schema[name]["properties"]) == set(value), f"values.schema.json: {name}")


for file in sorted((HERE / "values").glob("*.yaml")):
    try:
        check_case(file)
    except (KeyError, TypeError, StopIteration) as error:
        check(False, f"{file.stem}: what comes out is not as expected: {error!r}")
for file in sorted((HERE / "refused").glob("*.yaml")):
    check_refused(file)
check_plain()
check_readme()
check_schema_is_whole()
for problem in problems:
    print(problem, file=sys.stderr)
print(f"Helm chart: {checked - len(problems)} passed, {len(problems)} failed")
sys.exit(bool(problems))
