//! Connections on their way in: plain, or agreed on TLS. Whoever is slow to agree holds up nobody else.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Connections at a time. Beyond that nobody is refused: the system's own queue holds who waits.
const MOST_CONNECTIONS: usize = 8192;
/// How long a client may take to agree on TLS.
const AGREE_WITHIN: Duration = Duration::from_secs(10);
/// Out of file handles, mostly: others will close theirs.
const PAUSE: Duration = Duration::from_millis(100);

type Arrival = (Connection, SocketAddr);

/// Connections that are ready to be served.
pub(super) struct Arrivals {
    ready: mpsc::Receiver<Arrival>,
    address: SocketAddr,
}

/// Begins to let in.
pub(super) fn open(
    listener: TcpListener,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
) -> Arrivals {
    let (arrived, ready) = mpsc::channel(16);
    let reception = Reception {
        listener,
        acceptor,
        seats: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
        arrived,
    };
    tokio::spawn(reception.receive());
    Arrivals { ready, address }
}

struct Reception {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    seats: Arc<Semaphore>,
    arrived: mpsc::Sender<Arrival>,
}

impl Reception {
    async fn receive(self) {
        while let Ok(seat) = Arc::clone(&self.seats).acquire_owned().await {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = self.arrived.closed() => return,
            };
            let Ok((stream, peer)) = accepted else {
                sleep(PAUSE).await;
                continue;
            };
            // Frames are small and wait for nothing.
            let _ = stream.set_nodelay(true);
            let arrived = self.arrived.clone();
            let Some(acceptor) = self.acceptor.clone() else {
                let connection = Connection {
                    stream: Stream::Plain(stream),
                    _seat: seat,
                };
                if arrived.send((connection, peer)).await.is_err() {
                    return;
                }
                continue;
            };
            tokio::spawn(async move {
                if let Ok(Ok(stream)) = timeout(AGREE_WITHIN, acceptor.accept(stream)).await {
                    let connection = Connection {
                        stream: Stream::Tls(Box::new(stream)),
                        _seat: seat,
                    };
                    // Nobody serves any more where it cannot be handed on.
                    let _ = arrived.send((connection, peer)).await;
                }
            });
        }
    }
}

impl Listener for Arrivals {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Arrival {
        match self.ready.recv().await {
            Some(arrival) => arrival,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

impl Connected<IncomingStream<'_, Arrivals>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Arrivals>) -> Self {
        Self(stream.remote_addr().ip())
    }
}

/// A connection and its seat.
pub(super) struct Connection {
    stream: Stream,
    _seat: OwnedSemaphorePermit,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
