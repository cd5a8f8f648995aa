//! Settings of decapsulation.

use serde::{Deserialize, Serialize};

use crate::bounded::Within;

/// Limits and ports of decapsulation.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Most VLAN, MPLS and tunnel headers around a flow; packets with more are counted, not followed. 1 to 8, default 8.
    pub depth_max: Within<1, 8>,
    /// Bytes of IP fragments held until their datagrams are whole, in bytes. 64 KiB to 1 GiB, default 8 MiB.
    pub fragment_bytes_max: Within<0x1_0000, 0x4000_0000>,
    /// Datagrams held until they are whole. 16 to 1,048,576, default 4,096.
    pub fragment_datagrams_max: Within<16, 0x10_0000>,
    /// Capture time after which an unfinished datagram is given up, in seconds. 1 to 600, default 30.
    pub fragment_seconds_max: Within<1, 600>,
    /// UDP ports of VXLAN (RFC 7348; 8472 is Linux's old default).
    pub vxlan_ports: Vec<u16>,
    /// UDP ports of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe).
    pub vxlan_gpe_ports: Vec<u16>,
    /// UDP ports of GENEVE (RFC 8926).
    pub geneve_ports: Vec<u16>,
    /// UDP ports of GTP-U (3GPP TS 29.281).
    pub gtp_ports: Vec<u16>,
    /// UDP ports of Teredo (RFC 4380).
    pub teredo_ports: Vec<u16>,
    /// UDP ports of GRE in UDP (RFC 8086).
    pub gre_ports: Vec<u16>,
    /// UDP ports of MPLS in UDP (RFC 7510).
    pub mpls_ports: Vec<u16>,
    /// UDP ports of LISP data (RFC 9300).
    pub lisp_ports: Vec<u16>,
    /// UDP ports of TZSP, as `MikroTik` routers mirror with.
    pub tzsp_ports: Vec<u16>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            depth_max: Within(8),
            fragment_bytes_max: Within(8 << 20),
            fragment_datagrams_max: Within(4096),
            fragment_seconds_max: Within(30),
            vxlan_ports: vec![4789, 8472],
            vxlan_gpe_ports: vec![4790],
            geneve_ports: vec![6081],
            gtp_ports: vec![2152],
            teredo_ports: vec![3544],
            gre_ports: vec![4754],
            mpls_ports: vec![6635],
            lisp_ports: vec![4341],
            tzsp_ports: vec![37008],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_ranges_are_checked() {
        let config: Config = toml::from_str("depth_max = 3\nvxlan_ports = [1]").unwrap();
        assert_eq!(
            (config.depth_max.get(), config.vxlan_ports, config.geneve_ports),
            (3, vec![1], vec![6081])
        );
        assert!(toml::from_str::<Config>("depth_max = 9").is_err());
        assert!(toml::from_str::<Config>("fragment_seconds_max = 0").is_err());
        assert!(toml::from_str::<Config>("depth = 3").is_err());
    }
}
