//! Makes a message fit a size limit by leaving out what can be spared, and says what was left out.

use apitap_proto::v1;
use prost::Message as _;

/// Cuts `message` until its encoding has at most `bytes_max` bytes; `false` when even its core is larger.
///
/// Order: further values of body fields, response fields, request fields, then headers and parameters, then
/// objects, findings and entities. Cut bodies have `cut` set and keep `fields_total`; cut lists are named in
/// `cut_lists` or counted by their total.
pub(crate) fn shrink(message: &mut v1::CallRecord, bytes_max: usize) -> bool {
    const STEPS: &[fn(&mut v1::CallRecord, usize)] = &[
        |message, _| bodies(message).for_each(clear_more),
        |message, excess| {
            cut_fields(message.response.as_mut().and_then(|r| r.body.as_mut()), excess)
        },
        |message, excess| {
            cut_fields(message.request.as_mut().and_then(|r| r.body.as_mut()), excess)
        },
        |message, excess| {
            cut_fields(message.websocket_message.as_mut().and_then(|w| w.body.as_mut()), excess)
        },
        |message, excess| {
            cut_fields(message.server_event.as_mut().and_then(|event| event.body.as_mut()), excess)
        },
        |message, _| clear_parameters(message),
        |message, _| clear_lists(message),
    ];
    for step in STEPS {
        let excess = message.encoded_len().saturating_sub(bytes_max);
        if excess == 0 {
            return true;
        }
        step(message, excess);
    }
    message.encoded_len() <= bytes_max
}

fn bodies(message: &mut v1::CallRecord) -> impl Iterator<Item = &mut v1::Body> {
    let request = message.request.as_mut().and_then(|request| request.body.as_mut());
    let response = message.response.as_mut().and_then(|response| response.body.as_mut());
    let websocket = message.websocket_message.as_mut().and_then(|message| message.body.as_mut());
    let event = message.server_event.as_mut().and_then(|event| event.body.as_mut());
    request.into_iter().chain(response).chain(websocket).chain(event)
}

fn clear_more(body: &mut v1::Body) {
    for field in &mut body.fields {
        body.cut |= !field.more.is_empty();
        field.more.clear();
    }
}

/// Drops fields from the end until `excess` bytes are saved.
fn cut_fields(body: Option<&mut v1::Body>, excess: usize) {
    let Some(body) = body else { return };
    let before = total(body.fields_total, body.fields.len());
    let mut saved = 0_usize;
    while saved < excess {
        let Some(field) = body.fields.pop() else { return };
        saved = saved.saturating_add(field.encoded_len());
        body.fields_total = before;
        body.cut = true;
    }
}

fn clear_parameters(message: &mut v1::CallRecord) {
    if let Some(request) = &mut message.request {
        cut_list("headers", &mut request.headers, &mut request.cut_lists);
        cut_list("cookies", &mut request.cookies, &mut request.cut_lists);
        cut_list("query", &mut request.query, &mut request.cut_lists);
        cut_list("path_params", &mut request.path_params, &mut request.cut_lists);
        cut_list("trailers", &mut request.trailers, &mut request.cut_lists);
    }
    if let Some(response) = &mut message.response {
        cut_list("headers", &mut response.headers, &mut response.cut_lists);
        cut_list("cookies", &mut response.cookies, &mut response.cut_lists);
        cut_list("trailers", &mut response.trailers, &mut response.cut_lists);
    }
}

fn cut_list(name: &str, list: &mut Vec<v1::Parameter>, cut: &mut Vec<String>) {
    if !list.is_empty() && !cut.iter().any(|known| known == name) {
        cut.push(name.to_owned());
    }
    list.clear();
}

/// Who acted goes last and not all: the first entities are the actor's.
fn clear_lists(message: &mut v1::CallRecord) {
    const ENTITIES_KEPT: usize = 8;
    message.objects_total = total(message.objects_total, message.objects.len());
    message.objects.clear();
    message.findings_total = total(message.findings_total, message.findings.len());
    message.findings.clear();
    message.entities.truncate(ENTITIES_KEPT);
}

fn total(said: u32, len: usize) -> u32 {
    said.max(u32::try_from(len).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample;
    use super::*;

    /// A record with `fields` fields on both sides, `more` further values each and `headers` headers.
    fn large(fields: usize, more: usize, headers: usize) -> v1::CallRecord {
        let mut message = sample::record().message().clone();
        let field = |index| v1::Field {
            path: format!("$.items[].field_{index}"),
            count: 3,
            value: Some(sample::token("id")),
            more: vec![sample::token("id"); more],
            ..v1::Field::default()
        };
        let body = v1::Body { fields: (0..fields).map(field).collect(), ..v1::Body::default() };
        let header =
            v1::Parameter { name: "x-request-id".into(), value: Some(sample::token("id")) };
        message.request.as_mut().unwrap().body = Some(body.clone());
        let response = message.response.as_mut().unwrap();
        response.body = Some(body);
        response.headers = vec![header; headers];
        message
    }

    #[test]
    fn a_fitting_message_is_left_alone() {
        let mut message = large(3, 2, 4);
        let before = message.clone();
        assert!(shrink(&mut message, before.encoded_len()));
        assert!(message == before);
    }

    #[test]
    fn further_values_go_first_then_the_response() {
        let full = large(20, 4, 0);
        let mut message = full.clone();
        assert!(shrink(&mut message, full.encoded_len() - 1));
        let body = message.response.as_ref().unwrap().body.as_ref().unwrap();
        assert!(
            body.cut && body.fields.len() == 20 && body.fields.iter().all(|f| f.more.is_empty())
        );

        let bare = message.encoded_len();
        assert!(shrink(&mut message, bare - 1));
        let request = message.request.as_ref().unwrap().body.as_ref().unwrap();
        let response = message.response.as_ref().unwrap().body.as_ref().unwrap();
        assert_eq!((request.fields.len(), response.fields.len()), (20, 19));
        assert!(response.cut && response.fields_total == 20);
    }

    #[test]
    fn cut_headers_are_named() {
        let mut message = large(0, 0, 100);
        assert!(shrink(&mut message, 1500));
        let response = message.response.as_ref().unwrap();
        assert!(response.headers.is_empty());
        assert_eq!(response.cut_lists, ["headers"]);
    }

    #[test]
    fn a_core_too_large_is_refused() {
        assert!(!shrink(&mut large(1, 1, 1), 50));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        // Whatever is dropped, the result fits or is refused, and a dropped field shows.
        #[test]
        fn what_fits_says_what_it_lost(
            fields in 0..30_usize, more in 0..4_usize, headers in 0..30_usize, limit in 400..6000_usize,
        ) {
            let mut message = large(fields, more, headers);
            let fits = shrink(&mut message, limit);
            prop_assert_eq!(fits, message.encoded_len() <= limit);
            for body in bodies(&mut message) {
                if body.fields.len() < fields {
                    prop_assert!(body.cut);
                    prop_assert_eq!(usize::try_from(body.fields_total).unwrap(), fields);
                }
            }
        }
    }
}
