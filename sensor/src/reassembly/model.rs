//! Reassembly against a map of what was captured: conversations of two correct ends, seen by a bad mirror.

use proptest::collection::vec;
use proptest::prelude::*;

use super::testing::*;
use super::*;
use crate::time::Timestamp;

/// What one end does next, and what the mirror makes of it.
#[derive(Debug, Clone)]
struct Step {
    up: bool,
    /// New bytes sent.
    len: u16,
    /// Bytes sent before, sent again in front of them.
    again: u16,
    lost: bool,
    copies: u8,
    /// Steps that the mirror shows it too late.
    late: u8,
    snapped: bool,
    /// Shown in the first view, in the second.
    views: (bool, bool),
}

#[derive(Debug, Clone)]
struct Case {
    isn: [u32; 2],
    handshake: bool,
    two_views: bool,
    skip: usize,
    steps: Vec<Step>,
    ends: Ends,
    only: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    Never,
    Fin,
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![Just(0), 1..40_u16, 1000..1500_u16];
    let again = prop_oneof![6 => Just(0), 1 => 1..60_u16, 1 => 1000..1600_u16];
    let copies = prop_oneof![8 => Just(1_u8), 1 => Just(2), 1 => Just(3)];
    let late = prop_oneof![5 => Just(0_u8), 2 => 1..8_u8];
    (
        any::<bool>(),
        len,
        again,
        prop::bool::weighted(0.1),
        copies,
        late,
        prop::bool::weighted(0.05),
        any::<(bool, bool)>(),
    )
        .prop_map(|(up, len, again, lost, copies, late, snapped, views)| Step {
            up,
            len,
            again,
            lost,
            copies,
            late,
            snapped,
            views,
        })
}

fn case() -> impl Strategy<Value = Case> {
    let isn = prop_oneof![any::<u32>(), u32::MAX - 3000..=u32::MAX];
    let ends = prop_oneof![Just(Ends::Never), Just(Ends::Fin), Just(Ends::Reset)];
    let only = prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)];
    ([isn.clone(), isn], any::<bool>(), any::<bool>(), 0..6_usize, vec(step(), 1..60), ends, only)
        .prop_map(|(isn, handshake, two_views, skip, steps, ends, only)| {
            // Without a handshake or a common start, views cannot always be told from other connections.
            let two_views = two_views && handshake && only.is_none();
            Case {
                isn,
                handshake,
                two_views,
                skip: if handshake { 0 } else { skip },
                steps,
                ends,
                only,
            }
        })
}

/// Byte `at` of a side's stream.
fn byte(up: bool, at: usize) -> u8 {
    let mixed = (number(at) ^ u32::from(up) << 20).wrapping_mul(0x9e37_79b1);
    mixed.to_be_bytes()[1]
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap()
}

/// A segment with the time the mirror shows it, in milliseconds.
type Shown = (u64, Wire);

/// What the ends send, by the mirror's choice of showing it.
fn play(case: &Case) -> Vec<Shown> {
    let seq =
        |up: bool, at: usize| case.isn[usize::from(!up)].wrapping_add(1).wrapping_add(number(at));
    let mut shown = Vec::new();
    let mut now = 0;
    if case.handshake {
        let [a, b] = case.isn;
        let opening = [up(SYN, a, 0, b""), down(SYN | ACK, b, a.wrapping_add(1), b"")];
        for wire in opening {
            if case.two_views {
                shown.push((now, wire.clone().vlan(9)));
            }
            shown.push((now, wire));
        }
    }
    let mut sent = [0_usize; 2];
    for (number, step) in case.steps.iter().enumerate() {
        now += 2;
        let (own, other) = (usize::from(!step.up), usize::from(step.up));
        let start = sent[own].saturating_sub(usize::from(step.again));
        sent[own] += usize::from(step.len);
        let mut bytes: Vec<_> = (start..sent[own]).map(|at| byte(step.up, at)).collect();
        let mut wire = up(PSH | ACK, seq(step.up, start), seq(!step.up, sent[other]), b"");
        wire.up = step.up;
        if step.snapped {
            wire.missing = u32::try_from(bytes.len() / 2).unwrap();
            bytes.truncate(bytes.len() - bytes.len() / 2);
        }
        wire.bytes = bytes;
        if step.lost || number < case.skip {
            continue;
        }
        for copy in 0..step.copies {
            let time = now + 2 * u64::from(step.late) + u64::from(copy);
            if !case.two_views || step.views.0 || !step.views.1 {
                shown.push((time, wire.clone()));
            }
            if case.two_views && step.views.1 {
                shown.push((time + 1, wire.clone().vlan(9)));
            }
        }
    }
    let end = |up: bool, flags| {
        let other = usize::from(up);
        let ended = usize::from(flags == FIN && !up);
        let mut wire = testing::up(
            flags | ACK,
            seq(up, sent[usize::from(!up)]),
            seq(!up, sent[other] + ended),
            b"",
        );
        wire.up = up;
        wire
    };
    now += 20;
    match case.ends {
        Ends::Never => {}
        Ends::Fin => shown.extend([(now, end(true, FIN)), (now + 1, end(false, FIN))]),
        Ends::Reset => shown.push((now, end(true, RST))),
    }
    shown.retain(|(_, wire)| case.only.is_none_or(|up| wire.up == up));
    shown.sort_by_key(|&(time, _)| time);
    shown
}

/// What was captured of one end.
struct Captured {
    /// Whether each byte was.
    bytes: Vec<bool>,
    /// Whether each was cut off a captured segment: a gap at once, though another copy may show it.
    cut: Vec<bool>,
    /// How far the end is known to have sent.
    known: usize,
}

fn captured(case: &Case, shown: &[Shown]) -> [Captured; 2] {
    [true, false].map(|up| {
        let base = case.isn[usize::from(!up)].wrapping_add(1);
        let place = |seq: u32| seq.wrapping_sub(base) as usize;
        let mut map = vec![false; 70_000];
        let mut cut = map.clone();
        let mut known = 0;
        // Without a handshake, what comes before the first bytes belongs to nothing.
        let opens = |wire: &Wire| case.handshake || !wire.bytes.is_empty() || wire.missing != 0;
        let followed = shown.iter().skip_while(|(_, wire)| !opens(wire));
        for (_, wire) in followed.filter(|(_, wire)| wire.flags & SYN == 0) {
            if wire.up == up {
                let start = place(wire.seq);
                let end = start + wire.bytes.len();
                map[start..end].fill(true);
                cut[end..end + wire.missing as usize].fill(true);
                known = known.max(end + wire.missing as usize);
            } else {
                // The second FIN acknowledges the first.
                let fin = usize::from(wire.flags & FIN != 0 && !wire.up);
                known = known.max(place(wire.ack) - fin);
            }
        }
        Captured { bytes: map, cut, known }
    })
}

fn check(case: &Case, rig: &Rig, shown: &[Shown]) -> Result<(), TestCaseError> {
    if rig.connections.is_empty() {
        prop_assert!(shown.iter().all(|(_, wire)| wire.bytes.is_empty() && wire.missing == 0));
        return Ok(());
    }
    prop_assert_eq!(rig.connections.len(), 1);
    let seen = &rig.connections[0];
    let captured = captured(case, shown);
    for up in [true, false] {
        let side = if up == seen.client_is_a { 0 } else { 1 };
        let Captured { bytes: map, cut, known } = &captured[usize::from(!up)];
        let stream = &seen.streams[side];
        let Some(base) = seen.bases[side] else {
            prop_assert!(stream.is_empty());
            continue;
        };
        let base = base.wrapping_sub(case.isn[usize::from(!up)].wrapping_add(1)) as usize;
        for (offset, &got) in stream.iter().enumerate() {
            let want = map[base + offset].then(|| byte(up, base + offset));
            let fair = got == want || got.is_none() && cut[base + offset];
            prop_assert!(fair, "side {side} offset {offset} of base {base}: {got:?}, not {want:?}");
        }
        let least = known.saturating_sub(base);
        // A lost byte at the very end passes for a FIN, and a FIN that was not captured for a lost byte.
        let end_unknown =
            !map[known.saturating_sub(1)] && (case.ends != Ends::Fin || case.only == Some(!up));
        let fin_unknown = case.ends == Ends::Fin && case.only == Some(!up);
        let fair = stream.len() == least
            || end_unknown && stream.len() + 1 == least
            || fin_unknown && stream.len() == least + 1;
        prop_assert!(fair, "side {side}: {} bytes, not {least}", stream.len());
    }
    let whole = case.only.is_none();
    let want = match case.ends {
        Ends::Never => CloseReason::EndOfCapture,
        Ends::Fin if whole => CloseReason::Fin,
        Ends::Fin => CloseReason::EndOfCapture,
        Ends::Reset if case.only != Some(false) => CloseReason::Reset,
        Ends::Reset => CloseReason::EndOfCapture,
    };
    prop_assert_eq!(seen.close, Some(want));
    prop_assert_eq!(
        seen.fins.iter().filter(|&&fin| fin).count(),
        match case.ends {
            Ends::Fin => 1 + usize::from(whole),
            _ => 0,
        }
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every byte captured is delivered in its place, every other is in a gap, and the end is told once.
    #[test]
    fn what_was_captured_comes_out(case in case()) {
        let shown = play(&case);
        let mut rig = Rig::new();
        let mut now = 0;
        for (time, wire) in &shown {
            rig.wait(time - now);
            now = *time;
            rig.push(wire);
        }
        rig.finish();
        check(&case, &rig, &shown)?;
    }

    /// What comes of a connection depends on its own segments and on the times told, nothing else.
    #[test]
    fn others_change_nothing(wires in vec(nonsense(), 0..120), every in 1..9_u64) {
        let mut all = Rig::new();
        let mut alone = [Rig::new(), Rig::new(), Rig::new()];
        let mut now = Timestamp::new(1000, 0);
        for (number, (wait, wire)) in (0..).zip(&wires) {
            now = now.plus(std::time::Duration::from_millis(*wait));
            for rig in alone.iter_mut().chain([&mut all]) {
                rig.ordinal = number;
                if number % every == 0 {
                    rig.expire_at(now);
                }
            }
            all.push_only(wire, now);
            alone[usize::from(wire.port - 1)].push_only(wire, now);
        }
        for rig in alone.iter_mut().chain([&mut all]) {
            rig.ordinal = u64::MAX;
            rig.finish();
        }
        let mut together = all.connections;
        together.sort_by_key(|seen| seen.port);
        let apart: Vec<_> = alone.into_iter().flat_map(|rig| rig.connections).collect();
        prop_assert!(together == apart);
    }

    /// Nothing that can arrive breaks what always holds (checked by the rig).
    #[test]
    fn nonsense_breaks_nothing(wires in vec(nonsense(), 0..200)) {
        let mut rig = Rig::with(&Config {
            connections_max: 6,
            direction_bytes_max: 2000,
            connection_bytes_max: 3000,
            memory_bytes_max: 5000,
            ..Config::default()
        });
        for (wait, wire) in wires {
            rig.wait(wait);
            rig.push(&wire);
            prop_assert!(rig.reassembler.held_bytes() <= 5000 && rig.reassembler.tracked() <= 6);
        }
        rig.finish();
    }
}

fn nonsense() -> impl Strategy<Value = (u64, Wire)> {
    let number = || prop_oneof![6 => 1000..1300_u32, 1 => any::<u32>()];
    let flags = prop_oneof![4 => Just(ACK), 1 => Just(SYN), 1 => Just(SYN | ACK), 1 => Just(FIN | ACK), 1 => any::<u8>()];
    let wait = prop_oneof![8 => 0..20_u64, 1 => 0..400_000_u64];
    (
        any::<bool>(),
        flags,
        number(),
        number(),
        vec(any::<u8>(), 0..80),
        0..4_u32,
        0..3_u32,
        1..4_u16,
        wait,
    )
        .prop_map(|(up, flags, seq, ack, bytes, missing, vlan, port, wait)| {
            (
                wait,
                Wire { up, flags, seq, ack, bytes, missing: missing.saturating_sub(2), vlan, port },
            )
        })
}
