//! What a call is beyond HTTP: GraphQL, JSON-RPC, SOAP, batches of OData, JSON:API. Structure only: names made of words, counts, codes.
//!
//! Values of the same bodies leave as fields, like those of any body. What is told here is read a second time, and only
//! where the fields of the request have shown that it is there.

mod document;
mod graphql;
pub(super) mod graphql_ws;
mod jsonapi;
mod jsonrpc;
mod lexer;
mod odata;
pub(super) mod slices;
mod soap;
mod xmlrpc;

use apitap_proto::v1::api::Style;

use super::body::fields::Hints;
use super::signals::Size;
use super::style::safe_name;
use crate::call::Message;
use crate::http::Completeness;

/// Most operations told of one call.
const LISTED_MAX: usize = 16;

/// What a call is.
#[derive(Default)]
pub(super) enum Facts {
    /// None of these.
    #[default]
    Plain,
    Graphql(graphql::Facts),
    Jsonrpc(jsonrpc::Facts),
    Soap(soap::Facts),
    Xmlrpc(xmlrpc::Facts),
    Odata(odata::Facts),
    Jsonapi(jsonapi::Facts),
}

impl Facts {
    /// What a request tells.
    pub(super) fn asked(message: &Message, hints: &Hints) -> Self {
        // Octets joined over a loss are nobody's words.
        if message.facts.completeness == Completeness::Gap {
            return Self::Plain;
        }
        if hints.xmlrpc {
            return Self::Xmlrpc(xmlrpc::asked(hints));
        }
        if hints.jsonrpc || hints.method.is_some() {
            return jsonrpc::asked(message).map_or(Self::Plain, Self::Jsonrpc);
        }
        if hints.graphql.is_some() || hints.persisted || graphql::is_document(message) {
            return Self::Graphql(graphql::asked(message, hints));
        }
        if hints.soap.is_some() || message.field("soapaction").is_some() || soap::is_packed(message)
        {
            return soap::asked(message, hints).map_or(Self::Plain, Self::Soap);
        }
        if odata::is_batch(message) {
            return odata::asked(message).map_or(Self::Plain, Self::Odata);
        }
        if let Some(facts) = jsonapi::asked(message) {
            return Self::Jsonapi(facts);
        }
        Self::Plain
    }

    /// Whether a user name of WS-Security came with the request.
    pub(super) const fn has_user(&self) -> bool {
        matches!(self, Self::Soap(facts) if facts.username_token)
    }

    /// Adds what the response tells, as far as it was read.
    pub(super) fn answered(&mut self, message: &Message) {
        if message.facts.completeness == Completeness::Gap {
            return;
        }
        match self {
            Self::Plain | Self::Odata(_) | Self::Jsonapi(_) => {}
            Self::Graphql(facts) => facts.answered(message),
            Self::Jsonrpc(facts) => facts.answered(message),
            Self::Soap(facts) => facts.answered(message),
            Self::Xmlrpc(facts) => facts.answered(message),
        }
    }

    /// The status of HTTP that says what all errors of a GraphQL answer say that has no data: that callers are not
    /// known (401), or may not (403).
    pub(super) fn refused(&self) -> Option<u16> {
        if let Self::Graphql(facts) = self { facts.refused() } else { None }
    }

    /// How much is asked for at once.
    pub(super) fn size(&self) -> Size {
        match self {
            Self::Graphql(facts) => facts.size(),
            Self::Jsonrpc(facts) => Size { calls: facts.total(), ..Size::default() },
            Self::Odata(facts) => Size { calls: facts.total(), ..Size::default() },
            Self::Jsonapi(facts) => Size { calls: facts.total(), ..Size::default() },
            Self::Plain | Self::Soap(_) | Self::Xmlrpc(_) => Size::default(),
        }
    }

    /// The style, and what an operation is called behind method and path.
    pub(super) fn operation(&self) -> Option<(Style, String)> {
        match self {
            Self::Plain => None,
            Self::Graphql(facts) => Some((Style::Graphql, facts.operation())),
            Self::Jsonrpc(facts) => Some((Style::Jsonrpc, facts.operation())),
            Self::Soap(facts) => Some((Style::Soap, facts.operation())),
            Self::Xmlrpc(facts) => Some((Style::Xmlrpc, facts.operation())),
            Self::Odata(facts) => Some((Style::Odata, facts.operation())),
            Self::Jsonapi(facts) => Some((Style::Jsonapi, facts.operation())),
        }
    }

    /// Writes the message of the style as a field of `CallRecord`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Plain | Self::Odata(_) | Self::Jsonapi(_) => {}
            Self::Graphql(facts) => facts.write(out),
            Self::Jsonrpc(facts) => facts.write(out),
            Self::Soap(facts) => facts.write(out),
            Self::Xmlrpc(facts) => facts.write(out),
        }
    }
}

/// A name as it may leave; empty when it may not.
fn kept(name: &[u8]) -> String {
    safe_name(name).unwrap_or_default()
}

/// What all of a batch are called, or `batch`.
fn common<'a>(mut names: impl Iterator<Item = &'a str>, cut: bool) -> String {
    let first = names.next().unwrap_or_default();
    if cut || names.any(|name| name != first) { "batch".into() } else { first.into() }
}

#[cfg(test)]
mod tests {
    use apitap_proto::v1;
    use prost::Message as _;

    use super::super::fuzz::{facts, message};
    use crate::call::Call;
    use crate::redact::{Config, Keys, Redactor};

    /// The record of a call: media type and body of the request, body of the response.
    fn record(target: &str, kind: &str, asked: &str, told: &str) -> v1::CallRecord {
        let fields = [(&b"content-type"[..], kind.as_bytes())];
        let request = message(b"POST", target.as_bytes(), &fields, asked.as_bytes(), 0);
        let response = message(b"", b"", &[], told.as_bytes(), 200);
        let call =
            Call { facts: facts(), request: Some(request), response: Some(response), ..empty() };
        let mut redactor = Redactor::new(&Keys::ephemeral().unwrap(), &Config::default());
        v1::CallRecord::decode(redactor.redact(&call).into_parts().rest).unwrap()
    }

    fn empty() -> Call {
        Call { facts: facts(), request: None, response: None, session: None, socket: None }
    }

    #[test]
    fn answers_of_a_graphql_batch_stand_in_order() {
        let asked = r#"[{"query":"{me{id}}"},{"query":"mutation Pay{pay(card:\"4111111111111111\"){id}}"}]"#;
        let told = r#"[{"data":{"me":null}},{"data":null,"errors":[{"message":"kim@example.com",
            "extensions":{"code":"FORBIDDEN"}},{"extensions":{"code":"kim@example.com"}}]}]"#;
        let record = record("/graphql", "application/json", asked, told);
        assert_eq!(record.operation, "POST /graphql batch");
        let graphql = record.graphql.unwrap();
        assert!(graphql.batch && graphql.errors == 2 && graphql.operations_total == 2);
        let [first, second] = &graphql.operations[..] else { panic!("two operations") };
        assert!(first.data && first.errors == 0 && first.root_fields == ["me"]);
        assert!(!second.data && second.errors == 2 && second.error_codes == ["FORBIDDEN"]);
    }

    #[test]
    fn names_that_are_data_stay() {
        let asked = r#"{"operationName":"u4111111111111111","query":"query u4111111111111111 {kim_900101_1234568}"}"#;
        let graphql = record("/graphql", "application/json", asked, "{}").graphql.unwrap();
        let operation = &graphql.operations[0];
        assert!(operation.name.is_empty() && operation.root_fields.is_empty());
        assert_eq!(operation.root_fields_total, 1);
        let asked = r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"kim@example.com"}}"#;
        let record = record("/mcp", "application/json", asked, "");
        assert_eq!(record.operation, "POST /mcp tools/call");
        let jsonrpc = record.jsonrpc.unwrap();
        assert!(jsonrpc.mcp && jsonrpc.calls[0].target.is_empty());
    }

    #[test]
    fn answers_find_their_calls_by_id() {
        let asked = r#"[{"jsonrpc":"2.0","id":1,"method":"a.get"},{"jsonrpc":"2.0","method":"a.log"},
            {"jsonrpc":"2.0","id":"1","method":"a.put"}]"#;
        let told = r#"[{"id":"1","error":{"code":-32000}},{"id":1,"result":2}]"#;
        let jsonrpc = record("/rpc", "application/json", asked, told).jsonrpc.unwrap();
        let codes: Vec<_> = jsonrpc.calls.iter().map(|c| (c.answered, c.error_code)).collect();
        assert_eq!(codes, [(true, None), (false, None), (true, Some(-32000))]);
        assert_eq!((jsonrpc.notifications, jsonrpc.errors), (1, 1));
        assert!(jsonrpc.calls[1].notification);
    }

    #[test]
    fn other_json_is_no_rpc() {
        for asked in [
            r#"{"method":"card","params":[],"id":1,"amount":5}"#,
            r#"{"method":"card"}"#,
            r#"{"jsonrpc":"9.9","method":"card"}"#,
        ] {
            let record = record("/pay", "application/json", asked, "{}");
            assert!(record.jsonrpc.is_none(), "{asked}");
        }
    }

    #[test]
    fn faults_of_xml_rpc_come_with_status_200() {
        let asked = "<?xml version='1.0'?><methodCall><methodName>shop.count</methodName><params/></methodCall>";
        let told = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-4</int></value></member>
            <member><name>faultString</name><value><string>kim@example.com</string></value></member></struct></value></fault></methodResponse>";
        let xmlrpc = record("/xmlrpc", "text/xml", asked, told);
        assert_eq!(xmlrpc.operation, "POST /xmlrpc shop.count");
        let soap = xmlrpc.soap.unwrap();
        assert!(soap.fault && soap.version == "xml-rpc" && soap.operation == "shop.count");
        assert_eq!(soap.fault_code, "-4");
        let told = "<methodResponse><params><param><value><string>fault</string></value></param></params></methodResponse>";
        assert!(!record("/xmlrpc", "text/xml", asked, told).soap.unwrap().fault);
    }

    #[test]
    fn parameters_name_operations() {
        let mut wrong = Vec::new();
        for (target, kind, asked, operation) in [
            ("/api?action=login&x=1", "", "", "POST /api login"),
            ("/rest?method=photos.search", "", "", "POST /rest photos.search"),
            ("/", "application/x-www-form-urlencoded", "Action=ListUsers", "POST / ListUsers"),
            ("/wms?SERVICE=WMS&REQUEST=GetMap", "", "", "POST /wms WMS.GetMap"),
            (
                "/orders/4",
                "application/json",
                r#"{"action":"approve"}"#,
                "POST /orders/{order_id} approve",
            ),
            ("/?Action=DescribeInstances&Version=2016-11-15", "", "", "POST / DescribeInstances"),
            (
                "/",
                "application/x-www-form-urlencoded",
                "Action=DescribeDBInstances&Version=2014-10-31",
                "POST / DescribeDBInstances",
            ),
            ("/", "application/x-www-form-urlencoded", "Action=AssumeRole", "POST / AssumeRole"),
            ("/service.asmx/soap12", "", "", "POST /service.asmx/soap12"),
            ("/soap11/orders", "", "", "POST /soap11/orders"),
            // Values that are none of an API's words stay values.
            ("/api?action=4111111111111111", "", "", "POST /api"),
            ("/api?action=kim@example.com", "", "", "POST /api"),
            ("/api?action=xq7zk2pw9", "", "", "POST /api"),
            ("/api?request=GetMap", "", "", "POST /api"),
            ("/pay", "application/json", r#"{"method":"card"}"#, "POST /pay"),
        ] {
            let told = record(target, kind, asked, "").operation;
            if told != operation {
                wrong.push([target, asked, told.as_str()].join(" "));
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn operations_of_amazon_are_named_in_a_field() {
        for (target, operation) in [
            ("DynamoDB_20120810.GetItem", "POST / DynamoDB.GetItem"),
            ("AWSCognitoIdentityProviderService.InitiateAuth", "POST / InitiateAuth"),
            ("Kinesis_20131202.PutRecords", "POST / PutRecords"),
            ("secretsmanager.GetSecretValue", "POST / secretsmanager.GetSecretValue"),
            ("x.4111111111111111", "POST /"),
            ("kim@example.com", "POST /"),
            ("", "POST /"),
        ] {
            let fields = [(&b"x-amz-target"[..], target.as_bytes())];
            let request = message(b"POST", b"/", &fields, b"{}", 0);
            let call = Call { request: Some(request), ..empty() };
            let mut redactor = Redactor::new(&Keys::ephemeral().unwrap(), &Config::default());
            let told = v1::CallRecord::decode(redactor.redact(&call).into_parts().rest).unwrap();
            assert_eq!(told.operation, operation, "{target}");
        }
    }

    const BATCH: &str = "--b\r\nContent-Type: application/http\r\n\r\nGET Products(4711)?$top=1 HTTP/1.1\r\n\r\n\r\n";
    const CHANGES: &str = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n\
        PATCH /odata/Customers('kim@example.com') HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{}\r\n--c--\r\n";

    #[test]
    fn parts_of_an_odata_batch_are_operations() {
        let told = |kind: &str, asked: &str| {
            let record = record("/odata/$batch", kind, asked, "");
            (record.api_style(), record.operation)
        };
        let odata = |operation: &str| (v1::api::Style::Odata, operation.to_owned());
        let kind = "multipart/mixed; boundary=b";
        let end = "--b--\r\n";
        let same = [BATCH, BATCH, end].concat();
        assert_eq!(told(kind, &same), odata("POST /odata/$batch GET Products"));
        let other = [BATCH, CHANGES, end].concat();
        assert_eq!(told(kind, &other), odata("POST /odata/$batch batch"));
        let change = [CHANGES, end].concat();
        assert_eq!(told(kind, &change), odata("POST /odata/$batch PATCH odata/Customers"));
        let json = |list: &str| format!(r#"{{"requests":[{list}]}}"#);
        let one = r#"{"id":"1","method":"GET","url":"/users/4711/orders?$top=1"}"#;
        let two = r#"{"id":"2","method":"patch","url":"kim@example.com"}"#;
        let kind = "application/json";
        let same = json(&[one, one].join(","));
        assert_eq!(told(kind, &same), odata("POST /odata/$batch GET users/orders"));
        let other = json(&[one, two].join(","));
        assert_eq!(told(kind, &other), odata("POST /odata/$batch batch"));
        assert_eq!(told(kind, &json(two)), odata("POST /odata/$batch PATCH"));
        // A key may stand as a segment, and look like a word.
        let key = r#"{"id":"3","method":"GET","url":"/Customers/kimminsu/orders"}"#;
        assert_eq!(told(kind, &json(key)), odata("POST /odata/$batch GET Customers/orders"));
        assert_eq!(told(kind, "{}").1, "POST /odata/$batch");
        let long = json(&vec![one; 500].join(","));
        assert_eq!(told(kind, &long), odata("POST /odata/$batch batch"));
        let signals = record("/odata/$batch", kind, &long, "").signals;
        assert!(signals.iter().any(|signal| signal.id == "request.batch_size"));
    }

    #[test]
    fn types_of_json_api_are_operations() {
        let kind = "application/vnd.api+json";
        for (target, asked, operation) in [
            // The path says it already.
            ("/articles", r#"{"data":{"type":"articles","id":"1"}}"#, "POST /articles"),
            ("/api", r#"{"data":{"type":"articles","id":"1"}}"#, "POST /api articles"),
            ("/api", r#"{"data":[{"type":"articles"},{"type":"articles"}]}"#, "POST /api articles"),
            ("/api", r#"{"data":[{"type":"articles"},{"type":"users"}]}"#, "POST /api batch"),
            ("/api", r#"{"data":{"type":"kim@example.com"}}"#, "POST /api"),
            ("/api", r#"{"meta":{}}"#, "POST /api"),
            (
                "/operations",
                r#"{"atomic:operations":[{"op":"add","data":{"type":"articles"}}]}"#,
                "POST /operations add articles",
            ),
            (
                "/operations",
                r#"{"atomic:operations":[{"op":"remove","ref":{"type":"articles","id":"1"}},{"op":"add","data":{"type":"users"}}]}"#,
                "POST /operations batch",
            ),
        ] {
            let record = record(target, kind, asked, "");
            assert_eq!(record.operation, operation, "{asked}");
            assert_eq!(record.api_style(), v1::api::Style::Jsonapi);
        }
    }

    #[test]
    fn operations_are_named_where_the_configuration_says() {
        use crate::redact::{Location, NamedOperation};
        let named = |path: &str, location, name: &str| NamedOperation {
            host: String::new(),
            path: path.into(),
            location,
            name: name.into(),
        };
        let operations = [
            named("/gate/*", Location::Body, "head.service"),
            named("/gate/*", Location::Query, "svc"),
            named("/rpc", Location::Header, "x-call"),
        ];
        let keys = Keys::ephemeral().unwrap();
        let mut redactor = Redactor::new(&keys, &Config::default()).naming(&operations);
        let mut told = |target: &str, asked: &str| {
            let fields =
                [(&b"x-call"[..], &b"list.users"[..]), (b"content-type", b"application/json")];
            let request = message(b"POST", target.as_bytes(), &fields, asked.as_bytes(), 0);
            let call = Call { request: Some(request), ..empty() };
            v1::CallRecord::decode(redactor.redact(&call).into_parts().rest).unwrap().operation
        };
        let body = r#"{"head":{"service":"ListOrders"}}"#;
        assert_eq!(told("/gate/x", body), "POST /gate/x ListOrders");
        assert_eq!(told("/gate/x?svc=find%4frders", "{}"), "POST /gate/x findOrders");
        assert_eq!(told("/gate/x?svc=4111111111111111", "{}"), "POST /gate/x");
        assert_eq!(told("/rpc", ""), "POST /rpc list.users");
        assert_eq!(told("/other?svc=findOrders", body), "POST /other");
    }

    #[test]
    fn keys_and_literals_of_odata_are_values() {
        let target = "/odata/Products(4711)/Orders(OrderID=5,Code='kim@example.com')?$filter=Email%20eq%20'kim@example.com'%20and%20Price%20gt%2020";
        let record = record(target, "", "", "");
        let request = record.operation;
        assert_eq!(
            request,
            "POST /odata/Products({product_id})/Orders(OrderID={OrderID},Code={Code})"
        );
    }

    #[test]
    fn long_batches_are_cut() {
        let one = r#"{"jsonrpc":"2.0","id":1,"method":"a.get"}"#;
        let asked = format!("[{}]", [one; 500].join(","));
        let record = record("/rpc", "application/json", &asked, "");
        assert_eq!(record.operation, "POST /rpc batch");
        let jsonrpc = record.jsonrpc.unwrap();
        assert_eq!((jsonrpc.calls.len(), jsonrpc.calls_total), (super::LISTED_MAX, 500));
    }

    #[test]
    fn a_user_of_ws_security_is_who_calls() {
        let asked = r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header><w:Security>
            <w:UsernameToken><w:Username>minji</w:Username><w:Password>x1</w:Password></w:UsernameToken></w:Security>
            </e:Header><e:Body><p:FindPerson/></e:Body></e:Envelope>"#;
        let told = "<e:Envelope><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code></e:Fault></e:Body></e:Envelope>";
        let record =
            record("/people", "application/soap+xml; action=\"urn:x/FindPerson\"", asked, told);
        assert_eq!(record.operation, "POST /people FindPerson");
        assert_eq!(record.auth.unwrap().scheme, "ws_security");
        assert_eq!(record.entities[0].kind(), v1::entity::Kind::User);
        let soap = record.soap.unwrap();
        assert!(soap.fault && soap.username_token);
        assert_eq!((soap.version.as_str(), soap.fault_code.as_str()), ("1.2", "Sender"));
        assert_eq!(
            (soap.action.as_str(), soap.header_blocks),
            ("FindPerson", vec!["Security".to_owned()])
        );
    }
}
