#!/usr/bin/env bash
# Builds the Debian package and the RPM into packages/ of the target directory.
#
# usage: deploy/packages/build.sh [deb|rpm]...
#   Needs cargo-deb and cargo-generate-rpm (cargo install cargo-deb cargo-generate-rpm).
#   PROFILE=dev packages a debug build, for trying the packages themselves.
#
# A package runs on the distribution release it was built on and later ones: build it on the oldest you have.
set -euo pipefail
cd "$(dirname "$0")/../.."

kinds=("${@:-deb}")
[ $# -gt 0 ] || kinds=(deb rpm)
profile=${PROFILE:-dist}
directory=$([ "$profile" = dev ] && echo debug || echo "$profile")
target=${CARGO_TARGET_DIR:-target}
out=$target/packages
staged=deploy/packages/staged
binary=$target/$directory/apitap

fail() {
    echo "build.sh: $1" >&2
    exit 1
}

for kind in "${kinds[@]}"; do
    case $kind in
    deb) command -v cargo-deb >/dev/null || fail "cargo-deb is missing: cargo install cargo-deb" ;;
    rpm) command -v cargo-generate-rpm >/dev/null || fail "cargo-generate-rpm is missing: cargo install cargo-generate-rpm" ;;
    *) fail "unknown kind of package '$kind': deb or rpm" ;;
    esac
done

if [ "$profile" = dist ]; then
    deploy/build.sh
else
    cargo build --locked --profile "$profile" --package apitap
fi

# What the program writes about itself; and the program without debug lines, under a name that does not depend on the profile.
rm -rf "$staged"
mkdir -p "$out" "$staged"
strip -o "$staged/apitap" "$binary"
"$binary" man | gzip -9n >"$staged/apitap.1.gz"
"$binary" completions bash >"$staged/apitap.bash"
"$binary" completions zsh >"$staged/_apitap"
"$binary" completions fish >"$staged/apitap.fish"

for kind in "${kinds[@]}"; do
    case $kind in
    deb) cargo deb --package apitap --no-build --no-strip --output "$out/" ;;
    rpm) cargo generate-rpm --package sensor --output "$out/" ;;
    esac
done
