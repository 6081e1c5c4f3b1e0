//! A running simulator: a handle that synchronous tests can hold.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::{fmt, io};

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::http;
use crate::http::socket::{Socket, SocketListener};
use crate::log::{Request, Served};
use crate::server_state::ServerState;
use crate::world::World;

/// A simulator that serves until it is dropped.
pub struct Sim {
    address: SocketAddr,
    shared: Arc<ServerState>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sim {
    /// Serves a world on a free port of the loopback interface.
    ///
    /// # Panics
    ///
    /// If the interface has no free port.
    pub fn start(world: World) -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_on(any, world).expect("the loopback interface has a free port")
    }

    /// Serves a world on an address of one's choice.
    pub fn start_on(address: SocketAddr, world: World) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = listen(&runtime, address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(ServerState::new(world));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("xero-sim".to_owned())
            .spawn(move || serve(runtime, listener, served, stopped))?;
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// One base URL for all of Xero's hosts, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads or changes the world, also while a sync runs. Answers that are being written
    /// show it as it was before.
    pub fn world<T>(&self, visit: impl FnOnce(&mut World) -> T) -> T {
        visit(&mut self.shared.world())
    }

    /// The requests so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log().requests().to_vec()
    }

    /// Stops keeping requests, which would fill the memory of a server that runs for days.
    pub fn forget_requests(&self) {
        self.shared.log().forget();
    }

    /// Returns the sums of all requests and answers since the last call.
    pub fn take_served(&self) -> Served {
        self.shared.log().take_served()
    }

    /// Shows each request from now on to a closure before the honest server sees it:
    /// `Some` answers in its place, `None` lets it pass. Of several closures the first
    /// that answers wins. The closure may change the world, for edits at a precise moment.
    pub fn intercept(
        &self,
        fault: impl FnMut(&Request, &mut World) -> Option<Answer> + Send + 'static,
    ) {
        self.shared.install(Box::new(fault));
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // Both fail only if the server is gone, and then there is nothing to stop.
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").field("url", &self.url()).finish()
    }
}

/// Listens with room for the connections of hundreds of organisations at once. With the 128 of the
/// standard library, further ones wait for a second until TCP tries again.
fn listen(runtime: &Runtime, address: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4_096;
    let _context = runtime.enter();
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn serve(
    runtime: Runtime,
    listener: TcpListener,
    shared: Arc<ServerState>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let service = http::router(shared).into_make_service_with_connect_info::<Socket>();
        let server = axum::serve(SocketListener(listener), service);
        tokio::select! {
            served = server => served.expect("the server outlives its connections"),
            _ = stopped => {}
        }
    });
    // Silent and delayed answers would hold an orderly end back for ever.
    runtime.shutdown_background();
}
