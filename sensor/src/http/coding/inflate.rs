//! gzip and deflate. Which wrapping the bytes have is told by their beginning, whatever the label says.
//!
//! ```text
//! gzip:  | 1f 8b 08 flags time 4, 2 more | optional fields | deflate | crc 4 | length 4 | next member ...
//! zlib:  | 78 .. | deflate | adler 4 |          raw:  | deflate |
//! ```
//!
//! Source: RFC 1950, RFC 1951, RFC 1952.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::Step;

/// What `Content-Encoding` said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Deflate,
    Gzip,
}

/// A state between two bodies: about 50 KiB.
pub(super) struct Spare(Decompress);

/// Decodes gzip members, a zlib stream, or (if labelled deflate) a raw deflate stream.
pub(super) struct Inflate {
    label: Label,
    state: State,
    /// First bytes of what `state` waits for.
    held: [u8; 10],
    held_len: usize,
    deflate: Option<Decompress>,
    crc: Crc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Waiting for two bytes that tell the wrapping; `first` unless a gzip member came before.
    Start { first: bool },
    /// RFC 1952 §2.3: waiting for the rest of the ten fixed bytes.
    Fixed,
    /// Optional fields that follow, by the flags left; `skip` bytes of one are to come.
    Optional { flags: u8, skip: u16 },
    /// Bytes taken to tell the wrapping are to be inflated before the input.
    Replay { gzip: bool },
    /// Compressed data.
    Body { gzip: bool },
    /// Waiting for the eight bytes behind a gzip member.
    Trailer,
    /// Nothing of the coding follows; anything else is passed over, as user agents do.
    Ended,
}

const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

impl Inflate {
    pub(super) fn new(label: Label) -> Self {
        let state = State::Start { first: true };
        Self { label, state, held: [0; 10], held_len: 0, deflate: None, crc: Crc::new() }
    }

    /// Starts with the state of another body that is over.
    pub(super) fn reuse(&mut self, spare: Spare) {
        self.deflate = Some(spare.0);
    }

    /// Bytes it holds, about.
    pub(super) const fn held_bytes() -> u64 {
        112 << 10
    }

    /// Gives the state away.
    pub(super) fn spare(self) -> Option<Spare> {
        self.deflate.map(Spare)
    }

    pub(super) const fn ended(&self) -> bool {
        matches!(self.state, State::Ended | State::Start { first: false })
    }

    /// Goes on until the input is used up or something was written.
    pub(super) fn step(&mut self, input: &[u8], out: &mut [u8]) -> Step {
        let mut read = 0_usize;
        loop {
            let rest = input.get(read..).unwrap_or_default();
            if rest.is_empty() && !matches!(self.state, State::Body { .. } | State::Replay { .. }) {
                return Step { read, wrote: 0, bad: false };
            }
            let in_body = matches!(self.state, State::Body { .. });
            let step = match self.state {
                State::Start { first } => self.start(rest, first),
                State::Fixed => self.fixed(rest),
                State::Optional { flags, skip } => self.optional(rest, flags, skip),
                State::Replay { gzip } => {
                    let (held, held_len) = (self.held, std::mem::take(&mut self.held_len));
                    self.state = State::Body { gzip };
                    let step = self.inflate(held.get(..held_len).unwrap_or_default(), out, gzip);
                    Step { read: 0, ..step }
                }
                State::Body { gzip } => self.inflate(rest, out, gzip),
                State::Trailer => self.trailer(rest),
                State::Ended => Step { read: rest.len(), wrote: 0, bad: false },
            };
            read = read.saturating_add(step.read);
            if step.wrote > 0 || step.bad || (in_body && step.read == 0) {
                return Step { read, ..step };
            }
        }
    }

    /// Collects bytes until `n` are held; whether they are, and how many were taken.
    fn hold(&mut self, input: &[u8], n: usize) -> (bool, usize) {
        let mut taken = 0_usize;
        if let Some(free) = self.held.get_mut(self.held_len..n) {
            for (to, from) in free.iter_mut().zip(input) {
                *to = *from;
                taken = taken.saturating_add(1);
            }
        }
        self.held_len = self.held_len.saturating_add(taken);
        (self.held_len >= n, taken)
    }

    fn start(&mut self, input: &[u8], first: bool) -> Step {
        let (whole, read) = self.hold(input, 2);
        let [a, b, ..] = self.held;
        if !whole {
            return Step { read, wrote: 0, bad: false };
        }
        // RFC 1950 §2.2: method 8, window up to 32 KiB, check bits, no preset dictionary. A raw stream
        // that began like this would have a stored block with its padding set: nobody writes that.
        let is_zlib =
            a & 0x8f == 8 && u16::from_be_bytes([a, b]).is_multiple_of(31) && b & 0x20 == 0;
        if (a, b) == (0x1f, 0x8b) {
            self.state = State::Fixed;
        } else if !first {
            self.state = State::Ended;
        } else if is_zlib || self.label == Label::Deflate {
            self.make_deflate(is_zlib);
            self.state = State::Replay { gzip: false };
        } else {
            return Step { read, wrote: 0, bad: true };
        }
        Step { read, wrote: 0, bad: false }
    }

    fn fixed(&mut self, input: &[u8]) -> Step {
        let (whole, read) = self.hold(input, 10);
        let [_, _, method, flags, ..] = self.held;
        if whole {
            self.held_len = 0;
            self.state = State::Optional { flags, skip: 0 };
        }
        Step { read, wrote: 0, bad: whole && (method != 8 || flags & RESERVED != 0) }
    }

    /// RFC 1952 §2.3.1: extra field, name, comment and header checksum, in this order.
    fn optional(&mut self, input: &[u8], flags: u8, skip: u16) -> Step {
        let mut step = Step { read: 0, wrote: 0, bad: false };
        if skip > 0 {
            step.read = usize::from(skip).min(input.len());
            let skip = skip.saturating_sub(u16::try_from(step.read).unwrap_or(u16::MAX));
            self.state = State::Optional { flags, skip };
        } else if flags & FEXTRA != 0 {
            let (whole, read) = self.hold(input, 2);
            step.read = read;
            if whole {
                let [low, high, ..] = self.held;
                self.held_len = 0;
                self.state = State::Optional {
                    flags: flags & !FEXTRA,
                    skip: u16::from_le_bytes([low, high]),
                };
            }
        } else if flags & (FNAME | FCOMMENT) != 0 {
            let end = memchr::memchr(0, input);
            step.read = end.map_or(input.len(), |at| at.saturating_add(1));
            if end.is_some() {
                let done = if flags & FNAME != 0 { FNAME } else { FCOMMENT };
                self.state = State::Optional { flags: flags & !done, skip: 0 };
            }
        } else if flags & FHCRC != 0 {
            self.state = State::Optional { flags: flags & !FHCRC, skip: 2 };
        } else {
            self.crc.reset();
            self.make_deflate(false);
            self.state = State::Body { gzip: true };
        }
        step
    }

    fn make_deflate(&mut self, zlib: bool) {
        match &mut self.deflate {
            Some(deflate) => deflate.reset(zlib),
            None => self.deflate = Some(Decompress::new(zlib)),
        }
    }

    fn inflate(&mut self, input: &[u8], out: &mut [u8], gzip: bool) -> Step {
        let Some(deflate) = &mut self.deflate else { return Step { read: 0, wrote: 0, bad: true } };
        let (read, wrote) = (deflate.total_in(), deflate.total_out());
        let status = deflate.decompress(input, out, FlushDecompress::None);
        let read = usize::try_from(deflate.total_in().saturating_sub(read)).unwrap_or(0);
        let wrote = usize::try_from(deflate.total_out().saturating_sub(wrote)).unwrap_or(0);
        if gzip {
            self.crc.update(out.get(..wrote).unwrap_or_default());
        }
        if matches!(status, Ok(Status::StreamEnd)) {
            self.state = if gzip { State::Trailer } else { State::Ended };
        }
        Step { read, wrote, bad: status.is_err() }
    }

    fn trailer(&mut self, input: &[u8]) -> Step {
        let (whole, read) = self.hold(input, 8);
        let mut bad = false;
        if whole {
            let [a, b, c, d, e, f, g, h, ..] = self.held;
            bad = u32::from_le_bytes([a, b, c, d]) != self.crc.sum()
                || u32::from_le_bytes([e, f, g, h]) != self.crc.amount();
            self.held_len = 0;
            self.state = State::Start { first: false };
        }
        Step { read, wrote: 0, bad }
    }
}
