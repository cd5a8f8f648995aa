//! What a call shows that none before it did.

use apitap_proto::v1;
use v1::inventory_event::Kind;

use super::Endpoint;

/// Fields told in one change.
const FIELDS_MAX: usize = 100;

/// What tables take in that they did not know, while somebody wants to hear of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    fields: Vec<v1::InventoryField>,
    fields_total: u32,
    classes: Vec<(String, bool)>,
    zones: u32,
}

impl News {
    /// A parameter or a field of a body; `location` within its place.
    pub(super) fn field(&mut self, location: String, types: &[i32]) {
        self.fields_total = self.fields_total.saturating_add(1);
        if self.fields.len() < FIELDS_MAX {
            let types = types.to_vec();
            self.fields.push(v1::InventoryField { location, types, ..Default::default() });
        }
    }

    /// Fields told so far.
    pub(super) const fn fields(&self) -> usize {
        self.fields.len()
    }

    /// Says where the fields since the first `from` are.
    pub(super) fn place(&mut self, from: usize, place: &str, media_type: &str) {
        for field in self.fields.iter_mut().skip(from) {
            field.location.insert_str(0, place);
            field.media_type.push_str(media_type);
        }
    }

    /// A class of sensitive data in this direction.
    pub(super) fn class(&mut self, name: &str, outward: bool) {
        self.classes.push((name.to_owned(), outward));
    }

    /// A zone of callers.
    pub(super) const fn zone(&mut self) {
        self.zones = self.zones.saturating_add(1);
    }

    /// The changes that `record` brought to `endpoint`; `new` when it was not known to exist before.
    pub(super) fn changes(
        self,
        record: &v1::CallRecord,
        endpoint: &Endpoint,
        new: bool,
    ) -> Vec<Change> {
        let event = |kind: Kind| Change::new(kind, record, endpoint);
        let mut changes = Vec::new();
        if new {
            let mut found = event(Kind::NewEndpoint);
            found.0.data_classes = endpoint
                .classes
                .iter()
                .flat_map(|(name, class)| {
                    let ways = [(class.calls_in, false), (class.calls_out, true)];
                    ways.into_iter().filter(|(calls, _)| *calls > 0).map(move |(_, outward)| {
                        v1::InventoryDataClass { class: name.clone(), outward }
                    })
                })
                .collect();
            return vec![found.named()];
        }
        if !self.fields.is_empty() {
            let mut found = event(Kind::NewField);
            found.0.fields = self.fields;
            found.0.fields_total = self.fields_total;
            changes.push(found.named());
        }
        if !self.classes.is_empty() {
            let mut found = event(Kind::NewDataClass);
            let classes = self.classes.into_iter();
            found.0.data_classes =
                classes.map(|(class, outward)| v1::InventoryDataClass { class, outward }).collect();
            changes.push(found.named());
        }
        if self.zones > 0 {
            changes.push(event(Kind::NewCallerZone).named());
        }
        changes
    }
}

/// A change, made only here, and of records only: nothing raw can be in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change(v1::InventoryEvent);

impl Change {
    fn new(kind: Kind, record: &v1::CallRecord, endpoint: &Endpoint) -> Self {
        let request = record.request.as_ref();
        let start = request.and_then(|request| request.start_time);
        Self(v1::InventoryEvent {
            kind: kind.into(),
            time: start,
            host: endpoint.host.clone(),
            method: endpoint.method.clone(),
            path_template: endpoint.path_template.clone(),
            operation: record.operation.clone(),
            record_id: record.id.clone(),
            status: record.response.as_ref().map_or(0, |response| response.status),
            auth_scheme: record.auth.as_ref().map(|auth| auth.scheme.clone()).unwrap_or_default(),
            zone: record.client.as_ref().map(|client| client.zone).unwrap_or_default(),
            server: record.server.clone(),
            sensor: record.sensor.clone(),
            ..v1::InventoryEvent::default()
        })
    }

    /// With its id.
    fn named(mut self) -> Self {
        let event = &self.0;
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut part = |text: &str| {
            context.update(text.as_bytes());
            context.update(&[0]);
        };
        part(event.kind().as_str_name());
        part(&event.host);
        part(&event.method);
        part(&event.path_template);
        match event.kind() {
            Kind::NewField => {
                for field in &event.fields {
                    part(&field.location);
                    part(&field.media_type);
                }
            }
            Kind::NewDataClass => {
                for class in &event.data_classes {
                    part(&class.class);
                    part(if class.outward { "out" } else { "in" });
                }
            }
            Kind::NewCallerZone => part(event.zone().as_str_name()),
            Kind::NewEndpoint | Kind::Unspecified => {}
        }
        let digest = context.finish();
        let half = digest.as_ref().get(..16).unwrap_or_default();
        self.0.id = data_encoding::HEXLOWER.encode(half);
        self
    }

    /// The message.
    #[must_use]
    pub const fn message(&self) -> &v1::InventoryEvent {
        &self.0
    }

    /// What keeps the changes of one endpoint in order.
    #[must_use]
    pub fn key(&self) -> String {
        [&self.0.host, &self.0.path_template].map(String::as_str).concat()
    }
}
