//! From text to a tree, by recursive descent.

use std::net::{IpAddr, Ipv4Addr};

use super::{End, Ends, Filter, Node};

/// Words for layers around a flow: the word, and the labels of the layers it means.
const LAYERS: &[(&str, &[&str])] = &[
    ("erspan", &["erspan"]),
    ("geneve", &["geneve"]),
    ("gre", &["gre"]),
    ("gtp", &["gtp"]),
    ("ipip", &["ipip"]),
    ("lisp", &["lisp"]),
    ("mpls", &["mpls"]),
    ("nsh", &["nsh"]),
    ("pppoe", &["pppoe"]),
    ("pppoes", &["pppoe"]),
    ("teredo", &["teredo"]),
    ("tzsp", &["tzsp"]),
    ("vlan", &["vlan"]),
    ("vni", &["vxlan", "vxlan_gpe", "geneve", "lisp"]),
    ("vxlan", &["vxlan", "vxlan_gpe"]),
];

/// Why a text is no filter, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("filter column {column}: {problem}")]
pub struct ParseError {
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a filter. The words of a filter are the operator's own, so they may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Another word was needed.
    #[error("expected {wanted}, found {}", .found.as_deref().map_or("the end".to_owned(), |word| format!("'{word}'")))]
    Expected {
        /// What was needed.
        wanted: &'static str,
        /// The word found; `None` at the end.
        found: Option<String>,
    },
    /// `and` beside `or`: pcap-filter reads this from left to right, most people do not.
    #[error("'and' and 'or' side by side; say with parentheses which goes first")]
    Mixed,
    /// A network with bits set behind its prefix.
    #[error("'{0}' has bits set behind its prefix; did you mean a host?")]
    HostBits(String),
    /// Something that never is in the inner flow.
    #[error("'{0}' never matches: only TCP flows reach this filter")]
    NotTcp(String),
    /// Nested too deep.
    #[error("nested deeper than {} levels", Filter::DEPTH_MAX)]
    Depth,
    /// Too long.
    #[error("more than {} terms", Filter::TERMS_MAX)]
    Terms,
}

/// Reads a whole filter; `None` for an empty one.
pub(super) fn parse(text: &str) -> Result<Option<Node>, ParseError> {
    let mut words = Words { rest: text, column: 1, terms: 0 };
    if words.peek().is_none() {
        return Ok(None);
    }
    let root = words.expression(0)?;
    match words.peek() {
        None => Ok(Some(root)),
        Some(_) => Err(words.expected("'and', 'or' or the end")),
    }
}

/// What is left of the text.
struct Words<'a> {
    rest: &'a str,
    /// Column of the first character of `rest`.
    column: usize,
    terms: usize,
}

impl<'a> Words<'a> {
    /// The next word, without taking it.
    fn peek(&mut self) -> Option<&'a str> {
        let trimmed = self.rest.trim_start();
        let blank = self.rest.len().saturating_sub(trimmed.len());
        self.skip(blank);
        let first = self.rest.chars().next()?;
        let len = match first {
            '(' | ')' | '!' => first.len_utf8(),
            '&' | '|' => {
                let double = self.rest.chars().take(2).all(|c| c == first);
                if double { 2.min(self.rest.len()) } else { 1 }
            }
            _ => {
                let ends = |c: char| c.is_whitespace() || "()!&|".contains(c);
                self.rest.find(ends).unwrap_or(self.rest.len())
            }
        };
        self.rest.get(..len)
    }

    /// Takes the next word.
    fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.skip(word.len());
        Some(word)
    }

    /// Takes the next word if it is one of `wanted`.
    fn take(&mut self, wanted: &[&str]) -> bool {
        let found = self.peek().is_some_and(|word| wanted.contains(&word));
        if found {
            self.next();
        }
        found
    }

    fn skip(&mut self, bytes: usize) {
        let (before, after) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.column = self.column.saturating_add(before.chars().count());
        self.rest = after;
    }

    fn error(&self, problem: Problem) -> ParseError {
        ParseError { column: self.column, problem }
    }

    /// That another word was needed here.
    fn expected(&mut self, wanted: &'static str) -> ParseError {
        let found = self.peek().map(str::to_owned);
        self.error(Problem::Expected { wanted, found })
    }

    fn expression(&mut self, depth: usize) -> Result<Node, ParseError> {
        const AND: &[&str] = &["and", "&&"];
        const OR: &[&str] = &["or", "||"];
        if depth > Filter::DEPTH_MAX {
            return Err(self.error(Problem::Depth));
        }
        let first = self.term(depth)?;
        let word = self.peek().unwrap_or_default();
        let (own, other) = if AND.contains(&word) { (AND, OR) } else { (OR, AND) };
        let mut nodes = vec![first];
        while self.take(own) {
            nodes.push(self.term(depth)?);
        }
        if self.peek().is_some_and(|word| other.contains(&word)) {
            return Err(self.error(Problem::Mixed));
        }
        Ok(match (nodes.len(), own == AND) {
            (1, _) => nodes.pop().unwrap_or(Node::Always),
            (_, true) => Node::All(nodes),
            (_, false) => Node::Any(nodes),
        })
    }

    fn term(&mut self, depth: usize) -> Result<Node, ParseError> {
        if self.take(&["not", "!"]) {
            if depth > Filter::DEPTH_MAX {
                return Err(self.error(Problem::Depth));
            }
            return Ok(Node::Not(Box::new(self.term(depth.saturating_add(1))?)));
        }
        if self.take(&["("]) {
            let inside = self.expression(depth.saturating_add(1))?;
            return if self.take(&[")"]) { Ok(inside) } else { Err(self.expected("')'")) };
        }
        self.terms = self.terms.saturating_add(1);
        if self.terms > Filter::TERMS_MAX {
            return Err(self.error(Problem::Terms));
        }
        self.primitive()
    }

    fn primitive(&mut self) -> Result<Node, ParseError> {
        let word = self.peek().unwrap_or_default();
        if let Some((_, kinds)) = LAYERS.iter().find(|(name, _)| *name == word) {
            self.next();
            let id = self.id()?;
            if word == "vni" && id.is_none() {
                return Err(self.expected("a VNI"));
            }
            return Ok(Node::Layer(kinds.to_vec(), id));
        }
        match word {
            "ip" | "ip6" => {
                self.next();
                Ok(Node::Version(if word == "ip" { 4 } else { 6 }))
            }
            "udp" | "icmp" | "icmp6" | "arp" | "sctp" | "ether" => {
                Err(self.error(Problem::NotTcp(word.to_owned())))
            }
            "tcp" => {
                self.next();
                let more = ["src", "dst", "port", "portrange"];
                if self.peek().is_some_and(|word| more.contains(&word)) {
                    self.end()
                } else {
                    Ok(Node::Always)
                }
            }
            _ => self.end(),
        }
    }

    /// The number behind a tunnel's name, if there is one.
    fn id(&mut self) -> Result<Option<u32>, ParseError> {
        let Some(word) = self.peek().filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        else {
            return Ok(None);
        };
        let id = match word.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => word.parse(),
        };
        let id = id.map_err(|_| self.expected("a number up to 4294967295"))?;
        self.next();
        Ok(Some(id))
    }

    fn end(&mut self) -> Result<Node, ParseError> {
        let ends = if self.take(&["src"]) {
            Ends::Source
        } else if self.take(&["dst"]) {
            Ends::Destination
        } else {
            Ends::Either
        };
        let end = match self.peek().unwrap_or_default() {
            "host" => {
                self.next();
                self.host()?
            }
            "net" => {
                self.next();
                self.net()?
            }
            "port" => {
                self.next();
                let port = self.port().ok_or_else(|| self.expected("a port, 0 to 65535"))?;
                self.next();
                End::Ports(port, port)
            }
            "portrange" => {
                self.next();
                let range = self.range().ok_or_else(|| self.expected("ports, as in 8000-8099"))?;
                self.next();
                range
            }
            _ => {
                return Err(self.expected(
                    "host, net, port, portrange, vlan, vni or another word of a filter",
                ));
            }
        };
        Ok(Node::End(ends, end))
    }

    fn host(&mut self) -> Result<End, ParseError> {
        let address = self.peek().and_then(|word| word.parse::<IpAddr>().ok());
        let address = address.ok_or_else(|| self.expected("an IP address"))?;
        self.next();
        Ok(End::Net { address, bits: width(address) })
    }

    fn net(&mut self) -> Result<End, ParseError> {
        let word = self.peek().unwrap_or_default();
        let net = network(word)
            .ok_or_else(|| self.expected("a network, as in 10.0.0.0/8 or 2001:db8::/32"))?;
        if !prefix_only(&net) {
            return Err(self.error(Problem::HostBits(word.to_owned())));
        }
        self.next();
        Ok(net)
    }

    fn port(&mut self) -> Option<u16> {
        self.peek()?.parse().ok()
    }

    fn range(&mut self) -> Option<End> {
        let (first, last) = self.peek()?.split_once('-')?;
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then_some(End::Ports(first, last))
    }
}

const fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// `ADDRESS/BITS`, or as pcap-filter has it, the first octets of an IPv4 address: `10`, `192.168`.
fn network(word: &str) -> Option<End> {
    if let Some((address, bits)) = word.split_once('/') {
        let address: IpAddr = address.parse().ok()?;
        let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
        return Some(End::Net { address, bits });
    }
    if let Ok(address) = word.parse::<IpAddr>() {
        return Some(End::Net { address, bits: width(address) });
    }
    let mut octets = [0_u8; 4];
    let mut bits = 0_u8;
    let mut given = word.split('.');
    for octet in &mut octets {
        let Some(text) = given.next() else { break };
        *octet = text.parse().ok()?;
        bits = bits.saturating_add(8);
    }
    given.next().is_none().then_some(End::Net { address: Ipv4Addr::from(octets).into(), bits })
}

/// Whether no bit behind the prefix is set.
fn prefix_only(net: &End) -> bool {
    match *net {
        End::Net { address: IpAddr::V4(address), bits } => {
            address.to_bits().checked_shl(bits.into()).unwrap_or(0) == 0
        }
        End::Net { address: IpAddr::V6(address), bits } => {
            address.to_bits().checked_shl(bits.into()).unwrap_or(0) == 0
        }
        End::Ports(..) => true,
    }
}
