//! Connections with a deadline: no read or write waits beyond it, whatever the peer does.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Bytes still read of what a client sends behind its request, so that closing does not reset the
/// connection and take the answer with it.
const LINGER_BYTES: usize = 64 << 10;
/// How long that takes at most.
const LINGER: Duration = Duration::from_millis(250);

/// A connection as accepted.
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
        }
    }
}

/// A connection that reads until one time, and writes until another.
pub(super) struct Timed {
    socket: Socket,
    read_until: Instant,
    write_until: Instant,
}

impl Timed {
    pub(super) fn new(socket: Socket, read: Duration, write: Duration) -> Self {
        Self { socket, read_until: after(read), write_until: after(write) }
    }

    /// Says that no more is sent, and waits a moment for the client to close.
    pub(super) fn close(mut self) {
        let shut = match &self.socket {
            Socket::Tcp(socket) => socket.shutdown(Shutdown::Write),
            Socket::Unix(socket) => socket.shutdown(Shutdown::Write),
        };
        self.read_until = self.write_until.min(after(LINGER));
        let mut left = LINGER_BYTES;
        let mut buffer = [0; 4096];
        while shut.is_ok() && left > 0 {
            match self.read(&mut buffer) {
                Ok(read @ 1..) => left = left.saturating_sub(read),
                Ok(0) | Err(_) => return,
            }
        }
    }
}

/// Time left, at least a millisecond: a timeout of 0 would mean none.
fn left(until: Instant) -> io::Result<Option<Duration>> {
    let left = until.saturating_duration_since(after(Duration::ZERO));
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(Some(left.max(Duration::from_millis(1))))
}

/// The time that far from now.
#[allow(clippy::disallowed_methods, reason = "a deadline of this server's own, not traffic time")]
pub(super) fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now)
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = left(self.read_until)?;
        match &mut self.socket {
            Socket::Tcp(socket) => {
                socket.set_read_timeout(left)?;
                socket.read(buffer)
            }
            Socket::Unix(socket) => {
                socket.set_read_timeout(left)?;
                socket.read(buffer)
            }
        }
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = left(self.write_until)?;
        match &mut self.socket {
            Socket::Tcp(socket) => {
                socket.set_write_timeout(left)?;
                socket.write(bytes)
            }
            Socket::Unix(socket) => {
                socket.set_write_timeout(left)?;
                socket.write(bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
