#!/usr/bin/env bash
# Installs what is missing to build apitap (demo), to test it as well (test), or to measure it (bench). Quick when nothing is.
#
# usage: tests/setup.sh demo|test|bench
set -euo pipefail

what=${1:?usage: tests/setup.sh demo|test|bench}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

# librdkafka is built from source; the rest are the libraries it and the capture use.
packages=(build-essential cmake pkg-config libpcap-dev libssl-dev libcurl4-openssl-dev zlib1g-dev)
if [ "$what" = test ]; then
    # A Kafka broker (fetched by Maven) and a client that reads it; setpriv, to run without root's rights;
    # openssl, for certificates; ip and tc, for network namespaces; nginx, ab and curl, for traffic in them; nginx and
    # haproxy, for the PROXY protocol.
    packages+=(maven kcat util-linux openssl iproute2 nginx-light libnginx-mod-stream haproxy apache2-utils curl)
fi

if [ "$what" = bench ]; then
    packages+=(tcpdump python3 zstd)
fi

fail() {
    echo "setup: $1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "not root, and there is no sudo; run as root: $*"
    fi
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
    local missing=() package
    if [ "$what" = test ] && ! command -v java >/dev/null; then
        missing+=(default-jre-headless)
    fi
    for package in "${packages[@]}"; do
        installed "$package" || missing+=("$package")
    done
    if [ ${#missing[@]} = 0 ]; then
        return
    fi
    echo "setup: installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
}

# Whether the cargo at hand is new enough: rustup brings the version of rust-toolchain.toml by itself.
rust_works() {
    command -v cargo >/dev/null || return 1
    local have want
    have=$(cargo --version 2>/dev/null | cut -d ' ' -f 2) || return 1
    want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    [ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ]
}

install_rust() {
    if [ -d "$HOME/.cargo/bin" ]; then
        PATH="$HOME/.cargo/bin:$PATH"
    fi
    if rust_works; then
        return
    fi
    local channel one_liner
    channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    one_liner="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal"
    if ! command -v rustup >/dev/null && command -v apt-get >/dev/null; then
        # Debian 13 and Ubuntu 24.04 have rustup, Debian 12 has not.
        as_root apt-get update -qq
        if apt-cache policy rustup | grep -q 'Candidate: [0-9]'; then
            echo "setup: installing rustup"
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends rustup
        elif [ -n "${CI:-}" ]; then
            echo "setup: installing rustup from rustup.rs"
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends curl ca-certificates
            sh -c "$one_liner --default-toolchain none"
            PATH="$HOME/.cargo/bin:$PATH"
        fi
    fi
    if command -v rustup >/dev/null; then
        echo "setup: installing Rust $channel"
        rustup toolchain install "$channel" --profile minimal --component clippy --component rustfmt
        rust_works && return
    fi
    fail "Rust $channel is missing. Install it with

    $one_liner

and run this again."
}

# Helm, and Kubernetes' schemas, for tests/deploy/check.sh, which says what is missing when this fails.
install_deploy_tools() {
    local tools="$root/.cache/deploy"
    if ! PATH="$tools/bin:$PATH:$HOME/go/bin" command -v helm >/dev/null && command -v go >/dev/null; then
        echo "setup: building helm (about two minutes, once)"
        GOBIN="$tools/bin" GOFLAGS=-trimpath GOTOOLCHAIN=local \
            go install -ldflags '-s -w' helm.sh/helm/v3/cmd/helm@v3.18.6 >/dev/null 2>&1 ||
            echo "setup: helm cannot be built here" >&2
    fi
    if ! PATH="$tools/venv/bin:$PATH" python3 -c 'import kubernetes_validate' 2>/dev/null; then
        echo "setup: installing kubernetes-validate"
        { python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" -q install kubernetes-validate==1.34.1; } >/dev/null 2>&1 ||
            echo "setup: kubernetes-validate cannot be installed here" >&2
    fi
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_packages
else
    echo "setup: no apt here; these must be installed under the names they have on this system: ${packages[*]}" >&2
fi
install_rust
if [ "$what" = test ] && [ -z "${KAFKA_BROKERS:-}" ]; then
    # The test itself says what is missing when this fails.
    bash tests/kafka/fetch.sh >/dev/null || true
fi
if [ "$what" = test ]; then
    install_deploy_tools
fi
