# The doors for newcomers. Each installs what is missing, and is quick when nothing is.
.PHONY: help demo test bench lint fmt

SHELL := /bin/bash
export PATH := $(HOME)/.cargo/bin:$(PATH)

help:
	@echo "make demo   build apitap and read a capture with it"
	@echo "make test   run all tests, with a real Kafka broker"
	@echo "make bench  measure each stage and the whole line"
	@echo "make lint   formatting, clippy, documentation, the Helm chart and the fuzz targets, warnings denied"
	@echo "make fmt    format every file"

demo:
	@tests/setup.sh demo
	cargo build --release --locked --package apitap
	target/release/apitap read --output table fixtures/shop/input.pcap

test:
	@tests/setup.sh test
	cargo test --workspace --locked

bench:
	@tests/setup.sh bench
	cargo bench --locked --package apitap --bench line
	deploy/build.sh
	tests/bench/run.sh

# cargo fmt passes over modules that a macro declares, so every tracked file is named.
RUST_FILES = git ls-files -z '*.rs' ':!proto/src/generated/*'

lint:
	@tests/setup.sh demo
	$(RUST_FILES) | xargs -0 rustfmt --check --edition 2024
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
	tests/deploy/check.sh
	# Outside the workspace, for libFuzzer; with the workspace's versions, so that there is no second list to keep.
	cp Cargo.lock tests/fuzz/Cargo.lock
	cd tests/fuzz && CARGO_TARGET_DIR=../../target/fuzz cargo check --bins

fmt:
	$(RUST_FILES) | xargs -0 rustfmt --edition 2024
