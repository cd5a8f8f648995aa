//! Requests: a bounded head, read once, never a body.

use std::io::{self, Read};

/// Longest head, in bytes.
pub(super) const HEAD_BYTES_MAX: usize = 8 << 10;
/// Most header fields.
const FIELDS_MAX: usize = 64;

/// What is wanted of a request.
#[derive(Default)]
pub(super) struct Request {
    /// The method is HEAD, not GET.
    pub(super) head: bool,
    /// Without query.
    pub(super) path: String,
    /// Behind the `?`.
    pub(super) query: String,
    /// Whether the client takes HTML: a browser.
    pub(super) html: bool,
    /// Value of the `Host` field.
    pub(super) host: Option<Vec<u8>>,
    /// Value of the `Authorization` field.
    pub(super) authorization: Option<Vec<u8>>,
}

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The client closed or reset the connection, or sent nothing.
    Gone,
    /// It took too long.
    Slow,
    /// The head is longer than is read, or has too many fields.
    Large,
    /// It is not HTTP/1.
    Malformed,
    /// A method other than GET and HEAD.
    Method,
}

/// Reads a head.
pub(super) fn read(stream: &mut impl Read) -> Result<Request, Refusal> {
    let mut head = Vec::with_capacity(1024);
    let mut buffer = [0; 1024];
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) if head.is_empty() => return Err(Refusal::Gone),
            Ok(0) => return Err(Refusal::Malformed),
            Ok(read) => read,
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => continue,
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => return Err(Refusal::Slow),
                // What TLS does not understand.
                io::ErrorKind::InvalidData => return Err(Refusal::Gone),
                _ => return Err(Refusal::Gone),
            },
        };
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if let Some(request) = parse(&head)? {
            return Ok(request);
        }
        if head.len() >= HEAD_BYTES_MAX {
            return Err(Refusal::Large);
        }
    }
}

/// The request in `head`; `None` while it is not whole.
pub(super) fn parse(head: &[u8]) -> Result<Option<Request>, Refusal> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::Large),
        Err(_) => return Err(Refusal::Malformed),
    }
    let head = match parsed.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Err(Refusal::Method),
    };
    let target = parsed.path.filter(|target| target.starts_with('/')).ok_or(Refusal::Malformed)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let field = |name: &str| {
        let mut found = parsed.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        found.next().map(|field| field.value)
    };
    let accepts = field("accept").unwrap_or_default();
    Ok(Some(Request {
        head,
        path: path.to_owned(),
        query: query.to_owned(),
        html: memchr::memmem::find(accepts, b"text/html").is_some(),
        host: field("host").map(<[u8]>::to_vec),
        authorization: field("authorization").map(<[u8]>::to_vec),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_is_read() {
        let head = b"HEAD /status?format=json HTTP/1.1\r\nHost: a:1\r\nACCEPT: text/html,*/*\r\nAuthorization: x\r\n\r\n";
        let request = parse(head).unwrap_or_default().unwrap();
        assert!(request.head && request.html);
        assert_eq!((request.path.as_str(), request.query.as_str()), ("/status", "format=json"));
        assert_eq!(request.host.as_deref(), Some(b"a:1".as_slice()));
        assert_eq!(request.authorization.as_deref(), Some(b"x".as_slice()));
    }

    fn refusal(bytes: &[u8]) -> Option<Refusal> {
        read(&mut &*bytes).err()
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert_eq!(refusal(b""), Some(Refusal::Gone));
        assert_eq!(refusal(b"GET / HTT"), Some(Refusal::Malformed));
        assert_eq!(refusal(b"\x16\x03\x01\x00\x05"), Some(Refusal::Malformed));
        assert_eq!(refusal(b"POST / HTTP/1.1\r\n\r\n"), Some(Refusal::Method));
        assert_eq!(refusal(b"GET http://a/ HTTP/1.1\r\n\r\n"), Some(Refusal::Malformed));
        let long = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &[b'a'; HEAD_BYTES_MAX]].concat();
        assert_eq!(refusal(&long), Some(Refusal::Large));
        let many = [b"GET / HTTP/1.1\r\n".as_slice(), &b"A: b\r\n".repeat(65), b"\r\n"].concat();
        assert_eq!(refusal(&many), Some(Refusal::Large));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let _ = refusal(&bytes);
        }

        #[test]
        fn the_cut_does_not_matter(at in 0_usize..40) {
            let head = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
            let (first, second) = head.split_at(at);
            let request = read(&mut first.chain(second)).unwrap_or_default();
            prop_assert_eq!(request.path, "/metrics");
        }
    }
}
