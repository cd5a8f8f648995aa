//! Reads and writes classic pcap files, and takes Ethernet, IP and TCP headers apart: just enough to change
//! captures in tests, with no code shared with apitap.

use std::ops::Range;
use std::path::Path;

/// A capture file in memory.
#[derive(Clone)]
pub struct Capture {
    /// Link type by its number.
    pub link: u32,
    /// Packets in file order.
    pub packets: Vec<Packet>,
}

/// A packet.
#[derive(Clone)]
pub struct Packet {
    /// Capture time, in nanoseconds since 1970.
    pub time: u64,
    /// Length on the wire, in bytes.
    pub original_len: u32,
    /// Bytes captured.
    pub data: Vec<u8>,
}

/// The TCP segment in a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Sender: address and port.
    pub from: (Vec<u8>, u16),
    /// Receiver: address and port.
    pub to: (Vec<u8>, u16),
    /// Sequence number of the first byte of the payload (the SYN not counted).
    pub seq: u32,
    /// SYN flag.
    pub syn: bool,
    /// FIN flag.
    pub fin: bool,
    /// Where the payload lies in the packet.
    pub payload: Range<usize>,
}

const NANOSECONDS: u32 = 0xa1b2_3c4d;
const MICROSECONDS: u32 = 0xa1b2_c3d4;

impl Capture {
    /// Reads a pcap file, compressed or not.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        Self::parse(&crate::records::read(path))
            .unwrap_or_else(|| panic!("{} is no pcap file", path.display()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let magic: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
        let (big, unit) = match (u32::from_le_bytes(magic), u32::from_be_bytes(magic)) {
            (MICROSECONDS, _) => (false, 1000),
            (NANOSECONDS, _) => (false, 1),
            (_, MICROSECONDS) => (true, 1000),
            (_, NANOSECONDS) => (true, 1),
            _ => return None,
        };
        let word = |at: usize| -> Option<u32> {
            let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
            Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
        };
        let link = word(20)? & 0xffff;
        let mut packets = Vec::new();
        let mut at = 24;
        while at < bytes.len() {
            let len = usize::try_from(word(at + 8)?).ok()?;
            packets.push(Packet {
                time: u64::from(word(at)?) * 1_000_000_000 + u64::from(word(at + 4)?) * unit,
                original_len: word(at + 12)?,
                data: bytes.get(at + 16..at + 16 + len)?.to_vec(),
            });
            at += 16 + len;
        }
        Some(Self { link, packets })
    }

    /// The file's bytes: little endian, with nanoseconds.
    ///
    /// # Panics
    ///
    /// If a packet is larger than 4 GiB.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = Vec::new();
        for word in [NANOSECONDS, 0x0004_0002, 0, 0, 262_144, self.link] {
            file.extend(word.to_le_bytes());
        }
        for packet in &self.packets {
            let seconds = u32::try_from(packet.time / 1_000_000_000).expect("before 2106");
            let nanos = u32::try_from(packet.time % 1_000_000_000).expect("less than a second");
            let len = u32::try_from(packet.data.len()).expect("a packet's size");
            for word in [seconds, nanos, len, packet.original_len] {
                file.extend(word.to_le_bytes());
            }
            file.extend(&packet.data);
        }
        file
    }

    /// Writes the file.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn write(&self, path: &Path) {
        std::fs::write(path, self.bytes()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

impl Packet {
    /// The TCP segment in it, if it is one in IPv4 or IPv6 without tunnels.
    #[must_use]
    pub fn segment(&self, link: u32) -> Option<Segment> {
        let data = &self.data;
        let mut at = match link {
            1 => 14,
            113 => 16,
            276 => 20,
            12 | 101 | 228 | 229 => 0,
            _ => return None,
        };
        if link == 1 && data.get(12..14)? == [0x81, 0x00] {
            at += 4;
        }
        let (from, to, tcp, end) = match data.get(at)? >> 4 {
            4 if *data.get(at + 9)? == 6 => {
                let total = usize::from(number(data, at + 2)?);
                let header = usize::from(data[at] & 15) * 4;
                (data.get(at + 12..at + 16)?, data.get(at + 16..at + 20)?, at + header, at + total)
            }
            6 if *data.get(at + 6)? == 6 => {
                let len = usize::from(number(data, at + 4)?);
                (data.get(at + 8..at + 24)?, data.get(at + 24..at + 40)?, at + 40, at + 40 + len)
            }
            _ => return None,
        };
        let flags = *data.get(tcp + 13)?;
        let syn = flags & 2 != 0;
        let seq = u32::from_be_bytes(data.get(tcp + 4..tcp + 8)?.try_into().ok()?);
        let start = tcp + usize::from(data.get(tcp + 12)? >> 4) * 4;
        Some(Segment {
            from: (from.to_vec(), number(data, tcp)?),
            to: (to.to_vec(), number(data, tcp + 2)?),
            seq: seq.wrapping_add(u32::from(syn)),
            syn,
            fin: flags & 1 != 0,
            payload: start..end.clamp(start, data.len().max(start)),
        })
    }
}

fn number(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet() -> Packet {
        let mut data = vec![0; 12];
        data.extend([8, 0]);
        data.extend([0x45, 0, 0, 43, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        data.extend([0x1f, 0x90, 0, 80, 0, 0, 0, 7, 0, 0, 0, 9, 0x50, 0x18, 0, 0, 0, 0, 0, 0]);
        data.extend(b"GET");
        // Ethernet padding is no payload.
        data.extend([0; 6]);
        Packet { time: 1_700_000_000_123_456_789, original_len: 63, data }
    }

    #[test]
    fn a_segment_ends_where_ip_says() {
        let packet = packet();
        let segment = packet.segment(1).unwrap();
        assert_eq!(&packet.data[segment.payload.clone()], b"GET");
        assert_eq!((segment.from.1, segment.to.1, segment.seq), (8080, 80, 7));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let capture = Capture { link: 1, packets: vec![packet(), packet()] };
        let again = Capture::parse(&capture.bytes()).unwrap();
        assert_eq!((again.link, again.packets.len()), (1, 2));
        assert_eq!(again.packets[1].time, 1_700_000_000_123_456_789);
        assert_eq!(again.packets[1].data, capture.packets[1].data);
    }
}
