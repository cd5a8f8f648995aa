//! What header values may say: words of protocols, media types, languages, products, dates. Anything else is data.
//!
//! Each function gives back the value as it may leave, or nothing. All words are public: what is kept is made of
//! nothing else, so that no secret can be in it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use hashbrown::HashSet;

use super::{lexicon, words};

/// Longest value looked at, in octets.
const VALUE_MAX: usize = 512;

/// Words of header values: directives, codings, methods, schemes, charsets (IANA registries, Fetch standard).
const WORDS: &str = "
    * gzip deflate br zstd compress identity x-gzip dcb dcz chunked trailers bytes none q max timeout
    no-cache no-store no-transform max-age s-maxage public private must-revalidate proxy-revalidate must-understand immutable
    stale-while-revalidate stale-if-error min-fresh max-stale only-if-cached keep-alive close upgrade te http2-settings
    websocket h2c h2 h3 http/1.1 http/1.0 http/2 http/2.0 tls/1.0 tls/1.2 100-continue
    get post put delete head options patch connect trace query propfind proppatch mkcol copy move lock unlock report search
    purge link unlink
    true false yes no on off nosniff deny sameorigin allow-from mode block includesubdomains preload
    no-referrer no-referrer-when-downgrade same-origin origin strict-origin origin-when-cross-origin
    strict-origin-when-cross-origin unsafe-url cross-origin same-site cross-site require-corp credentialless unsafe-none
    same-origin-allow-popups noopener-allow-popups
    cors navigate no-cors document empty font image iframe manifest object script style worker serviceworker audio video
    track embed report sharedworker audioworklet paintworklet xslt websocket user ?0 ?1
    windows linux android macos ios chromeos unknown u i xmlhttprequest fetch http https ws wss
    utf-8 utf8 utf-16 utf-16le utf-16be us-ascii ascii iso-8859-1 iso-8859-2 iso-8859-15 latin1 euc-kr euc-jp ks_c_5601-1987 cp949
    ms949 windows-1252 windows-1251 windows-949 shift_jis gbk gb2312 gb18030 big5 koi8-r
    hit miss expired stale bypass revalidated updating dynamic refreshhit error from cloudfront tcp_hit tcp_miss tcp_mem_hit
    tcp_refresh_hit tcp_refresh_miss config_nocache fastly varnish cloudflare akamai
    permessage-deflate client_max_window_bits server_max_window_bits client_no_context_takeover server_no_context_takeover
    graphql-ws graphql-transport-ws subscriptions-transport-ws mqtt mqttv3.1 wamp.2.json soap stomp v10.stomp v11.stomp v12.stomp
    v12.stomp v4.channel.k8s.io v5.channel.k8s.io
    snappy lz4 bearer basic digest negotiate respond-async return minimal representation wait
";

/// Top-level media types (IANA).
const TOP: &[&[u8]] = &[
    b"application",
    b"audio",
    b"font",
    b"image",
    b"message",
    b"model",
    b"multipart",
    b"text",
    b"video",
    b"*",
];

/// Subtypes of media types in use (IANA, and old ones).
const SUBTYPES: &str = "
    * json xml xhtml+xml html plain css csv javascript ecmascript x-javascript x-www-form-urlencoded form-data mixed alternative
    related byteranges octet-stream pdf zip gzip x-gzip x-tar x-7z-compressed x-rar-compressed x-bzip2 zstd jpeg png gif webp avif apng svg+xml bmp tiff
    x-icon heic heif mpeg mp4 ogg webm wav x-wav aac flac mp3 3gpp quicktime x-msvideo x-flv x-mpegurl woff woff2 ttf otf sfnt
    collection x-font-ttf x-font-woff event-stream x-ndjson ndjson jsonl jsonlines x-jsonlines json-seq stream+json problem+json
    problem+xml ld+json hal+json hal+xml geo+json merge-patch+json json-patch+json json5 jose jose+json jwt jwk+json
    jwk-set+json schema+json manifest+json graphql graphql+json graphql-response+json soap+xml xop+xml atom+xml rss+xml rdf+xml
    xslt+xml mathml+xml grpc grpc+proto grpc+json grpc-web grpc-web+proto grpc-web+json grpc-web-text grpc-web-text+proto
    connect+proto connect+json proto protobuf x-protobuf vnd.google.protobuf x-google-protobuf msgpack x-msgpack vnd.msgpack cbor cbor-seq bson
    avro x-avro avro+json yaml x-yaml toml wasm http rfc822 global calendar markdown rtf msword vnd.ms-excel vnd.ms-powerpoint
    vnd.openxmlformats-officedocument.spreadsheetml.sheet vnd.openxmlformats-officedocument.wordprocessingml.document
    vnd.openxmlformats-officedocument.presentationml.presentation vnd.oasis.opendocument.text
    vnd.oasis.opendocument.spreadsheet vnd.api+json vnd.github+json vnd.github.v3+json vnd.hal+json vnd.siren+json
    vnd.collection+json vnd.kafka.json.v2+json vnd.kafka.v2+json vnd.schemaregistry.v1+json vnd.oai.openapi+json vnd.oai.openapi
    vnd.spring-boot.actuator.v3+json vnd.spring-boot.actuator.v2+json vnd.mozilla.json vnd.docker.distribution.manifest.v2+json
    vnd.oci.image.manifest.v1+json vnd.oci.image.index.v1+json vnd.apple.mpegurl vnd.microsoft.icon vnd.geo+json
    vnd.apache.thrift.binary x-thrift x-amz-json-1.0 x-amz-json-1.1 x-amz-cbor-1.1 x-amzn-json-1.1 x-hessian x-java-serialized-object
    x-pem-file pkix-cert pkcs7-mime pkcs7-signature pkcs10 ocsp-request ocsp-response x-x509-ca-cert timestamp-query timestamp-reply
    dns-message dns-json scim+json fhir+json fhir+xml json+fhir xml+fhir hl7-v2+er7 sparql-query sparql-results+json n-triples turtle x-turtle
    x-shockwave-flash x-ns-proxy-autoconfig x-component tab-separated-values vcard vtt x-subrip dash+xml f4m+xml
    reports+json csp-report expect-ct-report+json secevent+jwt token-introspection+jwt at+jwt dpop+jwt oauth-authz-req+jwt
    x-sentry-envelope x-json json-rpc jsonrequest json+oembed xml+oembed opensearchdescription+xml activity+json samlmetadata+xml
    vnd.apple.pkpass vnd.android.package-archive java-archive x-apple-plist x-www-form-urlencoded-enhanced x-unknown unknown signed-exchange
    x-mixed-replace digest encrypted report signed parallel partial external-body sip sdp
";

/// Structured suffixes (RFC 6839 and others).
const SUFFIXES: &[&[u8]] = &[
    b"+json",
    b"+xml",
    b"+zip",
    b"+gzip",
    b"+cbor",
    b"+proto",
    b"+yaml",
    b"+jwt",
    b"+msgpack",
    b"+ber",
    b"+der",
];

/// Parameters of media ranges whose values may be words or numbers.
const PARAMETERS: &[&[u8]] = &[
    b"q",
    b"charset",
    b"v",
    b"version",
    b"odata.metadata",
    b"odata.streaming",
    b"level",
    b"format",
];

/// Products that call, serve and forward: as they name themselves, in lower case.
const PRODUCTS: &str = "
    mozilla applewebkit webkit khtml like gecko chrome chromium crios safari mobile version firefox fxios edg edge edga edgios opr
    opera presto trident samsungbrowser headlesschrome electron seamonkey vivaldi yabrowser ucbrowser whale naver kakaotalk instagram line
    curl libcurl wget httpie okhttp python-requests python-urllib python-httpx httpx aiohttp urllib3 requests
    go-http-client go java java-http-client apache-httpclient apache-httpasyncclient jersey jetty axios node node-fetch undici got superagent
    ruby faraday rest-client typhoeus guzzlehttp guzzle symfony php php-curl perl libwww-perl lwp reqwest hyper ureq isahc dart dart:io
    cfnetwork darwin alamofire nsurlsession dalvik retrofit volley okhttp3 ktor ktor-client spring springwebflux reactornetty reactor-netty
    netty vert.x akka-http finagle feign postmanruntime postman insomnia paw restsharp .net dotnet microsoft windows-powershell powershell winhttp
    wininet microsoft-cryptoapi microsoft-iis microsoft-httpapi microsoft-azure-application-gateway apachebench ab wrk wrk2 k6 jmeter apache-jmeter gatling locust vegeta
    hey siege bombardier fortio oha drill h2load nghttp2 grpc-go grpc-java grpc-node grpc-node-js grpc-python grpc-c grpc-c++ grpc-csharp grpc-dotnet grpc-swift grpc-rust
    tonic connect-go grpc-web-javascript grpcurl
    googlebot bingbot slurp duckduckbot baiduspider yandexbot yeti facebookexternalhit twitterbot applebot compatible amazonbot gptbot
    googleother google-inspectiontool adsbot-google apis-google feedfetcher-google slackbot discordbot telegrambot ahrefsbot semrushbot mj12bot petalbot
    elb-healthchecker amazon-route53-health-check-service googlehc kube-probe consul prometheus grafana datadog newrelic pingdom uptimerobot
    statuscake zabbix nagios blackbox-exporter envoy istio istio-envoy istio-proxy linkerd traefik haproxy nginx nginx-ingress openresty
    tengine kong apisix varnish squid caddy apache apache-coyote httpd tomcat lighttpd litespeed cloudflare cloudflare-nginx akamaighost akamainetstorage amazons3
    awselb cloudfront gws gse gfe esf ghs google frontend google-frontend sffe gunicorn uvicorn hypercorn daphne waitress werkzeug cherrypy tornadoserver
    basehttp simplehttp wsgiserver python cpython pypy mod_python mod_wsgi mod_ssl mod_jk mod_perl mod_fcgid openssl libressl boringssl phusion passenger puma unicorn webrick
    thin cowboy mochiweb mochiweb_ kestrel express next.js nuxt koa fastify nestjs hapi restify meteor asp.net asp.net_mvc servlet jsp jboss
    jboss-eap wildfly undertow glassfish weblogic websphere jeus webtob ibm_http_server oracle-http-server oracle-application-server zope plone rocket actix actix-web axum warp
    minio ceph elasticsearch opensearch kibana couchdb influxdb clickhouse etcd vault nomad jenkins gitlab gitea github github.com
    sonatype nexus artifactory harbor docker docker-client containerd registry kubernetes kubectl kubelet kube-apiserver helm terraform ansible
    git git-lfs npm yarn pnpm bun deno pip cargo maven gradle aws-cli aws-sdk-go aws-sdk-go-v2 aws-sdk-java aws-sdk-js aws-sdk-nodejs aws-sdk-php aws-sdk-ruby
    aws-sdk-rust boto3 botocore azsdk-python azsdk-net azsdk-js azsdk-go gcloud google-cloud-sdk google-api-go-client google-api-java-client google-api-python-client google-http-java-client
    stripe paypal twilio fasthttp echo gin fiber iris beego libmicrohttpd mongoose civetweb boa goahead thttpd mini_httpd mathopd monkey cherokee hiawatha
    vegur heroku vercel netlify render fly.io railway fastly bunnycdn keycdn cdn77 imperva incapsula sucuri barracuda f5 big-ip bigip netscaler zscaler bluecoat
    phantomjs puppeteer playwright selenium webdriver cypress testcafe nessus nikto sqlmap nmap masscan zgrab zap burp burpsuite gobuster dirbuster ffuf wfuzz nuclei httpx
    not brand a not;a=brand not_a not?a_brand not:a-brand android webview
    wv x11 u compatible; proxy gateway
";

/// Words of operating systems in comments; a short version may follow.
const SYSTEMS: &str = "
    windows nt win64 x64 wow64 win32 linux x86_64 i686 aarch64 arm64 armv7l android iphone ipad ipod macintosh intel mac os x ppc
    cpu cros ubuntu debian fedora centos red hat alpine freebsd openbsd netbsd sunos unix win like en ko kr us
";

/// Field names besides those with a rule of their own (IANA, and what proxies and clouds add).
const NAMES: &str = "
    a-im accept accept-charset accept-datetime accept-encoding accept-language accept-patch accept-post accept-ranges accept-signature
    access-control-allow-credentials access-control-allow-headers access-control-allow-methods access-control-allow-origin
    access-control-expose-headers access-control-max-age access-control-request-headers access-control-request-method age allow alpn
    alt-svc alt-used alternates api-key apikey authentication-control authentication-info authorization baggage cache-control cache-status cal-managed-id
    capsule-protocol cdn-cache-control cdn-loop cert-not-after cert-not-before cf-cache-status cf-connecting-ip cf-ipcountry cf-ray cf-visitor clear-site-data client-cert
    client-cert-chain close connection content-digest content-disposition content-encoding content-language content-length content-location content-md5
    content-range content-security-policy content-security-policy-report-only content-type cookie cookie2 correlation-id cross-origin-embedder-policy
    cross-origin-opener-policy cross-origin-resource-policy csrf-token dasl date dav delta-base deprecation depth destination device-memory digest
    dnt downlink dpop dpop-nonce dpr early-data ect edge-control etag expect expect-ct expires feature-policy fastly-client-ip forwarded from front-end-https
    grpc-accept-encoding grpc-encoding grpc-message grpc-status grpc-status-details-bin grpc-timeout host http2-settings idempotency-key if if-match if-modified-since if-none-match if-range
    if-schedule-tag-match if-unmodified-since im include-referred-token-binding-id keep-alive last-event-id last-modified link location lock-token
    max-forwards mime-version nel oauth-scope ocp-apim-subscription-key odata-entityid odata-isolation odata-maxversion odata-version optional-www-authenticate
    ordering-type origin origin-agent-cluster overwrite p3p permissions-policy position pragma prefer preference-applied priority private-token proxy-authenticate proxy-authentication-info
    proxy-authorization proxy-connection proxy-status public-key-pins range ratelimit ratelimit-limit ratelimit-policy ratelimit-remaining ratelimit-reset referer referrer-policy refresh
    remote-addr replay-nonce report-to reporting-endpoints repr-digest request-id retry-after rtt save-data schedule-reply sec-ch-ua sec-ch-ua-arch sec-ch-ua-bitness sec-ch-ua-full-version-list
    sec-ch-ua-mobile sec-ch-ua-model sec-ch-ua-platform sec-ch-ua-platform-version sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc sec-purpose sec-token-binding sec-websocket-accept
    sec-websocket-extensions sec-websocket-key sec-websocket-protocol sec-websocket-version server server-timing service-worker set-cookie set-cookie2 signature signature-input slug
    soapaction sourcemap speculation-rules status status-uri strict-transport-security sunset surrogate-capability surrogate-control surrogate-key tcn te timeout timing-allow-origin topic traceparent
    tracestate trailer transfer-encoding true-client-ip ttl upgrade upgrade-insecure-requests urgency user-agent variant-vary vary via viewport-width want-content-digest want-digest warning
    width www-authenticate x-access-token x-amz-cf-id x-amz-cf-pop x-amz-content-sha256 x-amz-date x-amz-id-2 x-amz-meta-data x-amz-request-id x-amz-security-token x-amz-target x-amz-user-agent
    x-amzn-requestid x-amzn-trace-id x-api-key x-api-version x-aspnet-version x-aspnetmvc-version x-auth-token x-authorization x-azure-ref x-b3-flags x-b3-parentspanid x-b3-sampled
    x-b3-spanid x-b3-traceid x-cache x-cache-hits x-cdn x-client-data x-client-ip x-cloud-trace-context x-cluster-client-ip x-content-duration x-content-type-options x-correlation-id x-country-code
    x-csrf-token x-csrftoken x-device-id x-dns-prefetch-control x-download-options x-edge-location x-envoy-attempt-count x-envoy-expected-rq-timeout-ms x-envoy-external-address x-envoy-internal
    x-envoy-peer-metadata x-envoy-peer-metadata-id x-envoy-upstream-service-time x-forwarded-client-cert x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto
    x-forwarded-scheme x-forwarded-server x-forwarded-ssl x-forwarded-user x-frame-options x-functions-key x-github-event x-github-delivery x-goog-api-client x-goog-api-key x-goog-hash x-goog-user-project x-hub-signature
    x-hub-signature-256 x-http-method x-http-method-override x-idempotency-key x-kubernetes-pf-flowschema-uid x-kubernetes-pf-prioritylevel-uid x-ms-client-request-id x-ms-date x-ms-request-id x-ms-version x-newrelic-id
    x-nginx-cache x-nonce x-original-for x-original-host x-original-uri x-original-url x-ot-span-context x-permitted-cross-domain-policies x-pingback x-powered-by x-ratelimit-limit x-ratelimit-remaining
    x-ratelimit-reset x-real-ip x-real-port x-redirect-by x-remote-user x-request-id x-request-start x-requested-with x-response-time x-rewrite-url x-robots-tag x-runtime x-served-by x-session-id x-shopify-access-token x-shopify-shop-domain
    x-signature x-span-id x-ssl-client-cert x-ssl-client-dn x-ssl-client-s-dn x-ssl-client-serial x-ssl-client-verify x-stripe-signature stripe-signature x-tenant-id x-timer x-timestamp x-token x-trace-id x-transaction-id x-ua-compatible
    x-user-agent x-user-id x-varnish x-vault-token x-vercel-id x-via x-webkit-csp x-wp-nonce x-wp-total x-xsrf-token x-xss-protection x-datadog-trace-id x-datadog-parent-id x-datadog-sampling-priority
    uber-trace-id b3 sentry-trace newrelic elastic-apm-traceparent x-instana-t x-instana-s x-instana-l if-modified-since x-mobile-app-version x-app-version x-platform x-os-version x-country x-locale x-timezone
";

type Words = HashSet<&'static [u8], foldhash::fast::RandomState>;

fn set(text: &'static str) -> Words {
    text.split_ascii_whitespace().map(str::as_bytes).collect()
}

static WORD_SET: LazyLock<Words> = LazyLock::new(|| set(WORDS));
static SUBTYPE_SET: LazyLock<Words> = LazyLock::new(|| set(SUBTYPES));
static PRODUCT_SET: LazyLock<Words> = LazyLock::new(|| set(PRODUCTS));
static SYSTEM_SET: LazyLock<Words> = LazyLock::new(|| set(SYSTEMS));
static NAME_SET: LazyLock<Words> = LazyLock::new(|| set(NAMES));

/// Whether a lower-case field name is a known one.
pub(crate) fn field(name: &[u8]) -> bool {
    NAME_SET.contains(name)
}

fn short(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value.trim_ascii()).ok()?;
    (text.is_ascii() && (1..=VALUE_MAX).contains(&text.len())).then_some(text)
}

/// Directives: `max-age=600, no-cache`, `gzip, br;q=0.9`, `timeout=5`.
pub(crate) fn directives(value: &[u8]) -> Option<String> {
    let text = short(value)?;
    let mut assigned = false;
    let mut fits = true;
    // Numbers that nothing names, one after the other, are the digits of something.
    let mut bare = 0_usize;
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let end = rest.iter().position(|b| b",;=\" \t()".contains(b)).unwrap_or(rest.len());
        let (token, after) = rest.split_at_checked(end)?;
        let lower = token.to_ascii_lowercase();
        let word = token.is_empty() || WORD_SET.contains(lower.as_slice());
        bare = bare.saturating_add(usize::from(!word && !assigned));
        fits = fits && bare <= 2 && (word || small(token, assigned));
        let mark = after.first();
        if mark.is_some_and(|b| *b != b'"') {
            assigned = mark == Some(&b'=');
        }
        rest = after.get(1..).unwrap_or_default();
    }
    fits.then(|| text.to_owned())
}

/// A number: short, or that of a directive.
fn small(token: &[u8], assigned: bool) -> bool {
    let digits = token.iter().filter(|b| b.is_ascii_digit()).count();
    let fraction = matches!(token, [b'0' | b'1', b'.', tail @ ..] if tail.len() <= 3 && tail.iter().all(u8::is_ascii_digit));
    fraction || (digits == token.len() && digits <= if assigned { 8 } else { 2 })
}

/// A duration of gRPC: `10S`, `2000m` (gRPC over HTTP/2, "Timeout").
pub(crate) fn timeout(value: &[u8]) -> Option<String> {
    let (unit, digits) = value.split_last()?;
    let fits = b"HMSmun".contains(unit)
        && (1..=8).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit);
    fits.then(|| String::from_utf8_lossy(value).into_owned())
}

/// Names of fields: `accept-encoding, origin`.
pub(crate) fn fields(value: &[u8]) -> Option<String> {
    let text = short(value)?;
    let fits = text.split(',').all(|name| {
        let lower = name.trim().to_ascii_lowercase();
        let own = || lower.starts_with("x-") && lexicon::name(lower.as_bytes());
        lower == "*"
            || field(lower.as_bytes())
            || own()
            || lower.split('-').all(|w| lexicon::known_compound(w.as_bytes()))
    });
    fits.then(|| text.to_owned())
}

/// Languages: `ko-KR,ko;q=0.9,en`.
pub(crate) fn languages(value: &[u8]) -> Option<String> {
    let text = short(value)?;
    let fits = text.split(',').all(|part| {
        let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight = weight.trim().strip_prefix("q=").is_some_and(|q| small(q.as_bytes(), false));
        let tag = tag.trim();
        weight && (tag == "*" || lexicon::language(tag.as_bytes()))
    });
    fits.then(|| text.to_owned())
}

/// A media type's essence in lower case: known; a vendor's as `application/{vendor}+json`; else its kind alone, as
/// `application/{subtype}`. Empty when it is none.
pub(crate) fn media(value: &[u8]) -> Cow<'static, str> {
    // What most bodies are.
    if value == b"application/json" {
        return "application/json".into();
    }
    other_media(value).into()
}

fn other_media(value: &[u8]) -> String {
    let essence = value.split(|b| matches!(b, b';' | b',')).next().unwrap_or_default().trim_ascii();
    let mut buffer = [0_u8; 128];
    let Some(lower) = buffer.get_mut(..essence.len()) else { return String::new() };
    lower.copy_from_slice(essence);
    lower.make_ascii_lowercase();
    let Some(slash) = memchr::memchr(b'/', lower) else { return String::new() };
    let (Some(kind), Some(subtype)) = (lower.get(..slash), lower.get(slash.saturating_add(1)..))
    else {
        return String::new();
    };
    if !TOP.contains(&kind) {
        return String::new();
    }
    let kind = String::from_utf8_lossy(kind);
    if SUBTYPE_SET.contains(subtype) {
        return format!("{kind}/{}", String::from_utf8_lossy(subtype));
    }
    let suffix =
        SUFFIXES.iter().find(|suffix| subtype.ends_with(suffix)).copied().unwrap_or_default();
    let suffix = String::from_utf8_lossy(suffix);
    if subtype.starts_with(b"vnd.") {
        return format!("{kind}/{{vendor}}{suffix}");
    }
    format!("{kind}/{{subtype}}{suffix}")
}

/// Media ranges with their parameters: `application/json, text/*;q=0.8`.
pub(crate) fn ranges(value: &[u8]) -> Option<String> {
    let text = short(value)?;
    let mut made = String::with_capacity(text.len());
    for range in text.split(',') {
        let mut parts = range.split(';');
        let essence = media(parts.next()?.trim().as_bytes());
        if essence.is_empty() {
            return None;
        }
        if !made.is_empty() {
            made.push_str(", ");
        }
        made.push_str(&essence);
        for part in parts {
            let (name, value) = part.trim().split_once('=')?;
            let (name, value) =
                (name.to_ascii_lowercase(), value.trim_matches('"').to_ascii_lowercase());
            let word = small(value.as_bytes(), false)
                || WORD_SET.contains(value.as_bytes())
                || words::version(value.as_bytes())
                || matches!(value.as_str(), "b3" | "full");
            if !PARAMETERS.contains(&name.as_bytes()) || !word || value.len() > 20 {
                return None;
            }
            let _infallible = write!(made, ";{name}={value}");
        }
    }
    Some(made)
}

/// A known charset in lower case.
pub(crate) fn charset(value: &[u8]) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let known = lower.len() >= 3 && WORD_SET.contains(lower.as_slice());
    known.then(|| String::from_utf8_lossy(&lower).into_owned())
}

/// Products with their versions, and systems: what is known of `Mozilla/5.0 (X11; Linux x86_64) …`; the rest is
/// dropped. `None` when nothing is known.
pub(crate) fn products(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value.get(..VALUE_MAX).unwrap_or(value)).ok()?;
    let mut made = String::with_capacity(text.len());
    let mut system = false;
    let mut named = false;
    for token in text
        .split(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | ',' | '(' | ')' | '"' | '+'))
    {
        if token.is_empty() {
            continue;
        }
        let (name, version) =
            token.split_once('/').map_or((token, None), |(name, version)| (name, Some(version)));
        let lower = name.to_ascii_lowercase();
        let listed = PRODUCT_SET.contains(lower.as_bytes());
        let of_system = SYSTEM_SET.contains(lower.as_bytes());
        let word = || {
            let part = |p: &str| p.len() >= 2 && lexicon::known_compound(p.as_bytes());
            version.is_some() && name.split(['-', '_', '.']).all(part)
        };
        let number = (system && release(name)) || matches!(name, "1.0" | "1.1" | "2.0");
        let fits = (listed || of_system || word() || name.eq_ignore_ascii_case("http") || number)
            && name.len() <= 48;
        system = fits && (of_system || listed && version.is_none());
        if fits {
            named |= !number;
            if !made.is_empty() {
                made.push(' ');
            }
            made.push_str(name);
            if let Some(version) = version.filter(|version| release(version)) {
                made.push('/');
                made.push_str(version);
            }
        }
    }
    named.then_some(made)
}

/// A version of a product: up to four numbers of up to four digits.
fn release(text: &str) -> bool {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let mut count = 0_usize;
    let fits = text.split(['.', '_']).all(|part| {
        count = count.saturating_add(1);
        (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    });
    fits && count <= 4 && (count > 1 || text.len() <= 3)
}

/// A date of HTTP (RFC 9110 §5.6.7, the preferred form): `Sun, 06 Nov 1994 08:49:37 GMT`; or `0`, `-1`, `true`.
pub(crate) fn date(value: &[u8]) -> Option<String> {
    let text = short(value)?;
    let b = text.as_bytes();
    let pattern = b"Aaa, dd Aaa dddd dd:dd:dd GMT";
    let fits = b.len() == pattern.len()
        && b.iter().zip(pattern).all(|(b, p)| match p {
            b'd' => b.is_ascii_digit(),
            b'A' => b.is_ascii_uppercase(),
            b'a' => b.is_ascii_lowercase(),
            other => b == other,
        })
        && text
            .get(..3)
            .is_some_and(|day| "Mon Tue Wed Thu Fri Sat Sun".split(' ').any(|d| d == day))
        && text.get(8..11).is_some_and(|month| {
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(' ').any(|m| m == month)
        });
    (fits || matches!(text, "0" | "-1" | "true")).then(|| text.to_owned())
}

/// A version of an API: `4.0`, `v2`, or a date of this century's second decade on, as clouds number theirs.
pub(crate) fn version(value: &[u8]) -> Option<String> {
    let text = short(value)?;
    let bare = text.strip_suffix("-preview").unwrap_or(text).as_bytes();
    let dated = bare.len() == 10
        && matches!(bare, [b'2', b'0', b'1'..=b'3', ..])
        && bare
            .iter()
            .zip(b"dddd-dd-dd")
            .all(|(b, p)| if *p == b'd' { b.is_ascii_digit() } else { b == p });
    let plain = words::version(bare) && words::digit_run(bare) <= 3 && release(text);
    (dated || plain).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_values_are_kept() {
        for text in [
            "max-age=31536000; includeSubDomains",
            "gzip, deflate, br;q=0.9",
            "timeout=5, max=100",
            "no-cache",
            "1; mode=block",
            "keep-alive, Upgrade",
        ] {
            assert_eq!(directives(text.as_bytes()).as_deref(), Some(text));
        }
        for text in ["ko-KR,ko;q=0.9,en-US;q=0.8", "en", "*"] {
            assert_eq!(languages(text.as_bytes()).as_deref(), Some(text));
        }
        for text in ["Origin, Accept-Encoding", "*", "x-api-tran-id, content-type"] {
            assert_eq!(fields(text.as_bytes()).as_deref(), Some(text));
        }
        for (text, made) in [
            ("Application/JSON; charset=x", "application/json"),
            ("application/vnd.shop.order+json", "application/{vendor}+json"),
            ("application/akiaapitapfixture2q7", "application/{subtype}"),
            ("secret/json", ""),
            ("json", ""),
        ] {
            assert_eq!(media(text.as_bytes()), made);
        }
        assert_eq!(
            ranges(b"application/json, */*;q=0.8").as_deref(),
            Some("application/json, */*;q=0.8")
        );
        assert_eq!(
            date(b"Sun, 22 Nov 2026 10:00:00 GMT").as_deref(),
            Some("Sun, 22 Nov 2026 10:00:00 GMT")
        );
        assert_eq!(version(b"2024-01-01-preview").as_deref(), Some("2024-01-01-preview"));
    }

    #[test]
    fn of_agents_what_is_known() {
        for (text, made) in [
            ("curl/8.5.0", "curl/8.5.0"),
            ("shop-app/2.4", "shop-app/2.4"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                "Mozilla/5.0 Windows NT 10.0 Win64 x64 AppleWebKit/537.36 KHTML like Gecko Chrome/120.0.0.0 Safari/537.36",
            ),
            ("shop/1 (kim@example.com)", "shop/1"),
            ("nginx/1.22.1", "nginx/1.22.1"),
            ("shop 4532017488293047", ""),
            ("Apache/2.4.57 (Debian)", "Apache/2.4.57 Debian"),
            ("iquellborn84/1.0 Quellborn", ""),
            ("curl/4532017488293047", "curl"),
        ] {
            assert_eq!(products(text.as_bytes()).unwrap_or_default(), made);
        }
    }

    #[test]
    fn data_is_not_kept() {
        for text in [
            "1987-11-23",
            "Ignatius Quellborn",
            "17 Larkspur Close, Millbrook Heath",
            "37.5665312",
            "M482K7193",
            "517462",
            "0 1 0 9 8 7 6",
            "41,11;11",
            "iquellborn84",
            "kim",
            "",
        ] {
            let b = text.as_bytes();
            assert_eq!(directives(b), None, "{text}");
            assert_eq!(languages(b), None, "{text}");
            assert_eq!(fields(b), None, "{text}");
            assert_eq!(ranges(b), None, "{text}");
            assert_eq!(products(b), None, "{text}");
            assert_eq!(date(b), None, "{text}");
            assert_eq!(version(b), None, "{text}");
            assert_eq!(timeout(b), None, "{text}");
        }
    }
}
