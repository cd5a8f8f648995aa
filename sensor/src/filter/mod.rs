//! The inner filter: which flows are followed, told by what is behind every tunnel.
//!
//! A capture filter (BPF) sees outer headers, so `tcp port 80` throws every encapsulated packet away. This
//! language is a subset of pcap-filter(7), and is asked about the innermost TCP flow:
//!
//! ```text
//! expression = term { "and" term } | term { "or" term }       not both without parentheses
//! term       = [ "not" ] ( "(" expression ")" | primitive )
//! primitive  = [ "src" | "dst" ] ( "host" ADDRESS | "net" NETWORK | "port" N | "portrange" N-N )
//!            | "ip" | "ip6" | "tcp" | TUNNEL [ ID ] | "vni" ID
//! TUNNEL     = "vlan" | "mpls" | "pppoe" | "vxlan" | "geneve" | "gre" | "erspan" | ...
//! ```
//!
//! `&&`, `||` and `!` may stand for the words, and `tcp` before `port`. Without `src` or `dst`, both directions of a
//! connection are treated alike. The empty filter lets everything pass.
//!
//! Pure, and bounded: at most [`Filter::TERMS_MAX`] primitives, nested at most [`Filter::DEPTH_MAX`] deep.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

mod parse;

pub use parse::{ParseError, Problem};

/// What a filter is asked about: one packet of a flow, in its direction.
pub trait Subject {
    /// Address and port it was sent from.
    fn source(&self) -> (IpAddr, u16);
    /// Address and port it was sent to.
    fn destination(&self) -> (IpAddr, u16);
    /// Whether a layer around the flow is of this kind, by its label, and has this id (or any, without one).
    fn within(&self, kind: &str, id: Option<u32>) -> bool;
}

/// A filter that was read. Its default lets everything pass.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter {
    text: String,
    root: Option<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// One end is like this.
    End(Ends, End),
    /// Both ends are of this IP version.
    Version(u8),
    /// Some layer is of this kind.
    Layer(Vec<&'static str>, Option<u32>),
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Either,
    Source,
    Destination,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// An address with these leading bits.
    Net { address: IpAddr, bits: u8 },
    /// A port from the first to the second.
    Ports(u16, u16),
}

impl Filter {
    /// Most primitives of a filter.
    pub const TERMS_MAX: usize = 512;
    /// Deepest nesting of a filter.
    pub const DEPTH_MAX: usize = 32;

    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// When the text is none: what is wrong, and in which column.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(Self { text: text.to_owned(), root: parse::parse(text)? })
    }

    /// Whether it lets everything pass because it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Whether it lets `subject` pass.
    #[must_use]
    pub fn passes(&self, subject: &impl Subject) -> bool {
        self.root.as_ref().is_none_or(|root| root.passes(subject))
    }
}

impl Node {
    fn passes(&self, subject: &impl Subject) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.passes(subject)),
            Self::Any(nodes) => nodes.iter().any(|node| node.passes(subject)),
            Self::Not(node) => !node.passes(subject),
            Self::End(Ends::Source, end) => end.is(subject.source()),
            Self::End(Ends::Destination, end) => end.is(subject.destination()),
            Self::End(Ends::Either, end) => {
                end.is(subject.source()) || end.is(subject.destination())
            }
            Self::Version(version) => {
                let v4 = subject.source().0.is_ipv4() && subject.destination().0.is_ipv4();
                v4 == (*version == 4)
            }
            Self::Layer(kinds, id) => kinds.iter().any(|kind| subject.within(kind, *id)),
            Self::Always => true,
        }
    }
}

impl End {
    fn is(&self, (address, port): (IpAddr, u16)) -> bool {
        match *self {
            Self::Net { address: net, bits } => match (net, address) {
                (IpAddr::V4(net), IpAddr::V4(address)) => {
                    let host = 32_u32.saturating_sub(bits.into());
                    (net.to_bits() ^ address.to_bits()).checked_shr(host).unwrap_or(0) == 0
                }
                (IpAddr::V6(net), IpAddr::V6(address)) => {
                    let host = 128_u32.saturating_sub(bits.into());
                    (net.to_bits() ^ address.to_bits()).checked_shr(host).unwrap_or(0) == 0
                }
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
            },
            Self::Ports(first, last) => (first..=last).contains(&port),
        }
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Filter {}

impl TryFrom<String> for Filter {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        Self::parse(&text)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.text
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
