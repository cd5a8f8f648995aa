//! Named cases of the byte streams of one connection.

use super::testing::*;
use super::*;

const A: Side = Side::A;
const B: Side = Side::B;

/// RFC 9293 §3.5: handshake, one exchange, both FINs.
#[test]
fn a_whole_connection() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(PSH | ACK, 1001, 5001, b"GET"),
        down(ACK, 5001, 1004, b""),
        down(PSH | ACK, 5001, 1004, b"200 OK"),
        up(FIN | ACK, 1004, 5007, b""),
        down(FIN | ACK, 5007, 1005, b"!"),
        up(ACK, 1005, 5009, b""),
    ]);
    assert_eq!(rig.connections[0].close, Some(CloseReason::Fin), "closed before the capture ends");
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GET", "200 OK!"));
    assert_eq!((seen.fins, seen.handshake), ([true, true], true));
    assert_eq!(seen.bases, [Some(1001), Some(5001)]);
    let facts: Vec<_> = seen
        .data
        .iter()
        .map(|&(side, offset, acked, start, _)| (side, offset, acked, start))
        .collect();
    assert_eq!(facts, [(A, 0, Some(0), true), (B, 0, Some(3), true), (B, 6, Some(3), true)]);
    assert_eq!(
        (rig.counts().data_segments, rig.counts().control_segments, rig.counts().late_segments),
        (3, 5, 1)
    );
}

#[test]
fn reordered_segments_are_put_in_order() {
    let mut rig = Rig::connected();
    rig.push(&up(ACK, 1005, 5001, b"efgh"));
    rig.wait(3);
    rig.push(&up(ACK, 1009, 5001, b"ij"));
    rig.push(&up(ACK, 1001, 5001, b"abcd"));
    assert_eq!(rig.connections[0].text(A), "abcdefghij", "at once");
    let seen = rig.only();
    assert_eq!(
        seen.data.iter().map(|data| data.4 - 1_000_000).collect::<Vec<_>>(),
        [3, 0, 3],
        "their own times"
    );
    assert_eq!(rig.counts().reordered_bytes, 6);
}

/// RFC 9293 §3.4: numbers are modulo 2^32.
#[test]
fn sequence_numbers_wrap() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(SYN, 0xffff_fffc, 0, b""),
        down(SYN | ACK, 0xffff_ffff, 0xffff_fffd, b""),
        up(ACK, 0xffff_fffd, 0, b"abc"),
        up(ACK, 3, 0, b"ghi"),
        up(ACK, 0, 0, b"def"),
        down(ACK, 0, 6, b"xyz"),
    ]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("abcdefghi", "xyz"));
    assert_eq!(seen.data.last().unwrap().2, Some(9));
}

#[test]
fn retransmissions_and_overlaps_are_trimmed() {
    let mut rig = Rig::connected();
    rig.push(&up(ACK, 1001, 5001, b"abcd"));
    rig.wait(200);
    rig.push(&up(ACK, 1001, 5001, b"abcd"));
    rig.push(&up(ACK, 1003, 5001, b"cdef"));
    let seen = rig.only();
    assert_eq!(seen.text(A), "abcdef");
    assert!(!seen.data[1].3, "no segment began there");
    assert_eq!((rig.counts().retransmitted_segments, rig.counts().duplicate_segments), (1, 0));
}

#[test]
fn the_first_copy_of_an_overlap_wins() {
    let mut rig = Rig::connected();
    rig.push(&up(ACK, 1003, 5001, b"CD"));
    rig.push(&up(ACK, 1001, 5001, b"abcdef"));
    assert_eq!(rig.counts().overlap_conflicts, 1);
    rig.push(&up(ACK, 1009, 5001, b"ij"));
    rig.push(&up(ACK, 1007, 5001, b"ghij"));
    assert_eq!(rig.counts().overlap_conflicts, 1, "equal bytes are no conflict");
    assert_eq!(rig.only().text(A), "abCDefghij");
}

#[test]
fn a_lost_segment_is_a_gap_once_the_peer_acknowledged_it() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        up(ACK, 1005, 5001, b"ef"),
        down(ACK, 5001, 1007, b""),
    ]);
    rig.wait(200);
    rig.expire();
    assert_eq!(rig.connections[0].text(A), "ab", "in its grace");
    rig.wait(200);
    rig.expire();
    assert_eq!(rig.connections[0].text(A), "ab__ef");
    let seen = rig.only();
    assert_eq!(seen.gaps[0], [(2, 2)]);
    assert_eq!((rig.counts().gaps, rig.counts().gap_bytes, rig.counts().gaps_by_limit), (1, 2, 0));
}

#[test]
fn the_grace_ends_after_some_segments() {
    let mut rig = Rig::connected();
    rig.push_all(&[up(ACK, 1005, 5001, b"ef"), down(ACK, 5001, 1007, b"")]);
    for at in 0..63 {
        rig.push(&down(ACK, 5001 + at, 1007, b"x"));
    }
    assert_eq!(rig.connections[0].text(A), "");
    rig.push(&down(ACK, 5064, 1007, b"x"));
    assert_eq!(rig.connections[0].text(A), "____ef");
}

// A TAP with a cable for each direction: the cards tell the time on their own.
#[test]
fn two_interfaces_have_time_alone_as_grace() {
    for (interfaces, text) in [([0, 0], "____ef"), ([0, 1], "abcdef")] {
        let mut rig = Rig::connected();
        rig.interfaces = interfaces;
        rig.push_all(&[up(ACK, 1005, 5001, b"ef"), down(ACK, 5001, 1007, b"")]);
        for at in 0..100 {
            rig.push(&down(ACK, 5001 + at, 1007, b"x"));
        }
        rig.push(&up(ACK, 1001, 5001, b"abcd"));
        rig.wait(400);
        rig.expire();
        assert_eq!(rig.only().text(A), text);
    }
}

#[test]
fn the_grace_lets_a_reordered_mirror_catch_up() {
    let mut rig = Rig::connected();
    rig.push(&down(PSH | ACK, 5001, 1004, b"200"));
    rig.push(&up(PSH | ACK, 1001, 5001, b"GET"));
    rig.wait(1000);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GET", "200"));
    assert_eq!(rig.counts().gaps, 0);
    assert_eq!(seen.data[0].2, Some(3), "the server had it");
}

#[test]
fn a_lost_tail_is_a_gap() {
    let mut rig = Rig::connected();
    rig.push_all(&[down(ACK, 5001, 1011, b"200")]);
    rig.wait(400);
    rig.expire();
    assert_eq!(rig.connections[0].gaps[0], [(0, 10)], "without a byte of it");
    rig.push(&up(ACK, 1011, 5004, b"next"));
    assert_eq!(rig.only().text(A), "__________next");
}

#[test]
fn a_hole_wider_than_a_window_of_loss() {
    let mut rig = Rig::connected();
    rig.push(&up(ACK, 1001, 5001, b"ab"));
    let far = 1003 + (12 << 20);
    rig.push_all(&[up(ACK, far, 5001, b"yz"), down(ACK, 5001, far + 2, b"")]);
    rig.wait(500);
    rig.expire();
    assert_eq!(rig.connections[0].gaps[0], [(2, 12 << 20)]);
}

#[test]
fn a_stream_lost_for_longer_is_found_again() {
    let mut rig = Rig::connected();
    rig.push(&up(ACK, 1001, 5001, b"ab"));
    let far = 1003 + (40 << 20);
    rig.push(&up(ACK, far, 5001, b"cd"));
    assert_eq!(rig.counts().implausible_segments, 1);
    rig.push(&up(ACK, far + 2, 5001, b"ef"));
    let seen = rig.only();
    assert_eq!(seen.gaps[0], [(2, (40 << 20) + 2)]);
    assert!(seen.text(A).ends_with("_ef"));
}

#[test]
fn a_blind_injection_does_not_move_the_stream() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        up(ACK, 0x7000_0000, 9, b"evil"),
        up(ACK, 0x7000_0000, 9, b"evil"),
        up(ACK, 1003, 5001, b"cd"),
    ]);
    assert_eq!(rig.only().text(A), "abcd");
}

/// RFC 9293 §3.8.4: a probe has a number one below the next, and a byte of garbage or none.
#[test]
fn keepalive_probes_are_no_data() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        down(ACK, 5001, 1003, b""),
        up(ACK, 1002, 5001, b"\0"),
        up(ACK, 1002, 5001, b""),
        down(ACK, 5000, 1003, b""),
        up(ACK, 1003, 5001, b"cd"),
    ]);
    assert_eq!(rig.counts().keepalive_segments, 3);
    assert_eq!(rig.only().text(A), "abcd");
}

#[test]
fn a_probe_behind_a_lost_tail_is_no_data_either() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        down(ACK, 5001, 1006, b""),
        up(ACK, 1005, 5001, b"\0"),
    ]);
    rig.wait(2000);
    rig.push(&up(ACK, 1006, 5001, b"fg"));
    assert_eq!(rig.only().text(A), "ab___fg");
}

#[test]
fn a_probe_is_not_the_first_byte_of_a_stream() {
    let mut rig = Rig::new();
    rig.push_all(&[up(ACK, 1000, 5001, b"\0"), up(PSH | ACK, 1001, 5001, b"GET")]);
    assert_eq!(rig.only().text(A), "GET");
}

/// What a sender cuts small is told from a probe by what follows: at once, and before the peer says anything.
#[test]
fn a_lone_octet_may_be_the_first_byte_of_a_stream() {
    let first = up(ACK, 1000, 5001, b"G");
    let rest = up(ACK, 1001, 5001, b"ET /");
    let rig = |segments: &[Wire], pause: u64| {
        let mut rig = Rig::new();
        for segment in segments {
            rig.push(segment);
            rig.wait(pause);
        }
        rig
    };
    assert_eq!(rig(&[first.clone(), rest.clone()], 5).only().text(A), "GET /");
    let bare = up(ACK, 1001, 5001, b"");
    assert_eq!(rig(&[first.clone(), bare, rest.clone()], 5).only().text(A), "GET /");
    let two = [first.clone(), up(ACK, 1001, 5001, b"E"), up(ACK, 1002, 5001, b"T")];
    assert_eq!(rig(&two, 5).only().text(A), "GET");
    // Sent twice, it is one octet; of another place, none.
    assert_eq!(rig(&[first.clone(), first.clone(), rest.clone()], 5).only().text(A), "GET /");
    let later = up(ACK, 1002, 5001, b"T /");
    assert_eq!(rig(&[first.clone(), later], 5).only().text(A), "T /");
    // Answered, or long before: a probe.
    let answer = down(ACK, 5001, 1001, b"");
    assert_eq!(rig(&[first.clone(), answer, rest.clone()], 5).only().text(A), "ET /");
    assert_eq!(rig(&[first, rest], 2000).only().text(A), "ET /");
}

/// RFC 9293 §3.8.6.1: a zero-window probe carries the next byte, sent again with more.
#[test]
fn zero_window_probes_are_data_once() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        down(ACK, 5001, 1003, b""),
        up(ACK, 1003, 5001, b"c"),
        down(ACK, 5001, 1003, b""),
        up(ACK, 1003, 5001, b"cde"),
    ]);
    assert_eq!(rig.only().text(A), "abcde");
}

/// RFC 7413 §3: data in the SYN begins behind it, and is sent again if it was not accepted.
#[test]
fn data_in_the_syn() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(SYN, 1000, 0, b"GET"),
        down(SYN | ACK, 5000, 1001, b""),
        up(ACK, 1001, 5001, b"GET"),
        up(ACK, 1004, 5001, b"/"),
    ]);
    assert_eq!(rig.only().text(A), "GET/");
}

/// RFC 7413 §4.2: what the SYN carried is acknowledged with it, and answered at once.
#[test]
fn data_in_the_syn_and_in_its_answer() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(SYN, 1000, 0, b"GET"),
        down(SYN | ACK, 5000, 1004, b"200"),
        up(ACK, 1004, 5004, b"/"),
        down(ACK, 5004, 1005, b"404"),
    ]);
    assert_eq!(rig.counts().implausible_segments, 0);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("GET/", "200404"));
    assert_eq!(seen.bases, [Some(1001), Some(5001)]);
    // More than it carried belongs to another connection.
    let mut rig = Rig::new();
    rig.push_all(&[up(SYN, 1000, 0, b"GET"), down(SYN | ACK, 5000, 1005, b"")]);
    assert_eq!(rig.counts().implausible_segments, 1);
}

#[test]
fn a_fin_waits_for_the_bytes_before_it() {
    let mut rig = Rig::connected();
    rig.push(&up(FIN | ACK, 1003, 5001, b"cd"));
    assert!(rig.connections.is_empty());
    rig.push(&up(ACK, 1001, 5001, b"ab"));
    assert!(rig.connections[0].fins[0]);
    assert_eq!(rig.only().text(A), "abcd");
}

#[test]
fn a_half_closed_connection_goes_on() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(FIN | ACK, 1001, 5001, b""),
        down(ACK, 5001, 1002, b"late"),
        down(ACK, 5005, 1002, b"r"),
    ]);
    assert!(rig.connections[0].fins[0], "told with the first event");
    rig.wait(200_000);
    rig.push(&down(FIN | ACK, 5006, 1002, b"."));
    let seen = rig.only();
    assert_eq!((seen.text(B).as_str(), seen.close), ("later.", Some(CloseReason::Fin)));
}

#[test]
fn a_fin_that_was_not_captured_is_no_missing_byte() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(PSH | ACK, 1001, 5001, b"GET"),
        down(PSH | ACK, 5001, 1004, b"200"),
        up(FIN | ACK, 1004, 5005, b""),
        down(ACK, 5005, 1005, b""),
    ]);
    rig.wait(300);
    rig.expire();
    assert_eq!(rig.connections[0].close, Some(CloseReason::Fin));
    assert_eq!(rig.only().gaps, [vec![], vec![]]);
}

#[test]
fn a_reset_flushes_and_closes_after_its_grace() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        up(ACK, 1005, 5001, b"ef"),
        down(RST | ACK, 5001, 1003, b"bye"),
    ]);
    rig.push(&up(ACK, 1007, 5001, b"gh"));
    assert_eq!(rig.connections[0].close, None);
    rig.wait(400);
    rig.expire();
    let seen = rig.connections[0].clone();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("ab__efgh", ""));
    assert_eq!(seen.close, Some(CloseReason::Reset));
    rig.push(&up(ACK, 1009, 5001, b"ij"));
    assert_eq!(rig.counts().late_segments, 1);
    rig.only();
}

/// RFC 5961 §3.2: a receiver answers a reset that is in the window, but not the very next, and goes on. Nor can it be
/// known whether a reset came there at all.
#[test]
fn a_reset_that_nobody_believes_ends_nothing() {
    for reset in [up(RST, 1003, 0, b""), up(RST | ACK, 1003 + (1 << 19), 5001 + (1 << 19), b"")] {
        let mut rig = Rig::connected();
        rig.push_all(&[up(ACK, 1001, 5001, b"ab"), reset]);
        rig.push_all(&[up(ACK, 1003, 5001, b"cd"), down(ACK, 5001, 1005, b"y")]);
        rig.wait(400);
        rig.push_all(&[up(ACK, 1005, 5002, b"ef"), down(ACK, 5002, 1007, b"z")]);
        let seen = rig.only();
        assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("abcdef", "yz"));
        assert_eq!(seen.close, Some(CloseReason::EndOfCapture));
    }
}

/// What goes on once the reset was believed is a connection joined midway; what else comes late is not.
#[test]
fn a_connection_goes_on_after_a_reset_that_closed_it() {
    let mut rig = Rig::connected();
    let before = [up(ACK, 1001, 5001, b"ab"), down(ACK, 5001, 1003, b"x")];
    rig.push_all(&before);
    rig.push(&up(RST, 1003 + 9, 0, b""));
    rig.wait(400);
    rig.push_all(&before);
    rig.push_all(&[up(ACK, 1003, 5002, b"cd"), down(ACK, 5002, 1003, b"w")]);
    assert_eq!((rig.connections.len(), rig.counts().late_segments), (1, 4));
    rig.push_all(&[down(ACK, 5002, 1005, b"yz"), up(ACK, 1005, 5004, b"ef")]);
    rig.finish();
    let [first, second] = rig.connections.as_slice() else { panic!("two connections") };
    assert_eq!(first.close, Some(CloseReason::Reset));
    assert_eq!(second.streams.each_ref().map(Vec::len), [4, 2]);
    assert!(!second.handshake);
}

/// RFC 9293 §3.5.3: a reset is valid only in the window.
#[test]
fn a_reset_out_of_window_is_ignored() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab"),
        down(RST, 5001 + (9 << 20), 0, b""),
        up(RST, 0, 0, b""),
    ]);
    rig.wait(1000);
    rig.push(&up(ACK, 1003, 5001, b"cd"));
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.close), ("abcd", Some(CloseReason::EndOfCapture)));
    assert_eq!(rig.counts().implausible_segments, 2);
}

#[test]
fn joined_midway_both_ways() {
    let mut rig = Rig::new();
    rig.push_all(&[up(ACK, 300, 700, b"ab"), down(ACK, 700, 302, b"xy"), up(ACK, 302, 702, b"cd")]);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("abcd", "xy"));
    assert_eq!(
        (seen.bases, seen.handshake, seen.client_is_a),
        ([Some(300), Some(700)], false, true)
    );
    assert_eq!(seen.data[2].2, Some(2));
    assert_eq!(rig.counts().connections_midway, 1);
}

#[test]
fn bytes_in_flight_at_the_start_are_a_gap() {
    let mut rig = Rig::new();
    rig.push_all(&[up(ACK, 300, 700, b"ab"), down(ACK, 710, 302, b"xy"), up(ACK, 302, 712, b"cd")]);
    rig.wait(300);
    rig.expire();
    let seen = rig.only();
    assert_eq!((seen.text(B).as_str(), &seen.gaps[1][..]), ("__________xy", &[(0, 10)][..]));
}

#[test]
fn what_is_before_the_start_is_dropped_and_counted() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(ACK, 300, 700, b"ab"),
        down(ACK, 690, 300, b"old"),
        down(ACK, 698, 302, b"ldxy"),
    ]);
    assert_eq!(rig.only().text(B), "xy");
    assert_eq!(rig.counts().early_segments, 1);
}

#[test]
fn joined_at_the_syn_ack() {
    let mut rig = Rig::new();
    rig.push_all(&[down(SYN | ACK, 5000, 1001, b""), up(ACK, 1001, 5001, b"GET")]);
    let seen = rig.only();
    assert!(seen.client_is_a && seen.handshake);
    assert_eq!((seen.text(A).as_str(), seen.bases), ("GET", [Some(1001), Some(5001)]));
}

/// A straggler of the connection that had these ports before.
#[test]
fn a_syn_ack_says_where_the_client_begins() {
    let mut rig = Rig::new();
    rig.push_all(&[
        down(SYN | ACK, 5000, 1001, b""),
        up(ACK, 1001, 5001, b""),
        up(ACK, 900_000_000, 800_000_000, b"old"),
        up(ACK, 1001, 5001, b"ask"),
        down(ACK, 5001, 1004, b"answer"),
    ]);
    assert_eq!(rig.counts().implausible_segments, 1);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("ask", "answer"));
}

/// The same where the SYN-ACK is lost, and the client tells where the server begins.
#[test]
fn a_client_whose_syn_was_seen_says_where_the_server_begins() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(SYN, 1000, 0, b""),
        up(ACK, 900_000_000, 800_000_000, b""),
        up(ACK, 1001, 5001, b"ask"),
        down(ACK, 800_000_000, 900_000_000, b"old"),
        down(ACK, 5001, 1004, b"answer"),
    ]);
    assert_eq!(rig.counts().implausible_segments, 1);
    let seen = rig.only();
    assert_eq!((seen.text(A).as_str(), seen.text(B).as_str()), ("ask", "answer"));
}

#[test]
fn one_direction_only() {
    let mut rig = Rig::new();
    rig.push_all(&[down(ACK, 700, 300, b"ab"), down(ACK, 704, 300, b"ef")]);
    rig.wait(900);
    rig.expire();
    assert_eq!(rig.connections[0].text(A), "ab");
    rig.wait(300);
    rig.expire();
    assert_eq!(rig.connections[0].text(A), "ab__ef", "given up by age");
    rig.push(&down(ACK, 708, 300, b""));
    rig.wait(1200);
    rig.push(&down(FIN | ACK, 708, 300, b""));
    assert_eq!(rig.connections[0].text(A), "ab__ef__", "an empty segment tells of a lost tail");
    assert!(rig.connections[0].fins[0]);
    rig.wait(31_000);
    rig.expire();
    assert_eq!(rig.connections[0].close, Some(CloseReason::Idle), "nobody will end the other side");
}

#[test]
fn bare_segments_open_nothing() {
    let mut rig = Rig::new();
    rig.push_all(&[
        up(ACK, 1, 2, b""),
        up(FIN | ACK, 1, 2, b""),
        up(RST, 1, 2, b""),
        down(RST, 7, 8, b"text"),
    ]);
    assert_eq!((rig.reassembler.tracked(), rig.counts().stray_segments), (0, 4));
}

#[test]
fn bytes_cut_by_the_snap_length_are_a_gap() {
    let mut rig = Rig::connected();
    rig.push_all(&[up(ACK, 1001, 5001, b"ab").missing(2), up(ACK, 1005, 5001, b"ef")]);
    assert_eq!(rig.connections[0].text(A), "ab", "they may yet come");
    rig.push(&down(ACK, 5001, 1007, b"x"));
    assert_eq!(rig.connections[0].text(A), "ab__ef", "at once");
    rig.push_all(&[up(ACK, 1011, 5001, b"kl").missing(2), up(ACK, 1007, 5001, b"").missing(4)]);
    rig.push(&up(FIN | ACK, 1015, 5001, b"o").missing(1));
    let seen = rig.only();
    assert_eq!(seen.text(A), "ab__ef____kl__o_");
    assert!(seen.fins[0]);
}

/// What a request lost to the snap length is told before its response.
#[test]
fn what_was_cut_is_told_before_its_answer() {
    let mut rig = Rig::connected();
    rig.push_all(&[up(ACK, 1001, 5001, b"ab").missing(2), down(ACK, 5001, 1005, b"x")]);
    let seen = rig.connections[0].clone();
    assert_eq!((seen.text(A).as_str(), seen.data.last().unwrap().0), ("ab__", B));
    assert_eq!(seen.told.len(), 3);
    rig.push(&up(ACK, 1005, 5002, b"ef"));
    assert_eq!(rig.only().text(A), "ab__ef");
}

/// An IP length longer than the packet: the bytes it claims are others, and come later.
#[test]
fn bytes_win_over_a_claim_that_they_are_missing() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1001, 5001, b"ab").missing(6),
        down(ACK, 5001, 1003, b"x"),
        up(ACK, 1003, 5002, b"cd").missing(6),
        up(ACK, 1005, 5002, b"ef").missing(1),
        up(FIN | ACK, 1007, 5002, b""),
        down(FIN | ACK, 5002, 1008, b""),
    ]);
    let seen = rig.connections[0].clone();
    assert_eq!((seen.text(A).as_str(), seen.close), ("abcdef", Some(CloseReason::Fin)));
    assert_eq!((rig.counts().gaps, rig.reassembler.held_bytes()), (0, 0));
}

#[test]
fn a_whole_copy_fills_what_another_cut() {
    let mut rig = Rig::connected();
    rig.push_all(&[
        up(ACK, 1003, 5001, b"c").missing(3),
        up(ACK, 1003, 5001, b"cdef"),
        up(ACK, 1001, 5001, b"ab"),
        up(ACK, 1009, 5001, b"").missing(2),
        up(ACK, 1009, 5001, b"ij"),
        up(ACK, 1007, 5001, b"gh"),
    ]);
    assert_eq!(rig.only().text(A), "abcdefghij");
}

#[test]
fn what_waits_too_far_ahead_of_a_moving_stream_is_dropped() {
    let mut rig = Rig::connected();
    rig.push(&up(ACK, 1001 + (1 << 20), 5001, b"evil"));
    for second in 0..15 {
        rig.push(&up(ACK, 1001 + second, 5001, b"x"));
        rig.push(&down(ACK, 5001, 1002 + second, b""));
        rig.wait(1000);
    }
    assert_eq!(rig.counts().bytes_implausible, 4);
    assert_eq!(rig.only().text(A), "x".repeat(15));
}
