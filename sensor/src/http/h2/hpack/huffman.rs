//! The Huffman code of HPACK.
//!
//! The code is canonical: among codes of one length, symbols come in order, and a longer code follows the last
//! shorter one. So lengths are all that must be written down. Codes of up to 12 bits are looked up, two at once where
//! both fit; longer ones are found by their length.
//!
//! Source: [RFC 7541 Appendix B](https://www.rfc-editor.org/rfc/rfc7541#appendix-B).

use super::HpackError;

/// Length of the code of each octet, in bits.
#[rustfmt::skip]
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
     6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6,
     5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10,
    13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
     7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6,
    15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,
     6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/// Longest code, in bits. The end-of-string symbol, 30 ones, is the last of them.
const LENGTH_MAX: u32 = 30;

/// What the next bits mean.
struct Code {
    /// By the next 8 bits: the symbol and its length; length 0 when its code is longer.
    short: [(u8, u8); 256],
    /// Symbols in order of their codes.
    symbols: [u8; 256],
    /// By length: the first code, shifted left to 32 bits, and the place of its symbol.
    first: [(u32, u16); 32],
}

static CODE: Code = build();

#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiled: a mistake is a compile error; numbers are below 256"
)]
const fn build() -> Code {
    let mut code = Code { short: [(0, 0); 256], symbols: [0; 256], first: [(u32::MAX, 0); 32] };
    let (mut next, mut place, mut length) = (0_u32, 0_usize, 1_u32);
    while length <= LENGTH_MAX {
        next <<= 1;
        code.first[length as usize] = (next << (32 - length), place as u16);
        let mut symbol = 0;
        while symbol < 256 {
            if LENGTHS[symbol] as u32 == length {
                code.symbols[place] = symbol as u8;
                place += 1;
                if length <= 8 {
                    let from = (next << (8 - length)) as usize;
                    let mut at = from;
                    while at < from + (1 << (8 - length)) {
                        code.short[at] = (symbol as u8, length as u8);
                        at += 1;
                    }
                }
                next += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    code
}

/// Bits that are looked up at once.
const BITS: u32 = 12;

/// What [`BITS`] bits begin with.
#[derive(Clone, Copy)]
struct Pair {
    /// One symbol or two, the first the lower octet.
    symbols: u16,
    /// Bits of these: 8 or 16.
    width: u8,
    /// Bits of their codes; more than there ever are when the code there is longer.
    length: u8,
}

static PAIRS: [Pair; 1 << BITS] = pairs();

#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiled: a mistake is a compile error; numbers are below 4096"
)]
const fn pairs() -> [Pair; 1 << BITS] {
    const NONE: Pair = Pair { symbols: 0, width: 0, length: u8::MAX };
    let mut singles = [NONE; 1 << BITS];
    let (mut next, mut length) = (0_usize, 1_u32);
    while length <= BITS {
        next <<= 1;
        let mut symbol = 0;
        while symbol < 256 {
            if LENGTHS[symbol] as u32 == length {
                let mut at = next << (BITS - length);
                while at < (next + 1) << (BITS - length) {
                    singles[at] = Pair { symbols: symbol as u16, width: 8, length: length as u8 };
                    at += 1;
                }
                next += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    let (mut pairs, mut at) = (singles, 0);
    while at < pairs.len() {
        let first = singles[at];
        if first.width > 0 {
            let second = singles[(at << first.length) & (pairs.len() - 1)];
            if second.width > 0 && (first.length + second.length) as u32 <= BITS {
                let symbols = first.symbols | second.symbols << 8;
                pairs[at] = Pair { symbols, width: 16, length: first.length + second.length };
            }
        }
        at += 1;
    }
    pairs
}

/// What the highest bits of `window` begin with.
#[inline]
fn pair(window: u64) -> Pair {
    const NONE: Pair = Pair { symbols: 0, width: 0, length: u8::MAX };
    let top = usize::try_from(window >> (64 - BITS)).unwrap_or(0);
    PAIRS.get(top).copied().unwrap_or(NONE)
}

/// Appends the text that `coded` stands for to `out`.
///
/// # Errors
///
/// - [`HpackError::Huffman`] when it holds the end-of-string symbol, or ends in padding that is none (§5.2).
pub(super) fn decode(coded: &[u8], out: &mut Vec<u8>) -> Result<(), HpackError> {
    // Bits not used yet, from the top. Below them there may be some of the octet that is next in `rest`.
    let (mut window, mut bits, mut rest) = (0_u64, 0_u32, coded);
    // Codes take 5 bits at least.
    out.reserve((coded.len().saturating_mul(8) / 5).saturating_add(8));
    loop {
        // Fewer than 64 bits are left, or their symbols would have been taken.
        window |= first_word(rest).wrapping_shr(bits);
        let room = usize::try_from(64_u32.wrapping_sub(bits) / 8).unwrap_or(0);
        let (taken, behind) = rest.split_at(room.min(rest.len()));
        rest = behind;
        bits = bits.wrapping_add(u32::try_from(taken.len()).unwrap_or(0).wrapping_mul(8));
        // Padding, as at the end of most strings.
        if bits < 8 && window == ones(bits) {
            return Ok(());
        }
        let (mut symbols, mut width) = (0_u64, 0_u32);
        // Two symbols each at most, which is what a word has room for.
        for _ in 0..4 {
            let pair = pair(window);
            if u32::from(pair.length) > bits {
                break;
            }
            symbols |= u64::from(pair.symbols).wrapping_shl(width);
            width = width.wrapping_add(pair.width.into());
            window = window.wrapping_shl(pair.length.into());
            bits = bits.wrapping_sub(pair.length.into());
        }
        if width == 0 {
            let (symbol, length) = symbol(upper(window))?;
            // What is left is no padding.
            if length > bits {
                return Err(HpackError::Huffman);
            }
            (symbols, width) = (symbol.into(), 8);
            window = window.wrapping_shl(length);
            bits = bits.wrapping_sub(length);
        }
        let end = out.len().wrapping_add(usize::try_from(width / 8).unwrap_or(0));
        out.extend_from_slice(&symbols.to_le_bytes());
        out.truncate(end);
    }
}

/// The first bits of the end-of-string symbol, which all are ones: so many of them.
#[inline]
fn ones(bits: u32) -> u64 {
    u64::MAX.checked_shl(64_u32.saturating_sub(bits)).unwrap_or(0)
}

/// The first eight octets, from the top; zeros behind fewer.
#[inline]
fn first_word(octets: &[u8]) -> u64 {
    if let Some(word) = octets.first_chunk() {
        return u64::from_be_bytes(*word);
    }
    let (first, last) = match (octets.first_chunk(), octets.last_chunk(), octets) {
        // Of four and more the first four and the last four are all.
        (Some(first), Some(last), _) => (u32::from_be_bytes(*first), u32::from_be_bytes(*last)),
        (_, _, &[a, b, c]) => return u64::from_be_bytes([a, b, c, 0, 0, 0, 0, 0]),
        (_, _, &[a, b]) => return u64::from_be_bytes([a, b, 0, 0, 0, 0, 0, 0]),
        (_, _, &[a]) => return u64::from_be_bytes([a, 0, 0, 0, 0, 0, 0, 0]),
        _ => return 0,
    };
    let behind = 8_usize.saturating_sub(octets.len()).saturating_mul(8);
    let shift = u32::try_from(behind).unwrap_or(0);
    u64::from(first) << 32 | u64::from(last).wrapping_shl(shift)
}

#[inline]
fn upper(window: u64) -> u32 {
    u32::try_from(window >> 32).unwrap_or(u32::MAX)
}

/// The symbol at the top of `next`, and its length in bits; more than 30 for the end of the string.
fn symbol(next: u32) -> Result<(u8, u32), HpackError> {
    let top = usize::try_from(next >> 24).unwrap_or(0);
    if let Some(&(symbol, length)) = CODE.short.get(top).filter(|(_, length)| *length > 0) {
        return Ok((symbol, length.into()));
    }
    let mut length = 9;
    while length < LENGTH_MAX
        && CODE
            .first
            .get(usize::try_from(length).unwrap_or(0).saturating_add(1))
            .is_some_and(|first| next >= first.0)
    {
        length = length.saturating_add(1);
    }
    let &(first, place) =
        CODE.first.get(usize::try_from(length).unwrap_or(0)).ok_or(HpackError::Huffman)?;
    let offset = next.saturating_sub(first) >> 32_u32.saturating_sub(length);
    let place = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(place.into());
    // Behind the last symbol comes the end of the string, whose first bits are the padding.
    CODE.symbols.get(place).map_or(Ok((0, u32::MAX)), |&symbol| Ok((symbol, length)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(coded: &[u8]) -> Result<Vec<u8>, HpackError> {
        let (mut out, mut one_by_one) = (b"before".to_vec(), b"before".to_vec());
        let told = decode(coded, &mut out);
        assert_eq!(told, plainly(coded, &mut one_by_one));
        assert_eq!(out, one_by_one);
        told.map(|()| out.split_off(6))
    }

    /// Symbol by symbol.
    fn plainly(coded: &[u8], out: &mut Vec<u8>) -> Result<(), HpackError> {
        let (mut window, mut bits, mut rest) = (0_u64, 0_u32, coded);
        loop {
            while bits <= 56 {
                let Some((&octet, after)) = rest.split_first() else { break };
                rest = after;
                window |= u64::from(octet) << (56 - bits);
                bits += 8;
            }
            let (symbol, length) = symbol(upper(window))?;
            if length > bits {
                break;
            }
            out.push(symbol);
            window <<= length;
            bits -= length;
        }
        let ones = u64::MAX.checked_shl(64 - bits).unwrap_or(0);
        if bits < 8 && window == ones { Ok(()) } else { Err(HpackError::Huffman) }
    }

    /// Codes by symbol, made another way: by sorting.
    fn encode(text: &[u8]) -> Vec<u8> {
        let mut symbols: Vec<u8> = (0..=255).collect();
        symbols.sort_by_key(|&s| (LENGTHS[usize::from(s)], s));
        let (mut next, mut last) = (0_u64, 5);
        let mut codes = [(0_u64, 0_u8); 256];
        for symbol in symbols {
            let length = LENGTHS[usize::from(symbol)];
            next <<= length - last;
            codes[usize::from(symbol)] = (next, length);
            (next, last) = (next + 1, length);
        }
        let mut bits: Vec<bool> = Vec::new();
        for &octet in text {
            let (code, length) = codes[usize::from(octet)];
            bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
        }
        while !bits.len().is_multiple_of(8) {
            bits.push(true);
        }
        bits.chunks(8)
            .map(|octet| octet.iter().fold(0, |all, &bit| all << 1 | u8::from(bit)))
            .collect()
    }

    // The code is complete: with the end of the string, every bit string begins with a symbol.
    #[test]
    fn lengths_fill_the_code() {
        let sum: u64 = LENGTHS.iter().map(|&l| 1_u64 << (LENGTH_MAX - u32::from(l))).sum();
        assert_eq!(sum + 1, 1 << LENGTH_MAX);
    }

    // RFC 7541 Appendix C.4 and C.6.
    #[test]
    fn examples_of_the_standard() {
        for (coded, plain) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("a8eb10649cbf", "no-cache"),
            ("25a849e95ba97d7f", "custom-key"),
            ("6402", "302"),
            ("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"),
            (
                "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
                "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ),
        ] {
            let coded = data_encoding::HEXLOWER.decode(coded.as_bytes()).unwrap();
            assert_eq!(text(&coded).unwrap(), plain.as_bytes());
        }
    }

    // RFC 7541 §5.2.
    #[test]
    fn bad_padding_and_the_end_symbol_are_errors() {
        assert_eq!(text(&[]), Ok(vec![]));
        assert_eq!(text(&[0x1f]), Ok(vec![b'a']));
        // Zeros after 'a'; a whole octet of ones; the end symbol inside.
        assert_eq!(text(&[0x18]), Ok(b"a0".to_vec()).and(Err(HpackError::Huffman)));
        assert_eq!(text(&[0x1f, 0xff]), Err(HpackError::Huffman));
        assert_eq!(text(&[0xff, 0xff, 0xff, 0xff]), Err(HpackError::Huffman));
        assert_eq!(text(&[0xff, 0xff, 0xff, 0xfc, 0x1f]), Err(HpackError::Huffman));
    }

    #[test]
    fn every_octet_comes_back() {
        for octet in 0..=255 {
            assert_eq!(text(&encode(&[octet])), Ok(vec![octet]));
            assert_eq!(
                text(&encode(&[b'x', octet, octet, b'0'])),
                Ok(vec![b'x', octet, octet, b'0'])
            );
        }
    }

    #[test]
    fn words_are_filled_with_zeros() {
        let octets = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        for len in 0..=octets.len() {
            let mut word = [0; 8];
            word.iter_mut().zip(&octets[..len]).for_each(|(slot, octet)| *slot = *octet);
            assert_eq!(first_word(&octets[..len]), u64::from_be_bytes(word), "{len}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(plain in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(text(&encode(&plain)), Ok(plain));
        }

        #[test]
        fn any_octets_end(coded in prop::collection::vec(any::<u8>(), 0..100)) {
            // Accepted text codes back to the same octets: there is one coding of each text.
            if let Ok(plain) = text(&coded) {
                prop_assert_eq!(encode(&plain), coded);
            }
        }
    }
}
