//! Records one after the other into an [`Output`], in any format.

use apitap_proto::v1;

use super::{Delivered, Output, Sink, SinkError};
use crate::record::Record;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Writes records down in one format.
pub trait Encode: Send {
    /// Appends `record` to `out`.
    ///
    /// # Errors
    ///
    /// [`SinkError::Encode`] when the record has no form in this format; `out` may then hold a part of it.
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError>;

    /// Appends `record` as it comes from the line: encoded already.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    fn encode_record(&mut self, record: &Record, out: &mut Vec<u8>) -> Result<(), SinkError> {
        self.encode(record.message(), out)
    }
}

/// A sink for a file or a pipe.
///
/// Only [`finish`](Sink::finish) tells whether the last bytes were written; dropping it writes them unasked.
pub struct Stream {
    encoder: Box<dyn Encode>,
    output: Output,
    buffer: Vec<u8>,
    /// Records in `buffer`.
    waiting: u64,
    counts: Delivered,
}

impl Stream {
    /// A stream of what `encoder` makes into `output`.
    #[must_use]
    pub fn new(encoder: Box<dyn Encode>, output: Output) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES);
        Self { encoder, output, buffer, waiting: 0, counts: Delivered::default() }
    }

    /// Takes a message that is no record of the line.
    #[cfg(test)]
    pub(crate) fn push(&mut self, message: &v1::CallRecord) -> Result<(), SinkError> {
        self.append(|encoder, buffer| encoder.encode(message, buffer))
    }

    fn append(
        &mut self,
        encode: impl FnOnce(&mut dyn Encode, &mut Vec<u8>) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let end = self.buffer.len();
        if let Err(error) = encode(self.encoder.as_mut(), &mut self.buffer) {
            // Half a record would spoil those around it.
            self.buffer.truncate(end);
            self.counts.failed = self.counts.failed.saturating_add(1);
            self.counts.last_error = Some(error.to_string());
            return Ok(());
        }
        self.waiting = self.waiting.saturating_add(1);
        if self.buffer.len() < BUFFER_BYTES { Ok(()) } else { self.flush() }
    }
}

impl Sink for Stream {
    fn write(&mut self, record: &Record) -> Result<(), SinkError> {
        self.append(|encoder, buffer| encoder.encode_record(record, buffer))
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if self.buffer.is_empty() {
            // Records that a format has nothing to say of are as good as written.
            let records = std::mem::take(&mut self.waiting);
            self.counts.delivered = self.counts.delivered.saturating_add(records);
            return Ok(());
        }
        let written = self.output.write(&self.buffer);
        // After an error, nobody knows how much of it was written: never write it twice.
        self.buffer.clear();
        let records = std::mem::take(&mut self.waiting);
        match &written {
            Ok(()) => self.counts.delivered = self.counts.delivered.saturating_add(records),
            Err(error) => {
                self.counts.failed = self.counts.failed.saturating_add(records);
                self.counts.last_error = Some(error.to_string());
            }
        }
        written
    }

    fn finish(&mut self) -> Result<Delivered, SinkError> {
        self.flush()?;
        Ok(self.delivered())
    }

    fn delivered(&self) -> Delivered {
        Delivered { undelivered: self.waiting, ..self.counts.clone() }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::error!(%error, "records lost");
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::record::sample;
    use crate::sink::{Style, format};

    /// A writer whose content a test can read.
    #[derive(Clone, Default)]
    pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        pub(crate) fn take(&self) -> Vec<u8> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(crate) fn stream(name: &str, style: &Style) -> (Stream, Shared) {
        let shared = Shared::default();
        let encoder = (format(name).unwrap().encoder)(style);
        (Stream::new(encoder, Output::new("test", shared.clone())), shared)
    }

    #[test]
    fn records_wait_until_flushed_and_are_counted() {
        let (mut stream, written) = stream("jsonl", &Style::plain());
        stream.write(&sample::record()).unwrap();
        assert!(written.take().is_empty());
        assert_eq!(stream.delivered().undelivered, 1);
        stream.flush().unwrap();
        assert!(written.take().ends_with(b"}\n"));
        stream.write(&sample::record()).unwrap();
        let delivered = stream.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.undelivered), (2, 0));
        assert!(delivered.is_complete());
    }

    #[test]
    fn records_without_a_word_are_delivered() {
        struct Silent;
        impl Encode for Silent {
            fn encode(&mut self, _: &v1::CallRecord, _: &mut Vec<u8>) -> Result<(), SinkError> {
                Ok(())
            }
        }
        let mut stream = Stream::new(Box::new(Silent), Output::new("test", Shared::default()));
        stream.write(&sample::record()).unwrap();
        let delivered = stream.finish().unwrap();
        assert_eq!((delivered.delivered, delivered.undelivered), (1, 0));
    }

    #[test]
    fn a_full_buffer_is_written_unasked() {
        let (mut stream, written) = stream("protobuf", &Style::plain());
        let record = sample::record();
        while written.take().is_empty() {
            stream.write(&record).unwrap();
        }
        assert!(stream.delivered().delivered > 1);
    }

    #[test]
    fn a_failed_write_counts_its_records() {
        let output = Output::create(std::path::Path::new("/dev/full")).unwrap();
        let encoder = (format("jsonl").unwrap().encoder)(&Style::plain());
        let mut stream = Stream::new(encoder, output);
        stream.write(&sample::record()).unwrap();
        assert!(stream.finish().is_err());
        let delivered = stream.delivered();
        assert_eq!((delivered.delivered, delivered.failed), (0, 1));
        assert!(delivered.last_error.unwrap().contains("/dev/full"));
        // What failed is not written again.
        assert_eq!(stream.finish().unwrap().failed, 1);
    }
}
