#!/usr/bin/env bash
# Runs a sensor for a long time on connections that come and go, break and fail, and watches its memory, descriptors and threads.
# Prints a table, and fails when one of them grows. Not part of the tests.
#
# usage: tests/soak.sh [SECONDS]     1200 seconds if not said; as root
#
# APITAP_BIN      the program; target/release/apitap if not set
# SOAK_DELAY      delay of requests, 5ms if not set: the shorter, the more calls
# KAFKA_BROKERS   host:port of brokers that can be reached from a namespace of its own; without, records go to /dev/null
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-1200}
program=${APITAP_BIN:-target/release/apitap}

fail() {
    echo "soak: $1" >&2
    exit 1
}

[ "$(id -u)" = 0 ] || fail "namespaces need root"
[ -x "$program" ] || fail "there is no $program: cargo build --release -p apitap, or set APITAP_BIN"
for tool in ip tc nginx wrk ab curl setpriv; do
    command -v $tool >/dev/null || fail "$tool is missing: apt-get install iproute2 nginx-light wrk apache2-utils curl util-linux"
done

home=$(mktemp -d /tmp/apitap-soak-XXXXXX)
client=soak-$$-client server=soak-$$-server sensor=soak-$$-sensor
pids=()

clean() {
    set +e
    touch "$home/stop"
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    for namespace in $client $server $sensor; do ip netns del $namespace; done
    rm -rf "$home"
}
trap clean EXIT

# client ═ server, and a copy of all that to the sensor.
for namespace in $client $server $sensor; do
    ip netns add $namespace
    ip netns exec $namespace sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    ip -n $namespace link set lo up
done
# Ports of closed connections are soon free again.
ip netns exec $client sysctl -qw net.ipv4.ip_local_port_range='1024 65535' net.ipv4.tcp_tw_reuse=1
ip -n $client link add clt0 type veth peer name srv0 netns $server
ip -n $server link add span0 type veth peer name mir0 netns $sensor
ip -n $client addr add 10.77.0.1/24 dev clt0
ip -n $server addr add 10.77.0.2/24 dev srv0
for port in "$client clt0" "$server srv0" "$server span0" "$sensor mir0"; do
    ip -n ${port% *} link set "${port#* }" up
done
# A wire that is not infinitely fast, or the clients would take every processor: by delay, else by rate.
tc -n $client qdisc add dev clt0 root netem delay "${SOAK_DELAY:-5ms}" limit 20000 2>/dev/null ||
    tc -n $client qdisc add dev clt0 root tbf rate 4mbit burst 64kb latency 200ms
tc -n $server qdisc add dev srv0 clsact
for side in ingress egress; do
    tc -n $server filter add dev srv0 $side protocol all u32 match u32 0 0 action mirred egress mirror dev span0
done

head -c 2000000 /dev/zero | tr '\0' 'x' >"$home/large"
cat >"$home/nginx.conf" <<NGINX
daemon off; master_process off; user root; pid $home/nginx.pid; error_log /dev/null;
events { worker_connections 2048; }
http { access_log off; client_body_temp_path $home/body; proxy_temp_path $home/proxy; fastcgi_temp_path $home/fastcgi;
uwsgi_temp_path $home/uwsgi; scgi_temp_path $home/scgi;
server { listen 10.77.0.2:80; keepalive_requests 10000;
location /calls { default_type application/json; return 200 '{"page":"\$arg_page","state":"ok","email":"a@b.example","items":[{"id":1,"price":2.5},{"id":2,"price":3.5}]}'; }
location /large { limit_rate 200k; alias $home/large; }
location /error { return 500; } } }
NGINX
ip netns exec $server nginx -c "$home/nginx.conf" -p "$home" &
pids+=($!)

output="output.file.path = '-'"
if [ -n "${KAFKA_BROKERS:-}" ]; then
    output="output.kafka.brokers = '$KAFKA_BROKERS'
output.kafka.spool.directory = '$home/spool'"
fi
cp "$program" "$home/apitap"
"$home/apitap" key new --out "$home/key" >/dev/null
cat >"$home/apitap.toml" <<TOML
sensor.id = 'soak'
sensor.key_file = '$home/key'
admin.listen = 'unix:$home/admin.sock'
capture.interfaces = ['mir0']
$output
TOML
chmod 0755 "$home"
chown -R 65534:65534 "$home/apitap" "$home/key" "$home"
ip netns exec $sensor setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +net_raw --ambient-caps +net_raw \
    -- "$home/apitap" run --config "$home/apitap.toml" >/dev/null 2>"$home/log" &
daemon=$!
pids+=("$daemon")

inside() {
    ip netns exec $client "$@" >/dev/null 2>&1 || true
}

# Each until the end: what clients do.
steady() { inside wrk -t 1 -c 4 -d "${seconds}s" "http://10.77.0.2/calls?page=1"; }
churn() { until [ -e "$home/stop" ]; do inside ab -q -n 2000 -c 20 "http://10.77.0.2/calls?page=2"; done; }
errors() { until [ -e "$home/stop" ]; do inside curl -s "http://10.77.0.2/{error,none,calls}?of=[1-50]"; sleep 0.2; done; }
aborted() { until [ -e "$home/stop" ]; do inside timeout 0.3 curl -s http://10.77.0.2/large; done; }
garbage() {
    until [ -e "$home/stop" ]; do
        inside timeout 1 bash -c 'for n in {1..20}; do head -c 3000 /dev/urandom >/dev/tcp/10.77.0.2/80; done
            exec 3<>/dev/tcp/10.77.0.2/80; printf "POST /calls HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\nhalf" >&3; sleep 0.5'
        sleep 0.2
    done
}

value() {
    awk -v name="$1" '$1 ~ "^" name "([{]|$)" { sum += $2 } END { printf "%.0f", sum }' "$home/metrics"
}

for _ in $(seq 100); do [ -S "$home/admin.sock" ] && break; sleep 0.1; done
for load in steady churn errors aborted garbage; do
    $load &
    pids+=($!)
done

printf '%8s %8s %6s %8s %12s %14s %8s %8s %5s\n' seconds MiB files threads calls packets dropped defects rung | tee "$home/table"
start=$SECONDS
step=$((seconds / 80 + 5))
while [ $((SECONDS - start)) -lt "$seconds" ]; do
    sleep $step
    kill -0 "$daemon" 2>/dev/null || { cat "$home/log" >&2; fail "the sensor ended"; }
    curl -sf --unix-socket "$home/admin.sock" http://apitap/metrics >"$home/metrics" || fail "/metrics does not answer"
    printf '%8d %8.1f %6d %8d %12d %14d %8d %8d %5d\n' $((SECONDS - start)) \
        "$(awk '$1 == "apitap_memory_resident_bytes" { print $2 / 1048576 }' "$home/metrics")" \
        "$(value apitap_open_descriptors)" "$(value apitap_threads)" "$(value apitap_calls_total)" \
        "$(value apitap_packets_total)" \
        "$(($(value apitap_interface_kernel_dropped_packets_total) + $(value apitap_queue_dropped_total)))" \
        "$(value apitap_defects_total)" "$(value apitap_ladder_rung)" |
        tee -a "$home/table"
done
cpu=$(awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$daemon/stat")
calls=$(value apitap_calls_total)
awk -v cpu="$cpu" -v calls="$calls" -v time="$seconds" 'BEGIN {
    printf "%d calls in %d s: %.0f a second; %.0f s of processor: %.0f microseconds a call\n",
        calls, time, calls / time, cpu, cpu * 1e6 / (calls ? calls : 1) }'

# The second quarter against the last: the first is the start.
awk '
    NR > 1 { memory[++n] = $2; files[n] = $3; threads[n] = $4; defects = $8 }
    function most(of, from, to,    i, found) { for (i = from; i <= to; i++) if (of[i] > found) found = of[i]; return found }
    END {
        if (n < 8) { print "soak: too short to judge"; exit 1 }
        half = int(n / 2); quarter = int(n / 4) + 1; last = n - quarter + 1
        before = most(memory, quarter, half); after = most(memory, last, n)
        printf "memory: %.1f MiB in the second quarter, %.1f MiB in the last\n", before, after
        if (after > before * 1.15 + 8) { print "soak: memory grows"; bad = 1 }
        if (most(files, last, n) > most(files, quarter, half) + 4) { print "soak: descriptors grow"; bad = 1 }
        if (most(threads, last, n) != most(threads, quarter, half)) { print "soak: threads change"; bad = 1 }
        if (defects) { print "soak: a worker met a defect; see the log"; bad = 1 }
        exit bad
    }' "$home/table" || { grep -v '"INFO"' "$home/log" | head -20 >&2; exit 1; }
echo "soak: nothing grows"
