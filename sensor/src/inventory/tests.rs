use apitap_proto::{Timestamp, v1};
use proptest::prelude::*;
use v1::value::Form;

use super::*;

/// A call of `user` to `GET host/path`, answered with `status` after `latency` milliseconds at second `time`.
fn call(host: &str, path: &str, status: u32, user: u8, time: u8) -> v1::CallRecord {
    let at = |nanos| Some(Timestamp { seconds: 1_767_225_600 + i64::from(time), nanos });
    let token =
        v1::Token { class: "id".into(), text: format!("tok_id_k_{user}"), ..v1::Token::default() };
    let token = v1::Value { form: Some(Form::Token(token)) };
    let kept = v1::Value { form: Some(Form::Kept(user.to_string())) };
    let field = |path: &str| v1::Field {
        path: path.into(),
        types: vec![v1::ValueType::String.into()],
        count: 1,
        value: Some(token.clone()),
        more: Vec::new(),
    };
    let fields = if time.is_multiple_of(2) {
        vec![field("$.a")]
    } else {
        vec![field("$.a"), field("$.b.c")]
    };
    v1::CallRecord {
        client: Some(v1::Endpoint { ip: format!("10.0.0.{user}"), ..v1::Endpoint::default() }),
        request: Some(v1::Request {
            start_time: at(0),
            method: "GET".into(),
            host: host.into(),
            path_template: path.into(),
            query: vec![v1::Parameter { name: "page".into(), value: Some(kept) }],
            bytes: 100,
            ..v1::Request::default()
        }),
        response: (status != 0).then(|| v1::Response {
            start_time: at(1),
            status,
            latency_ns: Some(u64::from(time) * 1_000_000),
            body: Some(v1::Body {
                media_type: "application/json".into(),
                format: "json".into(),
                bytes: 10,
                fields,
                ..v1::Body::default()
            }),
            ..v1::Response::default()
        }),
        auth: Some(v1::Auth { scheme: "bearer".into(), ..v1::Auth::default() }),
        entities: vec![v1::Entity {
            kind: v1::entity::Kind::User.into(),
            value: Some(token),
            ..v1::Entity::default()
        }],
        ..v1::CallRecord::default()
    }
}

fn of(records: &[v1::CallRecord]) -> Inventory {
    let mut inventory = Inventory::default();
    records.iter().for_each(|record| inventory.push(record));
    inventory
}

/// What an inventory shows, without numbers that depend on the order of arrival.
fn shown(inventory: &Inventory) -> Vec<Endpoint> {
    let mut all: Vec<Endpoint> = inventory.sorted().into_iter().cloned().collect();
    for endpoint in &mut all {
        endpoint.id = 0;
        let text = serde_json::to_string(endpoint).unwrap();
        *endpoint = serde_json::from_str(&text).unwrap();
    }
    all
}

prop_compose! {
    fn any_call()(host in 0..2_u8, path in 0..4_u8, status in prop::sample::select(vec![0_u32, 200, 201, 404, 500]), user in 0..5_u8, time in 0..60_u8) -> v1::CallRecord {
        call(&format!("h{host}.example"), &format!("/v1/p{path}/{{id}}"), status, user, time)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn merging_is_counting_together(a in prop::collection::vec(any_call(), 0..30), b in prop::collection::vec(any_call(), 0..30)) {
        let mut merged = of(&a);
        merged.merge(&of(&b));
        let together = of(&[a, b].concat());
        prop_assert_eq!(shown(&merged), shown(&together));
        prop_assert_eq!((merged.calls(), merged.unproven), (together.calls(), together.unproven));
        let calls = |inventory: &Inventory| -> Vec<(String, u64, usize)> {
            let all = inventory.busiest().into_iter();
            all.map(|(token, entity)| (token.to_owned(), entity.calls, entity.moments.len())).collect()
        };
        prop_assert_eq!(calls(&merged), calls(&together));
    }

    #[test]
    fn an_inventory_survives_being_written_down(calls in prop::collection::vec(any_call(), 0..20)) {
        let inventory = of(&calls);
        let text = serde_json::to_string(&inventory).unwrap();
        let back: Inventory = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);
        prop_assert_eq!(shown(&back), shown(&inventory));
    }

    // A restart makes no room.
    #[test]
    fn what_is_read_back_takes_the_room_it_took(calls in prop::collection::vec(any_call(), 0..30)) {
        let mut inventory = Inventory::default();
        for mut record in calls {
            let found = |class: &str| v1::Finding { class: class.into(), location: "response.body:$.a".into(), ..v1::Finding::default() };
            record.findings = vec![found("email"), found("name")];
            record.signals = vec![v1::Signal { id: "data.bulk".into(), ..v1::Signal::default() }];
            inventory.push(&record);
        }
        let mut state = Vec::new();
        inventory.save(&mut state).unwrap();
        let back = Inventory::load(state.as_slice(), Limits::default()).unwrap();
        prop_assert_eq!(back.budget().left(), inventory.budget().left());
    }

    // Every call is either at an endpoint or told as left out, whatever the limits.
    #[test]
    fn no_call_is_lost(calls in prop::collection::vec(any_call(), 0..60), endpoints in 0..12_u32, cells in 0..200_u64) {
        let mut inventory = Inventory::new(Limits { endpoints, entities: 3, cells });
        calls.iter().for_each(|record| inventory.push(record));
        let kept: u64 = inventory.sorted().iter().map(|endpoint| endpoint.calls).sum();
        prop_assert_eq!(kept + inventory.left_out().endpoint_calls, calls.len() as u64);
        prop_assert!(inventory.sorted().len() <= endpoints as usize);
        prop_assert!(inventory.budget().left() <= cells);
    }
}

#[test]
fn a_scanner_does_not_crowd_out_the_api() {
    let mut inventory = Inventory::new(Limits { endpoints: 100, entities: 10, cells: 1_000_000 });
    for i in 0..5000 {
        inventory.push(&call("shop.example", &format!("/scan/{i}"), 404, 1, 1));
    }
    assert_eq!(inventory.sorted().len(), 25);
    assert_eq!(inventory.left_out().endpoint_calls, 4975);
    for i in 0..75 {
        inventory.push(&call("shop.example", &format!("/v1/p{i}"), 200, 1, 1));
    }
    assert_eq!(inventory.sorted().iter().filter(|endpoint| endpoint.exists()).count(), 75);
    // What first answered 404 and then exists makes room for another unproven one.
    inventory.push(&call("shop.example", "/scan/3", 200, 1, 1));
    assert_eq!(inventory.unproven, 24);
}

#[test]
fn what_is_no_call_is_told_apart() {
    let mut inventory = Inventory::default();
    let call = call("shop.example", "/v1", 200, 1, 1);
    inventory.push(&v1::CallRecord { sample_weight: 10, ..call.clone() });
    inventory.push(&v1::CallRecord { request: None, ..call.clone() });
    inventory.push(&v1::CallRecord {
        websocket_message: Some(v1::WebSocketMessage {
            opcode: 1,
            name: "subscribe".into(),
            from_client: true,
            messages_skipped: 4,
            ..v1::WebSocketMessage::default()
        }),
        ..call.clone()
    });
    inventory.push(&v1::CallRecord {
        encrypted_session: Some(v1::EncryptedSession::default()),
        ..v1::CallRecord::default()
    });
    assert_eq!((inventory.calls(), inventory.websocket_messages()), (11, 5));
    let operations = &inventory.sorted()[0].operations;
    assert_eq!(operations.of("WS client subscribe"), 1);
    assert_eq!(inventory.sorted()[0].calls, 10);
    let left = inventory.left_out();
    assert_eq!((left.unknown_calls, left.encrypted_sessions), (1, 1));
}

mod learning {
    use v1::inventory_event::Kind;

    use super::*;

    /// Kinds of the changes that a record brings.
    fn learned(inventory: &mut Inventory, record: &v1::CallRecord) -> Vec<Change> {
        inventory.learn(record)
    }

    fn kinds(changes: &[Change]) -> Vec<Kind> {
        changes.iter().map(|change| change.message().kind()).collect()
    }

    fn found(mut record: v1::CallRecord, class: &str, location: &str) -> v1::CallRecord {
        record.findings.push(v1::Finding {
            class: class.into(),
            location: location.into(),
            ..v1::Finding::default()
        });
        record
    }

    #[test]
    fn an_endpoint_is_told_once_it_exists() {
        let mut inventory = Inventory::default();
        assert!(learned(&mut inventory, &call("a", "/x", 404, 1, 0)).is_empty());
        assert!(learned(&mut inventory, &call("a", "/x", 0, 1, 0)).is_empty());
        let record = found(call("a", "/x", 200, 1, 1), "email", "response.body:$.a");
        let changes = learned(&mut inventory, &record);
        assert_eq!(kinds(&changes), [Kind::NewEndpoint]);
        let event = changes[0].message();
        assert_eq!((event.host.as_str(), event.status), ("a", 200));
        assert_eq!((event.auth_scheme.as_str(), event.id.len()), ("bearer", 32));
        let want = v1::InventoryDataClass { class: "email".into(), outward: true };
        assert_eq!(event.data_classes, [want]);
        // What the first answered call had is not told again.
        assert!(learned(&mut inventory, &record).is_empty());
        assert!(learned(&mut inventory, &call("a", "/y", 404, 1, 0)).is_empty());
    }

    #[test]
    fn fields_classes_and_zones_are_told() {
        let mut inventory = Inventory::default();
        let _first = learned(&mut inventory, &call("a", "/x", 200, 1, 0));
        // An odd second has another field.
        let changes = learned(&mut inventory, &call("a", "/x", 200, 1, 1));
        assert_eq!(kinds(&changes), [Kind::NewField]);
        let event = changes[0].message();
        let field = &event.fields[0];
        assert_eq!(
            (field.location.as_str(), field.media_type.as_str(), event.fields_total),
            ("response.body:$.b.c", "application/json", 1)
        );
        assert_eq!(field.types, [i32::from(v1::ValueType::String)]);

        let record = found(call("a", "/x", 200, 1, 1), "pan", "request.query:page");
        assert_eq!(kinds(&learned(&mut inventory, &record)), [Kind::NewDataClass]);
        // The same class in the other direction is news.
        let outward = found(record, "pan", "response.body:$.a");
        let changes = learned(&mut inventory, &outward);
        assert_eq!(kinds(&changes), [Kind::NewDataClass]);
        assert!(changes[0].message().data_classes.iter().all(|class| class.outward));
        assert!(learned(&mut inventory, &outward).is_empty());

        let mut outside = call("a", "/x", 200, 1, 1);
        outside.client.as_mut().unwrap().zone = v1::endpoint::Zone::External.into();
        outside
            .request
            .as_mut()
            .unwrap()
            .query
            .push(v1::Parameter { name: "debug".into(), value: None });
        let changes = learned(&mut inventory, &outside);
        assert_eq!(kinds(&changes), [Kind::NewField, Kind::NewCallerZone]);
        assert_eq!(changes[0].message().fields[0].location, "request.query:debug");
        assert_eq!(changes[1].message().zone(), v1::endpoint::Zone::External);
    }

    #[test]
    fn what_a_state_knows_is_no_news() {
        let mut inventory = Inventory::default();
        let records =
            [call("a", "/x", 200, 1, 0), call("a", "/x", 200, 1, 1), call("b", "/", 404, 2, 3)];
        let told: Vec<Change> = records.iter().flat_map(|r| inventory.learn(r)).collect();
        assert_eq!(kinds(&told), [Kind::NewEndpoint, Kind::NewField]);
        let mut state = Vec::new();
        inventory.save(&mut state).unwrap();
        let mut back = Inventory::load(state.as_slice(), Limits::default()).unwrap();
        assert_eq!((back.calls(), back.sizes()), (3, inventory.sizes()));
        assert!(records.iter().all(|record| back.learn(record).is_empty()));
        // The same change elsewhere has the same id.
        let mut other = Inventory::default();
        let again: Vec<Change> = records.iter().flat_map(|r| other.learn(r)).collect();
        let ids = |all: &[Change]| all.iter().map(|c| c.message().id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&told), ids(&again));
        // Damaged states are told without their text.
        assert!(matches!(Inventory::load(&b"pcap"[..], Limits::default()), Err(StateError::Io(_))));
        let text = [MAGIC, b"\0"].concat();
        assert!(Inventory::load(text.as_slice(), Limits::default()).is_err());
        state[0] = b'b';
        let error = Inventory::load(state.as_slice(), Limits::default()).unwrap_err();
        assert!(matches!(error, StateError::Version));
    }

    #[test]
    fn one_call_with_many_fields_is_one_bounded_change() {
        let mut inventory = Inventory::default();
        let _first = learned(&mut inventory, &call("a", "/x", 200, 1, 0));
        let mut record = call("a", "/x", 200, 1, 0);
        let body = record.response.as_mut().unwrap().body.as_mut().unwrap();
        let field = body.fields[0].clone();
        body.fields =
            (0..300).map(|n| v1::Field { path: format!("$.f{n}"), ..field.clone() }).collect();
        let changes = learned(&mut inventory, &record);
        assert_eq!(kinds(&changes), [Kind::NewField]);
        let event = changes[0].message();
        assert_eq!((event.fields.len(), event.fields_total), (100, 300));
    }

    proptest! {
        #[test]
        fn learning_counts_as_taking_in_does(
            calls in proptest::collection::vec((0..4_u8, 0..3_usize, 0..3_u8, 0..9_u8), 0..60)
        ) {
            let statuses = [200, 404, 500];
            let (mut one, mut other) = (Inventory::default(), Inventory::default());
            let mut endpoints = std::collections::BTreeSet::new();
            for (path, status, user, time) in calls {
                let record = call("a", &format!("/{path}"), statuses[status], user, time);
                one.push(&record);
                for change in other.learn(&record) {
                    if change.message().kind() == Kind::NewEndpoint {
                        prop_assert!(endpoints.insert(change.message().path_template.clone()));
                    }
                }
            }
            prop_assert!(Report::new(&one, None).endpoints.len() >= endpoints.len());
            prop_assert_eq!(
                serde_json::to_string(&one).unwrap(),
                serde_json::to_string(&other).unwrap()
            );
        }
    }
}

#[test]
fn what_a_refused_request_lacks_is_required_all_the_same() {
    let known = |status: u32, page: bool, header: bool| {
        let mut record = call("a.example", "/v1/items", status, 1, 0);
        let request = record.request.as_mut().unwrap();
        if !page {
            request.query.clear();
        }
        let value = request.query.first().and_then(|page| page.value.clone());
        let header = Some(v1::Parameter { name: "x-tenant".into(), value }).filter(|_| header);
        request.headers.extend(header);
        request.body = page.then(|| v1::Body {
            media_type: "application/json".into(),
            format: "json".into(),
            bytes: 10,
            fields: record.response.as_ref().unwrap().body.as_ref().unwrap().fields.clone(),
            ..v1::Body::default()
        });
        record
    };
    let described = |records: &[v1::CallRecord]| {
        let inventory = of(records);
        let described = openapi::export(&inventory);
        let get = &described["paths"]["/v1/items"]["get"];
        let of = |name: &str| {
            let list = get["parameters"].as_array().unwrap();
            list.iter().find(|one| one["name"] == name).map(|one| one["required"] == true)
        };
        (of("page"), of("x-tenant"), get["requestBody"]["required"] == true)
    };
    let fine = [known(200, true, true), known(200, true, false)];
    let want = (Some(true), Some(false), true);
    assert_eq!(described(&fine), want);
    for status in [400, 401, 422] {
        let refused = [known(status, false, false), known(status, false, true)];
        assert_eq!(described(&[fine.as_slice(), &refused].concat()), want, "{status}");
    }
    // A refused one that has it is no proof either.
    let mixed = [known(200, true, true), known(200, false, true), known(400, true, true)];
    assert_eq!(described(&mixed), (Some(false), Some(true), false));
    assert_eq!(described(&[known(500, false, true), known(200, true, true)]).0, Some(false));
}

mod folding {
    use super::*;

    /// The call, its template made by rules.
    fn ruled(mut record: v1::CallRecord) -> v1::CallRecord {
        let request = record.request.as_mut().unwrap();
        request.template_source = v1::TemplateSource::Learned.into();
        let answered = record.response.as_mut().unwrap();
        answered.end_time = answered.start_time;
        record
    }

    fn words(path: &str, time: u8) -> v1::CallRecord {
        let mut record = call("a", path, 200, 1, time);
        let request = record.request.as_mut().unwrap();
        let names = request.path_template.split('{').skip(1).map(|part| part.split('}').next());
        let parameter = |name: Option<&str>| v1::Parameter {
            name: name.unwrap().to_owned(),
            value: request.query[0].value.clone(),
        };
        request.path_params = names.map(parameter).collect();
        record
    }

    /// Templates that are left, with calls and what is in them.
    fn left(records: &[v1::CallRecord]) -> Vec<(String, u64, Vec<String>)> {
        let all = of(records).folded();
        let told = |e: &Endpoint| (e.path_template.clone(), e.calls, e.folded.clone());
        all.sorted().into_iter().map(told).collect()
    }

    #[test]
    fn what_was_told_before_a_template_was_learned_is_of_it() {
        let records = [
            words("/wiki/quick-cloud/history", 1),
            words("/wiki/brown-maple/history", 3),
            words("/wiki/{uuid}/history", 3),
            ruled(words("/wiki/{id}/history", 11)),
            ruled(words("/wiki/{id}/history", 13)),
        ];
        let of_it = ["brown-maple", "quick-cloud", "{uuid}"];
        let of_it = of_it.map(|word| format!("/wiki/{word}/history"));
        assert_eq!(left(&records), [("/wiki/{id}/history".to_owned(), 5, of_it.to_vec())]);
        let all = of(&records).folded();
        let mine = all.sorted()[0];
        assert_eq!((mine.id, mine.exists(), all.unproven), (0, true, 0));
        assert_eq!(mine.last_seen_ns - mine.first_seen_ns, 12_000_000_000);
        // Each call had a value there.
        let name = &mine.parameters[&Place::Path]["id"];
        assert!(name.is_required(mine.whole_requests));
        // Timelines name it.
        let moments = all.busiest()[0].1.moments.iter();
        assert!(moments.clone().count() == 5 && moments.into_iter().all(|m| m.endpoint == 0));
    }

    #[test]
    fn words_of_the_api_stay() {
        let learned = || ruled(words("/wiki/{id}", 11));
        let stays = |record: v1::CallRecord| {
            let told = left(&[record, learned(), ruled(words("/wiki/{id}", 50))]);
            assert_eq!(told.len(), 2, "{}", told[0].0);
        };
        // Told so although the template was known.
        stays(words("/wiki/quick-cloud", 13));
        // Words that stand for one of the values, or look like a part of the API.
        stays(words("/wiki/current", 1));
        stays(words("/wiki/events", 1));
        stays(words("/wiki/{fixed_k3f9ab}", 1));
        // Another answer: a field, or a media type.
        let mut other = words("/wiki/brown-maple", 1);
        let body = other.response.as_mut().unwrap().body.as_mut().unwrap();
        body.fields[0].path = "$.other".into();
        stays(other);
        let mut other = words("/wiki/brown-maple", 1);
        other.response.as_mut().unwrap().body.as_mut().unwrap().media_type = "text/html".into();
        stays(other);
        // Another method, host or depth.
        let mut other = words("/wiki/brown-maple", 1);
        other.request.as_mut().unwrap().method = "POST".into();
        stays(other);
        stays(call("b", "/wiki/brown-maple", 200, 1, 1));
        stays(words("/wiki/brown-maple/", 1));
        // Nothing was learned.
        assert_eq!(left(&[words("/wiki/quick-cloud", 1), words("/wiki/{id}", 11)]).len(), 2);
    }

    #[test]
    fn the_template_that_leaves_most_words_takes_it_and_others_follow() {
        let records = [
            words("/a/kim/x-files", 1),
            ruled(words("/a/{id}/x-files", 5)),
            ruled(words("/a/{id}/{id_2}", 9)),
            words("/b/kim/x-files", 1),
            ruled(words("/b/kim/{id}", 15)),
            ruled(words("/b/{id}/{id_2}", 9)),
        ];
        let told: Vec<_> =
            left(&records).into_iter().map(|(path, calls, _)| (path, calls)).collect();
        let want = [("/a/{id}/{id_2}", 3), ("/b/kim/{id}", 2), ("/b/{id}/{id_2}", 1)];
        assert_eq!(told, want.map(|(path, calls)| (path.to_owned(), calls)));
    }

    prop_compose! {
        fn any_told()(path in 0..8_usize, status in prop::sample::select(vec![0_u32, 200, 404, 500]), user in 0..4_u8, time in 0..40_u8) -> v1::CallRecord {
            let learned = ["/w/{id}/x", "/w/{id}/{id_2}", "/w/kim/{id}"];
            let typed = ["/w/kim/x", "/w/quick-cloud/x", "/w/brown-fox/x", "/w/events/x", "/w/{uuid}/x"];
            match (learned.get(path), status) {
                (Some(path), 1..) => ruled(call("a", path, status, user, time)),
                (Some(path), _) => call("a", path, status, user, time),
                (None, _) => call("a", typed[path - 3], status, user, time),
            }
        }
    }

    proptest! {
        #[test]
        fn sums_are_exact_and_order_does_not_matter(a in prop::collection::vec(any_told(), 0..30), b in prop::collection::vec(any_told(), 0..30)) {
            let both = [a.as_slice(), &b].concat();
            let turned: Vec<_> = both.iter().rev().cloned().collect();
            let together = of(&both).folded();
            let mut merged = of(&b);
            merged.merge(&of(&a));
            prop_assert_eq!(shown(&of(&turned).folded()), shown(&together));
            prop_assert_eq!(shown(&merged.folded()), shown(&together));
            prop_assert_eq!(shown(&together.clone().folded()), shown(&together));
            prop_assert_eq!(together.clone().folded().entities, together.entities.clone());
            let sum = |all: &Inventory, of: fn(&Endpoint) -> u64| -> u64 {
                all.sorted().into_iter().map(of).sum()
            };
            let plain = of(&both);
            let counts: [fn(&Endpoint) -> u64; 6] = [
                |e| e.calls, |e| e.unanswered, |e| e.request_bytes, |e| e.callers.total(),
                |e| e.latency.count(), |e| e.statuses.total(),
            ];
            for count in counts {
                prop_assert_eq!(sum(&together, count), sum(&plain, count));
            }
            prop_assert!(together.sorted().len() <= plain.sorted().len());
            let unproven = together.sorted().iter().filter(|e| !e.exists()).count();
            prop_assert_eq!(together.unproven as usize, unproven);
        }
    }
}
