//! Random secrets of every class, valid by their check digits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::choices::Choices;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A secret, and a name that fields with such values have.
#[derive(Clone)]
pub(super) struct Secret {
    /// A name of fields.
    pub(super) name: &'static str,
    /// As it is written.
    pub(super) text: String,
    /// What of it is random, and must not come out.
    pub(super) cores: Vec<String>,
    /// Whether its form tells that it is none of the words an API is made of: it may stand for a name then.
    pub(super) telling: bool,
}

/// A random secret.
pub(super) fn any(choices: &mut Choices<'_>) -> Secret {
    let kinds: &[fn(&mut Choices<'_>) -> Secret] = &[
        pan,
        pan,
        rrn,
        foreigner,
        phone,
        email,
        iban,
        ssn,
        brn,
        passport,
        license,
        account,
        jwt,
        api_key,
        private_key,
        uuid,
        hex,
        opaque,
        password,
        login,
        korean,
        address,
        sentence,
        number,
        track,
        birth,
    ];
    let make = *choices.pick(kinds);
    let secret = make(choices);
    for core in &secret.cores {
        choices.plant(core);
    }
    secret
}

/// A secret that tells by its form.
pub(super) fn telling(choices: &mut Choices<'_>) -> Secret {
    loop {
        let secret = any(choices);
        if secret.telling {
            return secret;
        }
    }
}

/// A secret that still tells when its marks are taken for others: it has digits.
pub(super) fn numbered(choices: &mut Choices<'_>) -> Secret {
    loop {
        let secret = telling(choices);
        if secret.text.bytes().filter(u8::is_ascii_digit).count() >= 3 {
            return secret;
        }
    }
}

fn secret(name: &'static str, text: String, telling: bool) -> Secret {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut cores = vec![text.clone()];
    let number = text.chars().all(|c| !c.is_ascii_alphabetic());
    if number && digits.len() >= 8 && digits != text {
        cores.push(digits);
    }
    Secret { name, text, cores, telling }
}

fn luhn(body: &str) -> char {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, b)| match (at % 2, u32::from(b - b'0')) {
            (0, digit) => digit * 2 / 10 + digit * 2 % 10,
            (_, digit) => digit,
        })
        .sum();
    char::from(b'0' + u8::try_from((10 - sum % 10) % 10).expect("a digit"))
}

fn card(choices: &mut Choices<'_>) -> String {
    let (prefix, len) =
        *choices.pick(&[("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("62", 16)]);
    let mut digits = String::from(prefix);
    digits += &choices.text("0123456789", len - 1 - prefix.len());
    digits.push(luhn(&digits));
    digits
}

fn pan(choices: &mut Choices<'_>) -> Secret {
    let digits = card(choices);
    let separator = *choices.pick(&["", "", "-", " "]);
    let groups: Vec<&str> = match digits.len() {
        15 => vec![&digits[..4], &digits[4..10], &digits[10..]],
        _ => vec![&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]],
    };
    let name = choices.pick::<&str>(&["card_number", "cardNo", "pan", "number", "카드번호"]);
    secret(name, groups.join(separator), true)
}

fn track(choices: &mut Choices<'_>) -> Secret {
    let text = format!(";{}={}?", card(choices), choices.digits(15));
    secret("memo", text, true)
}

fn resident(choices: &mut Choices<'_>, genders: &[u8]) -> String {
    let mut digits = format!(
        "{:02}{:02}{:02}{}{}",
        50 + choices.random(50),
        1 + choices.random(12),
        1 + choices.random(28),
        char::from(*choices.pick(genders)),
        choices.text("0123456789", 5)
    );
    let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
    let sum: u32 = digits.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let check = (11 - sum % 11) % 10;
    digits.push(char::from(b'0' + u8::try_from(check).expect("a digit")));
    digits
}

fn rrn(choices: &mut Choices<'_>) -> Secret {
    let digits = resident(choices, b"12");
    let text =
        if choices.one_in(3) { digits } else { format!("{}-{}", &digits[..6], &digits[6..]) };
    secret("jumin_no", text, true)
}

fn foreigner(choices: &mut Choices<'_>) -> Secret {
    let digits = resident(choices, b"56");
    secret("foreigner_no", format!("{}-{}", &digits[..6], &digits[6..]), true)
}

fn phone(choices: &mut Choices<'_>) -> Secret {
    let (a, b) = (choices.digits(4), choices.digits(4));
    let text = match choices.below(4) {
        0 => format!("010-{a}-{b}"),
        1 => format!("010{a}{b}"),
        2 => format!("+82 10-{a}-{b}"),
        _ => format!("+8210{a}{b}"),
    };
    secret("mobile", text, true)
}

fn email(choices: &mut Choices<'_>) -> Secret {
    let text = format!(
        "{}.{}@{}.{}",
        choices.text(LOWER, 5),
        choices.text(LOWER, 4),
        choices.text(LOWER, 7),
        choices.pick(&["com", "co.kr", "org"])
    );
    secret("email", text, true)
}

fn iban(choices: &mut Choices<'_>) -> Secret {
    let bban = choices.digits(18);
    // "DE" as numbers, and room for the check digits: ISO 13616.
    let rest = format!("{bban}131400")
        .bytes()
        .fold(0_u32, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97);
    secret("iban", format!("DE{:02}{bban}", 98 - rest), true)
}

fn ssn(choices: &mut Choices<'_>) -> Secret {
    let text =
        format!("{}-{}-{}", 100 + choices.random(500), 10 + choices.random(80), choices.digits(4));
    secret("ssn", text, true)
}

fn brn(choices: &mut Choices<'_>) -> Secret {
    let text = format!("{}-{}-{}", choices.digits(3), choices.digits(2), choices.digits(5));
    secret("biz_no", text, true)
}

fn passport(choices: &mut Choices<'_>) -> Secret {
    let text = format!("{}{}", choices.text("MSRGD", 1), choices.digits(8));
    secret("passport_no", text, true)
}

fn license(choices: &mut Choices<'_>) -> Secret {
    let text = format!(
        "1{}-{}-{}-{}",
        choices.random(9),
        choices.digits(2),
        choices.digits(6),
        choices.digits(2)
    );
    secret("license_no", text, true)
}

fn account(choices: &mut Choices<'_>) -> Secret {
    let text = format!("{}-{}-{}", choices.digits(3), choices.digits(3), choices.digits(6));
    secret("account_num", text, true)
}

fn jwt(choices: &mut Choices<'_>) -> Secret {
    let subject = choices.text(ALNUM, 12);
    let payload = URL_SAFE_NO_PAD.encode(format!("{{\"sub\":\"{subject}\",\"exp\":1700000000}}"));
    let text = format!("eyJhbGciOiJIUzI1NiJ9.{payload}.{}", choices.text(ALNUM, 43));
    Secret { cores: vec![text.clone(), subject], ..secret("access_token", text, true) }
}

fn api_key(choices: &mut Choices<'_>) -> Secret {
    let (prefix, core) = match choices.below(5) {
        0 => ("sk_live_", choices.text(ALNUM, 24)),
        1 => ("AKIA", choices.text(UPPER, 16)),
        2 => ("ghp_", choices.text(ALNUM, 36)),
        3 => ("AIza", choices.text(ALNUM, 35)),
        _ => ("xoxb-", format!("{}-{}", choices.digits(11), choices.text(ALNUM, 24))),
    };
    let text = format!("{prefix}{core}");
    Secret { cores: vec![core], ..secret("api_key", text, true) }
}

fn private_key(choices: &mut Choices<'_>) -> Secret {
    let core = choices.text(ALNUM, 64);
    let text = format!("-----BEGIN PRIVATE KEY-----\n{core}\n-----END PRIVATE KEY-----");
    Secret { cores: vec![core], ..secret("note", text, true) }
}

fn uuid(choices: &mut Choices<'_>) -> Secret {
    let h = choices.text("0123456789abcdef", 31);
    let text = format!("{}-{}-4{}-{}-{}", &h[..8], &h[8..12], &h[12..15], &h[15..19], &h[19..]);
    secret("user_id", text, true)
}

fn hex(choices: &mut Choices<'_>) -> Secret {
    let text = format!("{}7a", choices.text("0123456789abcdef", 30));
    secret("session_id", text, true)
}

fn opaque(choices: &mut Choices<'_>) -> Secret {
    let text =
        format!("{}7{}", choices.text(ALNUM, 12), choices.digits(4)) + &choices.text(ALNUM, 7);
    secret("token", text, true)
}

fn password(choices: &mut Choices<'_>) -> Secret {
    let text =
        format!("{}!{}{}", choices.text(LOWER, 4), choices.text(ALNUM, 4), choices.digits(3));
    secret(choices.pick::<&str>(&["password", "passwd", "비밀번호"]), text, true)
}

/// A URL with a login.
fn login(choices: &mut Choices<'_>) -> Secret {
    let (user, word) = (choices.text(LOWER, 9), choices.text(ALNUM, 12));
    let text = format!("postgres://{user}:{word}@db/x");
    Secret { cores: vec![user, word], ..secret("url", text, true) }
}

fn korean(choices: &mut Choices<'_>) -> Secret {
    let text = choices.text("김이박최정강조윤장임", 1) + &choices.text("쇄궁켓훔쩡뷔춰곶멂짙", 3);
    secret("name", text, true)
}

fn address(choices: &mut Choices<'_>) -> Secret {
    let street = choices.text(LOWER, 8);
    let text = format!("{} {street} street, flat {}", choices.random(900), choices.random(90));
    Secret { cores: vec![street], ..secret("address", text, false) }
}

fn sentence(choices: &mut Choices<'_>) -> Secret {
    let words: Vec<String> = (0..3).map(|_| choices.text(LOWER, 9)).collect();
    Secret { cores: words.clone(), ..secret("memo", words.join(" "), false) }
}

fn number(choices: &mut Choices<'_>) -> Secret {
    let len = 9 + choices.random(10);
    secret("amount", choices.digits(len), true)
}

fn birth(choices: &mut Choices<'_>) -> Secret {
    let text = format!(
        "19{:02}-{:02}-{:02}",
        40 + choices.random(60),
        1 + choices.random(12),
        1 + choices.random(28)
    );
    Secret { cores: vec![text.clone()], ..secret("birth_date", text, true) }
}
