//! Credentials and what must not be stored: tokens, keys, logins, track data.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::people::EACH;
use crate::random::{Labelled, Random, luhn, spelled};

type Make = fn(&mut Random) -> (String, bool);

const KINDS: &[(&str, &[&str], Make)] = &[
    ("jwt", &["access_token", "id_token", "jwt", "token", "note"], jwt),
    ("credential", &["api_key", "token", "access_key", "auth_token", "comment", "value"], key),
    (
        "credential",
        &[
            "refresh_token",
            "nonce",
            "code_verifier",
            "assertion",
            "x_api_key",
            "client_assertion",
            "접근토큰",
        ],
        opaque,
    ),
    ("session", &["session_id", "jsessionid", "sid", "phpsessid", "세션"], session),
    ("private_key", &["pem", "key_material", "text", "note"], private_key),
    (
        "password",
        &["password", "user_pwd", "passwd", "new_password", "비밀번호", "login_pw", "bimilbunho"],
        password,
    ),
    ("password", &["url", "dsn", "log", "line", "message"], login),
    ("cvv", &["cvv", "cvc", "security_code", "card_cvc", "cvv2"], cvv),
    ("otp", &["otp", "sms_code", "verification_code", "인증번호", "mfa_code"], otp),
    ("track", &["track_data", "text", "swipe"], track),
];

/// All of them, labelled.
pub(crate) fn labelled(random: &mut Random) -> Vec<Labelled> {
    let mut all = Vec::new();
    for (class, names, make) in KINDS {
        for _ in 0..EACH {
            let (text, by_form) = make(random);
            let name = random.pick(names);
            all.push(Labelled { class, name: spelled(random, name), text, by_form });
        }
    }
    all
}

fn jwt(random: &mut Random) -> (String, bool) {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let algorithm = random.pick(&["HS256", "RS256", "ES256"]);
    let head = part(&format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#));
    let body = part(&format!(r#"{{"sub":"{}","exp":{}}}"#, random.digits(6), random.number(10)));
    let text = format!("{head}.{body}.{}", random.base64(43));
    (if random.one_in(5) { format!("Bearer {text}") } else { text }, true)
}

fn key(random: &mut Random) -> (String, bool) {
    let text = match random.below(24) {
        0 => "AKIA".to_owned() + &random.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 15) + "7",
        1 => "ghp_".to_owned() + &random.plain(36),
        2 => format!("github_pat_{}_{}", random.plain(22), random.plain(59)),
        3 => "glpat-".to_owned() + &random.base64(20),
        4 => format!("sk_{}_{}", random.pick(&["live", "test"]), random.plain(24)),
        5 => format!("xoxb-{}-{}-{}", random.digits(12), random.digits(12), random.plain(24)),
        6 => "AIza".to_owned() + &random.base64(35),
        7 => "GOCSPX-".to_owned() + &random.base64(28),
        8 => format!("SG.{}.{}", random.base64(22), random.base64(43)),
        9 => "npm_".to_owned() + &random.plain(36),
        10 => "pypi-AgEIcHlwaS5vcmc".to_owned() + &random.base64(70),
        11 => "sk-ant-api03-".to_owned() + &random.base64(93),
        12 => "sk-proj-".to_owned() + &random.base64(48),
        13 => "sk-".to_owned() + &random.plain(48),
        14 => format!("{}:AA{}", random.number(9), random.base64(33)),
        15 => format!("M{}.{}.{}", random.base64(23), random.base64(6), random.base64(27)),
        16 => "SK".to_owned() + &random.hex(32),
        17 => "hf_".to_owned() + &random.plain(34),
        18 => "dop_v1_".to_owned() + &random.hex(64),
        19 => "shpat_".to_owned() + &random.hex(32),
        20 => format!("{}8Q~{}", random.plain(3), random.base64(34)),
        21 => "hvs.".to_owned() + &random.plain(90),
        22 => "live_sk_".to_owned() + &random.plain(24),
        _ => format!("Authorization: Bearer {}", random.base64(40)),
    };
    (text, true)
}

fn opaque(random: &mut Random) -> (String, bool) {
    let length = random.within(20, 64);
    (random.base64(length), false)
}

fn session(random: &mut Random) -> (String, bool) {
    (if random.one_in(2) { random.hex(32).to_uppercase() } else { random.base64(26) }, false)
}

fn private_key(random: &mut Random) -> (String, bool) {
    let kind = random.pick(&[
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ]);
    (format!("-----BEGIN {kind}-----\nMII{}\n-----END {kind}-----", random.plain(61)), true)
}

fn password(random: &mut Random) -> (String, bool) {
    let length = random.within(6, 16);
    (
        random.of("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789!@#$%^&*", length),
        false,
    )
}

fn login(random: &mut Random) -> (String, bool) {
    let word = random.plain(9);
    let text = match random.below(5) {
        0 => format!("postgres://app:{word}@db.internal:5432/shop"),
        1 => format!("https://user:{word}@example.com/path"),
        2 => format!("login failed, password={word}"),
        3 => format!("Server=db;User Id=sa;Password={word};"),
        _ => format!("Basic {}", STANDARD.encode(format!("kim:{word}"))),
    };
    (text, true)
}

fn cvv(random: &mut Random) -> (String, bool) {
    (random.digits(3), false)
}

fn otp(random: &mut Random) -> (String, bool) {
    (random.digits(6), false)
}

fn track(random: &mut Random) -> (String, bool) {
    let body = "4".to_owned() + &random.digits(14);
    let pan = format!("{body}{}", luhn(&body));
    let year = random.within(26, 31);
    let text = match random.below(2) {
        0 => format!("%B{pan}^KIM/MINSU^{year}12101{}?", random.digits(8)),
        _ => format!(";{pan}={year}12101{}?", random.digits(8)),
    };
    (text, true)
}
