//! Tests: RFC 9113 §8, rule by rule; docs/http2.md lists them with what is told.

use super::testing::{Run, data, frame, get, headers, literal};

/// A field that is not indexed, its value any octets.
fn field(name: &str, value: &str) -> Vec<u8> {
    literal(false, name, value)
}

fn fields(list: &[(&str, &str)]) -> Vec<u8> {
    list.iter().flat_map(|(name, value)| field(name, value)).collect()
}

/// Flags at the end of a line.
fn flags(line: &str) -> &str {
    line.find(" !").map_or("", |at| line.split_at(at).1)
}

/// Flags of a request's head.
fn asked(block: &[u8]) -> String {
    let mut run = Run::opened();
    run.client(&headers(1, true, block));
    flags(&run.log()[0]).to_owned()
}

/// Flags of a response, when it is over; `method` asked for it.
fn answered(method: &str, frames: &[Vec<u8>]) -> String {
    let mut run = Run::opened();
    let asks = [(":method", method), (":scheme", "http"), (":path", "/"), (":authority", "a")];
    run.client(&headers(1, true, &fields(&asks)));
    run.server(&frames.concat());
    let log = run.log();
    let end = log.iter().find(|line| line.starts_with("2 end") || line.starts_with("1 end"));
    flags(end.map_or("", |line| line)).to_owned()
}

/// A request of these pseudo-header fields.
fn pseudo(list: &[(&str, &str)]) -> String {
    asked(&fields(list))
}

const METHOD: (&str, &str) = (":method", "GET");
const SCHEME: (&str, &str) = (":scheme", "https");
const PATH: (&str, &str) = (":path", "/");
const AUTHORITY: (&str, &str) = (":authority", "a");

// §8.1: head, content, trailers; what ends a stream.
#[test]
fn frames_of_a_message_have_an_order() {
    let ok = || headers(1, false, &[0x88]);
    let trailers = |end| headers(1, end, &field("x-sum", "1"));
    for (frames, flag) in [
        (vec![ok(), data(1, false, b"x"), trailers(true)], ""),
        (vec![ok(), trailers(true)], ""),
        (vec![ok(), trailers(false), data(1, true, b"x")], " !frame_order"),
        (vec![headers(1, false, &field(":status", "103")), headers(1, true, &[0x88])], ""),
        (vec![headers(1, true, &field(":status", "103"))], " !frame_order"),
        // Pseudo-header fields have no place behind the content (§8.1, §8.3).
        (vec![ok(), headers(1, true, &[0x88])], " !pseudo_bad"),
        (vec![ok(), headers(1, true, &field(":path", "/"))], " !pseudo_bad"),
        // What is wrong with an interim head is told with the final one.
        (
            vec![
                headers(1, false, &fields(&[(":status", "103"), ("X-Y", "z")])),
                headers(1, true, &[0x88]),
            ],
            " !name_case",
        ),
    ] {
        assert_eq!(answered("GET", &frames), flag);
    }
}

// §6.10, §8.1: nothing stands between the frames of a header block. What did not come whole is not made up.
#[test]
fn a_header_block_is_not_interrupted() {
    let mut run = Run::opened();
    let block = get("/a");
    let (first, rest) = block.split_at(5);
    run.client(&frame(1, 1, 1, first));
    run.client(&frame(6, 0, 0, &[0; 8]));
    run.client(&frame(9, 4, 1, rest));
    run.client(&headers(3, true, &get("/b")));
    let (log, counts) = run.close();
    assert_eq!(counts.frames_bad, 2);
    assert!(!log.iter().any(|line| line.contains("http://a/a")), "{log:?}");
    assert!(log.iter().any(|line| line.contains("http://a/b")), "{log:?}");
}

// §8.1.1: the content's length, and content where there is none.
#[test]
fn content_has_the_length_it_says() {
    let ok =
        |length: &str| headers(1, false, &[&[0x88][..], &field("content-length", length)].concat());
    for (method, frames, flag) in [
        ("GET", vec![ok("2"), data(1, true, b"hi")], ""),
        ("GET", vec![ok("2"), data(1, false, b"h"), data(1, true, b"i")], ""),
        ("GET", vec![ok("2"), data(1, true, b"h")], " !length_mismatch"),
        ("GET", vec![ok("2"), data(1, true, b"his")], " !length_mismatch"),
        ("GET", vec![ok("2"), data(1, true, b"")], " !length_mismatch"),
        ("GET", vec![ok("+2"), data(1, true, b"hi")], " !cl_bad"),
        ("GET", vec![ok("99999999999999999999"), data(1, true, b"hi")], " !cl_bad"),
        // Of HEAD, 204 and 304 it says what GET would have brought.
        ("HEAD", vec![ok("2"), data(1, true, b"")], ""),
        (
            "GET",
            vec![headers(1, true, &fields(&[(":status", "304"), ("content-length", "9")]))],
            "",
        ),
        ("HEAD", vec![ok("2"), data(1, true, b"hi")], " !body_unexpected"),
        ("GET", vec![headers(1, false, &[0x89]), data(1, true, b"hi")], " !body_unexpected"),
    ] {
        assert_eq!(answered(method, &frames), flag, "{method}");
    }
    let twice = [("content-length", "2"), ("content-length", "3")];
    assert_eq!(asked(&[get("/"), fields(&twice)].concat()), " !cl_bad !body_unexpected");
    assert_eq!(asked(&[get("/"), field("content-length", "3")].concat()), " !body_unexpected");
}

// §8.2.1: names and values.
#[test]
fn names_and_values_have_their_characters() {
    for (name, value, flag) in [
        ("x-y", "a b\tc \u{e9}", ""),
        ("x-y", "", ""),
        ("X-Y", "z", " !name_case"),
        ("x-Y", "z", " !name_case"),
        ("", "z", " !bad_bytes"),
        ("x y", "z", " !bad_bytes"),
        ("x:y", "z", " !bad_bytes"),
        ("x\0", "z", " !bad_bytes"),
        ("x\r\ny", "z", " !bad_bytes"),
        ("x\u{7f}", "z", " !bad_bytes"),
        ("x\u{e9}", "z", " !bad_bytes"),
        ("x", "a\nb", " !bad_bytes"),
        ("x", "a\rb", " !bad_bytes"),
        ("x", "a\0b", " !bad_bytes"),
        ("x", " a", " !value_ws"),
        ("x", "a ", " !value_ws"),
        ("x", "\ta", " !value_ws"),
        ("x", "a\t", " !value_ws"),
        ("x", " ", " !value_ws"),
        ("cookie", "a=b ", " !value_ws"),
    ] {
        assert_eq!(asked(&[get("/"), field(name, value)].concat()), flag, "{name:?}: {value:?}");
    }
    // The value is told without what is around it.
    let mut run = Run::opened();
    run.client(&headers(1, true, &[get("/"), field("x", " a\t")].concat()));
    assert_eq!(run.log()[0], "0 s1 GET http://a/ x=a !value_ws");
    // In the head's own fields too.
    let list = [METHOD, SCHEME, (":path", "/a "), AUTHORITY];
    assert_eq!(pseudo(&list), " !value_ws");
    let list = [METHOD, SCHEME, (":path", "/a\r\nx: y"), AUTHORITY];
    assert_eq!(pseudo(&list), " !bad_bytes");
    assert_eq!(pseudo(&[METHOD, SCHEME, PATH, (":authority", "a\0b")]), " !bad_bytes");
}

// §8.2.2: what is about the connection. 101 is as well (§8.6).
#[test]
fn fields_of_the_connection_have_no_place() {
    for (name, value, flag) in [
        ("connection", "close", " !connection_field"),
        ("proxy-connection", "close", " !connection_field"),
        ("keep-alive", "timeout=5", " !connection_field"),
        ("transfer-encoding", "chunked", " !connection_field"),
        ("upgrade", "h2c", " !connection_field"),
        ("te", "gzip", " !connection_field"),
        ("te", "trailers, gzip", " !connection_field"),
        ("te", "trailers", ""),
        ("te", "Trailers", ""),
        ("http2-settings", "AAMAAABk", ""),
    ] {
        assert_eq!(asked(&[get("/"), field(name, value)].concat()), flag, "{name}: {value}");
        if name != "te" {
            let head = [&[0x88][..], &field(name, value)].concat();
            assert_eq!(answered("GET", &[headers(1, true, &head)]), flag, "{name}: {value}");
        }
    }
    let switch = headers(1, false, &field(":status", "101"));
    assert_eq!(answered("GET", &[switch, headers(1, true, &[0x88])]), " !connection_field");
    let switch = headers(1, true, &field(":status", "101"));
    assert_eq!(answered("GET", &[switch]), " !connection_field !frame_order");
}

// §8.2.3: crumbs are one cookie, in the place of the first.
#[test]
fn cookie_crumbs_are_joined() {
    let mut run = Run::opened();
    let list = [("cookie", "a=b"), ("x", "y"), ("cookie", "c=d"), ("cookie", "e=f")];
    run.client(&headers(1, true, &[get("/"), fields(&list)].concat()));
    assert_eq!(run.log()[0], "0 s1 GET http://a/ cookie=a=b; c=d; e=f x=y");
}

// §8.3, §8.3.1: every field of a request's control data once, first, and valid.
#[test]
fn requests_have_their_control_data() {
    assert_eq!(pseudo(&[METHOD, SCHEME, PATH, AUTHORITY]), "");
    for left in 0..3 {
        let mut list = vec![METHOD, SCHEME, PATH, AUTHORITY];
        list.remove(left);
        assert_eq!(pseudo(&list), " !pseudo_bad", "{left}");
    }
    for twice in [METHOD, SCHEME, PATH, AUTHORITY] {
        assert_eq!(pseudo(&[METHOD, SCHEME, PATH, AUTHORITY, twice]), " !pseudo_bad", "{twice:?}");
    }
    for odd in [(":odd", "1"), (":Method", "GET"), (":", ""), (":status", "200")] {
        assert_eq!(pseudo(&[METHOD, SCHEME, PATH, AUTHORITY, odd]), " !pseudo_bad", "{odd:?}");
    }
    // Behind a field they are told, as servers take them there.
    let mut late = [METHOD, SCHEME, PATH, AUTHORITY, ("x", "y")];
    for _ in 0..4 {
        late.rotate_right(1);
        let mut run = Run::opened();
        run.client(&headers(1, true, &fields(&late)));
        assert_eq!(run.log()[0], "0 s1 GET https://a/ x=y !pseudo_bad", "{late:?}");
    }
    for method in ["", "G T", "GET\u{e9}", "GET /x HTTP/1.1"] {
        assert_eq!(
            pseudo(&[(":method", method), SCHEME, PATH, AUTHORITY]),
            " !pseudo_bad",
            "{method}"
        );
    }
    for (method, path, flag) in [
        ("GET", "", " !pseudo_bad"),
        ("GET", "a", " !pseudo_bad"),
        ("GET", "http://b/", " !pseudo_bad"),
        ("GET", "*", " !pseudo_bad"),
        ("OPTIONS", "*", ""),
        ("OPTIONS", "/", ""),
    ] {
        let list = [(":method", method), SCHEME, (":path", path), AUTHORITY];
        assert_eq!(pseudo(&list), flag, "{method} {path}");
    }
    // Other schemes have other paths.
    assert_eq!(pseudo(&[METHOD, (":scheme", "urn"), (":path", "a:b"), AUTHORITY]), "");
}

// §8.3.1: who is asked.
#[test]
fn requests_say_one_host() {
    for (list, flag) in [
        (&[AUTHORITY][..], ""),
        (&[("host", "a")], ""),
        (&[AUTHORITY, ("host", "a")], ""),
        (&[AUTHORITY, ("host", "A")], ""),
        (&[], " !host_bad"),
        (&[AUTHORITY, ("host", "b")], " !host_bad"),
        (&[AUTHORITY, ("host", "")], " !host_bad"),
        (&[("host", "a"), ("host", "b")], " !host_bad"),
        (&[(":authority", "user@a")], " !host_bad"),
    ] {
        assert_eq!(pseudo(&[&[METHOD, SCHEME, PATH][..], list].concat()), flag, "{list:?}");
    }
}

// §8.3.2: a response has a status of three digits, once, and nothing else.
#[test]
fn responses_have_a_status() {
    for (list, flag) in [
        (&[(":status", "200")][..], ""),
        (&[("x", "y")], " !pseudo_bad"),
        (&[("x", "y"), (":status", "200")], " !pseudo_bad"),
        (&[(":status", "200"), (":status", "404")], " !pseudo_bad"),
        (&[(":status", "20")], " !pseudo_bad"),
        (&[(":status", "2000")], " !pseudo_bad"),
        (&[(":status", "ok")], " !pseudo_bad"),
        (&[(":status", "099")], " !pseudo_bad"),
        (&[(":status", "200"), (":path", "/")], " !pseudo_bad"),
    ] {
        assert_eq!(answered("GET", &[headers(1, true, &fields(list))]), flag, "{list:?}");
    }
}

// §8.4: what is promised is asked with a safe method and without content; only servers promise.
#[test]
fn promises_are_of_servers_and_safe() {
    let promise = |list: &[(&str, &str)]| {
        let mut run = Run::opened();
        run.client(&headers(1, true, &get("/")));
        run.server(&frame(5, 4, 1, &[&[0, 0, 0, 2][..], &fields(list)].concat()));
        let log = run.log();
        log.iter().find(|line| line.contains(" s2 ")).map(|line| flags(line).to_owned())
    };
    let told = |flag: &str| Some(flag.to_owned());
    assert_eq!(promise(&[METHOD, SCHEME, PATH, AUTHORITY]), told(" !pushed"));
    assert_eq!(promise(&[METHOD, SCHEME, PATH]), told(" !host_bad !pushed"));
    for method in ["POST", "PUT", "DELETE"] {
        let list = [(":method", method), SCHEME, PATH, AUTHORITY];
        assert_eq!(promise(&list), told(" !pseudo_bad !pushed"), "{method}");
    }
    let length = ("content-length", "3");
    let told = told(" !body_unexpected !pushed");
    assert_eq!(promise(&[METHOD, SCHEME, PATH, AUTHORITY, length]), told);
    // From a client it is none.
    let mut run = Run::opened();
    run.client(&frame(5, 4, 1, &[&[0, 0, 0, 2][..], &get("/x")].concat()));
    run.client(&headers(1, true, &get("/")));
    assert!(!run.log().iter().any(|line| line.contains(" s2 ")));
}

// §8.5: CONNECT has an authority and neither scheme nor path; RFC 8441 §4: with :protocol it has all of them.
#[test]
fn connect_names_an_authority_only() {
    let connect = (":method", "CONNECT");
    for (list, flag) in [
        (&[connect, AUTHORITY][..], " !tunnel"),
        (&[connect], " !host_bad !tunnel !pseudo_bad"),
        (&[connect, AUTHORITY, SCHEME], " !tunnel !pseudo_bad"),
        (&[connect, AUTHORITY, PATH], " !tunnel !pseudo_bad"),
        (&[connect, AUTHORITY, SCHEME, PATH], " !tunnel !pseudo_bad"),
        (&[connect, AUTHORITY, SCHEME, PATH, (":protocol", "websocket")], " !tunnel"),
        (&[connect, AUTHORITY, (":protocol", "websocket")], " !tunnel !pseudo_bad"),
    ] {
        assert_eq!(pseudo(list), flag, "{list:?}");
    }
    // On a tunnel nothing but DATA is sent.
    let mut run = Run::opened();
    run.client(&headers(1, false, &fields(&[connect, AUTHORITY])));
    run.server(&headers(1, false, &[0x88]));
    run.client(&data(1, false, b"x"));
    run.client(&headers(1, true, &field("x", "y")));
    let log = run.log();
    let end = log.iter().find(|line| line.starts_with("0 end"));
    assert!(end.is_some_and(|line| line.contains("!frame_order")), "{log:?}");
}
