//! The real client behind proxies: what they say of it, and whether they are to be believed.
//!
//! Each proxy tells the address it was asked from. Whoever is no configured proxy may write what they like, so the way
//! is walked from the near end: an address is believed if all that passed it on are trusted proxies, and the first
//! that is no proxy is the client.
//!
//! ```text
//! X-Forwarded-For: 9.9.9.9, 203.0.113.7, 10.0.0.5     sent by 10.0.0.6, trusted: 10.0.0.0/8
//!                  a lie    the client ◀─ a proxy ◀── from here
//! ```
//!
//! A proxy may pass on a header that it does not know and the client made up. So if there are several headers and
//! they do not tell the same client, none is believed.
//!
//! Sources: [RFC 7239](https://www.rfc-editor.org/rfc/rfc7239), the PROXY protocol (see [`crate::proxy`]), and
//! Envoy's documentation of `X-Forwarded-For` and `X-Forwarded-Client-Cert`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use apitap_proto::v1::ValueType;

use super::auth::{self, Credentials};
use super::class::Class;
use super::judge::{Judge, Way};
use super::tenant::Cidr;
use super::{path, schema, wire};
use crate::call::Message;
use crate::proxy::Prelude;

/// Most addresses read of one kind of header, from the near end.
const HOPS_MAX: usize = 16;

/// Who is believed.
#[derive(Clone, Default)]
pub(super) struct Trust(pub(super) Arc<[Cidr]>);

impl Trust {
    fn has(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|cidr| cidr.has(ip))
    }
}

/// Where an address was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    ProxyProtocol,
    Forwarded,
    ForwardedFor,
    RealIp,
}

impl By {
    const HEADERS: [(Self, &'static str); 3] = [
        (Self::Forwarded, "forwarded"),
        (Self::ForwardedFor, "x-forwarded-for"),
        (Self::RealIp, "x-real-ip"),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::ProxyProtocol => "proxy_protocol",
            Self::Forwarded => "forwarded",
            Self::ForwardedFor => "x_forwarded_for",
            Self::RealIp => "x_real_ip",
        }
    }
}

/// An address that was told; absent where something else stands in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hop {
    by: By,
    address: Option<SocketAddr>,
    believed: bool,
}

/// The way that a request came.
#[derive(Debug, Default, PartialEq, Eq)]
struct Route {
    /// By header, of each nearest first.
    hops: Vec<Hop>,
    client: Option<SocketAddr>,
    conflict: bool,
    /// Whether who wrote the header fields is a trusted proxy.
    trusted: bool,
}

/// How far the hops of one header lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// To this address.
    Client(SocketAddr),
    /// To something that is no address, or to the limit.
    Unknown,
}

/// Walks `hops`, nearest first, as far as they are believed.
fn walk(trust: &Trust, hops: &mut [Hop]) -> End {
    let mut end = End::Unknown;
    for (index, hop) in hops.iter_mut().enumerate() {
        let Some(address) = hop.address else { return End::Unknown };
        hop.believed = true;
        end = End::Client(address);
        if !trust.has(address.ip()) {
            return end;
        }
        if index >= HOPS_MAX.saturating_sub(1) {
            return End::Unknown;
        }
    }
    end
}

/// Finds the way of a request that `sender` sent.
fn way(trust: &Trust, sender: IpAddr, message: &Message) -> Route {
    let mut way = Route { trusted: trust.has(sender), ..Route::default() };
    if let Some(source) = message.prelude.as_ref().and_then(|prelude| prelude.source) {
        let believed = way.trusted;
        way.hops.push(Hop { by: By::ProxyProtocol, address: Some(source), believed });
        if believed {
            way.client = Some(source);
            way.trusted = trust.has(source.ip());
        }
    }
    let mut told: Option<End> = None;
    let first = way.hops.len();
    for (by, name) in By::HEADERS {
        let start = way.hops.len();
        read(&mut way.hops, by, name, message);
        let (before, hops) = way.hops.split_at_mut(start);
        if hops.is_empty() || !way.trusted {
            continue;
        }
        let end = walk(trust, hops);
        let before = before.get(first..).unwrap_or_default();
        let agrees = match (told, end) {
            (None, _) => true,
            // Only the nearest hop, which the other headers have as well.
            (Some(_), End::Client(one)) if by == By::RealIp => {
                let same = |hop: &Hop| hop.address.is_some_and(|a| a.ip() == one.ip());
                before.iter().any(|hop| hop.believed && same(hop))
            }
            (Some(End::Client(one)), End::Client(other)) => one.ip() == other.ip(),
            (Some(told), end) => told == end,
        };
        way.conflict |= !agrees;
        told = told.or(Some(end));
    }
    match told {
        Some(_) if way.conflict => {
            way.client = None;
            way.hops.iter_mut().skip(first).for_each(|hop| hop.believed = false);
        }
        Some(End::Client(client)) => way.client = Some(client),
        Some(End::Unknown) => way.client = None,
        None => {}
    }
    way
}

/// Appends the addresses of all header fields of this name, nearest first.
fn read(hops: &mut Vec<Hop>, by: By, name: &str, message: &Message) {
    let start = hops.len();
    let fields = message.fields().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
    for (_, value) in fields {
        let mut push = |address| {
            // The far ones give way.
            if hops.len() >= start.saturating_add(HOPS_MAX) {
                hops.remove(start);
            }
            hops.push(Hop { by, address, believed: false });
        };
        match by {
            By::Forwarded => elements(value, &mut |pairs| push(pairs.and_then(|p| p.node))),
            By::ForwardedFor => value.split(|&b| b == b',').for_each(|part| push(address(part))),
            By::RealIp | By::ProxyProtocol => push(address(value)),
        }
    }
    if let Some(hops) = hops.get_mut(start..) {
        hops.reverse();
    }
}

/// An address as `X-Forwarded-For` and RFC 7239 §6 write it, with or without a port.
fn address(text: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let (ip, port) = match bare.parse::<IpAddr>() {
        Ok(ip) => (ip, 0),
        Err(_) => text.parse::<SocketAddr>().map(|address| (address.ip(), address.port())).ok()?,
    };
    Some(SocketAddr::new(ip.to_canonical(), port))
}

/// What one element of `Forwarded` says.
#[derive(Default)]
struct Pairs<'a> {
    node: Option<SocketAddr>,
    proto: &'a [u8],
    host: &'a [u8],
}

/// Reads a `Forwarded` field (RFC 7239 §4), strictly: where quotes are not as they should be, what a client wrote may
/// pass for what a proxy did, so the field is then nothing but one thing that cannot be read.
fn elements<'a>(value: &'a [u8], emit: &mut dyn FnMut(Option<Pairs<'a>>)) {
    let mut rest = value;
    let mut whole = Vec::new();
    let mut pairs = Pairs::default();
    loop {
        match pair(rest, &mut pairs) {
            Some((b',', after)) => {
                whole.push(std::mem::take(&mut pairs));
                rest = after;
            }
            Some((b';', after)) => rest = after,
            Some(_) => break,
            None => return emit(None),
        }
    }
    whole.push(pairs);
    whole.into_iter().for_each(|pairs| emit(Some(pairs)));
}

/// Reads one `name=value`; gives back what ends it (0 at the end of the field) and what follows.
fn pair<'a>(rest: &'a [u8], pairs: &mut Pairs<'a>) -> Option<(u8, &'a [u8])> {
    let rest = rest.trim_ascii_start();
    let at = memchr::memchr(b'=', rest)?;
    let (name, rest) = (rest.get(..at)?, rest.get(at.checked_add(1)?..)?);
    let (value, rest) = match rest.strip_prefix(b"\"") {
        Some(quoted) => {
            // No node or host needs an escape.
            let end = memchr::memchr2(b'"', b'\\', quoted)?;
            if quoted.get(end) != Some(&b'"') {
                return None;
            }
            (quoted.get(..end)?, quoted.get(end.checked_add(1)?..)?)
        }
        None => {
            let end = memchr::memchr2(b',', b';', rest).unwrap_or(rest.len());
            let value = rest.get(..end)?;
            if value.contains(&b'"') {
                return None;
            }
            (value, rest.get(end..)?)
        }
    };
    if name.is_empty() || !name.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    match name {
        _ if name.eq_ignore_ascii_case(b"for") => pairs.node = address(value),
        _ if name.eq_ignore_ascii_case(b"proto") => pairs.proto = value.trim_ascii(),
        _ if name.eq_ignore_ascii_case(b"host") => pairs.host = value.trim_ascii(),
        _ => {}
    }
    match rest.trim_ascii_start().split_first() {
        None => Some((0, b"")),
        Some((end @ (b',' | b';'), after)) => Some((*end, after)),
        Some(_) => None,
    }
}

/// The last value of a list, which the nearest proxy wrote.
fn last<'a>(message: &'a Message, name: &str) -> Option<&'a [u8]> {
    let mut fields = message.fields().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
    let value = fields.by_ref().last()?.1;
    value.rsplit(|&b| b == b',').next().map(<[u8]>::trim_ascii)
}

/// Scheme and host that the nearest proxy says it was asked for.
fn asked(message: &Message) -> (&[u8], &[u8]) {
    let mut pairs = Pairs::default();
    for (_, value) in message.fields().filter(|(n, _)| n.eq_ignore_ascii_case(b"forwarded")) {
        elements(value, &mut |told| pairs = told.unwrap_or_default());
    }
    if pairs.proto.is_empty() {
        pairs.proto = last(message, "x-forwarded-proto").unwrap_or_default();
    }
    if pairs.host.is_empty() {
        pairs.host = last(message, "x-forwarded-host").unwrap_or_default();
    }
    (pairs.proto, pairs.host)
}

/// Writes what is known of the way of a request that `sender` sent, and takes back credentials that only somebody
/// who is not believed tells of. Gives back the real client, where it is known.
pub(super) fn write(
    judge: &mut Judge,
    out: &mut Vec<u8>,
    credentials: &mut Credentials,
    sender: IpAddr,
    message: &Message,
) -> Option<IpAddr> {
    use schema::forwarded as field;
    let trust = judge.trust.clone();
    let way = way(&trust, sender, message);
    // Without a list there is nobody to tell from others, and what is told is told as before.
    if !trust.0.is_empty() && !way.trusted {
        credentials.subject = None;
    }
    let says = |prelude: &&Prelude| {
        prelude.tls.is_some() || !prelude.authority.is_empty() || !prelude.subject.is_empty()
    };
    let prelude = message.prelude.as_deref().filter(|_| trust.has(sender)).filter(says);
    if let Some(prelude) = prelude.filter(|prelude| !prelude.subject.is_empty()) {
        let made = judge.render(Way::Token(Class::Subject), ValueType::String, &prelude.subject);
        credentials.subject = credentials.subject.or(Some(made));
    }
    let certificate = message.field("x-forwarded-client-cert");
    if way.hops.is_empty() && certificate.is_none() && prelude.is_none() {
        return None;
    }
    let written = wire::open(out, schema::record::FORWARDED);
    way.hops.iter().for_each(|hop| write_hop(out, hop));
    if let Some(value) = certificate {
        write_certificate(judge, out, value, way.trusted && !way.conflict);
    }
    let (mut proto, mut host) = match way.trusted && !way.conflict {
        true => asked(message),
        false => Default::default(),
    };
    if let Some(prelude) = prelude {
        let tls = prelude.tls.unwrap_or(!prelude.authority.is_empty());
        proto = if proto.is_empty() && tls { b"https" } else { proto };
        host = if host.is_empty() { &prelude.authority } else { host };
    }
    let known = ["http", "https", "ws", "wss"];
    let proto = known.into_iter().find(|known| proto.eq_ignore_ascii_case(known.as_bytes()));
    wire::text(out, field::PROTO, proto.unwrap_or_default());
    if !host.is_empty() {
        // A mail address is no host.
        let bare = !host.contains(&b'@');
        let (host, _) = path::host(judge, host);
        wire::text(out, field::HOST, if bare { &host } else { "" });
    }
    wire::flag(out, field::CONFLICT, way.conflict);
    wire::close(out, written);
    way.client.map(|client| write_client(out, client))
}

/// The client of a socket, by its handshake, which `sender` sent.
pub(super) fn of_handshake(
    judge: &Judge,
    sender: IpAddr,
    handshake: &Message,
) -> Option<SocketAddr> {
    // Most have no configured proxy before them.
    judge.trust.has(sender).then(|| way(&judge.trust, sender, handshake).client).flatten()
}

/// The client of a session that cannot be read: what `sender` told before it began.
pub(super) fn of_session(
    judge: &Judge,
    sender: IpAddr,
    told: Option<SocketAddr>,
) -> Option<SocketAddr> {
    told.filter(|_| judge.trust.has(sender))
}

/// Writes the real client; gives back its address.
pub(super) fn write_client(out: &mut Vec<u8>, client: SocketAddr) -> IpAddr {
    let written = wire::open(out, schema::record::REAL_CLIENT);
    write_address(out, client);
    wire::close(out, written);
    client.ip()
}

fn write_hop(out: &mut Vec<u8>, hop: &Hop) {
    use schema::hop as field;
    let written = wire::open(out, schema::forwarded::HOPS);
    if let Some(address) = hop.address.filter(|_| hop.believed) {
        write_address(out, address);
    }
    wire::text(out, field::BY, hop.by.name());
    wire::flag(out, field::TRUSTED, hop.believed);
    wire::close(out, written);
}

/// Writes address and port: the same fields in `Hop` and `Endpoint`.
fn write_address(out: &mut Vec<u8>, address: SocketAddr) {
    wire::text(out, schema::hop::IP, &address.ip().to_string());
    wire::number(out, schema::hop::PORT, address.port().into());
}

fn write_certificate(judge: &mut Judge, out: &mut Vec<u8>, value: &[u8], believed: bool) {
    use schema::hop as field;
    let written = wire::open(out, schema::forwarded::HOPS);
    wire::text(out, field::BY, "xfcc");
    wire::flag(out, field::TRUSTED, believed);
    let hash = auth::certificate(value, b"hash").filter(|hash| believed && is_hash(hash));
    if let Some(hash) = hash {
        let hash = hash.to_ascii_lowercase();
        let made = judge.render(Way::Token(Class::Subject), ValueType::String, &hash);
        wire::token(out, field::CERTIFICATE, judge.values.token(made));
    }
    wire::close(out, written);
}

/// SHA-256, in hexadecimal digits.
fn is_hash(text: &[u8]) -> bool {
    text.len() == 64 && text.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests;
