#!/usr/bin/env bash
# The whole program against `tcpdump -r FILE -w /dev/null`, in turn, as a ratio of processor time.
# What is measured is what is shipped (deploy/build.sh); APITAP_BIN names another program.
# Usage: run.sh [CAPTURE.pcap|.pcap.zst …]; without arguments the captures of ../shared/perf, where it is, else a fixture.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${RUNS:-5} megabytes=${MEGABYTES:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if (($# == 0)); then
    if [ -d ../shared/perf ]; then set -- ../shared/perf/{api-small,many-flows,api-large,h2c,non-http,api-small-lossy,api-small-vxlan}.pcap.zst
    else set -- fixtures/keepalive/input.pcap.zst; fi
fi
cpu() { # processor time of a command, in milliseconds
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ printf "%d", ($1 + $2) * 1000 }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
echo "| Workload | apitap, ms | tcpdump, ms | Ratio | Peak memory, MiB | Calls |"
echo "|-|-|-|-|-|-|"
for capture in "$@"; do
    name=$(basename "$capture" | sed 's/\.pcap.*//')
    case $capture in *.zst) zstd -dqf "$capture" -o "$work/one.pcap" ;; *) cp "$capture" "$work/one.pcap" ;; esac
    python3 tests/bench/repeat.py "$work/one.pcap" "$work/big.pcap" "$megabytes" >/dev/null
    ours="${APITAP_BIN:-target/dist/apitap} read --threads 1 --output protobuf --out /dev/null $work/big.pcap"
    $ours >/dev/null 2>"$work/summary"
    tcpdump -r "$work/big.pcap" -w /dev/null 2>/dev/null
    : >"$work/a"; : >"$work/b"; : >"$work/r"
    for _ in $(seq "$runs"); do
        a=$(cpu $ours) b=$(cpu tcpdump -r "$work/big.pcap" -w /dev/null)
        echo "$a" >>"$work/a"; echo "$b" >>"$work/b"
        awk -v a="$a" -v b="$b" 'BEGIN { printf "%.1f\n", a / (b ? b : 1) }' >>"$work/r"
    done
    $ours 2>/dev/null & pid=$!
    peak=0
    while rss=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null) && [ -n "$rss" ]; do peak=$rss; sleep 0.02; done
    wait $pid
    calls=$(sed -n 's/.*, \([0-9]*\) calls$/\1/p' "$work/summary")
    echo "| $name | $(median <"$work/a") | $(median <"$work/b") | $(median <"$work/r") | $peak | $calls |"
done
