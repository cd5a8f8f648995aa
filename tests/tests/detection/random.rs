//! Seeded randomness and what labelled values are made of.

/// Splitmix64: the same values every time.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `n` - 1.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// From `low` to `high`, both included.
    pub(crate) fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }

    /// `n` characters of an alphabet.
    pub(crate) fn of(&mut self, alphabet: &str, n: u64) -> String {
        let alphabet = alphabet.as_bytes();
        (0..n)
            .map(|_| {
                char::from(alphabet[usize::try_from(self.below(alphabet.len() as u64)).unwrap()])
            })
            .collect()
    }

    pub(crate) fn digits(&mut self, n: u64) -> String {
        self.of("0123456789", n)
    }

    /// Digits that do not begin with 0.
    pub(crate) fn number(&mut self, n: u64) -> String {
        self.of("123456789", 1) + &self.digits(n - 1)
    }

    pub(crate) fn hex(&mut self, n: u64) -> String {
        self.of("0123456789abcdef", n)
    }

    pub(crate) fn letters(&mut self, n: u64) -> String {
        self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", n)
    }

    pub(crate) fn base64(&mut self, n: u64) -> String {
        self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", n)
    }

    pub(crate) fn plain(&mut self, n: u64) -> String {
        self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", n)
    }

    /// A form with `#` for digits, `A` for capitals, `a` for small letters, `x` for hex digits.
    pub(crate) fn form(&mut self, form: &str) -> String {
        form.chars()
            .map(|c| match c {
                '#' => self.digits(1),
                'A' => self.letters(1),
                'a' => self.of("abcdefghijklmnopqrstuvwxyz", 1),
                'x' => self.hex(1),
                other => other.to_string(),
            })
            .collect()
    }

    /// Year, month and day from 1930 to 2024.
    pub(crate) fn birth(&mut self) -> (u64, u64, u64) {
        (self.within(1930, 2024), self.within(1, 12), self.within(1, 28))
    }
}

/// Values of digits.
pub(crate) fn values(digits: &str) -> Vec<u32> {
    digits.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// Sum of digits times weights, which begin again when they end.
pub(crate) fn weighted(digits: &str, weights: &[u32]) -> u32 {
    values(digits).iter().zip(weights.iter().cycle()).map(|(d, w)| d * w).sum()
}

/// The digit that makes `digits` pass Luhn's check.
pub(crate) fn luhn(digits: &str) -> u32 {
    let sum: u32 = values(digits)
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { *d })
        .sum();
    (10 - sum % 10) % 10
}

/// Digits in groups of these lengths.
pub(crate) fn grouped(digits: &str, lengths: &[usize], separator: &str) -> String {
    let mut rest = digits;
    let mut groups = Vec::new();
    for length in lengths {
        let (group, tail) = rest.split_at((*length).min(rest.len()));
        groups.push(group);
        rest = tail;
    }
    if !rest.is_empty() {
        groups.push(rest);
    }
    groups.join(separator)
}

/// A value, the name it stands under, and what it is.
pub(crate) struct Labelled {
    /// Name of its class; empty for none.
    pub class: &'static str,
    /// Name of its field.
    pub name: String,
    /// The value.
    pub text: String,
    /// Whether its form alone tells the class.
    pub by_form: bool,
}

/// A field name as one of the ways it is written: `card_number` as `cardNumber`, `CARD-NUMBER`, `payCardNumber` …
pub(crate) fn spelled(random: &mut Random, name: &str) -> String {
    if !name.is_ascii() {
        return name.to_owned();
    }
    let camel = |name: &str| {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |all, word| {
            let (head, tail) = word.split_at(1);
            all + &head.to_uppercase() + tail
        })
    };
    match random.below(7) {
        0 | 1 => name.to_owned(),
        2 | 3 => camel(name),
        4 => name.replace('_', "-").to_uppercase(),
        5 => format!("{}_{name}", random.pick(&["req", "new", "user", "main", "old"])),
        _ => format!("{name}{}", random.within(1, 3)),
    }
}
