//! A call for tests: `POST https://shop.example/v1/orders/{id}` with a card in its body.

use apitap_proto::v1;
use prost::Message as _;

use super::{Builder, Interface, Record, SensorInfo};
use crate::call::{CallFacts, MessageFacts, Pairing};
use crate::decap::{Endpoint, Envelope, LayerKind};
use crate::http::{Completeness, Flags};
use crate::reassembly::Connection;
use crate::redact::{Parts, Span, testing};
use crate::rung::Rung;
use crate::time::Timestamp;

pub(crate) fn facts() -> CallFacts {
    let client = Endpoint { ip: "10.0.0.7".parse().unwrap(), port: 51_234 };
    let server = Endpoint { ip: "192.0.2.80".parse().unwrap(), port: 8080 };
    let mut envelope = Envelope::EMPTY;
    assert!(envelope.push(LayerKind::Vlan, 42) && envelope.push(LayerKind::Vxlan, 5001));
    CallFacts {
        connection: Connection {
            ends: [client, server],
            macs: [Some([2, 0, 0, 0, 0, 0xaa]), None],
            envelope,
            interface: 0,
            start: Timestamp::new(1_767_225_599, 0),
            handshake: true,
            base_seq: [Some(1), Some(1)],
            transport: Default::default(),
            security: Default::default(),
        },
        client,
        server,
        client_mac: Some([2, 0, 0, 0, 0, 0xaa]),
        server_mac: None,
        pairing: Pairing::Order,
        ordinal: 12,
        stream: 0,
        unanswered: Default::default(),
    }
}

pub(crate) fn message(start_seq: u32) -> MessageFacts {
    MessageFacts {
        version: (1, 1),
        status: 0,
        interim_count: 0,
        start_time: Timestamp::new(1_767_225_600, 123_456_789),
        end_time: Timestamp::new(1_767_225_600, 123_956_789),
        start_seq,
        completeness: Completeness::Complete,
        wire_bytes: 300,
        body_bytes: 0,
        decoded_bytes: 0,
        missing_bytes: 0,
        body_cut: false,
        messages: Default::default(),
        streaming: Default::default(),
        flags: Flags::default(),
        rung: Rung::Full,
    }
}

pub(crate) fn token(class: &str) -> v1::Value {
    let text = format!("tok_{class}_k1_mfrggzdfmztwq2lknnwg23tpoa");
    let token =
        v1::Token { class: class.into(), key_id: "k1".into(), text, ..v1::Token::default() };
    v1::Value { form: Some(v1::value::Form::Token(token)) }
}

/// What a redacted call is made of.
pub(crate) struct Sample {
    pub(crate) facts: CallFacts,
    pub(crate) request: Option<v1::Request>,
    pub(crate) response: Option<v1::Response>,
    pub(crate) request_facts: Option<MessageFacts>,
    pub(crate) response_facts: Option<MessageFacts>,
    pub(crate) operation: String,
    pub(crate) entities: Vec<v1::Entity>,
    pub(crate) findings: Vec<v1::Finding>,
    pub(crate) signals: Vec<v1::Signal>,
}

pub(crate) fn parts() -> Sample {
    let field = v1::Field {
        path: "$.card.number".into(),
        types: vec![v1::ValueType::String.into()],
        count: 1,
        value: Some(token("pan")),
        more: Vec::new(),
    };
    let body = v1::Body {
        media_type: "application/json".into(),
        format: "json".into(),
        bytes: 40,
        decoded_bytes: 40,
        fields: vec![field],
        fields_total: 1,
        ..v1::Body::default()
    };
    let answered = MessageFacts {
        status: 201,
        start_time: Timestamp::new(1_767_225_600, 135_956_789),
        end_time: Timestamp::new(1_767_225_600, 136_000_000),
        wire_bytes: 1900,
        ..message(2000)
    };
    Sample {
        facts: facts(),
        request: Some(v1::Request {
            method: "POST".into(),
            bytes: 300,
            http_version: "1.1".into(),
            host: "shop.example".into(),
            path_template: "/v1/orders/{id}".into(),
            body: Some(body),
            ..v1::Request::default()
        }),
        response: Some(v1::Response {
            status: 201,
            bytes: 1900,
            http_version: "1.1".into(),
            ..v1::Response::default()
        }),
        request_facts: Some(MessageFacts { body_bytes: 40, decoded_bytes: 40, ..message(1000) }),
        response_facts: Some(answered),
        operation: "POST /v1/orders/{id}".into(),
        entities: vec![v1::Entity {
            kind: v1::entity::Kind::User.into(),
            value: Some(token("user")),
            location: "request.header:authorization".into(),
            ..v1::Entity::default()
        }],
        signals: Vec::new(),
        findings: vec![v1::Finding {
            class: "pan".into(),
            labels: vec!["PCI_DSS".into()],
            location: "request.body:$.card.number".into(),
            count: 2,
            action: v1::finding::Action::Tokenized.into(),
            confidence: v1::finding::Confidence::High.into(),
            rule: String::new(),
        }],
    }
}

pub(crate) fn builder() -> Builder {
    let sensor =
        SensorInfo { id: "tap-1".into(), version: "0.1.0".into(), config_id: "c0ffee".into() };
    Builder::new(sensor, vec![Interface { name: "eth0".into(), link: "ethernet".into() }])
}

pub(crate) fn record_of(sample: Sample) -> Record {
    built(&mut builder(), sample)
}

pub(crate) fn built(builder: &mut Builder, sample: Sample) -> Record {
    let rest = v1::CallRecord {
        api_style: v1::api::Style::Rest.into(),
        operation: sample.operation.clone(),
        entities: sample.entities,
        findings_total: u32::try_from(sample.findings.len()).unwrap(),
        findings: sample.findings,
        signals: sample.signals,
        ..v1::CallRecord::default()
    };
    let rest = rest.encode_to_vec();
    let request = sample.request.as_ref().map(v1::Request::encode_to_vec);
    let response = sample.response.as_ref().map(v1::Response::encode_to_vec);
    let asked = request.as_deref().unwrap_or_default();
    let names = |r: &v1::Request| (find(asked, &r.host), find(asked, &r.path_template));
    let (host, path_template) = sample.request.as_ref().map(names).unwrap_or_default();
    let parts = Parts {
        facts: &sample.facts,
        request: request.as_deref(),
        response: response.as_deref(),
        request_facts: sample.request_facts.as_ref(),
        response_facts: sample.response_facts.as_ref(),
        operation: find(&rest, &sample.operation),
        actor: find(&rest, "tok_user_k1_mfrggzdfmztwq2lknnwg23tpoa"),
        rest: &rest,
        host,
        path_template,
        session: None,
        socket: None,
        trail: None,
        real_client: None,
        protocol: None,
        key_id: "k1",
        path_trail: None,
        explained: &[],
    };
    let mut record = builder.build(testing(parts));
    record.stamp(1);
    record
}

fn find(octets: &[u8], text: &str) -> Span {
    let start = memchr::memmem::find(octets, text.as_bytes());
    start.map_or_else(Span::default, |start| Span { start, end: start + text.len() })
}

pub(crate) fn record() -> Record {
    record_of(parts())
}

/// A session that cannot be read, with bytes of client and server.
pub(crate) fn session(alike: u64, bytes: [u64; 2]) -> Record {
    let content = v1::EncryptedSession {
        server_name: "pay.example".into(),
        client_bytes: 1,
        ..v1::EncryptedSession::default()
    };
    let content = content.encode_to_vec();
    let facts = crate::tls::SessionFacts {
        part: 0,
        start: Timestamp::new(1_767_225_600, 0),
        missing: [0; 2],
        bytes,
        midway: false,
        alike,
        seed: [1; 32],
    };
    let parts = Parts {
        facts: &self::facts(),
        request: None,
        response: None,
        request_facts: None,
        response_facts: None,
        session: Some((facts, &content)),
        rest: &[],
        host: find(&content, "pay.example"),
        path_template: Span::default(),
        operation: Span::default(),
        actor: Span::default(),
        socket: None,
        trail: None,
        real_client: None,
        protocol: None,
        key_id: "k1",
        path_trail: None,
        explained: &[],
    };
    builder().build(testing(parts))
}
