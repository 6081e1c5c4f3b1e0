//! Connections that can fail below the level of HTTP: a request handler can truncate the next answer
//! after some bytes, or reset the connection.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How many of the next bytes are sent.
#[derive(Clone, Copy, Debug, Default)]
enum WriteLimit {
    #[default]
    /// All bytes are sent.
    Unlimited,
    /// The head is sent, then this number of bytes of the body.
    BodyBytes(usize),
    /// This number of bytes is sent.
    Bytes(usize),
    /// The connection is reset before the next byte.
    Reset,
}

/// The handle by which a request handler limits what its connection sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Socket(Arc<Mutex<WriteLimit>>);

impl Socket {
    /// Closes the connection after `body_bytes` bytes of the next body.
    pub(crate) fn truncate(&self, body_bytes: usize) {
        self.set(WriteLimit::BodyBytes(body_bytes));
    }

    /// Resets the connection instead of sending the next answer.
    pub(crate) fn reset(&self) {
        self.set(WriteLimit::Reset);
    }

    fn get(&self) -> WriteLimit {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, limit: WriteLimit) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = limit;
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
    /// Returns how many bytes of a write are sent. `Err` ends the connection.
    fn allowed(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.socket.get() {
            WriteLimit::Unlimited => Ok(bytes.len()),
            WriteLimit::Reset => {
                self.stream.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            WriteLimit::Bytes(0) => Err(io::ErrorKind::ConnectionAborted.into()),
            WriteLimit::Bytes(left) => Ok(left.min(bytes.len())),
            WriteLimit::BodyBytes(body) => Ok(match head_end(bytes) {
                Some(head) => bytes.len().min(head + body),
                None => bytes.len(),
            }),
        }
    }

    /// Records that these bytes were sent.
    fn sent(&self, bytes: &[u8]) {
        match self.socket.get() {
            WriteLimit::Bytes(left) => self.socket.set(WriteLimit::Bytes(left - bytes.len())),
            WriteLimit::BodyBytes(body) => {
                if let Some(head) = head_end(bytes) {
                    self.socket
                        .set(WriteLimit::Bytes(head + body - bytes.len()));
                }
            }
            WriteLimit::Unlimited | WriteLimit::Reset => {}
        }
    }
}

/// Returns where the head of an answer ends.
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
