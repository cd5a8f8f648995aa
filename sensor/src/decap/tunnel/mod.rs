//! Encapsulations: one file and one line in [`TUNNELS`] each.

use super::Config;
use super::frame::Frame;
use super::walk::{Context, Step};

/// Takes an encapsulation's header off.
pub(crate) type Open = for<'a> fn(Frame<'a>, &mut Context) -> Step<'a>;

/// An encapsulation.
pub(crate) struct Tunnel {
    /// What announces it.
    pub(crate) on: &'static [On],
    /// Takes its header off.
    pub(crate) open: Open,
}

/// What announces an encapsulation.
pub(crate) enum On {
    /// An `EtherType`, wherever one stands: Ethernet, VLAN, GRE, GENEVE.
    EtherType(u16),
    /// An IP protocol number.
    Protocol(u8),
    /// A UDP port. Its header must be plausible and what is inside well-formed, or else it is plain UDP.
    Port(fn(&Config) -> &[u16]),
}

/// IP protocol number of UDP.
pub(crate) const UDP: u8 = 17;

macro_rules! registry {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Every encapsulation, the frequent ones first.
        pub(crate) static TUNNELS: &[Tunnel] = &[$($name::TUNNEL),+];
    };
}

// Modules that a macro declares are not found by `cargo fmt`: run rustfmt on the files.
registry! {
    vlan,
    vxlan,
    geneve,
    gre,
    erspan,
    mpls,
    pppoe,
    ipip,
    ether_in_ip,
    nsh,
    vxlan_gpe,
    gtp,
    tag,
    vntag,
    arista,
    teredo,
    lisp,
    tzsp,
}
