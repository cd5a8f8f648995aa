//! OCSF 1.8: a call as an HTTP Activity (4002), one JSON object a line.
//!
//! Two formats: `ocsf` writes every call as HTTP Activity; `ocsf-api` writes calls whose caller is known as
//! API Activity (6003), which requires an actor, and the others as HTTP Activity. A connection that could not
//! be read is a Network Activity (4001) in both. What has no place in a class is under `unmapped`: the schema
//! allows no other names.
//!
//! Source: <https://schema.ocsf.io/1.8.0/>.

mod class;
mod parts;

use apitap_proto::v1;

use super::siem::{facts, json};
use super::{Encode, Format, SinkError};
use class::Class;

/// Version of the schema these events follow.
pub const VERSION: &str = "1.8.0";

pub(super) const FORMAT: Format = Format {
    name: "ocsf",
    about: "OCSF 1.8 HTTP Activity (4002), one JSON object a line",
    records: super::tail::Records::Lines,
    encoder: |_| Box::new(Ocsf { api: false }),
};

pub(super) const API_FORMAT: Format = Format {
    name: "ocsf-api",
    about: "OCSF 1.8 API Activity (6003) where the caller is known, else HTTP Activity",
    records: super::tail::Records::Lines,
    encoder: |_| Box::new(Ocsf { api: true }),
};

struct Ocsf {
    /// Whether to write API Activity where it can be.
    api: bool,
}

impl Encode for Ocsf {
    fn encode(&mut self, record: &v1::CallRecord, out: &mut Vec<u8>) -> Result<(), SinkError> {
        event(record, self.api, out)?;
        out.push(b'\n');
        Ok(())
    }
}

/// Appends `record` as one OCSF event, without a line end. With `api`, a call whose caller is known is an API
/// Activity (6003).
///
/// # Errors
///
/// [`SinkError::Encode`] when the record has no time, which every event needs.
pub fn event(record: &v1::CallRecord, api: bool, out: &mut Vec<u8>) -> Result<(), SinkError> {
    let Some(span) = facts::span(record) else {
        let reason = "it has no time".to_owned();
        return Err(SinkError::Encode { format: "OCSF", reason });
    };
    let class = Class::of(record, api);
    json::object(out, |out| {
        class.head(record, out);
        parts::time(&span, out);
        parts::common(record, out);
        match class {
            Class::Http => parts::http_activity(record, out),
            Class::Api => parts::api_activity(record, out),
            Class::Network => parts::network_activity(record, out),
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::record::sample;

    fn written(record: &v1::CallRecord, api: bool) -> Value {
        let mut out = Vec::new();
        event(record, api, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_call_is_an_http_activity() {
        let event = written(sample::record().message(), false);
        assert_eq!(event["class_uid"], 4002);
        assert_eq!(event["type_uid"], 400_206);
        assert_eq!(event["time"], 1_767_225_600_123_u64);
        assert_eq!(event["http_request"]["http_method"], "POST");
        assert_eq!(event["http_request"]["url"]["path"], "/v1/orders/{id}");
        assert_eq!(event["http_response"], json!({"code": 201, "latency": 12, "length": 1900}));
        assert_eq!(event["status_id"], 1);
        assert_eq!(event["src_endpoint"]["ip"], "10.0.0.7");
        assert_eq!(event["traffic"], json!({"bytes": 2200, "bytes_in": 1900, "bytes_out": 300}));
        let user = "tok_user_k1_mfrggzdfmztwq2lknnwg23tpoa";
        assert_eq!(event["actor"]["user"]["uid"], user);
        assert_eq!(event["unmapped"]["entities"]["user"], json!([user]));
        let label = &event["metadata"]["data_classifications"][0];
        assert_eq!((&label["category_id"], &label["total"]), (&json!(3), &json!(2)));
        assert_eq!(event["enrichments"][0]["data"]["labels"], json!(["PCI_DSS"]));
    }

    #[test]
    fn a_known_caller_makes_it_an_api_activity_if_asked_for() {
        let mut message = sample::record().message().clone();
        let event = written(&message, true);
        assert_eq!((&event["class_uid"], &event["type_uid"]), (&json!(6003), &json!(600_301)));
        assert_eq!(event["api"]["operation"], "POST /v1/orders/{id}");
        assert!(event.get("traffic").is_none());
        message.entities.clear();
        assert_eq!(written(&message, true)["class_uid"], 4002);
    }

    #[test]
    fn a_connection_that_could_not_be_read_is_a_network_activity() {
        let mut message = sample::record().message().clone();
        let start_time = message.request.take().unwrap().start_time;
        message.response = None;
        message.encrypted_session = Some(v1::EncryptedSession {
            start_time,
            server_name: "api.example".into(),
            tls_version: "1.3".into(),
            client_bytes: 10,
            server_bytes: 20,
            ..v1::EncryptedSession::default()
        });
        let event = written(&message, true);
        assert_eq!((&event["class_uid"], &event["type_uid"]), (&json!(4001), &json!(400_106)));
        assert_eq!(event["tls"], json!({"version": "1.3", "sni": "api.example"}));
        assert_eq!(event["traffic"]["bytes"], 30);
    }

    #[test]
    fn a_record_without_time_has_no_event() {
        let mut message = sample::record().message().clone();
        message.request.as_mut().unwrap().start_time.as_mut().unwrap().nanos = -1;
        assert!(event(&message, false, &mut Vec::new()).is_ok());
        (message.request, message.response) = (None, None);
        assert!(event(&message, false, &mut Vec::new()).is_err());
    }
}
