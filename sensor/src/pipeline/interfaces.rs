//! Interfaces of a source, as records name them.

use super::Source;
use crate::{capture, record};

/// Notices when a source has met new interfaces.
#[derive(Default)]
pub(super) struct Interfaces(usize);

impl Interfaces {
    /// Whether the interface of a packet was among those of the last time.
    pub(super) fn knows(&self, packet: &capture::Packet<'_>) -> bool {
        usize::try_from(packet.interface).is_ok_and(|interface| interface < self.0)
    }

    /// All interfaces, if there are more than the last time.
    pub(super) fn grown<S: Source>(&mut self, source: &S) -> Option<Vec<record::Interface>> {
        let met = source.interfaces();
        (met.len() > self.0).then(|| {
            self.0 = met.len();
            named(met)
        })
    }
}

/// Interfaces as records name them.
pub(super) fn named(interfaces: &[capture::file::Interface]) -> Vec<record::Interface> {
    let named = |interface: &capture::file::Interface| record::Interface {
        name: interface.name.clone(),
        link: interface.link.name().to_owned(),
    };
    interfaces.iter().map(named).collect()
}
