//! Reading records back from protobuf files.

use std::io::{self, ErrorKind, Read};

use apitap_proto::v1;
use prost::Message as _;

use super::SinkError;

/// Largest record accepted, in bytes.
pub const RECORD_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Why records cannot be read. Offsets are of the record's length, from the start of the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input ends inside a record.
    #[error("record at byte {offset} is cut off: the file ends inside it")]
    Truncated {
        /// Where the record begins.
        offset: u64,
    },
    /// What should be a record's length is none.
    #[error("no record at byte {offset}: a length above {RECORD_BYTES_MAX} bytes{hint}")]
    TooLong {
        /// Where the record begins.
        offset: u64,
        /// What the file may be instead.
        hint: &'static str,
    },
    /// The bytes are no record.
    #[error("no record at byte {offset}{hint}")]
    Malformed {
        /// Where the record begins.
        offset: u64,
        /// What the file may be instead.
        hint: &'static str,
    },
    /// A Kafka message is no record.
    #[error("the message at offset {offset} of partition {partition} is no record")]
    Message {
        /// Partition of the message.
        partition: i32,
        /// Its offset.
        offset: i64,
    },
    /// The input cannot be read.
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    /// Kafka does not answer as it should.
    #[error(transparent)]
    Kafka(#[from] SinkError),
}

/// The records of a length-delimited protobuf file. Ends after its first error.
///
/// `R` should be buffered. Memory is bounded by [`RECORD_BYTES_MAX`], and follows what is there rather than
/// what a length promises.
pub struct Records<R> {
    input: R,
    /// Bytes read.
    offset: u64,
    buffer: Vec<u8>,
    /// First bytes of the input.
    magic: [u8; 4],
    done: bool,
}

impl<R: Read> Records<R> {
    /// The records in `input`.
    #[must_use]
    pub const fn new(input: R) -> Self {
        Self { input, offset: 0, buffer: Vec::new(), magic: [0; 4], done: false }
    }

    /// The next record; `None` at a proper end.
    fn read(&mut self) -> Result<Option<v1::CallRecord>, ReadError> {
        let offset = self.offset;
        let Some(len) = self.length(offset)? else { return Ok(None) };
        // Every record has an id; zeros are what a crash leaves of a file.
        if len == 0 {
            let hint = "; zeros follow, as after a crash of the machine that wrote the file";
            return Err(ReadError::Malformed { offset, hint });
        }
        self.buffer.clear();
        let read = self.input.by_ref().take(len).read_to_end(&mut self.buffer)?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(read);
        if offset == 0 {
            for (known, byte) in self.magic.iter_mut().skip(1).zip(&self.buffer) {
                *known = *byte;
            }
        }
        if read < len {
            // A length that runs past the end is more often a file of another kind.
            return match self.hint(offset) {
                "" => Err(ReadError::Truncated { offset }),
                hint => Err(ReadError::Malformed { offset, hint }),
            };
        }
        match v1::CallRecord::decode(self.buffer.as_slice()) {
            Ok(record) => Ok(Some(record)),
            Err(_) => Err(ReadError::Malformed { offset, hint: self.hint(offset) }),
        }
    }

    /// A varint of at most [`RECORD_BYTES_MAX`]; `None` at the end of the input.
    fn length(&mut self, offset: u64) -> Result<Option<u64>, ReadError> {
        let mut len = 0_u64;
        for shift in (0..64_u32).step_by(7) {
            let Some(byte) = self.byte()? else {
                return if shift == 0 { Ok(None) } else { Err(ReadError::Truncated { offset }) };
            };
            if offset == 0
                && let Some(known) =
                    self.magic.get_mut(usize::try_from(shift / 7).unwrap_or(usize::MAX))
            {
                *known = byte;
            }
            len |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if len > RECORD_BYTES_MAX {
                break;
            }
            if byte & 0x80 == 0 {
                return Ok(Some(len));
            }
        }
        Err(ReadError::TooLong { offset, hint: self.hint(offset) })
    }

    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        let mut byte = [0];
        loop {
            match self.input.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => {
                    self.offset = self.offset.saturating_add(1);
                    let [byte] = byte;
                    return Ok(Some(byte));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What a file that does not begin with a record may be.
    const fn hint(&self, offset: u64) -> &'static str {
        match self.magic {
            _ if offset != 0 => "",
            [b'{', ..] => "; this looks like JSON, which needs no reading back",
            [0xd4, 0xc3, 0xb2, 0xa1]
            | [0x4d, 0x3c, 0xb2, 0xa1]
            | [0xa1, 0xb2, 0xc3, 0xd4]
            | [0xa1, 0xb2, 0x3c, 0x4d]
            | [0x0a, 0x0d, 0x0d, 0x0a] => "; this looks like a capture file: use `apitap read`",
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] => {
                "; this looks compressed: unpack it first"
            }
            _ => "",
        }
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<v1::CallRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.read().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::stream::tests::stream;
    use super::super::{Sink as _, Style};
    use super::*;
    use crate::record::sample;

    fn file(count: u64) -> Vec<u8> {
        let (mut stream, written) = stream("protobuf", &Style::plain());
        for sequence in 1..=count {
            let mut record = sample::record();
            record.stamp(sequence);
            stream.write(&record).unwrap();
        }
        stream.finish().unwrap();
        written.take()
    }

    fn error(bytes: &[u8]) -> String {
        Records::new(bytes).find_map(Result::err).unwrap().to_string()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let bytes = file(3);
        let records: Vec<_> = Records::new(bytes.as_slice()).map(Result::unwrap).collect();
        assert_eq!(records.len(), 3);
        assert!(records[0] == *sample::record().message());
        assert_eq!(records[2].sensor.as_ref().unwrap().sequence, 3);
        assert_eq!(Records::new(&[][..]).count(), 0);
    }

    #[test]
    fn a_torn_tail_is_told_with_its_place() {
        let bytes = file(2);
        let second = bytes.len() / 2;
        for end in [second + 1, second + 9, bytes.len() - 1] {
            let mut records = Records::new(&bytes[..end]);
            assert!(records.next().unwrap().is_ok());
            let text = records.next().unwrap().err().unwrap().to_string();
            assert_eq!(
                text,
                format!("record at byte {second} is cut off: the file ends inside it")
            );
            assert!(records.next().is_none());
        }
    }

    #[test]
    fn zeros_are_no_records() {
        let mut bytes = file(2);
        let end = bytes.len();
        bytes.extend([0; 4096]);
        let mut records = Records::new(bytes.as_slice());
        assert_eq!(records.by_ref().take_while(Result::is_ok).count(), 2);
        assert!(records.next().is_none());
        assert!(error(&bytes).starts_with(&format!("no record at byte {end}; zeros")));
    }

    #[test]
    fn other_files_are_recognized() {
        assert!(error(b"{\"id\":\"\"}\n").contains("JSON"));
        assert!(error(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]).contains("apitap read"));
        assert!(error(&[0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0]).contains("apitap read"));
        assert!(error(&[0x1f, 0x8b, 8, 0]).contains("unpack"));
    }

    // 2^63 bytes are promised, three are there: nothing is allocated for the promise.
    #[test]
    fn lengths_are_bounded() {
        assert!(
            error(&[0xff; 12]).starts_with("no record at byte 0: a length above 16777216 bytes")
        );
        assert!(error(&[0x80, 0x80, 0x80, 0x07, 1, 2, 3]).contains("cut off"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_bytes_panic_or_loop(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Records::new(bytes.as_slice()).count() <= bytes.len());
        }

        // Each record is at least one byte of length.
        #[test]
        fn a_flipped_byte_never_adds_records(at in 0..1500_usize, bit in 0..8_u32) {
            let mut bytes = file(3);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(Records::new(bytes.as_slice()).count() <= bytes.len());
        }
    }
}
