//! The server: one thread accepts, a few answer, one asks the sensor for its state.
//!
//! Nothing a client does can hold up the sensor: connections have a deadline, heads a size, those that wait a
//! number, and no thread of the packet path is ever waited for.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustls::{ServerConnection, StreamOwned};

use super::config::{AdminError, Config, Listen, Loaded, Secrets};
use super::hall::Hall;
use super::request;
use super::response::Response;
use super::routes::Routes;
use super::stream::{Socket, Timed, after};
use crate::daemon::state::Snapshot;

/// Threads that answer.
const WORKERS: usize = 8;
/// Requests that wait for one of them; more wait in the [`Hall`].
const QUEUE: usize = 16;
/// How long a request may take, TLS handshake included.
const REQUEST: Duration = Duration::from_secs(3);
/// How long all of a connection may take.
const EXCHANGE: Duration = Duration::from_secs(5);
/// How often the accepting thread looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(200);
/// How long a snapshot answers: clients do not make the sensor sum its counters more often.
const AGE: Duration = Duration::from_millis(100);
/// Stack of each thread, in bytes.
const STACK: usize = 1 << 20;

/// A running admin server; stops when dropped.
pub struct Server {
    listen: String,
    local: Option<SocketAddr>,
    socket: Option<PathBuf>,
    stop: Arc<AtomicBool>,
    running: Option<(JoinHandle<()>, Arc<Routes>)>,
}

/// Asks the sensor for its state.
pub type Ask = Arc<dyn Fn() -> Snapshot + Send + Sync>;

impl Server {
    /// Listens as `config` says and answers from what `snapshot` tells, which is asked ten times a second at most.
    /// With `listen = ""` nothing is started.
    ///
    /// # Errors
    ///
    /// When the settings are wrong ([`AdminError::is_config`]), or the address cannot be had.
    pub fn start(config: &Config, snapshot: Ask) -> Result<Self, AdminError> {
        let Loaded { listen, secrets } = config.load()?;
        let (address, stop) = (config.listen.clone(), Arc::new(AtomicBool::new(false)));
        let mut server = Self {
            listen: address.clone(),
            local: None,
            socket: None,
            stop: stop.clone(),
            running: None,
        };
        let listener = match &listen {
            Listen::Off => return Ok(server),
            Listen::Tcp(address) => Listener::tcp(*address),
            Listen::Unix(path) => Listener::unix(path),
        };
        let listener = listener.map_err(|source| AdminError::Bind { address, source })?;
        match (&listen, &listener) {
            (Listen::Unix(path), _) => server.socket = Some(path.clone()),
            (_, Listener::Tcp(tcp)) => server.local = tcp.local_addr().ok(),
            _ => {}
        }
        server.warn_of_plain_text(&secrets);
        let tcp = server.local.is_some();
        let routes = Arc::new(Routes::new(start_snapshots(snapshot)?, secrets, tcp));
        let (connections, accepted) = bounded(QUEUE);
        for _ in 0..WORKERS {
            let (accepted, routes) = (accepted.clone(), routes.clone());
            spawn("admin", move || accepted.iter().for_each(|socket| serve(socket, &routes)))?;
        }
        let shared = routes.clone();
        let accepting =
            spawn("admin-accept", move || accept(&listener, &connections, &shared, &stop))?;
        server.running = Some((accepting, routes));
        tracing::info!(listen = config.listen, "the admin server listens");
        Ok(server)
    }

    /// The TCP address in force, for `listen` with port 0.
    #[must_use]
    pub const fn local_address(&self) -> Option<SocketAddr> {
        self.local
    }

    /// Reads token, certificate and key again, as `config` names them. A new `listen` takes a restart.
    ///
    /// # Errors
    ///
    /// When they cannot be used, or are too few for the address in force; then the old ones stay in force.
    pub fn reload(&self, config: &Config) -> Result<(), AdminError> {
        let config = Config { listen: self.listen.clone(), ..config.clone() };
        let Loaded { secrets, .. } = config.load()?;
        self.warn_of_plain_text(&secrets);
        if let Some((_, routes)) = &self.running {
            routes.secrets().store(Arc::new(secrets));
        }
        Ok(())
    }

    fn warn_of_plain_text(&self, secrets: &Secrets) {
        let exposed = self.local.filter(|local| !local.ip().to_canonical().is_loopback());
        if let Some(address) = exposed.filter(|_| secrets.tls.is_none()) {
            tracing::warn!(%address, "the admin token travels unencrypted: set [admin] certificate_file and key_file");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some((accepting, _)) = self.running.take() {
            // It does not panic; its workers end with it, each at its connection's deadline.
            let _ended = accepting.join();
        }
        if let Some(path) = &self.socket {
            // Gone already: as good.
            let _removed = fs::remove_file(path);
        }
    }
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    fn tcp(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        set_socket_timeout(&listener, Timeout::Recv, Some(LOOK))?;
        Ok(Self::Tcp(listener))
    }

    /// A socket that its owner and group may use. One left by a process that is gone is replaced.
    fn unix(path: &Path) -> io::Result<Self> {
        let stale = fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket())
            && UnixStream::connect(path)
                .is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
        if stale {
            fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
        set_socket_timeout(&listener, Timeout::Recv, Some(LOOK))?;
        Ok(Self::Unix(listener))
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(listener) => listener.as_fd(),
        }
    }

    /// The next connection; waits for at most [`LOOK`].
    fn accept(&self) -> io::Result<Socket> {
        match self {
            Self::Tcp(listener) => listener.accept().map(|(socket, _)| Socket::Tcp(socket)),
            Self::Unix(listener) => listener.accept().map(|(socket, _)| Socket::Unix(socket)),
        }
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, AdminError> {
    let builder = thread::Builder::new().name(name.to_owned()).stack_size(STACK);
    builder.spawn(work).map_err(AdminError::Thread)
}

fn accept(listener: &Listener, connections: &Sender<Socket>, routes: &Routes, stop: &AtomicBool) {
    let mut hall = Hall::default();
    while !stop.load(Relaxed) {
        let another = hall.wait(listener.as_fd(), LOOK);
        hall.lead(connections, routes, routes.secrets().load().tls.is_some());
        if !another {
            continue;
        }
        match listener.accept() {
            Ok(socket) => hall.enter(socket, routes),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {}
                io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                // Out of descriptors, most likely: it may pass.
                _ => thread::sleep(LOOK),
            },
        }
    }
}

/// Answers one connection.
fn serve(socket: Socket, routes: &Routes) {
    let mut stream = Timed::new(socket, REQUEST, EXCHANGE);
    let Some(config) = routes.secrets().load().tls.clone() else {
        exchange(&mut stream, routes);
        return stream.close();
    };
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut stream = StreamOwned::new(connection, stream);
    exchange(&mut stream, routes);
    stream.conn.send_close_notify();
    // The client may be gone by now.
    let _told = stream.conn.complete_io(&mut stream.sock);
    stream.sock.close();
}

fn exchange(stream: &mut (impl io::Read + io::Write), routes: &Routes) {
    let (response, head) = match request::read(stream) {
        Ok(request) => (Some(routes.answer(&request)), request.head),
        Err(refusal) => (Response::refusal(refusal), false),
    };
    if let Some(response) = response {
        routes.tally().answered(response.status);
        // A client that does not wait for its answer goes without.
        let _written = response.write(stream, head);
    }
}

/// Where [`Snapshots`] sends its questions: each with a place for the answer.
type Questions = Sender<Sender<Snapshot>>;

/// The sensor's state, asked for in a thread of its own: when that hangs, nobody else does.
pub(super) struct Snapshots(Questions);

impl Snapshots {
    /// How long the sensor may take to tell its state.
    const LIMIT: Duration = Duration::from_secs(1);

    /// The state now; `None` when the sensor does not answer in time.
    pub(super) fn get(&self) -> Option<Snapshot> {
        let (answer, answered) = bounded(1);
        self.0.try_send(answer).ok()?;
        answered.recv_timeout(Self::LIMIT).ok()
    }
}

fn start_snapshots(snapshot: Ask) -> Result<Snapshots, AdminError> {
    let (ask, asked): (Questions, Receiver<Sender<Snapshot>>) = bounded(WORKERS);
    spawn("admin-state", move || {
        let mut last: Option<(Instant, Snapshot)> = None;
        for answer in asked {
            let fresh = last.take().filter(|(until, _)| *until > after(Duration::ZERO));
            let (until, state) = fresh.unwrap_or_else(|| {
                let state = snapshot();
                (after(AGE), state)
            });
            // Whoever asked may have given up.
            let _taken = answer.try_send(state.clone());
            last = Some((until, state));
        }
    })?;
    Ok(Snapshots(ask))
}
