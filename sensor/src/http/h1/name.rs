//! Names of fields that decide about framing, or that real messages have and random text does not.

/// What a field's name says here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Host,
    ContentLength,
    ContentEncoding,
    TransferEncoding,
    ContentType,
    Upgrade,
    WebSocketExtensions,
    /// One that real messages have.
    Known,
    /// Any other.
    Other,
}

impl Name {
    /// Tells a name, ASCII case ignored: by its length, then by its first and last octets at once.
    #[inline]
    pub(super) fn of(name: &[u8]) -> Self {
        let Some(ends) = Ends::of(name) else { return Self::Other };
        match name.len() {
            4 if ends.are(HOST) => Self::Host,
            4 if ends.are(DATE) => Self::Known,
            6 if [ACCEPT, SERVER, COOKIE, PRAGMA].iter().any(|known| ends.are(*known)) => {
                Self::Known
            }
            7 if ends.are(UPGRADE) => Self::Upgrade,
            8 if ends.are(LOCATION) => Self::Known,
            10 if [USER_AGENT, CONNECTION, SET_COOKIE].iter().any(|known| ends.are(*known)) => {
                Self::Known
            }
            12 if ends.are(CONTENT_TYPE) => Self::ContentType,
            13 if [AUTHORIZATION, CACHE_CONTROL, LAST_MODIFIED]
                .iter()
                .any(|known| ends.are(*known)) =>
            {
                Self::Known
            }
            14 if ends.are(CONTENT_LENGTH) => Self::ContentLength,
            15 if ends.are(ACCEPT_ENCODING) || ends.are(ACCEPT_LANGUAGE) => Self::Known,
            16 if ends.are(CONTENT_ENCODING) => Self::ContentEncoding,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => Self::TransferEncoding,
            24 if name.eq_ignore_ascii_case(b"sec-websocket-extensions") => {
                Self::WebSocketExtensions
            }
            _ => Self::Other,
        }
    }
}

/// First and last octets of a text: all of it, when it has 4 to 16 octets.
#[derive(Clone, Copy)]
struct Ends {
    first: u64,
    last: u64,
}

impl Ends {
    #[inline]
    fn of(text: &[u8]) -> Option<Self> {
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            return Some(Self {
                first: u64::from_le_bytes(*first),
                last: u64::from_le_bytes(*last),
            });
        }
        let (first, last) = (text.first_chunk()?, text.last_chunk()?);
        Some(Self {
            first: u32::from_le_bytes(*first).into(),
            last: u32::from_le_bytes(*last).into(),
        })
    }

    /// Whether these are the ends of `known`, in whatever case its letters are. Of texts of one length.
    #[inline]
    const fn are(self, known: Known) -> bool {
        let Known { lower, letters } = known;
        (self.first | letters.first) == lower.first && (self.last | letters.last) == lower.last
    }
}

/// A name in lower case, and the bit of each letter that is its case.
#[derive(Clone, Copy)]
struct Known {
    lower: Ends,
    letters: Ends,
}

impl Known {
    const fn new(name: &[u8]) -> Self {
        let (lower, letters) = (Self::ends(name, false), Self::ends(name, true));
        Self { lower, letters }
    }

    /// The ends of a name of 4 to 16 octets, or of the bits in it that are case.
    const fn ends(name: &[u8], case: bool) -> Ends {
        let width = if name.len() < 8 { 4 } else { 8 };
        let (mut first, mut last, mut at) = (0, 0, width);
        while at > 0 {
            at -= 1;
            first = first << 8 | Self::octet(name, at, case);
            last = last << 8 | Self::octet(name, name.len() - width + at, case);
        }
        Ends { first, last }
    }

    #[allow(clippy::indexing_slicing, reason = "of constants, when the program is built")]
    const fn octet(name: &[u8], at: usize, case: bool) -> u64 {
        let octet = name[at];
        match case {
            false => u64::from_le_bytes([octet, 0, 0, 0, 0, 0, 0, 0]),
            true if octet.is_ascii_lowercase() => 0x20,
            true => 0,
        }
    }
}

const HOST: Known = Known::new(b"host");
const DATE: Known = Known::new(b"date");
const ACCEPT: Known = Known::new(b"accept");
const SERVER: Known = Known::new(b"server");
const COOKIE: Known = Known::new(b"cookie");
const PRAGMA: Known = Known::new(b"pragma");
const UPGRADE: Known = Known::new(b"upgrade");
const LOCATION: Known = Known::new(b"location");
const USER_AGENT: Known = Known::new(b"user-agent");
const CONNECTION: Known = Known::new(b"connection");
const SET_COOKIE: Known = Known::new(b"set-cookie");
const CONTENT_TYPE: Known = Known::new(b"content-type");
const AUTHORIZATION: Known = Known::new(b"authorization");
const CACHE_CONTROL: Known = Known::new(b"cache-control");
const LAST_MODIFIED: Known = Known::new(b"last-modified");
const CONTENT_LENGTH: Known = Known::new(b"content-length");
const ACCEPT_ENCODING: Known = Known::new(b"accept-encoding");
const ACCEPT_LANGUAGE: Known = Known::new(b"accept-language");
const CONTENT_ENCODING: Known = Known::new(b"content-encoding");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const NAMES: &[(&str, Name)] = &[
        ("host", Name::Host),
        ("content-length", Name::ContentLength),
        ("content-encoding", Name::ContentEncoding),
        ("transfer-encoding", Name::TransferEncoding),
        ("content-type", Name::ContentType),
        ("upgrade", Name::Upgrade),
        ("sec-websocket-extensions", Name::WebSocketExtensions),
        ("date", Name::Known),
        ("accept", Name::Known),
        ("server", Name::Known),
        ("cookie", Name::Known),
        ("pragma", Name::Known),
        ("location", Name::Known),
        ("user-agent", Name::Known),
        ("connection", Name::Known),
        ("set-cookie", Name::Known),
        ("authorization", Name::Known),
        ("cache-control", Name::Known),
        ("last-modified", Name::Known),
        ("accept-encoding", Name::Known),
        ("accept-language", Name::Known),
    ];

    /// The plain way: name by name.
    fn plain(name: &[u8]) -> Name {
        let found = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        found.map_or(Name::Other, |(_, is)| *is)
    }

    proptest! {
        #[test]
        fn names_are_told_as_by_comparing_them_all(
            (name, _) in select(NAMES),
            cases in any::<u32>(),
            change in (any::<prop::sample::Index>(), any::<u8>(), any::<bool>()),
        ) {
            let mut name = name.as_bytes().to_vec();
            for (at, octet) in name.iter_mut().enumerate() {
                if cases >> at & 1 == 1 {
                    octet.make_ascii_uppercase();
                }
            }
            prop_assert_eq!(Name::of(&name), plain(&name));
            let (at, octet, all) = change;
            let at = at.index(name.len());
            name[at] = octet;
            prop_assert_eq!(Name::of(&name), plain(&name));
            // Each octet that differs in one bit only.
            if all {
                for bit in 0..8 {
                    name[at] ^= 1 << bit;
                    prop_assert_eq!(Name::of(&name), plain(&name));
                    name[at] ^= 1 << bit;
                }
            }
        }

        #[test]
        fn no_other_text_is_told(name in proptest::collection::vec(any::<u8>(), 0..26)) {
            prop_assert_eq!(Name::of(&name), plain(&name));
        }
    }
}
