#!/usr/bin/env bash
# Registers a schema of this folder in a Confluent Schema Registry: what it imports first, each under its own name,
# then the file itself. Registering again changes nothing.
#
# usage: proto/register.sh REGISTRY_URL SUBJECT FILE
#        proto/register.sh https://registry:8081 apitap.calls.v1-value apitap/v1/call.proto
#
# A login comes from the environment as curl takes it: REGISTRY_CURL="--netrc".
set -euo pipefail

registry=${1:?usage: proto/register.sh REGISTRY_URL SUBJECT FILE}
subject=${2:?the subject is missing, such as apitap.calls.v1-value}
file=${3:?the file is missing, such as apitap/v1/call.proto}
cd "$(dirname "$0")"
[ -f "$file" ] || { echo "register: proto/$file is not there" >&2; exit 1; }

# Sends $2 to the path $1 of the registry, and prints the answer.
post() {
    # shellcheck disable=SC2086 # several options
    curl -fsS ${REGISTRY_CURL:-} "${registry%/}/subjects/$(jq -rn --arg s "$1" '$s|@uri')$2" \
        -H 'content-type: application/vnd.schemaregistry.v1+json' --data-binary @-
}

# Registers file $2 as subject $1, and prints its version.
register() {
    local references='[]' name version body
    while read -r name; do
        version=$(register "$name" "$name")
        references=$(jq -c --arg n "$name" --argjson v "$version" \
            '. + [{name: $n, subject: $n, version: $v}]' <<<"$references")
    done < <(sed -n 's/^import "\(apitap[^"]*\)";/\1/p' "$2")
    body=$(jq -n --rawfile s "$2" --argjson r "$references" \
        '{schemaType: "PROTOBUF", schema: $s, references: $r}')
    post "$1" /versions <<<"$body" >/dev/null
    post "$1" "" <<<"$body" | jq -e .version
}

version=$(register "$subject" "$file")
echo "$subject is version $version of proto/$file"
