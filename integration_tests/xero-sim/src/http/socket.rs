//! Connections that can fail: a handler can have the answer it is about to give cut off
//! after some bytes, or the connection reset, below the level of HTTP.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What is to happen to the bytes that are written next.
#[derive(Clone, Copy, Debug, Default)]
enum Fate {
    #[default]
    Sent,
    /// The head is sent, then so many bytes of the body.
    BodyCut(usize),
    /// So many more bytes are sent.
    Cut(usize),
    Reset,
}

/// A handler's hold on its connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Socket(Arc<Mutex<Fate>>);

impl Socket {
    /// Cuts the connection after so many bytes of the next answer's body.
    pub(crate) fn truncate(&self, body_bytes: usize) {
        self.set(Fate::BodyCut(body_bytes));
    }

    /// Resets the connection in the place of the next answer.
    pub(crate) fn reset(&self) {
        self.set(Fate::Reset);
    }

    fn get(&self) -> Fate {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, fate: Fate) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fate;
    }
}

/// Accepts connections that can fail.
pub(crate) struct SocketListener(pub(crate) TcpListener);

impl Listener for SocketListener {
    type Io = SocketStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without this, an answer's last segment may wait 40 ms for an acknowledgement.
        stream
            .set_nodelay(true)
            .expect("a fresh TCP socket takes TCP_NODELAY");
        let socket = Socket::default();
        (SocketStream { stream, socket }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, SocketListener>> for Socket {
    fn connect_info(stream: IncomingStream<'_, SocketListener>) -> Self {
        stream.io().socket.clone()
    }
}

/// One connection.
pub(crate) struct SocketStream {
    stream: TcpStream,
    socket: Socket,
}

impl SocketStream {
    /// How many bytes of a write may pass; `Err` when the connection is to end.
    fn allowed(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.socket.get() {
            Fate::Sent => Ok(bytes.len()),
            Fate::Reset => {
                self.stream.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Fate::Cut(0) => Err(io::ErrorKind::ConnectionAborted.into()),
            Fate::Cut(left) => Ok(left.min(bytes.len())),
            Fate::BodyCut(body) => Ok(match head_end(bytes) {
                Some(head) => bytes.len().min(head + body),
                None => bytes.len(),
            }),
        }
    }

    /// Notes what a write has sent.
    fn sent(&self, bytes: &[u8]) {
        match self.socket.get() {
            Fate::Cut(left) => self.socket.set(Fate::Cut(left - bytes.len())),
            Fate::BodyCut(body) => {
                if let Some(head) = head_end(bytes) {
                    self.socket.set(Fate::Cut(head + body - bytes.len()));
                }
            }
            Fate::Sent | Fate::Reset => {}
        }
    }
}

/// Where the head of an answer ends in the bytes written.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let blank = b"\r\n\r\n";
    let at = bytes.windows(blank.len()).position(|four| four == blank)?;
    Some(at + blank.len())
}

impl AsyncRead for SocketStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for SocketStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = self.allowed(buf)?;
        let written = Pin::new(&mut self.stream).poll_write(cx, &buf[..allowed]);
        if let Poll::Ready(Ok(count)) = written {
            self.sent(&buf[..count]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
