//! Against an independent encoder: whatever it sends, and whatever of it is missed, no field is told wrong.

use httlib_hpack::Encoder;
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { bytes_max: 1 << 20, fields_max: 1000 };

/// What the encoder does next.
#[derive(Debug, Clone)]
enum Step {
    Block(Vec<(String, String, u8)>),
    Resize(u32),
    /// The decoder misses the next block.
    Lose,
}

fn field() -> impl Strategy<Value = (String, String, u8)> {
    let name = prop_oneof![
        prop::sample::select(vec![":path", ":status", "cookie", "accept", "x-a", "x-b", "x-c"])
            .prop_map(str::to_owned),
        "[a-z-]{1,12}",
    ];
    // Long values push others out of the table; the longest do not fit in.
    let value = prop_oneof![
        4 => "[ -~]{0,20}",
        2 => prop::sample::select(vec!["/", "200", "GET", "one", "two"]).prop_map(str::to_owned),
        1 => (100..2000_usize, any::<char>()).prop_map(|(len, c)| c.to_string().repeat(len)),
        1 => Just("z".repeat(5000)),
    ];
    // Bits of the encoder: Huffman for name and value, indexing or never, best form.
    let flags = prop::sample::select(vec![0x10_u8, 0x14, 0x17, 0x16, 0x18, 0x03, 0x07, 0x1b, 0x04]);
    (name, value, flags)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => prop::collection::vec(field(), 0..8).prop_map(Step::Block),
        1 => prop::sample::select(vec![0_u32, 64, 500, 4096]).prop_map(Step::Resize),
        2 => Just(Step::Lose),
    ]
}

/// Whether `told` are some of `sent`, in order.
fn is_part(told: &[(Vec<u8>, Vec<u8>)], sent: &[(Vec<u8>, Vec<u8>)]) -> bool {
    let mut rest = sent.iter();
    told.iter().all(|field| rest.any(|other| other == field))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_field_is_told_wrong(steps in prop::collection::vec(step(), 1..40), joined in 0..6_usize) {
        let mut encoder = Encoder::with_dynamic_size(4096);
        let mut decoder = Decoder::new(joined == 0);
        let (mut held, mut blocks, mut lose) = (0, 0, false);
        // Names sent before the last loss: later ones must resolve.
        let (mut old, mut seen) = (Vec::new(), Vec::new());
        let mut out = Fields::default();
        let mut pending = Vec::new();
        for step in steps {
            let sent = match step {
                Step::Lose => { lose = true; continue }
                Step::Resize(size) => {
                    encoder.update_max_dynamic_size(size, &mut pending).unwrap();
                    continue;
                }
                Step::Block(sent) => sent,
            };
            let mut block = std::mem::take(&mut pending);
            for (name, value, flags) in &sent {
                encoder.encode((name.clone().into_bytes(), value.clone().into_bytes(), *flags), &mut block).unwrap();
                seen.push(name.clone());
            }
            blocks += 1;
            let mut budget = Budget { held: &mut held, max: 1 << 20 };
            if blocks <= joined || std::mem::take(&mut lose) {
                if blocks > joined {
                    decoder.lose(&mut budget);
                }
                old.clone_from(&seen);
                continue;
            }
            decoder.decode(&block, &mut out, LIMITS, &mut budget).unwrap();
            let told: Vec<_> = out.iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
            let sent: Vec<_> = sent.into_iter().map(|(n, v, _)| (n.into_bytes(), v.into_bytes())).collect();
            prop_assert!(is_part(&told, &sent), "{told:?} of {sent:?}");
            prop_assert_eq!(told.len() + out.unknown as usize, sent.len());
            let must: Vec<_> = sent.iter().filter(|(name, _)| !old.iter().any(|o| o.as_bytes() == name)).cloned().collect();
            prop_assert!(is_part(&must, &told), "{told:?} lacks some of {must:?}");
        }
        decoder.release(&mut Budget { held: &mut held, max: 0 });
        prop_assert_eq!(held, 0);
    }

    #[test]
    fn any_octets_end(block in prop::collection::vec(any::<u8>(), 0..200), whole: bool) {
        let (mut decoder, mut out, mut held) = (Decoder::new(whole), Fields::default(), 0);
        for _ in 0..2 {
            let _result = decoder.decode(&block, &mut out, LIMITS, &mut Budget { held: &mut held, max: 100 });
            is_plausible(&block);
        }
        decoder.release(&mut Budget { held: &mut held, max: 0 });
        prop_assert_eq!(held, 0);
    }
}
