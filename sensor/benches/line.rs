//! What each stage costs: the line over one capture, cut off behind one stage after the other.
//!
//! A stage's own cost is its time less that of the line above it. `APITAP_BENCH_CAPTURE` names another capture.
//! Compare ratios of one run only: machines differ, and so do days.

use std::fs::File;
use std::io::sink;

use apitap::call::{self, Calls};
use apitap::capture::Packet;
use apitap::capture::file;
use apitap::decap::{self, Decap};
use apitap::http::{self, Http};
use apitap::reassembly::{self, Reassembler};
use apitap::record::{Builder, SensorInfo};
use apitap::redact::{self, Keys, Redactor};
use apitap::sink::{Output, Stream, Style, format};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Where the line is cut off.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Behind {
    Capture,
    Decap,
    Reassembly,
    Http,
    Call,
    Redact,
    Record,
    Sink,
}

fn path() -> String {
    std::env::var("APITAP_BENCH_CAPTURE").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/keepalive/input.pcap.zst").to_owned()
    })
}

/// The stages behind decapsulation.
struct Line {
    reassembler: Reassembler,
    http: Http,
    calls: Calls,
    redactor: Redactor,
    builder: Builder,
    sink: Stream,
}

impl Line {
    fn new() -> Self {
        let keys = Keys::ephemeral().unwrap_or_else(|error| unreachable!("{error}"));
        let protobuf = format("protobuf").unwrap_or_else(|| unreachable!("a format"));
        Self {
            reassembler: Reassembler::new(&reassembly::Config::default()),
            http: Http::new(&http::Config::default()),
            calls: Calls::new(&call::Config::default()),
            redactor: Redactor::new(&keys, &redact::Config::default()),
            builder: Builder::new(SensorInfo::default(), Vec::new()),
            sink: Stream::new((protobuf.encoder)(&Style::plain()), Output::new("nowhere", sink())),
        }
    }

    fn push(&mut self, segment: &decap::Segment<'_>, behind: Behind) {
        let Self { reassembler, http, calls, redactor, builder, sink } = self;
        reassembler.push(segment, &mut |event| {
            if behind < Behind::Http {
                return;
            }
            http.push(&event, &mut |event| {
                if behind < Behind::Call {
                    return;
                }
                calls.push(&event, &mut |call| {
                    if behind < Behind::Redact {
                        return;
                    }
                    let redacted = redactor.redact(&call);
                    if behind < Behind::Record {
                        return;
                    }
                    let record = black_box(builder.build(redacted));
                    if behind == Behind::Sink {
                        use apitap::sink::Sink as _;
                        black_box(sink.write(&record).is_ok());
                    }
                });
            });
        });
    }
}

/// Reads the capture from memory-cached file through the line up to `behind`.
fn run(behind: Behind) {
    let mut files = file::open(&[path()]).unwrap_or_else(|error| unreachable!("{error}"));
    let mut decap = Decap::new(&decap::Config::default());
    let mut line = Line::new();
    let mut ordinal = 0_u64;
    while let Ok(Some(packet)) = files.next() {
        let packet: Packet<'_> = black_box(packet);
        if behind >= Behind::Decap {
            decap.push(&packet, ordinal, &mut |segment| {
                if behind >= Behind::Reassembly {
                    line.push(&segment, behind);
                }
            });
        }
        ordinal = ordinal.wrapping_add(1);
    }
}

fn bench(bencher: Bencher<'_, '_>, behind: Behind) {
    let bytes = File::open(path()).and_then(|file| file.metadata()).map_or(0, |meta| meta.len());
    bencher.counter(BytesCount::new(bytes)).bench_local(|| run(behind));
}

#[divan::bench]
fn line_1_capture(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Capture);
}

#[divan::bench]
fn line_2_decap(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Decap);
}

#[divan::bench]
fn line_3_reassembly(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Reassembly);
}

#[divan::bench]
fn line_4_http(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Http);
}

#[divan::bench]
fn line_5_call(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Call);
}

#[divan::bench]
fn line_6_redact(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Redact);
}

#[divan::bench]
fn line_7_record(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Record);
}

#[divan::bench]
fn line_8_sink(bencher: Bencher<'_, '_>) {
    bench(bencher, Behind::Sink);
}
