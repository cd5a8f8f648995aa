//! What is nobody's: numbers, codes and texts that look like something they are not. Near misses of every class too.

use crate::random::{Labelled, Random, grouped, luhn, spelled, weighted};

/// How many of each kind.
const EACH: usize = 2500;

type Make = fn(&mut Random) -> String;

const KINDS: &[(&[&str], Make)] = &[
    (&["order_no", "order_id", "주문번호"], order),
    (&["tracking_no", "waybill_no", "tracking_number"], tracking),
    (&["invoice_no", "receipt_no", "transaction_id", "txn_id", "승인번호"], transaction),
    (&["created_at", "timestamp", "updated_time", "ts", "trans_dtime"], moment),
    (&["etag", "hash", "commit_sha", "checksum", "digest"], hash),
    (&["id", "request_id", "trace_id", "uuid", "cursor"], identifier),
    (&["version", "build", "app_version"], version),
    (&["amount", "price", "total", "score", "rate"], amount),
    (&["isbn", "ean", "barcode", "upc", "gtin"], article),
    (&["sku", "product_code", "part_no", "model", "item_code"], product),
    (&["title", "description", "message", "comment", "text"], prose),
    (&["url", "path", "href", "image", "file"], place),
    (&["size", "range", "ratio", "values", "bbox"], measures),
    (&["coupon", "gift_code", "voucher_code", "promo"], coupon),
    (&["user_agent", "browser", "host", "pod", "arn"], machine),
    // Near misses: one digit off, one group too many.
    (&["order_no", "ref", "transaction_no", "serial"], near_card),
    (&["order_no", "ref", "doc_no"], near_korean),
    (&["ref", "doc_no", "item_no"], near_western),
    (&["ref", "tag", "hash"], near_encoded),
    (&["count", "id", "seq", "number"], plain_number),
];

/// All of them, without a class.
pub(crate) fn labelled(random: &mut Random) -> Vec<Labelled> {
    let mut all = Vec::with_capacity(KINDS.len() * EACH);
    for (names, make) in KINDS {
        for _ in 0..EACH {
            let text = make(random);
            let name = random.pick(names);
            all.push(Labelled { class: "", name: spelled(random, name), text, by_form: true });
        }
    }
    all
}

fn day(random: &mut Random) -> String {
    format!("20{:02}{:02}{:02}", random.within(15, 30), random.within(1, 12), random.within(1, 28))
}

fn order(random: &mut Random) -> String {
    let day = day(random);
    match random.below(9) {
        0 => format!("ORD-{}-{}", &day[..4], random.digits(6)),
        1 => format!("{day}-{:07}", random.below(99_999)),
        2 => format!("{}-{:07}", &day[2..], random.below(99_999)),
        3 => format!("{day}{}", random.digits(8)),
        4 => random.number(10),
        5 => random.number(12),
        6 => random.number(16),
        7 => random.form("###-#######-#######"),
        _ => random.form("AA########"),
    }
}

fn tracking(random: &mut Random) -> String {
    match random.below(7) {
        0 => "1Z".to_owned() + &random.of("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", 16),
        1 => grouped(&("94".to_owned() + &random.digits(20)), &[4; 6], " "),
        2 => "94".to_owned() + &random.digits(20),
        3 => random.number(12),
        4 => random.number(15),
        5 => random.form("AA#########KR"),
        _ => grouped(&random.number(12), &[4, 4, 4], "-"),
    }
}

fn transaction(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("INV-{}", random.digits(8)),
        1 => random.number(14),
        2 => "pi_".to_owned() + &random.plain(24),
        3 => "txn_".to_owned() + &random.plain(20),
        4 => random.number(20),
        _ => format!("{}{}", day(random), random.form("AAAA######")),
    }
}

fn moment(random: &mut Random) -> String {
    let seconds = random.within(946_684_800, 2_051_222_400);
    let day = day(random);
    let (h, m, s) = (random.below(24), random.below(60), random.below(60));
    match random.below(9) {
        0 => seconds.to_string(),
        1 => format!("{seconds}{}", random.digits(3)),
        2 => format!("{seconds}{}", random.digits(6)),
        3 => format!("{seconds}{}", random.digits(9)),
        4 => format!("{day}{h:02}{m:02}{s:02}"),
        5 => format!("{day}{h:02}{m:02}{s:02}{}", random.digits(3)),
        6 => format!(
            "{}-{}-{}T{h:02}:{m:02}:{s:02}.{}Z",
            &day[..4],
            &day[4..6],
            &day[6..],
            random.digits(6)
        ),
        7 => format!("{}/{}/{} {h:02}:{m:02}", &day[..4], &day[4..6], &day[6..]),
        _ => format!("{h:02}:{m:02}:{s:02}.{}", random.digits(3)),
    }
}

fn hash(random: &mut Random) -> String {
    match random.below(7) {
        0 => random.hex(32),
        1 => random.hex(40),
        2 => random.hex(64),
        3 => random.hex(7),
        4 => format!("sha256:{}", random.hex(64)),
        5 => format!("\"{}\"", random.hex(32)),
        _ => random.base64(43) + "=",
    }
}

fn identifier(random: &mut Random) -> String {
    match random.below(7) {
        0 | 1 => random.form("xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx"),
        2 => "01".to_owned() + &random.of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24),
        3 => random.hex(24),
        4 => random.base64(21),
        5 => random.plain(27),
        _ => random.number(19),
    }
}

fn version(random: &mut Random) -> String {
    match random.below(8) {
        0..=2 => format!("{}.{}.{}", random.below(20), random.below(40), random.below(99)),
        3 => format!(
            "v{}.{}.{}-rc{}",
            random.below(9),
            random.below(9),
            random.below(9),
            random.below(9)
        ),
        4 | 5 => format!(
            "{}.0.{}.{}",
            random.within(60, 130),
            random.within(1000, 6500),
            random.within(1, 250)
        ),
        6 => format!(
            "{}.{}.{}+build.{}",
            random.below(9),
            random.below(9),
            random.below(9),
            random.digits(5)
        ),
        // Four small numbers are an address as well as a version.
        _ if random.one_in(4) => format!(
            "{}.{}.{}.{}",
            random.within(1, 9),
            random.below(9),
            random.below(9),
            random.below(99)
        ),
        _ => format!("2026.{}.{}", random.within(1, 12), random.within(1, 28)),
    }
}

fn amount(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("{}.{}", random.number(3), random.digits(2)),
        1 => format!("0.{}", random.digits(16)),
        2 => format!("{},{},{}", random.number(2), random.digits(3), random.digits(3)),
        3 => format!("{}.{}e{}", random.digits(1), random.digits(8), random.below(20)),
        4 => format!("₩{}", random.number(7)),
        _ => format!("-{}.{}", random.number(5), random.digits(4)),
    }
}

/// With the check digit of article numbers.
fn checked(body: &str) -> String {
    let weights: &[u32] = if body.len().is_multiple_of(2) { &[1, 3] } else { &[3, 1] };
    format!("{body}{}", (10 - weighted(body, weights) % 10) % 10)
}

fn article(random: &mut Random) -> String {
    match random.below(7) {
        0 => grouped(&checked(&("97889".to_owned() + &random.digits(7))), &[3, 2, 4, 3], "-"),
        1 => checked(&("978".to_owned() + &random.digits(9))),
        2 => checked(
            &(random.pick(&["880", "400", "426", "450", "490", "300", "501", "690"]).to_owned()
                + &random.digits(9)),
        ),
        3 => checked(&random.digits(11)),
        4 => checked(&("1".to_owned() + &random.digits(12))),
        5 => checked(&random.digits(7)),
        _ => random.form("#-####-####-#"),
    }
}

fn product(random: &mut Random) -> String {
    let form = random.pick(&[
        "AA-#####",
        "AAA###-AA",
        "SM-A###A",
        "###-##-####",
        "###-###-####",
        "##-##-######-##",
        "A#######-##",
        "LIB######",
        "AAAA####",
        "####-###-##",
    ]);
    random.form(form)
}

fn prose(random: &mut Random) -> String {
    let words = [
        "order",
        "was",
        "sent",
        "on",
        "the",
        "basic",
        "plan",
        "token",
        "expired",
        "for",
        "bearer",
        "payment",
        "주문이",
        "완료",
        "되었습니다",
        "passport",
        "photos",
        "card",
        "please",
        "secret",
        "santa",
        "at",
        "10:30",
        "#42",
        "(2)",
        "50%",
    ];
    let count = random.within(3, 12);
    let words: Vec<&str> = (0..count).map(|_| random.pick(&words)).collect();
    words.join(" ")
}

fn place(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("https://cdn.example.com/img/{}/{}.jpg", random.digits(4), random.hex(32)),
        1 => format!("/v1/orders/{}/items?page={}&size=20", random.number(8), random.below(50)),
        2 => format!("s3://bucket/{}/{}.parquet", day(random), random.base64(22)),
        3 => format!(
            "https://example.com/a/{}-the-long-slug-of-an-article-{}",
            random.number(6),
            random.number(4)
        ),
        4 => format!("https://example.com/@{}/post/{}", random.form("aaaaaa"), random.number(19)),
        _ => format!("C:\\builds\\{}\\out.log:{}", random.digits(5), random.below(999)),
    }
}

fn measures(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("{}x{}", random.number(4), random.number(3)),
        1 => format!("0.{},0.{}", random.digits(6), random.digits(6)),
        2 => format!(
            "{}.{},{}.{},{}.{}",
            random.below(9),
            random.digits(4),
            random.below(9),
            random.digits(4),
            random.below(9),
            random.digits(4)
        ),
        3 => format!(
            "{}.{}, {}.{}",
            random.number(2),
            random.digits(2),
            random.number(2),
            random.digits(2)
        ),
        4 => format!("bytes {}-{}/{}", random.number(5), random.number(6), random.number(7)),
        _ => format!("{}:{}", random.within(1, 32), random.within(1, 32)),
    }
}

fn coupon(random: &mut Random) -> String {
    let alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    match random.below(5) {
        0 => grouped(&random.of(alphabet, 16), &[4, 4, 4], "-"),
        1 => grouped(&random.of(alphabet, 25), &[5, 5, 5, 5], "-"),
        2 => random.of(alphabet, 11),
        3 => grouped(&random.of(alphabet, 11), &[4, 3], "-"),
        _ => format!("SAVE{}", random.digits(2)),
    }
}

fn machine(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{}.0.{}.{} Safari/537.36",
            random.within(60, 130),
            random.within(1000, 6500),
            random.within(1, 250)
        ),
        1 => format!("shop-api-{}-{}", random.hex(10), random.form("aaaaa")),
        2 => format!("arn:aws:s3:::bucket-{}/key", random.form("aaaa##")),
        3 => format!(
            "ip-10-{}-{}-{}.ec2.internal",
            random.below(255),
            random.below(255),
            random.below(255)
        ),
        4 => format!("sk-{}-service-of-the-long-running-team", random.form("aaaaaa")),
        _ => format!("registry.example.com/team/app:v{}.{}", random.below(9), random.below(99)),
    }
}

fn near_card(random: &mut Random) -> String {
    let body = random.pick(&["4", "51", "55", "37", "6011", "35"]).to_owned() + &random.digits(14);
    let body = &body[..if body.starts_with("37") { 14 } else { 15 }];
    let text = format!("{body}{}", (luhn(body) + 1 + u32::try_from(random.below(9)).unwrap()) % 10);
    match random.below(4) {
        0 => grouped(&text, &[4, 4, 4], "-"),
        // A run that is longer than any card number.
        1 => format!("{body}{}{}", luhn(body), random.digits(6)),
        _ => text,
    }
}

fn near_korean(random: &mut Random) -> String {
    match random.below(6) {
        // No such month or day.
        0 => format!(
            "{}{:02}{:02}-{}{}",
            random.digits(2),
            random.within(13, 99),
            random.within(1, 28),
            random.within(1, 4),
            random.digits(6)
        ),
        1 => format!(
            "{}{:02}{:02}-{}{}",
            random.digits(2),
            random.within(1, 12),
            random.within(32, 99),
            random.within(1, 4),
            random.digits(6)
        ),
        2 => random.form("###-##-#####"),
        3 => random.form("######-########"),
        4 => format!("{}-##-######-##", random.pick(&["01", "27", "29", "45", "99"]))
            .chars()
            .map(|c| if c == '#' { random.digits(1) } else { c.to_string() })
            .collect(),
        _ => random.form("##-####-#####"),
    }
}

fn near_western(random: &mut Random) -> String {
    match random.below(7) {
        0 => format!(
            "{}-{}-{}",
            random.pick(&["000", "666"]),
            random.form("##"),
            random.form("####")
        ),
        1 => format!(
            "9{}-{}-{}",
            random.digits(2),
            random.pick(&["00", "20", "45", "66", "89", "93"]),
            random.digits(4)
        ),
        2 => format!("DE{}{}", random.digits(2), random.digits(18)),
        3 => format!("GB{}WEST{}", random.digits(2), random.digits(14)),
        4 => format!("+{}", random.digits(7)),
        5 => format!("+0{}", random.digits(10)),
        _ => random.form("1##-###-####"),
    }
}

fn near_encoded(random: &mut Random) -> String {
    match random.below(7) {
        0 => random.form("xx:xx:xx:xx:xx"),
        1 => random.form("xx:xx:xx:xx:xx:xx:xx:xx"),
        2 => {
            "1".to_owned()
                + &random.of("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 33)
        }
        3 => "bc1q".to_owned() + &random.of("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 38),
        4 => "0x".to_owned() + &random.hex(64),
        5 => format!("{}.{}.{}", random.plain(12), random.plain(20), random.plain(20)),
        _ => format!("@{}", random.form("aaaaaa##")),
    }
}

fn plain_number(random: &mut Random) -> String {
    let length = random.within(1, 19);
    random.number(length)
}
