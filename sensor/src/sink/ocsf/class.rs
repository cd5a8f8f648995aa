//! Which class of event a record is, and what its class makes of it.

use apitap_proto::v1;
use v1::entity::Kind;
use v1::signal::Severity;

use super::super::siem::facts;
use super::super::siem::json::Object;

/// A class of OCSF events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// HTTP Activity, 4002.
    Http,
    /// API Activity, 6003.
    Api,
    /// Network Activity, 4001.
    Network,
}

impl Class {
    /// The class of `record`; API Activity only with `api`, and where all that it requires is known.
    pub(super) fn of(record: &v1::CallRecord, api: bool) -> Self {
        if record.request.is_none() && record.response.is_none() {
            return Self::Network;
        }
        let addressed = record.client.as_ref().is_some_and(|c| facts::address(&c.ip).is_some());
        let asked = record.request.is_some() && !record.operation.is_empty();
        if api && asked && addressed && has_actor(record) { Self::Api } else { Self::Http }
    }

    const fn category(self) -> u32 {
        match self {
            Self::Http | Self::Network => 4,
            Self::Api => 6,
        }
    }

    const fn uid(self) -> u32 {
        match self {
            Self::Http => 4002,
            Self::Api => 6003,
            Self::Network => 4001,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP Activity",
            Self::Api => "API Activity",
            Self::Network => "Network Activity",
        }
    }

    fn activity(self, record: &v1::CallRecord) -> (u32, &'static str) {
        let method = record.request.as_ref().map_or("", |request| request.method.as_str());
        match self {
            Self::Network => (6, "Traffic"),
            Self::Http => match method {
                "" => (0, "Unknown"),
                "CONNECT" => (1, "Connect"),
                "DELETE" => (2, "Delete"),
                "GET" => (3, "Get"),
                "HEAD" => (4, "Head"),
                "OPTIONS" => (5, "Options"),
                "POST" => (6, "Post"),
                "PUT" => (7, "Put"),
                "TRACE" => (8, "Trace"),
                "PATCH" => (9, "Patch"),
                _ => (99, "Other"),
            },
            Self::Api => match method {
                "" => (0, "Unknown"),
                "POST" => (1, "Create"),
                "GET" | "HEAD" | "OPTIONS" | "QUERY" | "SEARCH" => (2, "Read"),
                "PUT" | "PATCH" => (3, "Update"),
                "DELETE" => (4, "Delete"),
                _ => (99, "Other"),
            },
        }
    }

    /// What identifies the kind of event.
    pub(super) fn head(self, record: &v1::CallRecord, out: &mut Object<'_>) {
        let (activity, name) = self.activity(record);
        let uid = self.uid();
        out.number("class_uid", uid);
        out.text("class_name", self.name());
        out.number("category_uid", self.category());
        let category = if self == Self::Api { "Application Activity" } else { "Network Activity" };
        out.text("category_name", category);
        out.number("activity_id", activity);
        out.text("activity_name", name);
        out.number("type_uid", uid.saturating_mul(100).saturating_add(activity));
        let (severity, name) = severity(facts::severity(record));
        out.number("severity_id", severity);
        out.text("severity", name);
    }
}

const fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Unspecified | Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// Whether anything of an actor is known: a user, a session or an application.
fn has_actor(record: &v1::CallRecord) -> bool {
    facts::user(record).is_some()
        || [Kind::Session, Kind::ApiToken, Kind::Partner]
            .into_iter()
            .any(|kind| facts::entity(record, kind).is_some())
}
