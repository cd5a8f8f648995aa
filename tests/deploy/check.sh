#!/usr/bin/env bash
# Checks the Helm chart and the plain manifests: lint, templates with each values file, Kubernetes' own schemas, the
# configuration that comes out, values that must be refused, and that what is generated is fresh.
#
# usage: tests/deploy/check.sh          UPDATE=1 writes deploy/kubernetes/apitap.yaml and the chart's table of values
#
# $APITAP_BIN, if set, checks the configurations as well (apitap check).
# Without its tools it says so and passes, but not where $APITAP_HELM is `required`.
set -euo pipefail
cd "$(dirname "$0")/../.."

PATH="$PWD/.cache/deploy/bin:$PWD/.cache/deploy/venv/bin:$PATH:$HOME/go/bin"

missing() {
    echo "SKIPPED the Helm chart: $1: run tests/setup.sh test, which installs it into .cache/deploy (needs Go 1.24 and Python 3)"
    if [ "${APITAP_HELM:-}" = required ]; then
        exit 1
    fi
    exit 0
}

command -v helm >/dev/null || missing "helm is not here"
python3 -c 'import kubernetes_validate, yaml, tomllib' 2>/dev/null ||
    missing "Python 3.11 with kubernetes-validate is not here"
exec python3 tests/deploy/check.py
