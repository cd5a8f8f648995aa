#![no_main]
//! Both ends of what may be TLS, in any segments, with gaps: nothing is held at the end, what does not belong to a session
//! goes on, and cuts change neither.

use apitap::reassembly::{ConnectionId, StreamEvent, StreamEventKind};
use apitap::time::Timestamp;
use apitap::tls::{Config, Session, Tls, TlsEvent};

mod script;

use script::{Script, clear};

/// What goes on, by side, and sessions.
type Told = ([Vec<u8>; 2], Vec<Session>);

fn told(script: &Script<'_>, size: usize) -> Told {
    let mut tls = Tls::new(&Config { ja4s: true, ..Config::default() });
    let (mut passed, mut sessions) = ([Vec::new(), Vec::new()], Vec::new());
    let connection = script.connection();
    script.play((size, size), &mut |ordinal, kind| {
        let (id, time) = (ConnectionId { slot: 0 }, Timestamp::from_nanos(ordinal));
        let event = StreamEvent { id, connection: &connection, time, ordinal, kind };
        tls.push(&event, &mut |event| match event {
            TlsEvent::Clear(event) => {
                if let StreamEventKind::Data { side, bytes, .. } = event.kind {
                    passed[side.index()].extend_from_slice(bytes);
                }
            }
            TlsEvent::Session(session) => sessions.push(Session::clone(&session)),
        });
    });
    assert_eq!(tls.held_bytes(), 0);
    (passed, sessions)
}

/// What a session says that cuts must not change.
fn facts(session: &Session) -> impl std::fmt::Debug + PartialEq + use<> {
    let Session { client, part, open, start, end, bytes, missing, group, resumed, .. } = session;
    let hello = session.hello.as_ref().map(|hello| (&hello.server_name, &hello.ja4));
    let answer = session.answer.as_ref().map(|answer| (answer.cipher, &answer.ja4s));
    let asked = (session.certificate_requested, session.client_certificate);
    let flags = (session.agreed, session.retried, session.midway, session.broken);
    let hello = format!("{hello:?} {answer:?} {:?} {group:?} {resumed}", session.alerts);
    (*client, *part, *open, *start, *end, *bytes, *missing, hello, asked, flags)
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let seal = &mut clear;
    let script = Script::read(&[], input, seal);
    let (whole, cut) = (told(&script, usize::MAX), told(&script, 7));
    // Behind the header of a proxy, what may yet be none goes on while it is watched.
    if script.is_whole() && input.starts_with(&[22]) {
        // The beginning of what turns out to be no record may have been taken for one.
        let ends = whole
            .0
            .iter()
            .zip(&cut.0)
            .all(|(whole, cut)| whole.ends_with(cut) && whole.len() < cut.len() + 5);
        assert!(ends, "what goes on: {:?} {:?}", whole.0, cut.0);
        let facts = |told: &Told| told.1.iter().map(|one| facts(one)).collect::<Vec<_>>();
        assert!(
            whole.0 != cut.0 || facts(&whole) == facts(&cut),
            "{:?}\n{:?}",
            facts(&whole),
            facts(&cut)
        );
    }
});
