#!/usr/bin/env bash
# Finds out how many packets a second a sensor takes from an interface without loss: plays a capture at rising rates, a
# new sensor each time with one capture thread. Not part of the tests.
#
# usage: tests/rate.sh CAPTURE.pcap [PACKETS_PER_SECOND…]     as root; 0 is as fast as the player can
#
# The capture should have packets for some seconds and connections that do not repeat: tests/bench/repeat.py makes it.
#
# APITAP_BIN     the program; target/release/apitap if not set
# RATE_SECONDS   how long each rate is played, 10 if not set
# RATE_WORKERS   worker threads, 1 if not set
# RATE_SETTINGS  further settings of the sensor, such as 'overload.ladder = false'
# RATE_WITH      what starts sensor and player, such as 'chrt -r 1' where other work shares the processors
set -euo pipefail
cd "$(dirname "$0")/.."

program=${APITAP_BIN:-target/release/apitap}
seconds=${RATE_SECONDS:-10}
read -ra with <<<"${RATE_WITH:-}"

fail() {
    echo "rate: $1" >&2
    exit 1
}

(($# > 0)) || fail "usage: tests/rate.sh CAPTURE.pcap [PACKETS_PER_SECOND…]"
capture=$(realpath "$1")
shift
(($# > 0)) || set -- 20000 40000 60000 80000 100000 120000 150000 200000 300000 0
[ "$(id -u)" = 0 ] || fail "namespaces need root"
[ -x "$program" ] || fail "there is no $program: cargo build --release -p apitap, or set APITAP_BIN"
for tool in ip tcpreplay curl setpriv python3; do
    command -v $tool >/dev/null || fail "$tool is missing: apt-get install iproute2 tcpreplay curl util-linux python3"
done

home=$(mktemp -d /tmp/apitap-rate-XXXXXX)
player=rate-$$-player sensor=rate-$$-sensor
daemon=

clean() {
    set +e
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null
    wait 2>/dev/null
    for namespace in $player $sensor; do ip netns del $namespace; done
    rm -rf "$home"
}
trap clean EXIT

for namespace in $player $sensor; do
    ip netns add $namespace
    ip netns exec $namespace sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
ip -n $player link add span0 type veth peer name mir0 netns $sensor
for port in "$player span0" "$sensor mir0"; do
    ip -n ${port% *} link set "${port#* }" mtu 9000 up
done

cp "$program" "$home/apitap"
"$home/apitap" key new --out "$home/key" >/dev/null
cat >"$home/apitap.toml" <<TOML
sensor.id = 'rate'
sensor.key_file = '$home/key'
admin.listen = 'unix:$home/admin.sock'
capture.interfaces = ['mir0']
capture.buffer_mebibytes = 256
daemon.workers = ${RATE_WORKERS:-1}
output.file.path = '-'
output.file.format = 'protobuf'
${RATE_SETTINGS:-}
TOML
chmod 0755 "$home"
chown -R 65534:65534 "$home"

get() { curl -sf --unix-socket "$home/admin.sock" "http://apitap/$1"; }

# What threads of the sensor have used, in milliseconds: how their names begin.
cpu() {
    local task
    for task in /proc/"$daemon"/task/*; do
        grep -q "^$1" "$task/comm" && cat "$task/schedstat"
    done | awk '{ sum += $1 } END { printf "%d", sum / 1000000 }'
}

printf '%10s %10s %10s %11s %10s %10s %8s %9s %9s %5s %7s\n' \
    wanted/s sent/s received kernel-drop queue-drop calls calls/s capture-% worker-% rung MiB
for rate in "$@"; do
    rm -f "$home/admin.sock"
    "${with[@]}" ip netns exec $sensor setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +net_raw \
        --ambient-caps +net_raw -- "$home/apitap" run --config "$home/apitap.toml" >/dev/null 2>"$home/log" &
    daemon=$!
    for _ in $(seq 100); do get readyz >/dev/null 2>&1 && break; sleep 0.1; done
    get readyz >/dev/null || { cat "$home/log" >&2; fail "the sensor does not start"; }

    how=(--pps="$rate" --limit=$((rate * seconds)))
    ((rate > 0)) || how=(--topspeed)
    "${with[@]}" ip netns exec $player tcpreplay --quiet --preload-pcap --intf1=span0 "${how[@]}" "$capture" >"$home/played" 2>&1 ||
        { cat "$home/played" >&2; fail "tcpreplay failed"; }
    # Until nothing more is counted.
    before=
    while now=$(get status | python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["accounting"], s["records"])') &&
        [ "$now" != "$before" ]; do
        before=$now
        sleep 1.5
    done
    get status | python3 -c '
import json, re, sys
status, played = json.load(sys.stdin), open(sys.argv[1]).read()
sent, took = re.search(r"Actual: (\d+) packets .* sent in ([\d.]+) seconds", played).groups()
took = float(took)
overload = status["metrics"]["overload"]
interface = status["interfaces"][0]
rungs = {int(rung): value for rung, value in overload["ladder_seconds"].items()}
highest = max([rung for rung, value in rungs.items() if value] or [1])
print("%10s %10.0f %10d %11d %10d %10d %8.0f %9.0f %9.0f %5d %7.1f" % (
    sys.argv[2], int(sent) / took, interface["received"], interface["kernel_dropped"],
    overload["queue_dropped"]["segments"] + overload["queue_dropped"]["records"], status["records"],
    status["records"] / took, float(sys.argv[3]) / took / 10, float(sys.argv[4]) / took / 10, highest,
    status["memory"]["resident_bytes"] / 2**20))
' "$home/played" "$rate" "$(cpu capture-)" "$(cpu worker-)"
    kill "$daemon"
    wait "$daemon" || { tail -3 "$home/log" >&2; fail "the sensor ended badly"; }
    daemon=
done
