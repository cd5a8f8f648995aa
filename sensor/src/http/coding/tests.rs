//! Tests across the codings.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

/// 40 lines of JSON as another brotli implementation codes them at quality 11.
const BROTLI_JSON: &str = "1bcc05202c0a6cdb9875266961b85b13c3bf42ad90f6b6476563a99309b35be894485f91adf10f7523a0187a9fda\
109b59a028c24097ba03e7180b46b3282f7f4ff0353dde6379e1fd575d7752e0c6ebec292805afbc86645059e86a4c0e361757f783e04b785a6c4a4b\
6dca6da5a3ca52776b7ab4b9babc81f05f405c9181742ec96d25a3ea52776b72b4bdbabc8171660ccca339915af2d2281d55973a5bd3a3edd5ed0e";

/// 10 MiB of zeros.
const BROTLI_BOMB: &str = "cbffff3ff82700e2b14020f7fe2fffff3ff04f00c4611180eefd07";

const UNLIMITED: Limits =
    Limits { decoded_bytes_max: u64::MAX, ratio_max: u32::MAX, codings_max: 3 };

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn raw(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Every optional field of RFC 1952 §2.3, and two members.
fn gzip_all(data: &[u8]) -> Vec<u8> {
    let (a, b) = data.split_at(data.len() / 3);
    let mut out = vec![0x1f, 0x8b, 8, 0x1f, 1, 2, 3, 4, 0, 3, 5, 0];
    out.extend(b"extraname\0a comment\0##");
    out.extend(&gzip(a)[10..]);
    out.extend(gzip(b));
    out
}

/// Uncompressed meta-blocks of RFC 7932 §9.2.
fn brotli(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // WBITS 16: one zero bit; then ISLAST 0, MNIBBLES 0, MLEN - 1, ISUNCOMPRESSED 1.
    for (n, piece) in data.chunks(60_000).enumerate() {
        let len = u32::try_from(piece.len() - 1).unwrap();
        let bits = if n == 0 { (len << 4) | 1 << 20 } else { (len << 3) | 1 << 19 };
        out.extend(&bits.to_le_bytes()[..3]);
        out.extend(piece);
    }
    out.push(if data.is_empty() { 0b110 } else { 0b11 });
    out
}

fn zstd_two(data: &[u8]) -> Vec<u8> {
    let (a, b) = data.split_at(data.len() / 2);
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
    [zstd::encode_all(a, 1).unwrap(), skippable.to_vec(), zstd::encode_all(b, 9).unwrap()].concat()
}

type Encode = fn(&[u8]) -> Vec<u8>;

const CODINGS: [(&str, Encode); 10] = [
    ("gzip", gzip),
    ("x-gzip", gzip_all),
    ("deflate", zlib),
    ("DEFLATE", raw),
    ("br", brotli),
    ("zstd", zstd_two),
    ("identity", <[u8]>::to_vec),
    // Labels that lie, as some servers' do.
    ("gzip", zlib),
    ("deflate", gzip),
    ("", <[u8]>::to_vec),
];

/// What comes out of pieces of `coded`, the end, and whether it was complete.
fn decode<'a>(
    codings: &str,
    limits: &Limits,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<u8>, Result<(), CodingError>, Decoder) {
    let mut decoder = Decoder::new(codings.as_bytes(), limits).unwrap();
    let (mut out, mut end) = (Vec::new(), Ok(()));
    for piece in pieces {
        end = decoder.push(piece, &mut |bytes| {
            assert!(!bytes.is_empty());
            out.extend_from_slice(bytes);
        });
    }
    assert_eq!(decoder.decoded_bytes(), u64::try_from(out.len()).unwrap());
    (out, end, decoder)
}

fn stack() -> impl Strategy<Value = Vec<(&'static str, Encode)>> {
    vec(select(CODINGS.to_vec()), 0..4)
}

/// Text that compresses, with lengths around the step size.
fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        (vec(0..20_u8, 1..100), 1..400_usize).prop_map(|(unit, times)| unit.repeat(times)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn round_trips_however_cut(stack in stack(), body in body(), size in 1..3000_usize) {
        let names = stack.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ,\t");
        let coded = stack.iter().fold(body.clone(), |data, (_, encode)| encode(&data));
        let (out, end, decoder) = decode(&names, &UNLIMITED, coded.chunks(size));
        prop_assert!(out == body && end.is_ok() && decoder.complete() && !decoder.cut());
        let (out, ..) = decode(&names, &UNLIMITED, std::iter::once(coded.as_slice()));
        prop_assert!(out == body);
        // Cut short: a prefix, no error, not complete (but for bytes behind the end, and plain bodies).
        let (out, end, decoder) = decode(&names, &UNLIMITED, coded[..coded.len() / 2].chunks(size));
        prop_assert!(body.starts_with(&out) && end.is_ok());
        prop_assert!(!decoder.complete() || out.len() >= body.len() / 3);
    }

    #[test]
    fn any_bytes_end(
        mut bytes in vec(any::<u8>(), 0..400),
        stack in stack(),
        valid in any::<bool>(),
        (at, n) in (any::<Index>(), any::<u8>()),
        size in 1..100_usize,
    ) {
        let names = stack.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        if valid {
            bytes = stack.iter().fold(bytes, |data, (_, encode)| encode(&data));
        }
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = n;
        }
        let whole = decode(&names, &Limits::default(), std::iter::once(bytes.as_slice()));
        let pieces = decode(&names, &Limits::default(), bytes.chunks(size));
        prop_assert_eq!(whole.1, pieces.1);
        // Damage may come to light before everything ahead of it was put out.
        prop_assert!(whole.0.starts_with(&pieces.0) || pieces.0.starts_with(&whole.0));
        prop_assert!(whole.1.is_err() || whole.0 == pieces.0);
    }

    #[test]
    fn used_states_are_as_new(bodies in vec((stack(), body(), any::<bool>(), any::<Index>()), 1..12)) {
        let mut pool = Pool::default();
        for (stack, body, damaged, at) in bodies {
            let names = stack.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
            let mut coded = stack.iter().fold(body, |data, (_, encode)| encode(&data));
            if damaged && !coded.is_empty() {
                let at = at.index(coded.len());
                coded[at] ^= 0x55;
                coded.truncate(at + 20);
            }
            let mut used = pool.decoder(names.as_bytes(), &UNLIMITED, PoolLimits::NONE).unwrap();
            let mut out = Vec::new();
            let end = used.push(&coded, &mut |bytes| out.extend_from_slice(bytes));
            let new = decode(&names, &UNLIMITED, std::iter::once(coded.as_slice()));
            prop_assert!(out == new.0 && end == new.1 && used.complete() == new.2.complete());
            pool.recycle(used);
        }
    }

    #[test]
    fn limit_is_exact(coding in select(CODINGS.to_vec()), body in body(), max in 0..30_000_u64, size in 1..3000_usize) {
        let limits = Limits { decoded_bytes_max: max, ..UNLIMITED };
        let coded = coding.1(&body);
        let (out, end, decoder) = decode(coding.0, &limits, coded.chunks(size));
        let kept = body.len().min(usize::try_from(max).unwrap());
        prop_assert!(out == body[..kept] && end.is_ok());
        prop_assert_eq!(decoder.cut(), kept < body.len());
    }
}

#[test]
fn brotli_of_others() {
    let (out, end, decoder) = decode("br", &Limits::default(), hex(BROTLI_JSON).chunks(7));
    let line = |i| format!(r#"{{"id":{i},"name":"user {i}","ok":{}}}"#, i % 3 == 0);
    let expected = (0..40).map(line).collect::<Vec<_>>().join("\n");
    assert!(out == expected.as_bytes() && end.is_ok() && decoder.complete());
}

#[test]
fn bombs() {
    let zeros = vec![0; 20 << 20];
    let nested: Encode = |data| gzip(&gzip(data));
    let bombs = [
        ("gzip", gzip(&zeros)),
        ("deflate", raw(&zeros)),
        ("br", hex(BROTLI_BOMB)),
        ("zstd", zstd::encode_all(&zeros[..], 3).unwrap()),
        ("gzip, gzip", nested(&zeros)),
        ("gzip, br", brotli(&gzip(&zeros))),
    ];
    for (name, coded) in &bombs {
        let wide = Limits { decoded_bytes_max: u64::MAX, ..Limits::default() };
        let (out, end, decoder) = decode(name, &wide, coded.chunks(1400));
        assert_eq!(end, Err(CodingError::Ratio), "{name}");
        assert!(out.len() <= coded.len().max(400) * 200, "{name}: {}", out.len());
        assert!(!decoder.complete());
    }
    // An inner coding's output is held against the wire, too.
    let limits = Limits { ratio_max: 20, ..Limits::default() };
    let inner = gzip(&zlib(&vec![b'x'; 4 << 20]));
    let (_, end, _) = decode("zstd, gzip", &limits, inner.chunks(100));
    assert!(end.is_err());
    // With the default limit the output ends first; nothing is read after that.
    let limits = Limits { ratio_max: u32::MAX, ..Limits::default() };
    for (name, coded) in &bombs {
        let (out, end, decoder) = decode(name, &limits, coded.chunks(1400));
        assert!(out.len() == 256 << 10 && end.is_ok() && decoder.cut(), "{name}");
    }
}

#[test]
fn lists_of_codings() {
    let fails = |names: &str, limits: &Limits| Decoder::new(names.as_bytes(), limits).err();
    let limits = Limits::default();
    for names in ["compress", "gzip, compress", "gzip;q=1", "gzip br", "aws-chunked", "\u{ff}"] {
        assert_eq!(fails(names, &limits), Some(CodingError::Unknown), "{names}");
    }
    assert_eq!(fails("gzip,gzip,br,br", &limits), Some(CodingError::TooDeep));
    for names in ["", ",", "identity", " GZip , identity,X-GZIP,, deflate "] {
        assert_eq!(fails(names, &limits), None, "{names}");
    }
    assert_eq!(fails("gzip", &Limits { codings_max: 0, ..limits }), Some(CodingError::TooDeep));
}

#[test]
fn damage() {
    let text = b"some text, some text, some text";
    let mut wrong_sum = gzip(text);
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    let (out, end, decoder) = decode("gzip", &UNLIMITED, wrong_sum.chunks(5));
    assert!(out == text && end == Err(CodingError::Bad) && !decoder.complete());
    // RFC 9659: a window above 8 MiB. Single segment off, window descriptor 2^(10 + 14).
    let (_, end, _) = decode(
        "zstd",
        &UNLIMITED,
        std::iter::once(&[0x28, 0xb5, 0x2f, 0xfd, 0, 14 << 3, 1, 0, 0][..]),
    );
    assert_eq!(end, Err(CodingError::Bad));
    // RFC 7932 §9.1 has no window above 16 MiB: "large window" is another format.
    let (_, end, _) = decode("br", &UNLIMITED, std::iter::once(&[0x11, 30, 3][..]));
    assert_eq!(end, Err(CodingError::Bad));
    // RFC 1950 §2.2: a preset dictionary is unknown here.
    let (_, end, _) = decode("gzip", &UNLIMITED, std::iter::once(&[0x78, 0xbb, 0, 0][..]));
    assert_eq!(end, Err(CodingError::Bad));
    for bytes in [
        &b"{\"plain\":1}"[..],
        &[0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0],
        &[0x1f, 0x8b, 8, 0x80, 0, 0, 0, 0, 0, 0],
    ] {
        let (out, end, mut decoder) = decode("gzip", &UNLIMITED, std::iter::once(bytes));
        assert!(out.is_empty() && end == Err(CodingError::Bad));
        assert_eq!(decoder.push(&gzip(text), &mut |_| panic!("ended")), Err(CodingError::Bad));
    }
}

#[test]
fn bytes_behind_the_end_are_passed_over() {
    let text = b"text";
    for (name, mut coded) in [
        ("gzip", gzip(text)),
        ("deflate", zlib(text)),
        ("deflate", raw(text)),
        ("br", brotli(text)),
    ] {
        coded.extend([0; 700]);
        let (out, end, decoder) = decode(name, &UNLIMITED, coded.chunks(3));
        assert!(out == text && end.is_ok() && decoder.complete(), "{name}");
    }
}

#[test]
fn deflate_is_told_by_its_check_bits() {
    // RFC 1951 §3.2.4: a stored block whose padding is set looks like zlib's first byte.
    let coded = [0x08, 5, 0, 0xfa, 0xff, b'h', b'e', b'l', b'l', b'o', 1, 0, 0, 0xff, 0xff];
    let (out, end, decoder) = decode("deflate", &UNLIMITED, coded.chunks(1));
    assert!(out == b"hello" && end.is_ok() && decoder.complete());
}

#[test]
fn whole_steps_are_complete() {
    let body = vec![b'x'; 2 * STEP_BYTES];
    for (name, encode) in CODINGS {
        let coded = encode(&body);
        let (out, _, decoder) = decode(name, &UNLIMITED, std::iter::once(coded.as_slice()));
        assert!(out == body && decoder.complete(), "{name}");
    }
    let coded = zstd::encode_all(&body[..], 1).unwrap();
    assert!(decode("zstd", &UNLIMITED, std::iter::once(coded.as_slice())).2.complete());
}

#[test]
fn nothing_is_complete() {
    assert!(Decoder::new(b"gzip", &UNLIMITED).unwrap().complete());
    assert!(!decode("gzip", &UNLIMITED, std::iter::once(&gzip(b"a")[..9])).2.complete());
}

#[test]
fn decoders_of_a_pool_share_what_they_may_hold() {
    let body = vec![b'7'; 9 << 20];
    for coding in ["zstd", "br"] {
        let coded = match coding {
            "br" => brotli(&body),
            _ => zstd::encode_all(&body[..], 1).unwrap(),
        };
        let mut pool = Pool::default();
        let most = PoolLimits { decoders_max: 9, bytes_max: 10 << 20 };
        let limits = &UNLIMITED;
        let whole = |pool: &mut Pool| {
            let (mut decoder, mut out) =
                (pool.decoder(coding.as_bytes(), limits, most).unwrap(), 0);
            let end = coded
                .chunks(50)
                .try_for_each(|piece| decoder.push(piece, &mut |bytes| out += bytes.len()));
            (decoder, out, end)
        };
        let (first, out, end) = whole(&mut pool);
        assert_eq!((out, end), (body.len(), Ok(())), "{coding}");
        let (second, out, end) = whole(&mut pool);
        assert_eq!(end, Err(CodingError::Busy), "{coding}");
        assert!(out < 3 << 20, "{coding} {out}");
        // What it had is free again, and the state of the first is charged for what it was used for.
        pool.recycle(second);
        pool.recycle(first);
        assert_eq!(whole(&mut pool).2, Ok(()), "{coding}");
        assert_eq!(pool.live(), 0);
    }
    let most = PoolLimits { decoders_max: 9, bytes_max: 300 << 10 };
    let mut pool = Pool::default();
    let decoders = ["gzip", "gzip", "gzip", "zstd", "zstd"]
        .map(|coding| pool.decoder(coding.as_bytes(), &UNLIMITED, most).ok());
    assert_eq!(decoders.map(|decoder| decoder.is_some()), [true, true, false, true, false]);
    assert!(pool.decoder(b"gzip, gzip, gzip", &UNLIMITED, most).is_err());
}
