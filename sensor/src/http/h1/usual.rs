//! Names of fields as programs write them, each with a colon and a space behind it: known by one comparison, once it is
//! guessed which comes. The same fields come in nearly the same order with every head, so each says what came behind it.
//!
//! What is remembered are numbers of this list, nothing that was sent.

use super::super::name_bit;
use super::name::Name;

/// Words that a name with colon and space fits into.
const WORDS: usize = 3;
/// Octets of these.
const ROOM: usize = WORDS * 8;
/// How many names there are.
const COUNT: usize = 64;

/// Names, the shortest first.
const USUAL: [Usual; COUNT] = [
    Usual::new(b"TE", Name::Other),
    Usual::new(b"Age", Name::Other),
    Usual::new(b"age", Name::Other),
    Usual::new(b"DNT", Name::Other),
    Usual::new(b"Via", Name::Other),
    Usual::new(b"Date", Name::Known),
    Usual::new(b"date", Name::Known),
    Usual::new(b"ETag", Name::Other),
    Usual::new(b"etag", Name::Other),
    Usual::new(b"Host", Name::Host),
    Usual::new(b"host", Name::Host),
    Usual::new(b"Vary", Name::Other),
    Usual::new(b"vary", Name::Other),
    Usual::new(b"Allow", Name::Other),
    Usual::new(b"Accept", Name::Known),
    Usual::new(b"accept", Name::Known),
    Usual::new(b"Cookie", Name::Known),
    Usual::new(b"cookie", Name::Known),
    Usual::new(b"Origin", Name::Other),
    Usual::new(b"origin", Name::Other),
    Usual::new(b"Pragma", Name::Known),
    Usual::new(b"Server", Name::Known),
    Usual::new(b"server", Name::Known),
    Usual::new(b"Expires", Name::Other),
    Usual::new(b"expires", Name::Other),
    Usual::new(b"Referer", Name::Other),
    Usual::new(b"referer", Name::Other),
    Usual::new(b"Location", Name::Known),
    Usual::new(b"location", Name::Known),
    Usual::new(b"X-Real-IP", Name::Other),
    Usual::new(b"Connection", Name::Known),
    Usual::new(b"connection", Name::Known),
    Usual::new(b"Keep-Alive", Name::Other),
    Usual::new(b"keep-alive", Name::Other),
    Usual::new(b"Set-Cookie", Name::Known),
    Usual::new(b"set-cookie", Name::Known),
    Usual::new(b"User-Agent", Name::Known),
    Usual::new(b"user-agent", Name::Known),
    Usual::new(b"Content-Type", Name::ContentType),
    Usual::new(b"content-type", Name::ContentType),
    Usual::new(b"X-Powered-By", Name::Other),
    Usual::new(b"X-Request-ID", Name::Other),
    Usual::new(b"X-Request-Id", Name::Other),
    Usual::new(b"x-request-id", Name::Other),
    Usual::new(b"Accept-Ranges", Name::Other),
    Usual::new(b"Authorization", Name::Known),
    Usual::new(b"authorization", Name::Known),
    Usual::new(b"Cache-Control", Name::Known),
    Usual::new(b"cache-control", Name::Known),
    Usual::new(b"If-None-Match", Name::Other),
    Usual::new(b"Last-Modified", Name::Known),
    Usual::new(b"last-modified", Name::Known),
    Usual::new(b"Content-Length", Name::ContentLength),
    Usual::new(b"content-length", Name::ContentLength),
    Usual::new(b"Accept-Encoding", Name::Known),
    Usual::new(b"accept-encoding", Name::Known),
    Usual::new(b"Accept-Language", Name::Known),
    Usual::new(b"accept-language", Name::Known),
    Usual::new(b"X-Forwarded-For", Name::Other),
    Usual::new(b"x-forwarded-for", Name::Other),
    Usual::new(b"Content-Encoding", Name::ContentEncoding),
    Usual::new(b"content-encoding", Name::ContentEncoding),
    Usual::new(b"X-Forwarded-Proto", Name::Other),
    Usual::new(b"Transfer-Encoding", Name::TransferEncoding),
];

/// Where names of each length begin.
const STARTS: [usize; ROOM + 1] = starts();

/// A name.
pub(super) struct Usual {
    /// With colon and space, and which bits of these words that is.
    words: [u64; WORDS],
    masks: [u64; WORDS],
    /// Octets of the name.
    pub(super) len: usize,
    pub(super) which: Name,
    /// Its [`name_bit`].
    pub(super) bit: u64,
}

impl Usual {
    #[allow(clippy::indexing_slicing, reason = "of constants, when the program is built")]
    const fn new(name: &[u8], which: Name) -> Self {
        let (mut text, mut mask, mut at) = ([0; ROOM], [0; ROOM], 0);
        while at < name.len() {
            (text[at], mask[at]) = (name[at], 0xff);
            at += 1;
        }
        (text[at], mask[at]) = (b':', 0xff);
        (text[at + 1], mask[at + 1]) = (b' ', 0xff);
        let (words, masks) = (words(&text), words(&mask));
        Self { words, masks, len: name.len(), which, bit: name_bit(name) }
    }

    #[inline]
    fn begins(&self, line: [u64; WORDS]) -> bool {
        let ([a, b, c], [x, y, z], [k, l, m]) = (line, self.words, self.masks);
        (a ^ x) & k | (b ^ y) & l | (c ^ z) & m == 0
    }
}

#[inline]
const fn words(text: &[u8; ROOM]) -> [u64; WORDS] {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = text;
    [
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u64::from_le_bytes([i, j, k, l, m, n, o, p]),
        u64::from_le_bytes([q, r, s, t, u, v, w, x]),
    ]
}

#[allow(clippy::indexing_slicing, reason = "of constants, when the program is built")]
const fn starts() -> [usize; ROOM + 1] {
    let (mut starts, mut len) = ([COUNT; ROOM + 1], 0);
    while len < starts.len() {
        let mut at = COUNT;
        while at > 0 && USUAL[at - 1].len >= len {
            at -= 1;
        }
        starts[len] = at;
        len += 1;
    }
    starts
}

/// Where a head stands: behind a name of the list, by its number, or one of these.
#[derive(Clone, Copy)]
pub(super) struct At(u8);

impl At {
    pub(super) const REQUEST: Self = Self(Self::number(COUNT));
    pub(super) const RESPONSE: Self = Self(Self::number(COUNT + 1));
    /// Behind any other name.
    const OTHER: Self = Self(Self::number(COUNT + 2));

    const fn number(n: usize) -> u8 {
        let [low, ..] = n.to_le_bytes();
        low
    }
}

/// What came behind each name, the latest two.
pub(in super::super) struct Order {
    behind: [[u8; 2]; COUNT + 3],
}

impl Default for Order {
    fn default() -> Self {
        Self { behind: [[u8::MAX; 2]; COUNT + 3] }
    }
}

impl Order {
    /// The name that `line` begins with, with what parts it from the value, if it is one that came here before.
    #[inline]
    pub(super) fn guess(&self, at: At, line: &[u8]) -> Option<(At, &'static Usual)> {
        static LIST: [Usual; COUNT] = USUAL;
        let line = words(line.first_chunk()?);
        let [first, second] = self.behind.get(usize::from(at.0))?;
        let is = |number: u8| LIST.get(usize::from(number)).filter(|usual| usual.begins(line));
        match is(*first) {
            Some(usual) => Some((At(*first), usual)),
            None => is(*second).map(|usual| (At(*second), usual)),
        }
    }

    /// Takes note of a name that was not guessed. Gives back where the head stands then.
    pub(super) fn learn(&mut self, at: At, name: &[u8], line: &[u8]) -> At {
        let number = number(name, line);
        if let Some([first, second]) =
            self.behind.get_mut(usize::from(at.0)).filter(|_| number != At::OTHER.0)
        {
            (*first, *second) = (number, *first);
        }
        At(number)
    }
}

/// The number of a name of the list that a line begins with.
fn number(name: &[u8], line: &[u8]) -> u8 {
    let Some(words) = line.first_chunk().map(words) else { return At::OTHER.0 };
    let from = STARTS.get(name.len()).copied().unwrap_or(COUNT);
    let some = USUAL.iter().enumerate().skip(from);
    let mut some = some.take_while(|(_, usual)| usual.len == name.len());
    some.find(|(_, usual)| usual.begins(words)).map_or(At::OTHER.0, |(at, _)| At::number(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_they_are_elsewhere() {
        let mut before = 0;
        for (at, usual) in USUAL.iter().enumerate() {
            let octets: Vec<u8> = usual.words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let name = &octets[..usual.len];
            assert_eq!(&octets[usual.len..usual.len + 2], b": ");
            assert!(octets[usual.len + 2..].iter().all(|octet| *octet == 0));
            assert_eq!(usual.which, Name::of(name));
            assert_eq!(usual.bit, name_bit(name));
            assert!(name.iter().all(|octet| super::super::line::is_token(*octet)));
            assert!(usual.len >= before, "shortest first");
            before = usual.len;
            let line = [&octets[..usual.len + 2], &[b'x'; 24]].concat();
            assert_eq!(number(name, &line), At::number(at));
            assert_eq!(number(&name[1..], &line), At::OTHER.0);
        }
    }

    #[test]
    fn the_latest_two_are_guessed() {
        let mut order = Order::default();
        let line = |name: &str| format!("{name}: some value of a field\r\n").into_bytes();
        for name in ["Host", "Accept", "Date", "X-Else"] {
            order.learn(At::REQUEST, name.as_bytes(), &line(name));
        }
        let guessed =
            |name: &str| order.guess(At::REQUEST, &line(name)).map(|(_, usual)| usual.len);
        assert_eq!(guessed("Date"), Some(4));
        assert_eq!(guessed("Accept"), Some(6));
        for name in ["Host", "X-Else", "date", "Dates"] {
            assert_eq!(guessed(name), None);
        }
        assert!(order.guess(At::REQUEST, b"Date: x\r\n").is_none());
        assert!(order.guess(At::RESPONSE, &line("Date")).is_none());
    }
}
