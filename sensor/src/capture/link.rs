//! Names of link types, and which are read.

use super::LinkType;

/// Number and name of common link types.
///
/// Source: <https://www.tcpdump.org/linktypes.html>.
const NAMES: &[(u16, &str)] = &[
    (0, "null"),
    (1, "ethernet"),
    (3, "ax25"),
    (6, "token ring"),
    (7, "arcnet"),
    (8, "slip"),
    (9, "ppp"),
    (10, "fddi"),
    (12, "raw ip"),
    (14, "raw ip"),
    (50, "ppp hdlc"),
    (51, "pppoe"),
    (100, "atm rfc 1483"),
    (101, "raw ip"),
    (104, "cisco hdlc"),
    (105, "802.11"),
    (107, "frame relay"),
    (108, "loop"),
    (113, "linux cooked"),
    (114, "localtalk"),
    (117, "openbsd pflog"),
    (119, "802.11 prism"),
    (122, "ip over fibre channel"),
    (123, "sunatm"),
    (127, "802.11 radiotap"),
    (129, "arcnet linux"),
    (138, "ip over ieee 1394"),
    (140, "mtp2"),
    (141, "mtp3"),
    (142, "sccp"),
    (143, "docsis"),
    (144, "irda"),
    (147, "user 0"),
    (163, "802.11 avs"),
    (165, "bacnet ms/tp"),
    (166, "ppp pppd"),
    (169, "gprs llc"),
    (187, "bluetooth hci"),
    (189, "usb linux"),
    (192, "ppi"),
    (195, "802.15.4"),
    (197, "erf"),
    (201, "bluetooth hci"),
    (202, "ax25 kiss"),
    (203, "lapd"),
    (204, "ppp with direction"),
    (205, "cisco hdlc with direction"),
    (206, "frame relay with direction"),
    (209, "ipmb"),
    (215, "802.15.4 phy"),
    (220, "usb linux mmapped"),
    (224, "fibre channel"),
    (226, "solaris ipnet"),
    (227, "can"),
    (228, "ipv4"),
    (229, "ipv6"),
    (230, "802.15.4"),
    (231, "d-bus"),
    (239, "netfilter log"),
    (240, "netanalyzer"),
    (242, "ip over infiniband"),
    (243, "mpeg-2 ts"),
    (247, "infiniband"),
    (248, "sctp"),
    (249, "usbpcap"),
    (251, "bluetooth le"),
    (252, "wireshark upper pdu"),
    (253, "netlink"),
    (254, "bluetooth monitor"),
    (256, "bluetooth le"),
    (258, "pktap"),
    (259, "epon"),
    (266, "usb darwin"),
    (267, "openflow"),
    (271, "vsock"),
    (272, "nordic ble"),
    (274, "ethernet mpacket"),
    (276, "linux cooked v2"),
    (283, "802.15.4 tap"),
];

/// Link types `decap` reads.
const SUPPORTED: &[LinkType] = &[
    LinkType::NULL,
    LinkType::ETHERNET,
    LinkType::PPP,
    LinkType::RAW_BSD,
    LinkType::RAW_OPENBSD,
    LinkType::PPP_HDLC,
    LinkType::PPP_ETHER,
    LinkType::RAW,
    LinkType::CISCO_HDLC,
    LinkType::IEEE802_11,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::IEEE802_11_RADIOTAP,
    LinkType::ARCNET_LINUX,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::NFLOG,
    LinkType::LINUX_SLL2,
];

impl LinkType {
    /// Its name in records and messages, e.g. "ethernet"; "unknown" when it has none here.
    #[must_use]
    pub fn name(self) -> &'static str {
        match NAMES.binary_search_by_key(&self.0, |&(number, _)| number) {
            Ok(at) => NAMES.get(at).map_or("unknown", |&(_, name)| name),
            Err(_) => "unknown",
        }
    }

    /// Whether packets of this link type are read.
    #[must_use]
    pub fn supported(self) -> bool {
        SUPPORTED.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0), "sorted, for the binary search");
        assert_eq!(LinkType::ETHERNET.name(), "ethernet");
        assert_eq!(LinkType(9999).name(), "unknown");
        assert!(SUPPORTED.iter().all(|link| link.name() != "unknown" && link.supported()));
        assert!(!LinkType(195).supported());
    }
}
