//! Words of paths: which segments are part of an API, and which name collections of things.

use std::sync::LazyLock;

use hashbrown::HashSet;

/// Words that stand behind a collection without naming one of its members.
const STATIC: &str = "
    search find query filter list lists all me myself self mine my current now today latest recent new old count counts total
    totals batch bulk export import upload uploads download downloads status state states detail details basic
    transactions transaction summary summaries info information login logout signin signout signup register registration
    verify verification validate validation check confirm confirmation activate activation deactivate enable disable
    lock unlock reset forgot change update updates create add edit modify delete remove cancel cancellation approve
    approval reject rejection submit start stop pause resume retry close open archive restore publish send receive
    password passwords profile profiles account accounts user users customer customers member members order orders item
    items product products payment payments invoice invoices refund refunds transfer transfers card cards bank banks
    deposit deposits withdraw withdrawal withdrawals loan loans invest insurance capital efin telecom balance balances
    history histories statement statements report reports statistics stats analytics metrics health healthz ready live
    ping info version versions config configuration settings setting preferences preference options option metadata
    meta schema schemas docs doc documentation swagger openapi api apis rest graphql rpc ws events event stream streams
    notification notifications message messages comment comments review reviews rating ratings like likes follow
    followers following favorite favorites tag tags category categories group groups role roles permission permissions
    policy policies scope scopes team teams organization organizations tenant tenants project projects workspace
    workspaces file files folder folders document documents image images photo photos avatar video videos media
    attachment attachments address addresses contact contacts email emails phone phones device devices session sessions
    token tokens key keys secret secrets certificate certificates webhook webhooks callback callbacks subscription
    subscriptions plan plans price prices pricing quote quotes cart carts checkout shipping shipment shipments tracking
    delivery deliveries return returns coupon coupons discount discounts promotion promotions point points reward
    rewards wallet wallets stock stocks inventory warehouse store stores merchant merchants partner partners vendor
    vendors supplier suppliers employee employees username usernames department departments patient patients appointment appointments
    prescription prescriptions record records claim claims contract contracts ticket tickets task tasks job jobs run
    runs log logs audit audits admin internal external public private mobile web app apps client clients server servers
    service services node nodes cluster clusters pod pods namespace namespaces resource resources request requests
    response responses result results data content contents page pages post posts article articles feed feeds channel
    channels thread threads topic topics question questions answer answers vote votes poll polls survey surveys form
    forms field fields template templates theme themes widget widgets dashboard dashboards alert alerts rule rules
    action actions activity activities timeline calendar schedule schedules booking bookings reservation reservations
    room rooms hotel hotels flight flights trip trips route routes location locations place places map maps region
    regions country countries city cities currency currencies rate rates exchange language languages translation
    translations by name id ids type types attribute attributes property properties value values relation relations
    relationships children parent parents members owner owners assign assignee assignees assigned unassign invite
    invites invitation invitations accept decline pending active inactive expired completed failed success
    available enabled disabled default popular trending featured recommended recommendations related similar top best
    execute reindex init begin complete first last next previous random preview print pdf csv json xml html image thumbnail thumbnails icon sync refresh
    revoke authorize authorise authorization authorise authenticate authentication auth oauth consent consents terms
    agreement agreements eligibility limit limits usage quota quotas billing method methods intent intents charge
    charges capture void dispute disputes payout payouts fee fees tax taxes dividend lease annuities irp isa
    products fund funds etf bond bonds trade trades trading market markets ticker tickers candle candles depth book
    position positions portfolio portfolios prepaid bills bill installment installments guarantors insured cars
    membership memberships attendance grade grades course courses lesson lessons class classes student students
    teacher teachers school schools exam exams score scores vehicle vehicles driver drivers ride rides
    read unread seen mark watch unwatch subscribe unsubscribe share shares move copy merge split clone fork
    graph nodes edges model models predict prediction predictions train training embed embeddings completion
    completions chat assistants tools tool usage error errors exception exceptions debug trace traces test tests mock
    whoami echo time date dates hour hours day days week weeks month months year years daily weekly monthly yearly annual
    period periods start end from to between before after
";

/// Words of software and of its operation, besides: parts of an API rather than values.
const TECHNICAL: &str = "
    access account action active address admin agent aggregate alert alias allow analytics annotation application approval apply
    archive artifact assign association attach attachment attempt attribute attribution audience audit backup badge balance
    balancer bandwidth batch binary block body branch bridge bucket build builder bundle cache campaign capability catalog
    category certificate challenge change channel check checker checkpoint claim cleanup client clone cluster code collaborator
    collection command commit compare compatibility compliance component compute config configuration configure connect
    connection connector console container content context control controller convert correlation credential criteria
    cron custom customer customization daemon dashboard data database dataset debug default definition delegate delivery
    dependency deploy deployment description detach detail detection device diff digest directory discover discovery
    dispatch distribution dns domain download downtime draft driver edge editor emoji enable encrypt decrypt endpoint engine
    enrollment enterprise entity entitlement entry environment evaluate evaluation evaluator event exchange exclusion exec
    execution exchange expire export extension extract facet factor feature feedback field filter finding firewall flag
    flavor flow follow force form format forward framework function gateway generate global graph grant group guide handler
    hash health heartbeat hook host identity identifier image impersonate import incident index indicator info ingest ingress
    init input insight inspect instance instruction integration integrity interaction interface internet interval introspect
    invoice issuer item jwks kernel key keyword kubernetes label latency launch layer layout ldap lease level library license
    lifecycle limit limiter line lineage link list listener load location lock login logout logging lookup machine mail
    maintenance management manager manifest manual map mapping marketplace match measurement member merge metadata meter
    method metric migrate migration milestone model module monitor mount namespace network node notebook notification oauth
    object observability oidc onboarding online operation operator option order organization origin output outbound
    inbound override overview owner package page panel parameter parse parser partition password patch payload payment
    peer permission persistence phone pipeline plan platform plugin policy poll poller pool port portal postback preference
    preset preview principal priority privilege probe process processor profile project promote proof protection
    protocol provider provision proxy prune publish publisher pull purge push query queue quota quick range raw realm
    receipt receiver recipient record recover recovery redirect reference refresh region register registry registration
    relation relationship release relay remote rename render replay replica replication replicate repository request
    reserve reset resize resolve resolver resource restart restore restriction retention reveal review revision revoke
    role rollback root rotate rotation route router rule runner runtime saml sample sandbox scan schedule scheduler schema
    scope script seal seat secret section security segment sensitive sensor sequence server service session share shell sign
    signature signing simulate sink slack snapshot socket software source space spec specification stack stage standard
    standby static status step storage store strategy stream subscriber subscription suggestion suite summary support
    suspend swarm switch sync synonym system table tag target task team telemetry template tenant test threshold ticket
    tier timer token tool topic topology trace tracer tracking traffic transaction transcription transfer transform tree
    trial trigger trunk trust tune type unarchive uninstall unseal unsubscribe unsuspend update upgrade upload usage user
    userinfo vault validate validation value variable vendor verification verify version view volume vpc vulnerability
    watch watcher webhook widget window wizard worker workflow workspace wrap wrapper unwrap zone add remove create delete
    get set post put start stop run cancel complete approve reject send receive accept decline enable disable
    by for from with and or of per all self current latest bulk multi new old last first next previous
    id ids name names time date day hour month week year daily hourly weekly monthly yearly total count sum average top
    html json xml csv yaml pdf rss atom api rest web http https ssh tls ssl tcp udp ip ipv4 ipv6 mac url uri sql aws gcp
    azure s3 iam mfa otp totp sms email sso scim acl rbac kms pki csr crl ca cpu gpu ram disk vm vms os sdk cli ui
";

/// Words that look like plurals and are none.
const NO_PLURAL: &str = "
    address business access process status success progress news sms dns https aws gps pos press express class pass
    cors css js rss ics sns series canvas atlas basis analysis analytics metrics statistics settings preferences stats
    options logs docs details updates contents contacts uploads downloads apis always this has is as us does
    microservices goods kubernetes windows pages assets static css fonts scripts styles images js ws ios
    permissions roles terms credentials capabilities features versions parameters services resources events
    insights rules searches queries results
";

/// Words that name one thing: what follows may be which one.
const SINGULAR: &str = "
    user account customer member order item product payment invoice refund transfer card loan patient employee student
    merchant partner tenant organization organisation company device session token file document image photo avatar
    contract policy claim ticket task message comment review post article thread booking reservation shipment
    subscription plan coupon project group team profile person people client vendor supplier store shop vehicle driver
    doctor teacher author owner contact invite invitation receipt transaction wallet certificate license licence
    passport appointment prescription record job run node vote topic channel room category tag sku isbn barcode
    username email phone mobile by id key uuid u p
";

/// What kind of file of a site or an API one with a known extension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    /// Written by who made the site, and called as code is.
    Program,
    /// An answer of the site.
    Page,
    /// What people upload and send each other.
    Document,
}

/// Extensions of files that are part of a site or an API, by kind.
const EXTENSIONS: &[(File, &str)] = &[
    (
        File::Program,
        "js mjs css map ico woff woff2 ttf php asp aspx jsp jspx do action cgi pl py svc asmx wsdl xsd webmanifest ashx
         nhn proto",
    ),
    (File::Page, "html htm json xml yaml yml rss atom"),
    (File::Document, "txt csv png jpg jpeg gif svg webp pdf zip ics"),
];

type Words = HashSet<&'static str, foldhash::fast::RandomState>;

static STATIC_SET: LazyLock<Words> = LazyLock::new(|| STATIC.split_ascii_whitespace().collect());
static TECHNICAL_SET: LazyLock<Words> =
    LazyLock::new(|| TECHNICAL.split_ascii_whitespace().collect());
static NO_PLURAL_SET: LazyLock<Words> =
    LazyLock::new(|| NO_PLURAL.split_ascii_whitespace().collect());
static SINGULAR_SET: LazyLock<Words> =
    LazyLock::new(|| SINGULAR.split_ascii_whitespace().collect());

/// Words of a segment, in lower case: `resetPassword`, `reset-password` and `reset_password` are two.
pub(crate) fn split(segment: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let mut before = '_';
    for c in segment.chars() {
        if c.is_ascii_alphanumeric() {
            let hump = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
            match list.last_mut() {
                Some(word) if !hump && before.is_ascii_alphanumeric() => {
                    word.push(c.to_ascii_lowercase())
                }
                _ => list.push(c.to_ascii_lowercase().into()),
            }
        }
        before = c;
    }
    list
}

/// Whether every word of a segment is a word of APIs.
pub(crate) fn is_static(segment: &str) -> bool {
    let words = split(segment);
    // "sign_in", "logOut".
    let enters = |one: &str, other: &str| {
        matches!(one, "sign" | "log") && matches!(other, "in" | "out" | "up" | "on" | "off")
    };
    match words.as_slice() {
        [] => false,
        [one, other] if enters(one, other) => true,
        words => words.iter().all(|word| STATIC_SET.contains(word.as_str())),
    }
}

/// Whether a lower-case word may be part of what a call does: `batchGet`.
pub(crate) fn is_act(word: &str) -> bool {
    STATIC_SET.contains(word)
        || matches!(
            word,
            "get" | "set" | "list" | "create" | "update" | "delete" | "add" | "remove"
        )
}

/// Whether a lower-case word is a word of APIs.
pub(crate) fn is_word(word: &str) -> bool {
    STATIC_SET.contains(word) || SINGULAR_SET.contains(word)
}

/// Whether a lower-case word, or what it is the plural of, is a word of software.
pub(crate) fn is_technical(word: &str) -> bool {
    let known = |word: &str| TECHNICAL_SET.contains(word) || STATIC_SET.contains(word);
    known(word)
        || word.strip_suffix('s').is_some_and(known)
        || word.strip_suffix("es").is_some_and(known)
        || word.strip_suffix("ies").is_some_and(|stem| known(&format!("{stem}y")))
}

/// The kind of a file with this extension, if that is part of a site or an API.
pub(crate) fn extension(text: &str) -> Option<File> {
    let has = |list: &str| list.split_ascii_whitespace().any(|e| text.eq_ignore_ascii_case(e));
    EXTENSIONS.iter().find(|(_, list)| has(list)).map(|(kind, _)| *kind)
}

/// Whether a segment asks for a value behind it: `/search/kim`.
pub(crate) fn asks(segment: &str) -> bool {
    let verbs =
        ["search", "find", "query", "lookup", "keyword", "name", "by", "hello", "check", "verify"];
    split(segment).last().is_some_and(|word| verbs.contains(&word.as_str()))
}

/// The name of one member of the collection that a segment names: `bank-accounts` gives `bank_account`.
pub(crate) fn member(segment: &str) -> Option<String> {
    let mut list = split(segment);
    let last = list.pop()?;
    let singular = if SINGULAR_SET.contains(last.as_str()) {
        last
    } else if NO_PLURAL_SET.contains(last.as_str())
        || last.len() < 4
        || last.ends_with("ss")
        || last.ends_with("us")
    {
        return None;
    } else if let Some(stem) = last.strip_suffix("ies") {
        format!("{stem}y")
    } else if ["sses", "xes", "ches", "shes"].iter().any(|end| last.ends_with(end)) {
        last.strip_suffix("es")?.into()
    } else {
        last.strip_suffix('s')?.into()
    };
    list.push(match singular.as_str() {
        "user" | "u" => "user".into(),
        "people" => "person".into(),
        _ => singular,
    });
    Some(list.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_collections() {
        for (segment, member_name) in [
            ("users", Some("user")),
            ("bank-accounts", Some("bank_account")),
            ("bankAccounts", Some("bank_account")),
            ("categories", Some("category")),
            ("boxes", Some("box")),
            ("user", Some("user")),
            ("status", None),
            ("api", None),
            ("access", None),
            ("v1", None),
        ] {
            assert_eq!(member(segment).as_deref(), member_name, "{segment}");
        }
        assert!(is_static("reset-password"));
        assert!(!is_static("james"));
    }
}
