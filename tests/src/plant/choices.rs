//! Choices: from the input of a fuzzer as far as it goes, from a generator beyond.

/// A source of choices: the same one makes the same case.
pub struct Choices<'a> {
    bytes: &'a [u8],
    state: u64,
    /// Texts that must not come out, as they were planted.
    planted: Vec<String>,
}

impl<'a> Choices<'a> {
    /// Of a number.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d;
        Self { bytes: &[], state, planted: Vec::new() }
    }

    /// Of octets: they choose, and what is random is random by them.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        let seed = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &b| {
            (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
        });
        Self { bytes, state: seed, planted: Vec::new() }
    }

    /// A number below `n`, chosen.
    pub fn below(&mut self, n: usize) -> usize {
        match self.bytes.split_first() {
            Some((&b, rest)) if n <= 256 => {
                self.bytes = rest;
                usize::from(b) % n.max(1)
            }
            Some((&a, &[b, ref rest @ ..])) => {
                self.bytes = rest;
                (usize::from(a) << 8 | usize::from(b)) % n.max(1)
            }
            _ => self.random(n),
        }
    }

    /// Whether one thing in `n` happens.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    /// One of a list.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    /// A number below `n`, random: content, not structure.
    pub fn random(&mut self, n: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = (z ^ (z >> 31)) % u64::try_from(n.max(1)).expect("a small number");
        usize::try_from(below).expect("a small number")
    }

    /// Notes a text that must not come out.
    pub fn plant(&mut self, text: &str) {
        self.planted.push(text.to_owned());
    }

    /// What must not come out.
    #[must_use]
    pub fn planted(&self) -> &[String] {
        &self.planted
    }

    /// `len` random characters of `alphabet`.
    pub fn text(&mut self, alphabet: &str, len: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..len).map(|_| letters[self.random(letters.len())]).collect()
    }

    /// `len` random digits, the first of them no zero.
    pub fn digits(&mut self, len: usize) -> String {
        let first = self.text("123456789", 1);
        first + &self.text("0123456789", len - 1)
    }
}
