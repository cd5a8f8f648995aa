//! What both ends of a connection say, as a fuzzer writes it: octets as they are, so that words of a dictionary stay
//! whole, and commands between them that frame, cut, change sides and lose.
//!
//! A command is 0xfe and a letter; before anything else, 0xfe stands for itself.

use apitap::decap::{Endpoint, Envelope};
use apitap::reassembly::{CloseReason, Connection, Side, StreamEventKind};
use apitap::time::Timestamp;

const COMMAND: u8 = 0xfe;
/// What a client masks its frames with.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// One thing that happens.
enum Step {
    /// A segment, or more of the last one.
    Data { side: Side, start: bool, acked: Option<u64>, bytes: Vec<u8> },
    /// So many octets are lost.
    Gap { side: Side, len: u64 },
}

/// What encloses the octets until the next command.
enum Frame {
    /// Of HTTP/2: kind, flags, stream.
    H2(u8, u8, u8),
    /// Of a socket: its first octet.
    Socket(u8),
    /// A chunk of HTTP/1.
    Chunk,
    /// A message of gRPC: its flags.
    Message(u8),
    /// A record of TLS: its content type.
    Record(u8),
}

/// Makes a record of TLS, of a side, a content type and content.
pub type Seal<'s> = &'s mut dyn FnMut(Side, u8, &[u8]) -> Vec<u8>;

/// A record in clear.
pub fn clear(_side: Side, kind: u8, content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[kind, 3, 3, len[0], len[1]][..], content].concat()
}

/// Steps, as they were read.
pub struct Script<'s> {
    steps: Vec<Step>,
    /// Whether the start of the connection was not seen.
    midway: bool,
    side: Side,
    offsets: [u64; 2],
    acks: bool,
    start: bool,
    frame: Option<Frame>,
    /// What the segment has so far, and what the frame that is open has.
    segment: Vec<u8>,
    text: Vec<u8>,
    seal: Seal<'s>,
}

impl<'s> Script<'s> {
    /// Reads a script, behind what `opening` says already.
    pub fn read(opening: &[(Side, &[u8])], input: &[u8], seal: Seal<'s>) -> Self {
        let mut script = Self {
            steps: Vec::new(),
            midway: false,
            side: Side::A,
            offsets: [0; 2],
            acks: true,
            start: true,
            frame: None,
            segment: Vec::new(),
            text: Vec::new(),
            seal,
        };
        for (side, bytes) in opening {
            script.turn(*side);
            script.text.extend_from_slice(bytes);
        }
        script.turn(Side::A);
        let mut rest = input;
        while let [octet, tail @ ..] = rest {
            rest = match (octet, tail) {
                (&COMMAND, [letter, tail @ ..]) => script.command(*letter, tail),
                _ => {
                    script.text.push(*octet);
                    tail
                }
            };
        }
        script.flush();
        script
    }

    /// Does what a command says; what follows its arguments.
    fn command<'a>(&mut self, letter: u8, tail: &'a [u8]) -> &'a [u8] {
        match (letter, tail) {
            (b'A', _) => self.turn(Side::A),
            (b'B', _) => self.turn(Side::B),
            // Another segment, or another piece of the same.
            (b'S' | b'C', _) => {
                self.flush();
                self.start = letter == b'S';
            }
            (b'K', _) => {
                self.flush();
                self.acks = !self.acks;
            }
            (b'M', _) => self.midway = true,
            (b'G', [len, tail @ ..]) => {
                self.flush();
                let len = u64::from(*len) + 1;
                self.steps.push(Step::Gap { side: self.side, len });
                self.offsets[self.side.index()] += len;
                self.start = true;
                return tail;
            }
            (b'F', [kind, flags, stream, tail @ ..]) => {
                self.close();
                self.frame = Some(Frame::H2(*kind, *flags, *stream));
                return tail;
            }
            (b'W', [first, tail @ ..]) => {
                self.close();
                self.frame = Some(Frame::Socket(*first));
                return tail;
            }
            (b'R', [kind, tail @ ..]) => {
                self.close();
                self.frame = Some(Frame::Record(*kind));
                return tail;
            }
            (b'P', [flags, tail @ ..]) => {
                self.close();
                self.frame = Some(Frame::Message(*flags));
                return tail;
            }
            (b'H', _) => {
                self.close();
                self.frame = Some(Frame::Chunk);
            }
            (b'E', _) => self.close(),
            _ => self.text.extend([COMMAND, letter]),
        }
        tail
    }

    fn turn(&mut self, side: Side) {
        self.flush();
        self.side = side;
        self.start = true;
    }

    /// Ends the frame that is open.
    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let Some(frame) = self.frame.take() else { return self.segment.extend(text) };
        let len = u32::try_from(text.len()).unwrap_or(0).to_be_bytes();
        let said = match frame {
            Frame::H2(kind, flags, stream) => {
                let head = [len[1], len[2], len[3], kind, flags, 0, 0, 0, stream];
                [&head[..], &text].concat()
            }
            Frame::Chunk => [format!("{:x}\r\n", text.len()).as_bytes(), &text, b"\r\n"].concat(),
            Frame::Message(flags) => [&[flags][..], &len, &text].concat(),
            Frame::Record(kind) => (self.seal)(self.side, kind, &text),
            Frame::Socket(first) => {
                let masked = self.side == Side::A;
                let bit = if masked { 0x80 } else { 0 };
                let mut said = vec![first];
                match text.len() {
                    len @ 0..126 => said.push(bit | len as u8),
                    len => said.extend([&[bit | 126][..], &(len as u16).to_be_bytes()].concat()),
                }
                if masked {
                    said.extend(MASK);
                    said.extend(text.iter().zip(MASK.iter().cycle()).map(|(b, m)| b ^ m));
                } else {
                    said.extend(text);
                }
                said
            }
        };
        self.segment.extend(said);
    }

    /// Says what was written so far.
    fn flush(&mut self) {
        self.close();
        let bytes = std::mem::take(&mut self.segment);
        if bytes.is_empty() {
            return;
        }
        let side = self.side;
        let acked = self.acks.then_some(self.offsets[1 - side.index()]);
        self.offsets[side.index()] += bytes.len() as u64;
        self.steps.push(Step::Data { side, start: self.start, acked, bytes });
        self.start = false;
    }

    /// Whether all of the connection is told: then no cut changes what was said. Behind a loss it may, and behind what is of
    /// no protocol, as a message is only looked for where a segment begins, and in what it has.
    pub fn is_whole(&self) -> bool {
        // A method, a version, a header of a proxy; a record of TLS.
        const BEGINNINGS: [&[u8]; 8] =
            [b"GET ", b"POST ", b"PUT ", b"HEAD ", b"HTTP/1.", b"PRI * ", b"PROXY ", b"\x16\x03"];
        let begins = match self.steps.first() {
            Some(Step::Data { bytes, .. }) => BEGINNINGS.iter().any(|word| bytes.starts_with(word)),
            _ => false,
        };
        begins && !self.midway && self.steps.iter().all(|step| matches!(step, Step::Data { .. }))
    }

    /// The connection.
    pub fn connection(&self) -> Connection {
        connection(!self.midway)
    }

    /// Tells all that happened, of each segment `first` octets and then pieces of at most `size`, all with the number of the
    /// segment.
    pub fn play(
        &self,
        (first, size): (usize, usize),
        push: &mut impl FnMut(u64, StreamEventKind<'_>),
    ) {
        let (mut offsets, mut ordinal) = ([0; 2], 0);
        for step in &self.steps {
            match step {
                Step::Gap { side, len } => {
                    ordinal += 1;
                    let offset = &mut offsets[side.index()];
                    push(ordinal, StreamEventKind::Gap { side: *side, offset: *offset, len: *len });
                    *offset += len;
                }
                Step::Data { side, start, acked, bytes } => {
                    ordinal += u64::from(*start);
                    // What is cut is cut into segments, as they come.
                    let (begin, rest) = bytes.split_at(first.min(bytes.len()));
                    for bytes in std::iter::once(begin).chain(rest.chunks(size)) {
                        let offset = &mut offsets[side.index()];
                        let (segment_start, acked) = (*start, *acked);
                        let side = *side;
                        let at = *offset;
                        *offset += bytes.len() as u64;
                        let kind =
                            StreamEventKind::Data { side, offset: at, acked, segment_start, bytes };
                        push(ordinal, kind);
                    }
                }
            }
        }
        push(ordinal + 1, StreamEventKind::Close { reason: CloseReason::Fin });
    }
}

/// A connection that was seen from its start, or joined midway.
pub fn connection(handshake: bool) -> Connection {
    let end = |last, port| Endpoint { ip: [192, 0, 2, last].into(), port };
    Connection {
        ends: [end(1, 40_000), end(2, 80)],
        macs: [None; 2],
        envelope: Envelope::EMPTY,
        interface: 0,
        start: Timestamp::ZERO,
        handshake,
        base_seq: [handshake.then_some(0); 2],
        transport: Default::default(),
        security: Default::default(),
    }
}
