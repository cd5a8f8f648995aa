//! Named cases of which connection a segment belongs to, and of limits.

use std::collections::BTreeSet;

use super::testing::*;
use super::*;
use crate::rung::Rung;
use crate::time::Timestamp;

const A: Side = Side::A;
const B: Side = Side::B;

fn config(change: impl FnOnce(&mut Config)) -> Rig {
    let mut config = Config::default();
    change(&mut config);
    Rig::with(&config)
}

#[test]
fn a_refused_connection_leaves_nothing() {
    let mut rig = Rig::new();
    rig.push_all(&[up(SYN, 1000, 0, b""), down(RST | ACK, 0, 1001, b""), up(SYN, 2000, 0, b"")]);
    rig.push_all(&[down(SYN | ACK, 7000, 2001, b""), up(ACK, 2001, 7001, b"hi")]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.bases), ("hi", [Some(2001), Some(7001)]));
    assert_eq!(rig.counts().connections_empty, 1);
}

#[test]
fn the_last_rung_ignores_new_connections_only() {
    let mut rig = Rig::connected();
    rig.reassembler.set_rung(Rung::NoConnections);
    let other = |wire: Wire| Wire { port: 999, ..wire };
    rig.push_all(&[
        up(ACK, 1001, 5001, b"known"),
        other(up(SYN, 1000, 0, b"")),
        other(up(ACK, 1001, 5001, b"new")),
    ]);
    assert_eq!((rig.counts().ignored_segments, rig.counts().data_segments), (2, 1));
    rig.reassembler.set_rung(Rung::Full);
    rig.push(&other(up(ACK, 1004, 5001, b"later")));
    rig.finish();
    let texts: Vec<_> = rig.connections.iter().map(|seen| seen.text(A)).collect();
    assert_eq!(texts, ["known", "later"]);
}

#[test]
fn ports_are_reused_after_a_close() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(FIN | ACK, 1001, 5001, b"one"),
        down(FIN | ACK, 5001, 1005, b"uno"),
        up(SYN, 9000, 0, b""),
        up(FIN | ACK, 1001, 5001, b"one"),
        down(SYN | ACK, 3000, 9001, b""),
        up(ACK, 9001, 3001, b"two"),
    ]);
    rig.finish();
    assert_eq!(rig.connections.len(), 2);
    assert_eq!(
        (rig.connections[0].text(A).as_str(), rig.connections[1].text(A).as_str()),
        ("one", "two")
    );
    assert_eq!(rig.connections[1].bases, [Some(9001), Some(3001)]);
}

#[test]
fn ports_are_reused_without_a_close_seen() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"one"),
        up(SYN, 90_000, 0, b""),
        up(SYN, 90_000, 0, b""),
        down(ACK, 5001, 1004, b"uno"),
        down(SYN | ACK, 3000, 90_001, b""),
        up(ACK, 90_001, 3001, b"two"),
        down(ACK, 3001, 90_004, b"dos"),
    ]);
    rig.finish();
    let [old, new] = &rig.connections[..] else { panic!("two connections") };
    assert_eq!(
        (old.text(A).as_str(), old.text(B).as_str(), old.close),
        ("one", "uno", Some(CloseReason::Reused))
    );
    assert_eq!((new.text(A).as_str(), new.text(B).as_str()), ("two", "dos"));
}

/// A forged SYN must not end a connection (RFC 5961 §4).
/// The server's side is captured ahead of its SYN-ACK, or the client's SYN is lost: each segment is of the connection
/// whose numbers it has.
#[test]
fn a_side_that_was_not_seen_yet_takes_over_ports() {
    let old = [up(ACK, 1001, 5001, b"old"), down(ACK, 5001, 1004, b"yes")];
    let ask = up(ACK, 900_000_001, 700_000_001, b"ask");
    let answer = down(ACK, 700_000_001, 900_000_004, b"answer");
    let agrees = down(SYN | ACK, 700_000_000, 900_000_001, b"");
    let syn = up(SYN, 900_000_000, 0, b"");
    for new in [[&syn, &answer, &ask, &agrees], [&agrees, &ask, &answer, &agrees]] {
        let mut rig = Rig::connected();
        rig.push_all(&old);
        // Of the old one, late.
        let late = down(ACK, 5004, 1004, b"!");
        let [first, rest @ ..] = new;
        rig.push_all(&[first.clone(), late]);
        rest.iter().for_each(|wire| rig.push(wire));
        rig.finish();
        let texts: Vec<_> =
            rig.connections.iter().map(|seen| [seen.text(A), seen.text(B)]).collect();
        assert_eq!(texts, [["old", "yes!"], ["ask", "answer"]]);
        assert_eq!(rig.connections[0].close, Some(CloseReason::Reused));
    }
}

#[test]
fn a_syn_that_nobody_answers_changes_nothing() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        up(SYN, 0x4000_0000, 0, b""),
        up(SYN, 0x5000_0000, 0, b""),
        down(ACK, 5001, 1003, b"xy"),
        up(ACK, 1003, 5003, b"cd"),
    ]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("abcd", "xy"));
}

/// RFC 6298 §5.5: the time between retransmissions doubles.
#[test]
fn late_retransmissions_open_no_ghost() {
    let mut rig = Rig::connected();
    rig.push_all(&[down(FIN | ACK, 5001, 1001, b"uno"), up(FIN | ACK, 1001, 5005, b"")]);
    for wait in [400, 900, 1900, 3800, 7500, 15_000] {
        rig.wait(wait);
        rig.push(&down(ACK, 5001, 1001, b"uno"));
    }
    assert_eq!((rig.connections.len(), rig.counts().late_segments), (1, 6));
}

#[test]
fn a_new_connection_whose_syn_was_lost_is_not_late() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(FIN | ACK, 1001, 5001, b"one"),
        down(FIN | ACK, 5001, 1005, b"uno"),
        up(ACK, 250_000, 80_000, b"two"),
    ]);
    rig.finish();
    assert_eq!(rig.connections.len(), 2);
    assert_eq!(rig.connections[1].text(A), "two");
}

/// RFC 9293 §3.5, figure 7.
#[test]
fn simultaneous_open() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(SYN, 1000, 0, b""),
        down(SYN, 5000, 0, b""),
        up(SYN | ACK, 1000, 5001, b""),
        down(SYN | ACK, 5000, 1001, b""),
        up(ACK, 1001, 5001, b"ab"),
        down(ACK, 5001, 1003, b"xy"),
    ]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("ab", "xy"));
}

#[test]
fn copies_are_not_retransmissions() {
    let mut rig = Rig::new();
    for wire in [
        up(SYN, 1000, 0, b""),
        down(SYN | ACK, 5000, 1001, b""),
        up(ACK, 1001, 5001, b"GET"),
        down(FIN | ACK, 5001, 1004, b"200"),
        up(FIN | ACK, 1004, 5005, b""),
    ] {
        rig.push(&wire);
        rig.push(&wire);
    }
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GET", "200"));
    assert_eq!((rig.counts().duplicate_segments, rig.counts().retransmitted_segments), (5, 0));
}

#[test]
fn two_views_are_one_connection() {
    let mut rig = Rig::new();
    for wire in [
        up(SYN, 1000, 0, b""),
        down(SYN | ACK, 5000, 1001, b""),
        up(ACK, 1001, 5001, b""),
        up(PSH | ACK, 1001, 5001, b"GET"),
        down(PSH | ACK, 5001, 1004, b"200"),
    ] {
        for vlan in [0, 20, 30] {
            rig.push(&wire.clone().vlan(vlan));
        }
        rig.wait(1);
    }
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GET", "200"));
    assert_eq!((rig.counts().duplicate_segments, rig.counts().views_joined), (8, 2));
}

#[test]
fn views_joined_midway_fill_each_other() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(ACK, 300, 700, b"ab").vlan(10),
        up(ACK, 302, 700, b"cd").vlan(20),
        down(ACK, 700, 304, b"xy").vlan(20),
        up(ACK, 304, 702, b"ef").vlan(10),
        down(ACK, 700, 304, b"xy").vlan(10),
    ]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("abcdef", "xy"));
}

/// Either view lost a part of the handshake; only together they are whole.
#[test]
fn a_view_without_its_syn_is_joined_by_the_syn() {
    let mut rig = Rig::new();
    rig.push_all(&[
        down(SYN | ACK, 5000, 1001, b"").vlan(10),
        up(SYN, 1000, 0, b"").vlan(20),
        down(SYN | ACK, 5000, 1001, b"").vlan(20),
        up(PSH | ACK, 1001, 5001, b"GET").vlan(10),
        down(ACK, 5001, 1004, b"200").vlan(10),
        up(PSH | ACK, 1004, 5004, b"PUT").vlan(20),
        down(ACK, 5004, 1007, b"201").vlan(20),
    ]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GETPUT", "200201"));
    assert_eq!(rig.counts().views_joined, 1);
}

/// The later view begins with what the first one showed long before.
#[test]
fn a_view_told_apart_by_mistake_is_joined_by_a_copy() {
    let mut rig = Rig::new();
    rig.push(&up(PSH | ACK, 300, 700, b"ab").vlan(10));
    rig.wait(60);
    rig.push_all(&[
        up(PSH | ACK, 300, 700, b"ab").vlan(20),
        up(PSH | ACK, 304, 700, b"ef").vlan(20),
        down(PSH | ACK, 700, 302, b"xy").vlan(10),
        down(PSH | ACK, 700, 302, b"xy").vlan(20),
        up(PSH | ACK, 302, 702, b"cd").vlan(10),
        up(PSH | ACK, 306, 702, b"gh").vlan(20),
    ]);
    rig.finish();
    let [first, second] = &rig.connections[..] else { panic!("two connections") };
    assert_eq!((first.text(A).as_str(), first.text(B).as_str()), ("abcdefgh", "xy"));
    assert_eq!((second.text(A).as_str(), second.text(B).as_str()), ("ab", ""));
    assert_eq!(second.close, Some(CloseReason::Joined));
    assert_eq!((rig.counts().closed_joined, rig.counts().gaps), (1, 0));
}

#[test]
fn directions_may_differ_in_their_tags() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(SYN, 1000, 0, b"").vlan(10),
        down(SYN | ACK, 5000, 1001, b"").vlan(20),
        up(ACK, 1001, 5001, b"GET").vlan(10),
        down(ACK, 5001, 1004, b"200").vlan(20),
    ]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GET", "200"));
    let mut midway = Rig::new();
    midway
        .push_all(&[up(ACK, 1001, 5001, b"GET").vlan(10), down(ACK, 5001, 1004, b"200").vlan(20)]);
    assert_eq!(midway.only().text(B), "200");
}

#[test]
fn one_tuple_on_three_vlans_is_three_connections() {
    let mut rig = Rig::new();
    for (vlan, isn) in [(10, 1000_u32), (20, 0x7000_0000), (30, 0xf000_0000)] {
        rig.push(&up(SYN, isn, 0, b"").vlan(vlan));
    }
    for (vlan, isn, text) in
        [(10, 1000_u32, b"a"), (20, 0x7000_0000, b"b"), (30, 0xf000_0000, b"c")]
    {
        let other = isn.wrapping_mul(7);
        rig.push(&down(SYN | ACK, other, isn + 1, b"").vlan(vlan));
        rig.push(&up(ACK, isn + 1, other + 1, text).vlan(vlan));
        rig.push(&down(ACK, other + 1, isn + 2, text).vlan(vlan));
    }
    rig.finish();
    let texts: Vec<_> = rig.connections.iter().map(|seen| seen.text(A) + &seen.text(B)).collect();
    assert_eq!(texts, ["aa", "bb", "cc"]);
}

#[test]
fn one_tuple_on_three_vlans_midway() {
    let mut rig = Rig::new();
    for (vlan, seq) in [(10, 1_u32), (20, 900_000_000), (30, 1)] {
        rig.push(&up(ACK, seq, seq, &vlan.to_string().into_bytes()).vlan(vlan));
        rig.push(&down(ACK, seq, seq + 2, b"r").vlan(vlan));
    }
    rig.finish();
    let texts: Vec<_> = rig.connections.iter().map(|seen| seen.text(A) + &seen.text(B)).collect();
    assert_eq!(texts, ["10r", "20r", "30r"], "the third has small numbers again, but other bytes");
}

/// The same conversation played on three VLANs, 50 milliseconds apart: three, not copies.
#[test]
fn a_replay_on_another_vlan_is_not_a_copy() {
    let mut rig = Rig::new();
    let talk =
        [up(SYN, 1000, 0, b""), down(SYN | ACK, 5000, 1001, b""), up(ACK, 1001, 5001, b"GET")];
    for vlan in [0, 42, 10] {
        rig.push(&talk[0].clone().vlan(vlan));
        rig.wait(50);
    }
    for vlan in [0, 42, 10] {
        rig.push_all(&[talk[1].clone().vlan(vlan), talk[2].clone().vlan(vlan)]);
        rig.wait(50);
    }
    rig.finish();
    assert_eq!(rig.connections.len(), 3);
    assert_eq!(rig.counts().duplicate_segments, 0);
}

#[test]
fn a_joined_view_is_split_when_its_answer_differs() {
    let mut rig = Rig::new();
    rig.push_all(&[up(SYN, 1000, 0, b"").vlan(10), up(SYN, 1000, 0, b"").vlan(20)]);
    rig.push_all(&[
        down(SYN | ACK, 5000, 1001, b"").vlan(10),
        down(SYN | ACK, 70_000, 1001, b"").vlan(20),
    ]);
    rig.push_all(&[up(ACK, 1001, 5001, b"a").vlan(10), up(ACK, 1001, 70_001, b"b").vlan(20)]);
    rig.finish();
    let texts: Vec<_> = rig.connections.iter().map(|seen| seen.text(A)).collect();
    assert_eq!((texts, rig.counts().views_split), (vec!["a".to_owned(), "b".to_owned()], 1));
}

#[test]
fn an_end_that_its_receiver_never_saw_ends_nothing() {
    let mut rig = Rig::new();
    rig.push_all(&[up(SYN, 1000, 0, b""), down(SYN | ACK, 5000, 1001, b"")]);
    rig.push_all(&[up(PSH | ACK, 1001, 5001, b"a"), down(ACK, 5001, 1002, b"x")]);
    rig.push_all(&[up(FIN | ACK, 1002, 5002, b""), up(PSH | ACK, 1002, 5002, b"bcd")]);
    // Those who believe it acknowledge 1003.
    rig.push_all(&[down(ACK, 5002, 1005, b"yy"), up(PSH | ACK, 1005, 5004, b"e")]);
    rig.push_all(&[down(ACK, 5004, 1006, b"z")]);
    rig.finish();
    let texts: Vec<_> = rig
        .connections
        .iter()
        .map(|seen| (seen.close, seen.handshake, seen.text(A), seen.text(B)))
        .collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(texts[0], (Some(CloseReason::Reused), true, "a".into(), "x".into()));
    let (close, handshake, one, other) = &texts[1];
    assert_eq!((*close, *handshake), (Some(CloseReason::EndOfCapture), false));
    assert_eq!(BTreeSet::from([one.as_str(), other]), BTreeSet::from(["bcde", "yyz"]));
}

/// An end or a reset in front of each request, which never reaches the server (its checksum is wrong, its TTL too small), hides
/// nothing: what is sent behind it is kept until the server says whether it has it.
#[test]
fn no_forged_end_hides_what_follows() {
    for flags in [FIN | ACK, RST, RST | ACK] {
        for (ahead, wait) in [(0, 0), (0, 400), (9, 0), (9, 400)] {
            if flags == FIN | ACK && ahead > 0 {
                continue;
            }
            let mut rig = Rig::connected();
            for at in [0, 2, 4] {
                rig.push(&up(flags, 1001 + at + ahead, 5001 + at, b""));
                rig.push(&up(PSH | ACK, 1001 + at, 5001 + at, b"ab"));
                rig.wait(wait);
                rig.push(&down(PSH | ACK, 5001 + at, 1003 + at, b"yz"));
            }
            rig.finish();
            let text =
                |side| rig.connections.iter().map(|seen| seen.text(side)).collect::<String>();
            let mut all: Vec<_> = (text(A) + &text(B)).into_bytes();
            all.sort_unstable();
            all.retain(u8::is_ascii_alphabetic);
            assert_eq!(all, b"aaabbbyyyzzz", "{flags} {ahead} {wait}");
            assert_eq!(rig.reassembler.held_bytes(), 0);
        }
    }
}

/// A SYN for a connection that both ends have opened is answered with a challenge, and changes nothing (RFC 9293 §3.10.7.4): not
/// even where no byte was sent yet, and its number is the next one or near it.
#[test]
fn no_forged_syn_takes_a_connection_over() {
    for ahead in [0, 1, 2, 100] {
        let mut rig = Rig::connected();
        for at in [0, 2] {
            rig.push(&up(SYN, 1001 + at + ahead, 0, b""));
            rig.push(&up(PSH | ACK, 1001 + at, 5001 + at, b"ab"));
            rig.push(&down(PSH | ACK, 5001 + at, 1003 + at, b"yz"));
        }
        rig.finish();
        let seen = rig.connections.iter().find(|seen| !seen.text(A).is_empty()).unwrap();
        assert_eq!((seen.text(A), seen.text(B)), ("abab".into(), "yzyz".into()), "{ahead} ahead");
    }
}

/// What is kept behind an end is bounded, and given back with the connection.
#[test]
fn what_is_kept_behind_an_end_is_bounded() {
    let mut rig = config(|config| config.memory_bytes_max = 100_000);
    for port in 1..=50 {
        rig.push(&up(SYN, 1000, 0, b"").port(port));
        rig.push(&down(SYN | ACK, 5000, 1001, b"").port(port));
        rig.push(&up(RST, 1001, 0, b"").port(port));
        for at in 0..40 {
            rig.push(&up(PSH | ACK, 1001 + at * 1000, 5001, &[b'x'; 1000]).port(port));
        }
        let most = (100_000).min(u64::from(port) * 16 * 1256);
        assert!(rig.reassembler.held_bytes() <= most, "{port}");
    }
    rig.finish();
    assert_eq!(rig.reassembler.held_bytes(), 0);
}

#[test]
fn a_direction_holds_no_more_than_its_limit() {
    let mut rig = config(|config| config.direction_bytes_max = 4096);
    rig.push(&up(PSH | ACK, 1, 1, b"a"));
    for at in 0..20 {
        rig.push(&up(ACK, 10 + at * 1000, 1, &[b'x'; 1000]));
    }
    assert!(rig.reassembler.held_bytes() <= 4096);
    assert_eq!(rig.counts().gaps_by_limit, 1);
    assert_eq!(rig.only().streams[0].len(), 20_009);
}

#[test]
fn a_hole_behind_which_small_segments_are_covered_again_and_again_is_given_up() {
    let mut rig = Rig::new();
    let now = Timestamp::from_nanos(1);
    rig.push_at(&up(PSH | ACK, 1, 1, b"a"), now);
    for octet in 0..700 {
        rig.push_at(&up(ACK, 10 + 2 * octet, 1, b"x"), now);
    }
    // Each is another, or it would be a copy.
    for last in 0..=255 {
        let bytes = [&[b'x'; 1399][..], &[last]].concat();
        rig.push_at(&up(ACK, 10, 1, &bytes), now);
    }
    assert_eq!((rig.counts().gaps_by_limit, rig.reassembler.held_bytes()), (1, 0));
    assert_eq!(rig.only().text(A), format!("a________{}\0", "x".repeat(1399)));
    // The next hole starts anew.
    rig.push_at(&up(ACK, 2000, 1, b"y"), now);
    assert_eq!(rig.counts().gaps_by_limit, 1);
}

#[test]
fn the_process_holds_no_more_than_its_limit() {
    let mut rig = config(|config| config.memory_bytes_max = 10_000);
    for port in 1..100 {
        rig.push_all(&[
            up(PSH | ACK, 1, 1, b"a").port(port),
            up(ACK, 10, 1, &[b'x'; 1000]).port(port),
        ]);
        assert!(rig.reassembler.held_bytes() <= 10_000);
    }
    assert!(rig.counts().gaps_by_limit > 80);
    rig.finish();
}

#[test]
fn the_table_is_bounded_and_a_flood_evicts_itself_first() {
    let mut rig = config(|config| config.connections_max = 100);
    for port in 1..50 {
        rig.push(&up(PSH | ACK, 1, 1, b"a").port(port));
        rig.push(&down(PSH | ACK, 1, 2, b"b").port(port));
    }
    for port in 1000..5000 {
        rig.push(&up(SYN, 1, 0, b"").port(port));
        assert!(rig.reassembler.tracked() <= 100);
    }
    assert_eq!(rig.counts().closed_evicted, 0, "those that talk stay");
    for port in 100..300 {
        rig.push(&up(PSH | ACK, 1, 1, b"a").port(port));
    }
    assert!(rig.counts().closed_evicted > 100);
    rig.finish();
}

#[test]
fn silence_ends_a_connection() {
    let mut rig = Rig::connected();
    rig.push_all(&[up(ACK, 1001, 5001, b"a"), down(ACK, 5001, 1002, b"b")]);
    for _ in 0..10 {
        rig.wait(200_000);
        rig.push(&up(ACK, 1001, 5002, b""));
    }
    assert_eq!(rig.connections[0].close, None);
    rig.wait(301_000);
    rig.expire();
    assert_eq!(rig.connections[0].close, Some(CloseReason::Idle));
    assert_eq!(rig.connections[0].told.last().unwrap().0.nanos() / 1_000_000, 3_000_000, "then");
    assert_eq!(rig.reassembler.tracked(), 0);
}

#[test]
fn slots_are_used_again_only_after_a_close() {
    let mut rig = config(|config| config.closed_seconds_max = 0);
    for round in 0..5 {
        for port in 1..10 {
            rig.push(&up(FIN | ACK, 1000 * round, 1, b"a").port(port));
            rig.push(&down(FIN | ACK, 1, 1000 * round + 2, b"b").port(port));
        }
    }
    assert_eq!((rig.reassembler.open(), rig.connections.len()), (0, 45));
}

/// A capture whose clock was set right in between: what ended long ago is not remembered.
#[test]
fn a_closed_connection_is_forgotten_in_time() {
    let mut rig = Rig::new();
    rig.push_at(&up(PSH | ACK, 1, 1, b"x").port(9), Timestamp::new(7, 0));
    let begin = Timestamp::new(600_000_000, 0);
    rig.push_at(&up(SYN, 0, 0, b""), begin);
    rig.push_at(&down(SYN | ACK, 5000, 1, b""), begin);
    rig.push_at(&up(RST, 1, 0, b""), begin);
    rig.push_at(&up(ACK, 1, 5001, b"GET"), Timestamp::new(600_000_016, 0));
    assert_eq!(rig.connections.last().unwrap().text(A), "GET");
    rig.finish();
}

/// The same without a timer in between.
#[test]
fn a_closed_connection_is_forgotten_in_time_by_its_own_segments() {
    let mut rig = Rig::new();
    let mut push = |wire: &Wire, seconds| rig.push_only(wire, Timestamp::new(seconds, 0));
    push(&up(SYN, 0, 0, b""), 100);
    push(&down(SYN | ACK, 5000, 1, b""), 100);
    push(&up(RST, 1, 0, b""), 100);
    push(&up(ACK, 1, 5001, b"late"), 104);
    push(&up(ACK, 1, 5001, b"GET"), 200);
    assert_eq!(rig.counts().late_segments, 1);
    assert_eq!(rig.only().text(A), "GET");
}

#[test]
fn an_earlier_capture_read_later_is_no_silence() {
    let mut rig = Rig::new();
    rig.push_at(&up(PSH | ACK, 1, 1, b"a"), Timestamp::new(1_700_000_000, 0));
    rig.push_at(&up(PSH | ACK, 1, 1, b"b").port(7), Timestamp::new(1_600_000_000, 0));
    rig.push_at(&down(PSH | ACK, 1, 2, b"c").port(7), Timestamp::new(1_600_000_001, 0));
    assert!(rig.connections.iter().all(|seen| seen.close.is_none()));
    rig.push_at(&down(PSH | ACK, 2, 2, b"d").port(7), Timestamp::new(1_600_000_400, 0));
    assert_eq!(rig.connections[0].close, Some(CloseReason::Idle));
}

#[test]
fn the_flow_may_end_in_itself() {
    let mut rig = Rig::new();
    let mut wire = up(SYN, 1, 0, b"abc");
    for flags in 0..=255 {
        wire.flags = flags;
        wire.seq = wire.seq.wrapping_mul(2_654_435_761);
        wire.port = 80;
        rig.push(&wire);
    }
    rig.finish();
}

#[test]
fn connections_seen_one_way_are_counted() {
    let mut rig = Rig::new();
    rig.push_all(&[up(ACK | PSH, 1, 9, b"a"), up(ACK | PSH, 2, 9, b"b")]);
    rig.push(&up(ACK | PSH, 1, 9, b"a").port(1));
    rig.push(&down(ACK, 9, 2, b"").port(1));
    assert_eq!(rig.counts().connections_one_way, 0, "the other direction may still come");
    rig.finish();
    assert_eq!(rig.counts().connections_one_way, 1);
}

/// An idle connection costs about 400 bytes.
#[test]
fn connections_are_small() {
    let size = size_of::<connection::Conn>();
    assert!(size <= 392, "{size}");
}
