//! Values of people and companies: numbers with their check digits, computed here once more, and what only names tell.

use base64::Engine as _;
use ring::digest::{SHA256, digest};

use crate::random::{Labelled, Random, grouped, luhn, spelled, weighted};

/// How many of each class.
pub(crate) const EACH: usize = 5000;

type Make = fn(&mut Random) -> (String, bool);

/// A class, the names of its fields, and how its values are made: text, and whether form alone tells.
pub(crate) struct Kind {
    pub class: &'static str,
    pub names: &'static [&'static str],
    pub make: Make,
}

pub(crate) const KINDS: &[Kind] = &[
    Kind {
        class: "pan",
        names: &[
            "card_number",
            "card_no",
            "pan",
            "credit_card",
            "cc_num",
            "카드번호",
            "kadeu_beonho",
        ],
        make: pan,
    },
    Kind {
        class: "kr_rrn",
        names: &[
            "jumin_no",
            "juminno",
            "rrn",
            "resident_no",
            "jumin_beonho",
            "ihidnum",
            "주민등록번호",
            "주민번호",
        ],
        make: rrn,
    },
    Kind {
        class: "kr_foreigner",
        names: &["foreigner_no", "alien_reg_no", "foreigner_registration_number", "외국인등록번호"],
        make: foreigner,
    },
    Kind {
        class: "kr_brn",
        names: &[
            "biz_no",
            "bizrno",
            "business_registration_number",
            "brn",
            "saupja_no",
            "사업자등록번호",
        ],
        make: brn,
    },
    Kind {
        class: "kr_corp",
        names: &["corp_no", "corp_reg_no", "jurirno", "beopin_beonho", "법인등록번호"],
        make: corp,
    },
    Kind {
        class: "kr_license",
        names: &["driver_license_no", "license_no", "dl_no", "운전면허번호"],
        make: license,
    },
    Kind {
        class: "passport",
        names: &[
            "passport_no",
            "passport",
            "passport_number",
            "travel_document_no",
            "yeogwon_beonho",
            "여권번호",
        ],
        make: passport,
    },
    Kind {
        class: "account",
        names: &[
            "account_no",
            "account_number",
            "bank_account",
            "gyejwa_no",
            "acnutno",
            "acct_no",
            "계좌번호",
        ],
        make: account,
    },
    Kind {
        class: "iban",
        names: &["iban", "payee_iban", "account_no", "payer_account_number"],
        make: iban,
    },
    Kind {
        class: "ssn",
        names: &["ssn", "social_security_number", "social_security_no", "tax_payer_id"],
        make: ssn,
    },
    Kind { class: "itin", names: &["itin", "ssn", "taxpayer_id"], make: itin },
    Kind {
        class: "national_id",
        names: &[
            "pesel",
            "aadhaar_number",
            "national_insurance_number",
            "codice_fiscale",
            "citizen_id",
            "tax_id",
        ],
        make: national,
    },
    Kind {
        class: "phone",
        names: &[
            "phone",
            "mobile_no",
            "hp",
            "tel",
            "phone_number",
            "contact_number",
            "휴대폰번호",
            "hyudaepon",
            "mbtlnum",
        ],
        make: phone,
    },
    Kind {
        class: "email",
        names: &["email", "email_addr", "mail", "user_email", "contact_email", "이메일"],
        make: email,
    },
    Kind {
        class: "name",
        names: &[
            "full_name",
            "customer_name",
            "first_name",
            "recipient_name",
            "cust_nm",
            "성명",
            "예금주",
        ],
        make: name,
    },
    Kind {
        class: "address",
        names: &[
            "address",
            "shipping_address",
            "street",
            "addr_detail",
            "juso",
            "postal_code",
            "주소",
        ],
        make: address,
    },
    Kind {
        class: "birth_date",
        names: &["birth_date", "dob", "birthday", "date_of_birth", "saengil", "brthdy", "생년월일"],
        make: birth,
    },
    Kind {
        class: "geo",
        names: &["location", "latlng", "position", "geo_point", "gps", "where", "좌표"],
        make: geo,
    },
    Kind {
        class: "ip",
        names: &["ip", "client_ip", "remote_addr", "ip_address", "source_ip", "from", "접속주소"],
        make: ip,
    },
    Kind {
        class: "mac",
        names: &["mac", "mac_address", "wifi_mac", "bssid", "hw_addr"],
        make: mac,
    },
    Kind {
        class: "device_id",
        names: &[
            "imei",
            "device_id",
            "idfa",
            "gaid",
            "serial_number",
            "android_id",
            "device_serial",
        ],
        make: device,
    },
    Kind {
        class: "health_id",
        names: &[
            "mbi",
            "medicare_no",
            "nhs_number",
            "health_insurance_no",
            "mrn",
            "건강보험증번호",
        ],
        make: health,
    },
    Kind {
        class: "wallet",
        names: &["wallet_address", "btc_address", "to", "eth_address", "payout"],
        make: wallet,
    },
    Kind { class: "kr_ci", names: &["ci", "user_ci", "connecting_information"], make: connecting },
];

/// All of them, labelled.
pub(crate) fn labelled(random: &mut Random) -> Vec<Labelled> {
    let mut all = Vec::with_capacity(KINDS.len() * EACH);
    for kind in KINDS {
        // As many that form tells, where it tells any.
        let (mut count, mut by_form_count) = (0, 0);
        while count < EACH || (by_form_count > 0 && by_form_count < EACH) {
            let (text, by_form) = (kind.make)(random);
            let name = random.pick(kind.names);
            all.push(Labelled { class: kind.class, name: spelled(random, name), text, by_form });
            count += 1;
            by_form_count += usize::from(by_form);
        }
    }
    all
}

fn pan(random: &mut Random) -> (String, bool) {
    let (prefix, length) = match random.below(12) {
        0..=3 => ("4".to_owned(), 16),
        4..=6 => (random.within(51, 55).to_string(), 16),
        7 => (random.within(2221, 2720).to_string(), 16),
        8 => (random.pick(&["34", "37"]).to_owned(), 15),
        9 => (random.pick(&["6011", "65", "644", "649"]).to_owned(), 16),
        10 => (random.pick(&["3530", "3566", "3589"]).to_owned(), 16),
        _ => (random.pick(&["36", "3005", "38"]).to_owned(), 14),
    };
    let body = prefix.clone() + &random.digits(length - 1 - prefix.len() as u64);
    let text = format!("{body}{}", luhn(&body));
    let lengths: &[usize] = match length {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        _ => &[4, 4, 4, 4],
    };
    let written = match random.below(4) {
        0 => grouped(&text, lengths, "-"),
        1 => grouped(&text, lengths, " "),
        _ => text,
    };
    (written, true)
}

/// Date of birth and sex as resident numbers begin; `foreign` adds 4 to the digit behind the dash.
fn born(random: &mut Random, foreign: u64, years: (u64, u64)) -> String {
    let (_, month, day) = random.birth();
    let year = random.within(years.0, years.1);
    let sex = random.within(1, 2) + foreign + if year >= 2000 { 2 } else { 0 };
    format!("{:02}{month:02}{day:02}{sex}", year % 100)
}

fn check(body: &str, modulus: u32) -> u32 {
    (modulus - weighted(body, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10
}

fn registered(random: &mut Random, foreign: u64, modulus: u32) -> (String, bool) {
    let dashed = random.one_in(2);
    // Since October 2020 the rest is random: form tells them with their dash alone.
    if random.one_in(8) {
        let text = born(random, foreign, (2021, 2025)) + &random.digits(6);
        return if dashed { (grouped(&text, &[6, 7], "-"), true) } else { (text, false) };
    }
    let body = born(random, foreign, (1930, 2019)) + &random.digits(5);
    let text = format!("{body}{}", check(&body, modulus));
    (if dashed { grouped(&text, &[6, 7], "-") } else { text }, true)
}

fn rrn(random: &mut Random) -> (String, bool) {
    registered(random, 0, 11)
}

fn foreigner(random: &mut Random) -> (String, bool) {
    registered(random, 4, 13)
}

fn brn(random: &mut Random) -> (String, bool) {
    let body = random.within(101, 999).to_string() + &random.digits(6);
    let ninth = body[8..].parse::<u32>().unwrap();
    let sum = weighted(&body, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + ninth * 5 / 10;
    let text = format!("{body}{}", (10 - sum % 10) % 10);
    if random.one_in(3) { (text, false) } else { (grouped(&text, &[3, 2, 5], "-"), true) }
}

fn corp(random: &mut Random) -> (String, bool) {
    let office = random.pick(&[
        "1101", "1311", "1201", "1301", "1345", "1811", "2001", "2101", "1501", "1701", "2201",
    ]);
    let kind = random.pick(&["11", "14", "21", "22", "71"]);
    // Few registries have given away more than some hundred thousand numbers.
    let body = format!("{office}{kind}{:06}", random.below(999_999));
    let text = format!("{body}{}", (10 - weighted(&body, &[1, 2]) % 10) % 10);
    if random.one_in(3) { (text, false) } else { (grouped(&text, &[6, 7], "-"), true) }
}

fn license(random: &mut Random) -> (String, bool) {
    let region = random.pick(&[
        "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25",
        "26", "28",
    ]);
    let text = format!("{region}{}", random.digits(10));
    if random.one_in(3) { (text, false) } else { (grouped(&text, &[2, 2, 6, 2], "-"), true) }
}

fn passport(random: &mut Random) -> (String, bool) {
    let form = random.pick(&[
        "M########",
        "M###A####",
        "S########",
        "#########",
        "A########",
        "AA#######",
        "A#######",
        "C########",
    ]);
    (random.form(form), false)
}

fn account(random: &mut Random) -> (String, bool) {
    let form = random.pick(&[
        "###-######-##-###",
        "######-##-######",
        "###-####-####-##",
        "###-##-######",
        "####-##-#######",
        "##############",
        "############",
        "110-###-######",
        "3333-##-#######",
        "1002-###-######",
    ]);
    (random.form(form), false)
}

fn iban(random: &mut Random) -> (String, bool) {
    let (country, form) = random.pick(&[
        &("DE", "##################"),
        &("GB", "AAAA##############"),
        &("FR", "#######################"),
        &("NL", "AAAA##########"),
        &("ES", "####################"),
        &("CH", "#################"),
        &("NO", "###########"),
    ]);
    let body = random.form(form);
    let number = format!("{body}{country}00");
    let mut rest = 0_u32;
    for c in number.chars() {
        let value = c.to_digit(36).unwrap();
        rest = (rest * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    let text = format!("{country}{:02}{body}", 98 - rest);
    let written = match random.below(4) {
        0 => grouped(&text, &[4; 9], " "),
        1 => text.to_lowercase(),
        _ => text,
    };
    (written.trim_end().to_owned(), true)
}

fn ssn(random: &mut Random) -> (String, bool) {
    let area = loop {
        let area = random.within(1, 899);
        if area != 666 {
            break area;
        }
    };
    let text = format!("{area:03}{:02}{:04}", random.within(1, 99), random.within(1, 9999));
    if random.one_in(3) { (text, false) } else { (grouped(&text, &[3, 2, 4], "-"), true) }
}

fn itin(random: &mut Random) -> (String, bool) {
    let group = random.pick(&["50", "65", "70", "88", "90", "92", "94", "99"]);
    (format!("9{}-{group}-{}", random.digits(2), random.digits(4)), true)
}

fn national(random: &mut Random) -> (String, bool) {
    let form = random.pick(&[
        "###########",
        "#### #### ####",
        "AA######A",
        "AAAAAA##A##A###A",
        "########A",
        "###-###-###",
    ]);
    (random.form(form), false)
}

fn phone(random: &mut Random) -> (String, bool) {
    let us = |random: &mut Random| {
        let part = |random: &mut Random| loop {
            let digits = random.within(200, 999).to_string();
            if !digits.ends_with("11") {
                break digits;
            }
        };
        (part(random), part(random), random.digits(4))
    };
    match random.below(10) {
        0..=1 => (format!("010-{}-{}", random.number(4), random.digits(4)), true),
        2 => (format!("010{}", random.number(8)), true),
        3 => (format!("+8210{}", random.number(8)), true),
        4 => (format!("+82-10-{}-{}", random.number(4), random.digits(4)), true),
        5 => (
            format!(
                "{}-{}-{}",
                random.pick(&["02", "031", "051", "070", "064"]),
                random.number(4),
                random.digits(4)
            ),
            true,
        ),
        6 => {
            let (a, b, c) = us(random);
            let written = [
                format!("+1{a}{b}{c}"),
                format!("({a}) {b}-{c}"),
                format!("{a}-{b}-{c}"),
                format!("+1 {a}-{b}-{c}"),
                format!("{a}.{b}.{c}"),
            ];
            (random.pick(&written.each_ref()).clone(), true)
        }
        7 => {
            let form = random.pick(&[
                "+4479########",
                "+336########",
                "+81 90-####-####",
                "+86138########",
                "+919#########",
                "+6591######",
                "+61 4## ### ###",
                "+4915#########",
                "+34 6## ### ###",
                "+5511#########",
                "+971 50 ### ####",
            ]);
            (random.form(form), true)
        }
        8 => (random.form("020 7### ####"), false),
        _ => (random.form("06########"), false),
    }
}

const GIVEN: &[&str] = &[
    "Minsu", "Jiwoo", "Anna", "John", "Maria", "Ahmed", "Wei", "Olga", "Priya", "Carlos", "Hans",
    "Yuki",
];
const FAMILY: &[&str] = &[
    "Kim", "Lee", "Park", "Smith", "García", "Müller", "Chen", "Ivanova", "Tanaka", "Sharma",
    "O'Brien", "Nguyen",
];

fn email(random: &mut Random) -> (String, bool) {
    let host = random.pick(&[
        "example.com",
        "mail.example.co.kr",
        "naver.com",
        "gmail.com",
        "corp-mail.de",
        "uni.ac.uk",
    ]);
    let local = match random.below(4) {
        0 => random.form("aaaaaa##"),
        1 => random.form("aaa.aaaaa"),
        2 => random.form("aaaa+aa"),
        _ => random.form("a_aaaaaa"),
    };
    let text = format!("{local}@{host}");
    (if random.one_in(10) { text.to_uppercase() } else { text }, true)
}

fn name(random: &mut Random) -> (String, bool) {
    let text = match random.below(3) {
        0 => random.pick(&["홍길동", "김민수", "이지우", "박서연", "독고하늘"]).to_owned(),
        1 => format!("{} {}", random.pick(GIVEN), random.pick(FAMILY)),
        _ => random.pick(GIVEN).to_owned(),
    };
    (text, false)
}

fn address(random: &mut Random) -> (String, bool) {
    let text = match random.below(4) {
        0 => format!(
            "서울특별시 강남구 테헤란로 {}길 {}",
            random.within(1, 99),
            random.within(1, 99)
        ),
        1 => format!("{} {} Street", random.within(1, 999), random.pick(FAMILY)),
        2 => random.digits(5),
        _ => format!("{}-dong {}-ho", random.within(100, 120), random.within(101, 2500)),
    };
    (text, false)
}

fn birth(random: &mut Random) -> (String, bool) {
    let (y, m, d) = random.birth();
    let text = match random.below(5) {
        0 => format!("{y}{m:02}{d:02}"),
        1 => format!("{:02}{m:02}{d:02}", y % 100),
        2 => format!("{y}.{m:02}.{d:02}"),
        3 => format!("{d:02}/{m:02}/{y}"),
        _ => format!("{y}-{m:02}-{d:02}"),
    };
    (text, false)
}

fn geo(random: &mut Random) -> (String, bool) {
    let sign = |random: &mut Random| if random.one_in(3) { "-" } else { "" };
    let precision = random.within(4, 7);
    let lat = format!("{}{}.{}", sign(random), random.within(1, 89), random.digits(precision));
    let lon = format!("{}{}.{}", sign(random), random.within(1, 179), random.digits(precision));
    let separator = random.pick(&[",", ", "]);
    (format!("{lat}{separator}{lon}"), true)
}

fn ip(random: &mut Random) -> (String, bool) {
    if random.one_in(4) {
        let text = format!("2001:db8:{:x}::{:x}", random.below(65536), random.within(1, 65535));
        return (text, true);
    }
    let text = format!(
        "{}.{}.{}.{}",
        random.within(1, 223),
        random.below(256),
        random.below(256),
        random.within(1, 254)
    );
    (text, true)
}

fn mac(random: &mut Random) -> (String, bool) {
    let text = match random.below(5) {
        0 => random.form("xx-xx-xx-xx-xx-xx").to_uppercase(),
        1 => random.form("xxxx.xxxx.xxxx"),
        2 => return (random.form("xxxxxxxxxxxx"), false),
        _ => random.form("xx:xx:xx:xx:xx:xx"),
    };
    // Without a letter, or a digit, its form is that of other things; there are hardly any.
    let both = text.contains(|c: char| c.is_ascii_alphabetic())
        && text.contains(|c: char| c.is_ascii_digit());
    (text, both)
}

fn device(random: &mut Random) -> (String, bool) {
    match random.below(4) {
        0 | 1 => {
            let body = random.pick(&["35", "86", "01", "99", "91"]).to_owned() + &random.digits(12);
            (format!("{body}{}", luhn(&body)), true)
        }
        2 => (random.form("xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx"), false),
        _ => (random.form("R#AA####AAA"), false),
    }
}

fn health(random: &mut Random) -> (String, bool) {
    match random.below(4) {
        0 | 1 => {
            let letters = "ACDEFGHJKMNPQRTUVWXY";
            let mut text = random.of("123456789", 1) + &random.of(letters, 1);
            for form in ["m", "n", "-", "a", "m", "n", "-", "a", "a", "n", "n"] {
                text += &match form {
                    "m" => random.of("ACDEFGHJKMNPQRTUVWXY0123456789", 1),
                    "a" => random.of(letters, 1),
                    "-" => "-".to_owned(),
                    _ => random.digits(1),
                };
            }
            (if random.one_in(2) { text.replace('-', "") } else { text }, true)
        }
        2 => loop {
            let body = random.number(9);
            let check = (11 - weighted(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
            if check < 10 {
                break (grouped(&format!("{body}{check}"), &[3, 3, 4], " "), false);
            }
        },
        _ => (random.digits(11), false),
    }
}

fn base58(octets: &[u8]) -> String {
    let alphabet = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut number = octets.to_vec();
    let mut text = Vec::new();
    while number.iter().any(|b| *b != 0) {
        let mut rest = 0_u32;
        for octet in &mut number {
            rest = rest * 256 + u32::from(*octet);
            *octet = u8::try_from(rest / 58).unwrap();
            rest %= 58;
        }
        text.push(alphabet[rest as usize]);
    }
    text.extend(octets.iter().take_while(|b| **b == 0).map(|_| b'1'));
    text.iter().rev().map(|b| char::from(*b)).collect()
}

fn bech32(random: &mut Random) -> String {
    let alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let generators = [0x3b6a_57b2_u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let next = ((sum & 0x01ff_ffff) << 5) ^ value;
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(next, |sum, bit| sum ^ generators[bit])
    };
    let data = "q".to_owned() + &random.of(alphabet, 32);
    let values = data.chars().map(|c| u32::try_from(alphabet.find(c).unwrap()).unwrap());
    let expanded = [3, 3, 0, 2, 3].into_iter().chain(values).chain([0; 6]);
    let sum = expanded.fold(1, step) ^ 1;
    let check: String = (0..6)
        .map(|at| alphabet.as_bytes()[(sum >> (5 * (5 - at)) & 31) as usize])
        .map(char::from)
        .collect();
    format!("bc1{data}{check}")
}

fn wallet(random: &mut Random) -> (String, bool) {
    let text = match random.below(3) {
        0 => {
            let mut octets = vec![if random.one_in(2) { 0 } else { 5 }];
            octets.extend((0..20).map(|_| u8::try_from(random.below(256)).unwrap()));
            let check = digest(&SHA256, digest(&SHA256, &octets).as_ref());
            octets.extend_from_slice(&check.as_ref()[..4]);
            base58(&octets)
        }
        1 => bech32(random),
        _ => format!("0x{}", random.hex(40)),
    };
    (text, true)
}

fn connecting(random: &mut Random) -> (String, bool) {
    let octets: Vec<u8> = (0..64).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
    (base64::engine::general_purpose::STANDARD.encode(octets), false)
}
