use super::*;

const LIMITS: Limits = Limits { bytes_max: 1 << 20, fields_max: 1000 };

/// Decodes; fields as text, `?` for each unknown one.
fn decode(decoder: &mut Decoder, block: &[u8]) -> Result<String, HpackError> {
    let mut out = Fields::default();
    let mut held = 0;
    let result =
        decoder.decode(block, &mut out, LIMITS, &mut Budget { held: &mut held, max: 1 << 20 });
    let fields = out.iter().map(|(name, value)| {
        format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value))
    });
    let text = fields.collect::<Vec<_>>().join("\n");
    result.map(|()| format!("{text}{}", "?".repeat(out.unknown as usize)))
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.replace(' ', "").as_bytes()).unwrap()
}

// RFC 7541 Appendix C.3 and C.4: three requests on one connection, plain and Huffman-coded.
#[test]
fn requests_of_the_standard() {
    let plain = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    let coded = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    let want = [
        ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
        ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
        ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
    ];
    for blocks in [plain, coded] {
        let mut decoder = Decoder::new(true);
        for (block, want) in blocks.iter().zip(want) {
            assert_eq!(decode(&mut decoder, &hex(block)).unwrap(), want);
        }
        // Joined at the second: what the first added is unknown, what came later is not.
        let mut decoder = Decoder::new(false);
        let second = decode(&mut decoder, &hex(blocks[1])).unwrap();
        assert_eq!(second, ":method: GET\n:scheme: http\n:path: /\ncache-control: no-cache?");
        let third = decode(&mut decoder, &hex(blocks[2])).unwrap();
        assert_eq!(
            third,
            ":method: GET\n:scheme: https\n:path: /index.html\ncustom-key: custom-value?"
        );
    }
}

// RFC 7541 Appendix C.5: responses with a table of 256 bytes, so that entries are evicted.
#[test]
fn responses_of_the_standard() {
    let mut decoder = Decoder::new(true);
    decode(&mut decoder, &hex("3fe101")).unwrap();
    let blocks = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    ];
    let last = blocks.map(|block| decode(&mut decoder, &hex(block)).unwrap()).pop_last();
    assert_eq!(
        last,
        ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\ncontent-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
    );
    // Three entries are left; a fourth there is none.
    assert!(decode(&mut decoder, &[0xc0]).unwrap().starts_with("date"));
    assert_eq!(decode(&mut decoder, &[0xc1]), Err(HpackError::Index));
}

trait Last {
    fn pop_last(self) -> String;
}

impl Last for [String; 3] {
    fn pop_last(self) -> String {
        let [_, _, last] = self;
        last
    }
}

#[test]
fn broken_blocks_are_errors_and_make_the_table_unknown() {
    for (block, error) in [
        (&[0x80][..], HpackError::Index),
        (&[0xbe], HpackError::Index),
        (&[0x7e, 1, b'x'], HpackError::Index),
        (&[0x40, 1, b'x'], HpackError::Cut),
        (&[0x40, 5, b'x'], HpackError::Cut),
        (&[0x40, 0x81, 0x00, 0], HpackError::Huffman),
        (&[0x82, 0x20], HpackError::Update),
        (&[0xff; 12], HpackError::Integer),
    ] {
        let mut decoder = Decoder::new(true);
        assert_eq!(decode(&mut decoder, block), Err(error), "{block:?}");
        assert_eq!(decode(&mut decoder, &[0xbe]), Ok("?".into()), "{block:?}");
    }
}

#[test]
fn a_bomb_is_told_in_part_and_decoded_whole() {
    let mut decoder = Decoder::new(true);
    let mut block = vec![0x40, 1, b'a', 0x7f, 0xf0, 0x1d];
    block.extend(vec![b'v'; 0x7f + 0x70 + (0x1d << 7)]);
    block.extend(vec![0xbe; 10_000]);
    block.extend([0x40, 1, b'z', 1, b'z']);
    let mut out = Fields::default();
    let limits = Limits { bytes_max: 64 << 10, fields_max: 1000 };
    decoder.decode(&block, &mut out, limits, &mut Budget { held: &mut 0, max: 1 << 20 }).unwrap();
    assert!(out.cut && out.text.len() <= 64 << 10 && out.unknown == 0);
    assert_eq!(decode(&mut decoder, &[0xbe]).unwrap(), "z: z");
}

#[test]
fn blocks_are_told_from_other_bytes() {
    for block in [
        "828684be",
        "88",
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "3fe1 0182",
        "c0bf",
        "0007 3a6d 6574 686f 6403 4745 54",
    ] {
        assert!(is_plausible(&hex(block)), "{block}");
    }
    for block in ["", "00", "90", "47", "4161", "20", "0001 6101 62", "80"] {
        assert!(!is_plausible(&hex(block)), "{block}");
    }
}
