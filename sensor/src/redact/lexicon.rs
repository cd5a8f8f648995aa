//! Words: which letters are a word that someone chose, and which are data. Default-deny.
//!
//! A name is kept when it splits (snake, kebab, camel, dots) into words: known ones, or letters that follow each
//! other as they do in names of code and documents. Random letters, numbers, and numbered words that are not known
//! (`iquellborn84`) are data. What no form can tell: a name of a person written as one plain word (`quellborn`)
//! looks like any other word.

use std::sync::LazyLock;

use hashbrown::HashSet;

use super::{api_words, dictionary};

/// Longest name looked at, in octets.
pub(crate) const NAME_MAX: usize = 64;
/// Longest word, in letters.
const WORD_MAX: usize = 20;
/// Most words of a name.
const WORDS_MAX: usize = 12;

/// How often one letter follows another, in the words of source code and its documentation: row `a`, column `b`
/// holds `9 + log2 P(b after a)`, at least 0. Counted over some 9,500 words; mean over a word: words 4 to 6,
/// random letters 2 to 4.
const FOLLOWS: [&[u8; 26]; 26] = [
    b"24551340402646040657331130",
    b"64546310620620520553610030",
    b"62426305405521710436410020",
    b"53357320720422520453522020",
    b"52564430200546242665132410",
    b"63446620701522610544500030",
    b"50207145600435511652501020",
    b"72037000600342610535402030",
    b"43554440001457630456040204",
    b"60007200503000720054702000",
    b"52338220600424320264303120",
    b"61247210701611620144420060",
    b"74227010601241560153500000",
    b"51566461503313420166330010",
    b"33541330303557450644544100",
    b"60226214501611650645411030",
    b"32030000200413220342900000",
    b"61347230603343620455431040",
    b"40517235602322450157502031",
    b"60327215700321520654401140",
    b"45535430400656250666000100",
    b"60308210600231520011000100",
    b"70236205600415620653002000",
    b"63646403600232270326112320",
    b"33425132500456570365024003",
    b"61038200500213500030100033",
];

/// Words with digits in them.
const NUMBERED: &str = "
    2fa 3d 2d 3ds 3ds2 aes128 aes192 aes256 amd64 arm64 b2b b2c b2e b2g b3 base32 base58 base64 c2b c2c c2d c2g crc32
    crc32c css3 d2c e164 e2e ec2 ecdsa256 ed25519 eip712 eks es256 es384 es512 fido2 g2b g2c geo2 h264 h265 hl7 hs256 hs384
    hs512 http1 http11 http2 http3 html4 html5 i18n ipv4 ipv6 ip4 ip6 iso20022 iso3166 iso4217 iso8583 iso8601 j2ee k8s
    l10n l2 l3 l4 l7 latin1 log10 log1p log2 log4j m2m md4 md5 mfa2 mp2 mp3 mp4 mp2t mpeg4 n11n o2o o365 oauth1 oauth2
    oauth20 oidc4vp p2p p2pkh p256 p384 p521 p50 p75 p90 p95 p99 psd2 pkcs1 pkcs12 pkcs7 pkcs8 ps256 ps384 ps512 rc4 rfc3339
    rfc822 rs256 rs384 rs512 s256 s3 saml1 saml2 sap4 secp256k1 sha1 sha2 sha3 sha224 sha256 sha384 sha512 soap11 soap12 sqs3 t1 t2 tls12
    tls13 u2f utf16 utf32 utf8 uuid4 v1alpha v1alpha1 v1beta v1beta1 v1beta2 v2alpha v2alpha1 v2beta v2beta1 v2beta2
    v3beta w3c web2 web3 win32 win64 wp2 x509 x64 x86 xxh64 z39
";

/// Words besides those of paths and of the dictionary: parts of field names, abbreviations, words of enumerations.
const MORE: &str = "
    accept accepted access according account acct acnt actual add addl addr admin adult advance aes after age agent aggregate agree
    air alert algo algorithm alias align allow allowed alpha alt always ambient amend amex amount amqp amt analyzed android anonymous
    answer any apex apns app append apple applied apply approx approved april arch archived area arg args array arrival
    arrived article asc ascending ask assigned async attempt attr attribute aud audience audio august author auto avail average
    avg await away azure back backend backup bad badge bal bar base basket batch bearer begin benefit best beta between bic bid
    big bin binary bio bit bits black block blocked blog blue bnk board body bold bonus bool boolean border bot bounce box branch
    brand break bridge broken browser bucket budget buffer build bundle burst business busy buy buyer bytes cache cached calc call
    caller campaign can canceled cancelled cancelling candidate cap captcha captured car carrier case cash cat catalog cause cdn cell cent
    center central centre chain chal change changed char chars chart chat check checked checksum child chrome chunk cid cipher
    city claimed clazz clean clear click clicks clob clock closed closing cls clsfctn cluster cmd cms cnt coarse code codes coin col
    collect collection collected color colour column columns comm command commit common comp company compare complete component
    computed conf config confirmed conflict connect connected connection consumer container content context continue control
    conversion convert cookie coord copied copy core corp corporate correlation cors cost cpu create created creation
    creator credit criteria cron csrf csv ctn ctx cur curl curr currency current cursor custom cust cvt cycle daily damaged danger dark
    dash data database date dated datetime day days dbl dead deal debit debug dec december decision declined decode deep def
    default deferred delay delete deleted delivered delta demo denied deny dep depart departed dept depth desc descending dest dev
    developer dev deviation dhcp diff digest dim dimension dir direct direction directory dirty disabled discarded display dist distance
    div dml dns docker doctype dollar domain domains done double down draft drop dry dst dtl dto dtime dup duplicate duplicated dur dynamic
    each early east echo edit edited education edge egress elapsed elastic elem element elements emp empty enc encode encoded
    encoding encrypted end ended endpoint engine english ent enter entity entries entry enum env epoch equal err error errors
    escaped est estimate etag etc eval even event every exact example excellent except exchange exclude exclusive exec execute
    executed executing exist exists exp expand expanded expect expected expense expire expired expires expiry explain export
    expr expression ext extend extended extension extensions extern extra facebook facet factor factory fail failed failing failure
    fair fallback false family fast fatal fault fax feature february female fetch few field fig file fill filled filter fin fina final
    finish finished finger firefox firebase firm first fit fix fixed flag flags flash flat flex float flow flush focus follow font foo foot
    footer force forced foreign form format forward forwarded found fraction fragment frame free freq frequency fresh friday friend
    front full func function future game gap gateway gcm gen general generated generation generic geo get gift git given global
    gmt gnd good google gps grade grand grant granted graph graphql greater green grid ground group grp grpc guest guid guide half
    handler happy hard hash hdr head header headers heart heat height held help hidden hide high highest hint hit hits hold hook
    horizontal host hosted hosts hot hotel hour href html http https huge hybrid ics icon ident identity idle idx ignore ignored image
    imap img immediate imp important imported inbound inc include included inclusive income incoming incomplete increment ind index
    indexed individual info ingress inherit init initial initialized inline inner inp input ins insert inside inst install installed
    instance instant instead instrument int integer integration intel interest interface intermediate internal interval inv
    invalid inventory involved ios ipod iphone ipad iss issue issued issuer issues item iter jan january java javascript jcb join
    joined joint json jsonp jsonrpc july june jwk jwks jwt kafka kakao keep kept keyword kid kids kill kind know known korea korean krn kst kube
    lab label lang large last lat latency latest layer layout lazy lead leader leaf lease least leave led left legacy legal len length less
    let letter level lib library license lifecycle lifetime light like limit limited line linear lines link linked links linux list
    listen listing literal lite little live load loaded loc local locale locality locked log logged logger logical logo long
    longest loop loss lost low lower ltd lst mac machine mail main major make maker male manage managed management manager mandatory manual manually mapped mapping
    march margin mark marked market marketing mask master mastercard match matched matches matching material math max maximum may mean meas
    measure med medium meet mem memory menu merge merged message meta mfa micro mid middle migrate migrated mimetype min minimum
    minor minus minute misc missing mix mobile mod mode moderate modified module monday money monitor month more most mount move moved
    msg multi multiple must mute muted mutable mydata mysql naive name named namespace national native natural naver nav need needed negative nested
    net network neutral never new newest newsletter next nginx nginx night nil node non none nonce noop normal normalized north
    not notation note noted notice notification notify nov november now ntv null nullable num number numeric oauth obj object occurred
    oct october odd off offer offered offers offline offset often oidc old oldest omit once one online only opaque open opened
    openid operation operator opt optimized option optional ops ord order ordered ordinal orig origin original oss oth
    other otp out outbound outcome outdated outer outgoing output outside over overall override overview owned owner owns pack
    package packed packet page paid pair panel para parallel param params parent parse parsed part partial partially partition party
    pass passed past patch path pattern paused pay payable paying paypal payload payroll pct peak peer pen pending people per percent percentage perf
    perform period permanent permanently permitted person personal phase physical pick picked picker picture pid pin ping pipe pipeline pix pixel
    pkg place placed placeholder plain plan planned platform play player plugin plural plus pod point pointer policy
    poll pool pop popup port pos position positive possible post postal posted postgres postgresql pound power ppm prc pref preferred prefix premium
    prepaid prepare prepared preset press preview prev previous price primary prime print prior priority priv private pro probe
    problem proc process processed processing processor prod producer product production prof professional profile program programme progress
    prohibited project prompt proof prop properties property props prot protected proto protocol provider province proxy pub public
    publish published publisher pull purchase purchased pure purge purpose push put python qty qtd quality quantity query question
    queue queued quick quiet quote quota radio radius raid rail rand random range rank rarely rate rated ratio raw reach reached reaction
    read reader ready real realm reason rec receipt receive received recent recently recipe recipient record recorded recovered recurring red redeemed redirect redis
    reduced ref refer reference referer referral referrer refreshed refunded reg regex region registered regular reject
    rejected rel related relation relative release released relevance reload remain remaining remark remember remote removed
    removing renamed render renew renewed rep repeat replace replaced replica reply report repository req request requested requester required requires res
    research reserved reset residence resolution resolve resolved resource respond response rest restored restrict restricted result results resume
    ret retained retention retried retry retrying return returned returning revenue reverse reversed revision revoked rgb rich right ring risk rmk road
    robot role roll rolled root rotate round route row rows rpc rsa rss rsp rtn rtt rule run running runtime safari safe safety sale
    sales same sample samsung sandbox sanitized sat satisfied saturday save saved saving say scale scan schedule scheduled
    schema scheme scope score screen script scroll sdk seal search season seat sec second secondary seconds section secure secured security
    seed seen seg segment select selected selection self sell seller semi send sender sending sent sentiment seo sep separate
    september seq sequence serial serialized series serve served server serverless service session set setting settled settlement
    setup severe severity sfx shadow shape shard shared sheet shift ship shipped shipping shop shopping short show shown shuffle
    sibling side sig sign signal signature signed silent silver similar simple since single site size sizes skip skipped sku sla slack slave
    sleep slim slot slow slug small smart sms smtp snap snapshot soa soap soc social socket sofa soft sold sole solid some sort sorted
    sorting source south space spam span spec special speed spent split sponsor spot spring sql src srv ssl sso sta stable staff stage staged
    staging stamp standalone standard standby star start started starting starts stat state stated static station statistic stats status stdin stdout
    stderr step still stock stone stop stopped storage store stored str straight strategy stream street strength strict string
    stroke strong struct structure stub stuck student style sub subject submit submitted subnet subscribe subscribed subset
    substitute subtitle subtotal success successful successfully suffix suggest suggested suggestion sum summary sun sunday super superseded supervisor
    supply support supported suspended suspicious svc swap sweep switch such too bare symbol sync synced synchronous syntax sys system tab table tag tagged tail
    taken target task tcp tel telegram telecom temp temperature template temporary tenant tensor term terminal terminate
    terminated test tested text texts than that the theirs then there third thread threshold throttle throttled thumb thursday tick tid tier tile till
    tilt timed timeline timeout timer times timestamp timezone tiny tip title tls todo toggle token tokens told tomorrow ton tool
    top topic toss total touch tour track trade traffic trailer trans transaction transfer transferred transform transient transit translate transmission
    transport travel tree trend trigger triggered trim trip trnsc true trunk trust trusted try tuesday turn twitter two txn txt typ type typed types udp
    unassigned unauthorized unavailable unblocked unchanged unconfirmed undefined under undo union unique unit units unix unknown unlimited
    unlock unlocked unmatched unpaid unpublished unread unreachable unset unspecified unsubscribed until unused unverified upcoming update updated
    updater upgrade upload uploaded upper upstream uri url urls usable usage usd use used user users usr utc util utm vacant val valid validated value values van
    var variable variant variants various vary vat vec vector vendor ver verbose verified verify version versions vertical very via vice video
    view viewed viewer views violated violation vip virtual visa visibility visible visit visitor vlan void voided volatile voice vol volume voucher vpc
    vpn wait waiting wallet wan want war warehouse warm warn warned warning watch water way weak weather web webhook wednesday week
    weight well were west wfl what when where which while white whole wide width wifi wiki win wind window windows wire wish wishlist with
    within without withdrawable word work worker worked working workflow world worst wrap write writer written wrong wsdl xhr xhtml xlsx xml xmlhttp xmlns xmlrpc xpath xsd xsrf yaml year
    yes yesterday yet yield yml yyyy yymmdd yyyymmdd zero zip zone zoom
    fintech oauth openapi mydata hometax juso sido sigungu gubun bunho jumin juminno dong gugun eupmyeon bizno saupja gyejwa
    irp isa dc db seqno prod dtime memo cnt amt avg
    bronze gold platinum unionpay amex discover maestro jcb diners visaelectron kakaopay naverpay samsungpay applepay googlepay tosspay
    sedan coffee shoes shirt book books toys sports home kitchen garden outdoor indoor office beauty electronics clothing fashion grocery toy
    winter summer autumn fall sale trending clearance limited organic vegan cotton wool leather steel wood paper glass ceramic
    succeeded due overdue trialing uncollectible automatically insufficient funds incorrect idempotency sepa klarna bancontact ringing initiated
    authorized authorised unauthorised fulfilled unfulfilled restocked finalised finalized exempted transfers canc rcvd actc accp acsc acsp acwc rjct pdng
    terminating creating oom killed evicted crash pressure balancer deployment stateful daemon rolling added synchronize labeled unlabeled stale startup
    dispatch collaborator contributor temporarily yellow forbidden unauthenticated persisted argument deadline exceeded already exhausted precondition
    aborted unimplemented throttling throttled conditional throughput provisioned provisioning glacier intelligent tiering shutting drained draining
    celsius fahrenheit metric imperial kwh kilogram gram meter metre ounce pound critical emergency popularity pickup customs economy ticketed
    preliminary amended proposed booked identify sticker interactive carousel button assistant degraded maintenance healthy unhealthy follower
    macos desktop biweekly quarterly apartment residential commercial detached png jpeg jpg gif pdf webp mpeg xlsx docx
    emoji remittance unstructured codeable concept instruction termination grace observed unix nano aggregation temporality explicit bounds
    consumed capacity aircraft traveler fare basis observation encounter medication practitioner procedure immunization diagnostic questionnaire
    application for entered psu sca logprobs calls vital signs laboratory ambulatory present outpatient inpatient
    describe attach detach associate disassociate assume allocate reboot encrypt decrypt execution instances stacks volumes snapshots
    subnets vpcs repositories alarms balancers scaling interfaces parameters pairs
    amazon amazonaws npm npmjs yahoo microsoft mozilla gecko webkit chromium edge opera safari trident presto konqueror
";

/// Short words and abbreviations: camel parts of one and two letters.
const SHORT: &str = "
    ac ad ai am an ap ar as at av by bi bg ca cc cd ci cm cn co cp cr cs ct cv db dc di dk dl do dp dr ds dt du ec ed eg en eq er es et eu ev ex
    fg fi fk fn fp fr ft fx fy gb gc ge gid go gp gt ha hd he hp hr ht hz id ie if ii im in io ip iq is it iv ja jp jq js jv
    kb kd kg km ko kr ks kv la lb lc ld lg li lo lt lv ma mb md me mh mi ml mm mn mo mp ms mt mv my na nb nd ne ng nl nm no np nr ns nt nx
    ob of og oh ok ol on op or os ot ox oz pc pg ph pi pk pl pm po pp pr ps pt pw px qa qr qt qa qs rc rd re rf rg rm rn rs rt rx sa sc sd se sh si sk sl sm sn so sp sq sr
    ss st su sv sw sy ta tb td te tf tg th ti tk tl tm tn to tp tr ts tt tv tx ty ub ui uk un up us ut uv va vc vm vo vp vs wa wd we wi wk wp ws
    xa xd xl xs xy yn yr ym zh
";

/// Words that say of a person what is nobody's business, whatever they stand under, as the code of a FHIR coding or the type of
/// a customer: never kept as values. Besides names of the classes of health and gender.
const TRAITS: &str = "
    male female males females nonbinary transsexual bisexual jew aids std sti covid flu disability
";

/// Korean words of enumerations: states, and kinds of payment.
const KOREAN: &str = "
    정상 완료 성공 실패 오류 취소 부분취소 대기 대기중 처리중 진행중 접수 승인 거절 반려 만료 해지 정지 사용 미사용 결제 결제완료 환불 환불완료 배송중
    배송완료 배송준비중 주문완료 구매확정 입금 입금대기 출금 이체 카드 신용 체크 신용카드 체크카드 계좌이체 가상계좌 휴대폰 간편결제 상품권 포인트 개인
    법인 국내 해외 일반 예 아니오
";

type Words = HashSet<&'static [u8], foldhash::fast::RandomState>;

fn set(text: &'static str) -> Words {
    text.split_ascii_whitespace().map(str::as_bytes).collect()
}

static NUMBERED_SET: LazyLock<Words> = LazyLock::new(|| set(NUMBERED));
static MORE_SET: LazyLock<Words> = LazyLock::new(|| set(MORE));
static SHORT_SET: LazyLock<Words> = LazyLock::new(|| set(SHORT));
static KOREAN_SET: LazyLock<Words> = LazyLock::new(|| set(KOREAN));
static TRAIT_SET: LazyLock<Words> = LazyLock::new(|| set(TRAITS));

/// Whether lower-case `word` is in one of the lists.
pub(crate) fn known(word: &[u8]) -> bool {
    MORE_SET.contains(word)
        || SHORT_SET.contains(word)
        || std::str::from_utf8(word).is_ok_and(api_words::is_word)
        || dictionary::entry(word).is_some()
}

/// Whether `word`, in any case, is a known word, or several without a boundary: `MyData`, `seqno`.
pub(crate) fn known_compound(word: &[u8]) -> bool {
    if word.is_empty() || word.len() > 32 {
        return false;
    }
    let mut buffer = [0_u8; 32];
    let Some(lower) = buffer.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    let word = &*lower;
    known(word) || (word.len() >= 5 && splits(word, 3))
}

/// Whether `word` is at most `parts` known words one behind the other, of three letters at least.
fn splits(word: &[u8], parts: u8) -> bool {
    if known(word) && word.len() >= 3 {
        return true;
    }
    parts > 1
        && (2..word.len().saturating_sub(1)).any(|at| {
            let Some((head, tail)) = word.split_at_checked(at) else { return false };
            let ending = matches!(tail, b"id" | b"no" | b"nm" | b"cd" | b"dt" | b"yn" | b"ip");
            let head_known = if head.len() == 2 {
                matches!(
                    head,
                    b"my"
                        | b"is"
                        | b"in"
                        | b"to"
                        | b"db"
                        | b"ip"
                        | b"id"
                        | b"no"
                        | b"on"
                        | b"re"
                        | b"un"
                )
            } else {
                known(head)
            };
            head_known && (ending || splits(tail, parts.saturating_sub(1)))
        })
}

/// Whether letters, in one case or capitalised, are a word: known, or of letters that follow each other in words.
pub(crate) fn word(letters: &[u8]) -> bool {
    if letters.is_empty() || letters.len() > WORD_MAX {
        return false;
    }
    letters.len() <= 3 || plausible(letters) || known_compound(letters)
}

/// Whether letters follow each other as in words: no run of five consonants, a vowel, likely pairs.
fn plausible(letters: &[u8]) -> bool {
    let (mut run, mut longest, mut score, mut pairs) = (0_u32, 0_u32, 0_u32, 0_u32);
    let mut before: Option<u8> = None;
    for &b in letters {
        let b = b.to_ascii_lowercase();
        run = if b"aeiouy".contains(&b) { 0 } else { run.saturating_add(1) };
        longest = longest.max(run);
        if let Some(before) = before {
            let row = FOLLOWS.get(usize::from(before.wrapping_sub(b'a')));
            let digit = row.and_then(|row| row.get(usize::from(b.wrapping_sub(b'a'))));
            score = score
                .saturating_add(u32::from(digit.copied().unwrap_or(b'0').saturating_sub(b'0')));
            pairs = pairs.saturating_add(1);
        }
        before = Some(b);
    }
    // Means in tenths, rising with length: a long word has to show more.
    let least = match letters.len() {
        0..=4 => 20,
        5..=7 => 38,
        8..=12 => 43,
        _ => 45,
    };
    longest < 5 && score.saturating_mul(10) >= pairs.saturating_mul(least)
}

/// Whether `name` is made of words: `order_id`, `userId`, `X-Request-ID`, `user[address][0]`, `sha256Hash`, `line2`.
///
/// At most two numbers' worth of digits stand in it: behind a known or very short word, or alone and short.
pub(crate) fn name(name: &[u8]) -> bool {
    if name.is_empty() || name.len() > NAME_MAX || !name.iter().any(u8::is_ascii_alphabetic) {
        return false;
    }
    let (mut words, mut numbers, mut odd) = (0_usize, 0_usize, 0_usize);
    for token in name.split(|b| !b.is_ascii_alphanumeric()).filter(|token| !token.is_empty()) {
        words = words.saturating_add(1);
        if token.iter().all(u8::is_ascii_digit) {
            numbers = numbers.saturating_add(1);
            if token.len() > 2 {
                return false;
            }
            continue;
        }
        if numbered(token) {
            continue;
        }
        let digits = token.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let Some((letters, _)) = token.split_at_checked(token.len().saturating_sub(digits)) else {
            return false;
        };
        if digits > 0 {
            numbers = numbers.saturating_add(1);
        }
        let fit = digits <= 2 && humps(letters, digits > 0, &mut odd);
        if !fit {
            return false;
        }
    }
    // Many scraps of a few letters, or several numbers, are no name.
    words <= WORDS_MAX
        && numbers <= 1
        && (odd <= 1 || (words > 1 && odd <= words.div_euclid(2).saturating_add(1)))
}

/// Words with digits that are known.
#[cfg(test)]
pub(crate) fn numbered_words() -> impl Iterator<Item = &'static str> {
    NUMBERED.split_ascii_whitespace()
}

/// Longest word with digits that is known.
pub(crate) const NUMBERED_MAX: usize = 16;

/// Whether a word with digits is a known one: `oauth2`, `v1beta1`.
pub(crate) fn with_digits(word: &[u8]) -> bool {
    word.len() <= NUMBERED_MAX && NUMBERED_SET.contains(word.to_ascii_lowercase().as_slice())
}

/// Whether a token is, or begins with, a known word with digits: `sha256`, `sha256Hash`, `oauth2Token`.
fn numbered(token: &[u8]) -> bool {
    let digits = |b: &u8| b.is_ascii_digit();
    if !token.iter().any(digits) || token.len() > 32 {
        return false;
    }
    let lower = token.to_ascii_lowercase();
    if NUMBERED_SET.contains(lower.as_slice()) {
        return true;
    }
    let Some(last) = token.iter().rposition(digits) else { return false };
    let Some((head, tail)) = token.split_at_checked(last.saturating_add(1)) else { return false };
    let Some(head_lower) = lower.get(..head.len()) else { return false };
    let mut odd = 0;
    let tail_fits = tail.is_empty()
        || (tail.iter().all(u8::is_ascii_alphabetic) && humps(tail, false, &mut odd));
    if !tail_fits {
        return false;
    }
    // "hashSha256": the word with digits is the last hump.
    let hump = head.iter().rposition(u8::is_ascii_uppercase).unwrap_or(0);
    let (front, back) =
        (head.get(..hump).unwrap_or_default(), head_lower.get(hump..).unwrap_or_default());
    NUMBERED_SET.contains(head_lower)
        || (NUMBERED_SET.contains(back)
            && front.iter().all(u8::is_ascii_alphabetic)
            && humps(front, false, &mut odd))
}

/// Whether letters split at their capitals into words. `strict`: digits follow, so the last one must be known or
/// one or two letters. `odd` counts words that are not known and could be scraps of anything.
fn humps(letters: &[u8], strict: bool, odd: &mut usize) -> bool {
    if letters.is_empty() || !letters.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    if strict && (letters.len() <= 2 || known_compound(letters)) {
        return true;
    }
    let (mut start, mut parts, mut scraps, mut unknown) = (0_usize, 0_usize, 0_usize, 0_usize);
    while start < letters.len() {
        let rest = letters.get(start..).unwrap_or_default();
        let capitals = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let lower = rest.iter().skip(capitals).take_while(|b| b.is_ascii_lowercase()).count();
        // "IDToken": the last capital begins the next word.
        let len = match (capitals, lower) {
            (0 | 1, _) | (_, 0) => capitals.saturating_add(lower),
            _ if known_compound(rest.get(..capitals.saturating_add(lower)).unwrap_or_default()) => {
                capitals.saturating_add(lower)
            }
            (capitals, _) => capitals.saturating_sub(1),
        };
        let len = len.max(1);
        let part = rest.get(..len).unwrap_or_default();
        let last = start.saturating_add(len) >= letters.len();
        let familiar = known_compound(part);
        if !(familiar || word(part)) || (strict && last && !familiar) {
            return false;
        }
        if part.len() <= 2 || (part.len() == 3 && !familiar) {
            scraps = scraps.saturating_add(1);
        }
        unknown = unknown
            .saturating_add(usize::from(!familiar && (part.len() < 5 || len < letters.len())));
        parts = parts.saturating_add(1);
        start = start.saturating_add(len);
    }
    if parts > 1 && (scraps > 1 && scraps.saturating_mul(4) > letters.len()) {
        return false;
    }
    *odd = odd.saturating_add(unknown);
    parts <= WORDS_MAX && (parts == 1 || unknown.saturating_mul(2) <= parts)
}

/// A word of an enumeration that is none of a person: `ACTIVE`, `in_progress`, `PartiallyPaid`, `KRW`, `ko-KR`.
pub(crate) fn enum_word(text: &[u8]) -> bool {
    // Orders of a list: `-created_at`, `created_at:desc`.
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let fits = (1..=40).contains(&text.len())
        && text.iter().all(|b| {
            b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' ' | b'.' | b'/' | b':')
        })
        && text.first().is_some_and(u8::is_ascii_alphabetic);
    // Codes of countries and currencies, grades.
    let code = text.len() <= 3 && text.iter().all(u8::is_ascii_uppercase);
    fits && (code
        || language(text)
        || text
            .split(|b| !b.is_ascii_alphabetic())
            .all(|token| token.is_empty() || known_humps(token)))
        && !a_trait(text)
}

/// Whether a text is a Korean word of enumerations.
pub(crate) fn korean_word(text: &[u8]) -> bool {
    KOREAN_SET.contains(text)
}

/// Whether one of the words of a text says something of a person, also behind `is_`.
fn a_trait(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let says = |word: &[u8]| TRAIT_SET.contains(word) || dictionary::telling(word).is_some();
    lower.split(|b| !b.is_ascii_alphabetic()).any(says)
        || lower.as_slice() == b"non-binary"
        || lower.as_slice() == b"non_binary"
}

/// Whether letters split at their capitals into known words.
fn known_humps(token: &[u8]) -> bool {
    if known_compound(token) {
        return true;
    }
    let mut start = 0_usize;
    for at in 1..=token.len() {
        let boundary = token.get(at).is_none_or(|next| {
            next.is_ascii_uppercase()
                && token.get(at.saturating_sub(1)).is_some_and(u8::is_ascii_lowercase)
        });
        if boundary {
            if !known_compound(token.get(start..at).unwrap_or_default()) {
                return false;
            }
            start = at;
        }
    }
    true
}

/// Primary language subtags in use on the web (ISO 639-1).
const LANGUAGES: &str = "
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lo lt lv mk
    ml mn mr ms my nb ne nl nn no pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh zu fil haw yue
";

static LANGUAGE_SET: LazyLock<Words> = LazyLock::new(|| set(LANGUAGES));

/// A language tag: a known language, then script and region (RFC 5646 §2.1): `ko`, `en-US`, `zh-Hant-TW`.
pub(crate) fn language(text: &[u8]) -> bool {
    let mut parts = text.split(|b| matches!(b, b'-' | b'_'));
    let primary = parts.next().unwrap_or_default();
    let known = primary.iter().all(u8::is_ascii_lowercase) && LANGUAGE_SET.contains(primary);
    let scripts: [&[u8]; 5] = [b"hans", b"hant", b"latn", b"cyrl", b"arab"];
    known
        && text.len() <= 12
        && parts.all(|part| {
            (part.len() == 2 && part.iter().all(u8::is_ascii_alphabetic))
                || part == b"419"
                || scripts.iter().any(|script| part.eq_ignore_ascii_case(script))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for text in [
            "id",
            "order_id",
            "createdAt",
            "$ref",
            "user[address][0]",
            "x-api-tran-id",
            "userIDToken",
            "address1",
            "line2",
            "sha256Hash",
            "oauth2_token",
            "HTTPServerName",
            "rsp_msg",
            "_embedded",
            "clsfctnCd",
            "v10",
            "q7",
            "x-note-12",
            "accountStatusChangedTimestamp",
            "fintech_use_num",
            "withdrawable_amt",
            "trans_dtime",
            "X-B3-TraceId",
            "eTag",
            "iso8601",
            "is_foreign_deposit",
            "JSESSIONID",
            "contentMD5",
            "getXMLHttpRequest",
            "lastName",
            "bankTranId",
            "bzentyNm",
            "jumin_no",
            "kakaoUserId",
            "grpc-status",
            "x-ratelimit-remaining",
            "base64Data",
            "soap.Body",
        ] {
            assert!(name(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn data_is_no_name() {
        for text in [
            "",
            "1",
            "iquellborn84",
            "M482K7193",
            "m482k7193",
            "M48273615",
            "AKIAAPITAPFIXTURE2Q7",
            "akiaapitapfixture2q7",
            "KEzdr2QtnJDzGGv9qAu0KpddsKqF",
            "aizanjq5r4ftb0ngj5bgaipbavktd7bcxfkdaaq",
            "u-84629173",
            "1987-11-23",
            "x1987-11-23",
            "aGk3Zz9kQ2xPc1R1",
            "aQzRtYbNmKlP",
            "qwrtzpsdfghjk",
            "RYHOQBcSmbOEsD4dqf1GabxOLiah6gcK",
            "deadbeef00112233",
            "eyJhbGciOiAiSFMyNTYi",
            "a1b2c3",
            "jane99",
            "xoxb-204820482",
            "RyMlqLcyLTFk",
            "JBSWYDPEHPKPXPAB",
            "sess-4f2a",
        ] {
            assert!(!name(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn enumerations_are_of_known_words() {
        for text in [
            "ACTIVE",
            "in_progress",
            "KRW",
            "ko-KR",
            "Pending",
            "CARD_PAYMENT",
            "PartiallyPaid",
            "en",
            "user-consent",
            "asc",
            "-created_at",
            "created_at:desc",
            "succeeded",
            "UNAUTHENTICATED",
            "CrashLoopBackOff",
            "insufficient_funds",
            "OOMKilled",
            "kg",
        ] {
            assert!(enum_word(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "Quellborn",
            "Kim",
            "Ignatius Quellborn",
            "aBcDeFg",
            "kim",
            "JBSWYDPEHPKPXPAB",
            "A1",
            "hunter",
            "-",
            "--asc",
            ":desc",
            "name:quellborn",
            "Female",
            "GAY",
            "not_pregnant",
        ] {
            assert!(!enum_word(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn random_letters_hardly_pass() {
        // A simple generator, so that the test is the same every time.
        let mut state = 7_u64;
        let mut next = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        for (len, letters, most) in [(12, 52, 5), (20, 52, 1), (12, 62, 3), (16, 62, 1)] {
            let passed = (0..1000).filter(|_| {
                let text: Vec<u8> =
                    (0..len).map(|_| alphabet[usize::try_from(next(letters)).unwrap()]).collect();
                name(&text)
            });
            let passed = passed.count();
            assert!(passed <= most, "{passed} of length {len}");
        }
        let lower = (0..1000).filter(|_| {
            let text: Vec<u8> =
                (0..16).map(|_| alphabet[usize::try_from(26 + next(26)).unwrap()]).collect();
            name(&text)
        });
        assert!(lower.count() <= 10);
    }
}
