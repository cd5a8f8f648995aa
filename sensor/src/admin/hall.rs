//! Where connections wait until they ask something: whoever says nothing, or half a request, keeps no thread from others.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, TrySendError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use super::request::{self, HEAD_BYTES_MAX, Refusal};
use super::response::Response;
use super::routes::Routes;
use super::stream::{Socket, Timed, after};

/// Most that wait; then the one that has waited longest is closed.
const WAITING_MAX: usize = 256;
/// How long one may take to ask.
const REQUEST: Duration = Duration::from_secs(3);
/// How often is looked whether half a request has become a whole one, or a thread is free.
const PAUSE: Duration = Duration::from_millis(20);

/// Those that wait, the longest first.
#[derive(Default)]
pub(super) struct Hall(VecDeque<Waiting>);

struct Waiting {
    socket: Socket,
    until: Instant,
    /// Whether there is something to read already.
    begun: bool,
}

/// What a connection has said.
enum Said {
    Nothing,
    /// Half a request.
    Half,
    /// A request, or what a thread is to see to: TLS.
    All,
    /// It is closed.
    Over,
}

impl Hall {
    /// Lets somebody in.
    pub(super) fn enter(&mut self, socket: Socket, routes: &Routes) {
        if self.0.len() >= WAITING_MAX && self.0.pop_front().is_some() {
            routes.tally().refused();
        }
        self.0.push_back(Waiting { socket, until: after(REQUEST), begun: false });
    }

    /// Waits until one says something or `door` has another, `most` at most; whether it has.
    pub(super) fn wait(&self, door: BorrowedFd<'_>, most: Duration) -> bool {
        let begun = self.0.iter().any(|waiting| waiting.begun);
        let limit = if begun { PAUSE } else { most };
        let silent = self.0.iter().filter(|waiting| !waiting.begun);
        let silent = silent.map(|waiting| waiting.socket.as_fd());
        let mut all: Vec<_> = [door]
            .into_iter()
            .chain(silent)
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        let limit = Timespec::try_from(limit).ok();
        let polled = poll(&mut all, limit.as_ref());
        polled.is_ok() && all.first().is_some_and(|door| !door.revents().is_empty())
    }

    /// Hands those that have asked to the threads that answer, and sends away whose time is over.
    pub(super) fn lead(&mut self, threads: &Sender<Socket>, routes: &Routes, tls: bool) {
        let now = after(Duration::ZERO);
        for mut waiting in std::mem::take(&mut self.0) {
            let said = said(&waiting.socket, tls);
            match said {
                Said::Over => continue,
                Said::Nothing => {}
                Said::Half => waiting.begun = true,
                Said::All => match threads.try_send(waiting.socket) {
                    Ok(()) | Err(TrySendError::Disconnected(_)) => continue,
                    Err(TrySendError::Full(socket)) => {
                        waiting = Waiting { socket, begun: true, ..waiting };
                    }
                },
            }
            match (waiting.until > now, said) {
                (true, _) => self.0.push_back(waiting),
                (false, Said::All) => routes.tally().refused(),
                (false, _) => too_slow(waiting.socket, routes),
            }
        }
    }
}

fn said(socket: &Socket, tls: bool) -> Said {
    let mut buffer = [0; HEAD_BYTES_MAX];
    match recv(socket.as_fd(), &mut buffer[..], RecvFlags::PEEK | RecvFlags::DONTWAIT) {
        Ok((0, _)) => Said::Over,
        Ok((size, _)) if tls || size >= HEAD_BYTES_MAX => Said::All,
        Ok((size, _)) => match request::parse(buffer.get(..size).unwrap_or_default()) {
            Ok(None) => Said::Half,
            Ok(Some(_)) | Err(_) => Said::All,
        },
        Err(Errno::AGAIN | Errno::INTR) => Said::Nothing,
        Err(_) => Said::Over,
    }
}

/// Says so, if that takes no time.
fn too_slow(socket: Socket, routes: &Routes) {
    let mut stream = Timed::new(socket, PAUSE, PAUSE);
    // What is not read would have closing take the answer with it.
    let mut buffer = [0; HEAD_BYTES_MAX];
    let _half = stream.read(&mut buffer);
    let Some(response) = Response::refusal(Refusal::Slow) else { return };
    routes.tally().answered(response.status);
    let _written = response.write(&mut stream, false).and_then(|()| stream.flush());
}
