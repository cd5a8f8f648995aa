#!/usr/bin/env bash
# Fuzzes one target: tests/fuzz/run.sh TARGET [SECONDS [ARGUMENT OF LIBFUZZER]...]
#
# Needs a nightly toolchain (rustup toolchain install nightly); no other tool. What is found lies in tests/fuzz/artifacts,
# what was learned in tests/fuzz/corpus.
set -euo pipefail

target=${1:?which target: one of tests/fuzz/fuzz_targets}
seconds=${2:-300}
shift $(($# < 2 ? $# : 2))
cd "$(dirname "$0")"

host=$(rustc +nightly -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=../../target/fuzz
# Coverage, and what comparisons compare; overflow checked as in tests.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing \
-Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Cdebug-assertions -Coverflow-checks"
export CARGO_PROFILE_RELEASE_OPT_LEVEL=2 CARGO_INCREMENTAL=0

cp ../../Cargo.lock Cargo.lock
cargo +nightly build --release --target "$host" --bin "$target"

mkdir -p "corpus/$target" "artifacts/$target"
dictionary=()
[ ! -e "dictionaries/$target" ] || dictionary=("-dict=dictionaries/$target")
exec "$CARGO_TARGET_DIR/$host/release/$target" "-max_total_time=$seconds" -max_len=4096 -timeout=5 \
    -rss_limit_mb=2048 "-artifact_prefix=artifacts/$target/" "${dictionary[@]}" "$@" "corpus/$target"
