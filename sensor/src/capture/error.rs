//! What can be wrong with a capture. One line each: what, where, what to do. Never packet contents.

use std::io;

/// Why bytes could not be read as a capture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A packet block lists more interfaces than can be followed.
    #[error("more than {max} interfaces at byte {offset}; split the file")]
    Interfaces {
        /// Offset in the uncompressed capture, in bytes.
        offset: u64,
        /// Limit.
        max: usize,
    },
    /// The source failed (also: broken compression).
    #[error("{error} at byte {offset} of the uncompressed capture")]
    Io {
        /// Offset in the uncompressed capture, in bytes.
        offset: u64,
        /// Cause.
        error: io::Error,
    },
    /// A record or block announces an impossible length.
    #[error(
        "{what} at byte {offset} claims {len} bytes, allowed are {min} to {max}; the file is damaged from here on"
    )]
    Length {
        /// What claims it.
        what: &'static str,
        /// Offset in the uncompressed capture, in bytes.
        offset: u64,
        /// Length claimed, in bytes.
        len: u64,
        /// Smallest possible length, in bytes.
        min: u64,
        /// Largest length read, in bytes.
        max: u64,
    },
    /// The first bytes are of no capture format.
    #[error(
        "not a capture{found}; pcap and pcapng are read, plain or compressed with gzip or zstd"
    )]
    NotCapture {
        /// What it seems to be instead, e.g. ": it is a zip archive"; may be empty.
        found: &'static str,
    },
    /// The file header is cut short.
    #[error("the file header is cut short after {len} bytes; the capture holds no packets")]
    ShortHeader {
        /// Bytes there are.
        len: u64,
    },
    /// A block's two lengths, or its contents, contradict each other.
    #[error("{what} at byte {offset}; the file is damaged from here on")]
    Structure {
        /// What is wrong.
        what: &'static str,
        /// Offset in the uncompressed capture, in bytes.
        offset: u64,
    },
    /// A version of the format that is not known.
    #[error("{format} version {major}.{minor} is not known; convert the file with a newer tool")]
    Version {
        /// Name of the format.
        format: &'static str,
        /// Major version found.
        major: u16,
        /// Minor version found.
        minor: u16,
    },
}

/// Why a capture file could not be opened or read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The path is a directory.
    #[error("{path}: is a directory; name its files, e.g. '{path}/*.pcap'")]
    Directory {
        /// Path as given.
        path: String,
    },
    /// The file has no bytes.
    #[error("{path}: is empty; give a pcap or pcapng file")]
    Empty {
        /// Path as given.
        path: String,
    },
    /// A compressed file that ends before anything could be unpacked.
    #[error("{path}: is cut short before the first packet; copy it again, whole")]
    Cut {
        /// Path as given.
        path: String,
    },
    /// The file could not be opened or read.
    #[error("{path}: {error}")]
    Io {
        /// Path as given.
        path: String,
        /// Cause.
        error: io::Error,
    },
    /// All packets of the file are of a link type that is not read.
    #[error(
        "{path}: link type {number} ({name}) is not supported; capture on an Ethernet, IP or Linux cooked interface"
    )]
    Link {
        /// Path as given.
        path: String,
        /// Number in pcap files.
        number: u16,
        /// Its name, or "unknown".
        name: &'static str,
    },
    /// A pattern matches no file.
    #[error("{pattern}: no file matches; check the pattern")]
    NoMatch {
        /// Pattern as given.
        pattern: String,
    },
    /// No path was given.
    #[error("no capture file given; name one, or '-' for standard input")]
    NoPath,
    /// There is no such file.
    #[error("{path}: no such file; check the path")]
    NotFound {
        /// Path as given.
        path: String,
    },
    /// The file may not be read.
    #[error("{path}: permission denied; make it readable for this user")]
    Permission {
        /// Path as given.
        path: String,
    },
    /// The pattern itself is wrong.
    #[error("{pattern}: bad pattern: {what}")]
    Pattern {
        /// Pattern as given.
        pattern: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The contents are no capture, or damaged.
    #[error("{path}: {error}")]
    Read {
        /// Path as given.
        path: String,
        /// Cause.
        error: ReadError,
    },
}
