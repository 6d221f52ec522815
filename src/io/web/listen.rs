//! Where we listen. Nobody beyond this machine gets in by accident.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::io::web::WebSettings;

/// A listener, and where it is.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// The address with the port that it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn into_listener(self) -> TcpListener {
        self.listener
    }
}

/// Why nobody can be served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Beyond this machine, without TLS, and nobody said that this is meant.
    #[error(
        "listening on {0} would show everything to the whole network without TLS: listen on 127.0.0.1, set behind_proxy = true where a proxy ends TLS, or allow_insecure_listen = true"
    )]
    NotAllowed(SocketAddr),
    /// Another program is there.
    #[error(
        "{0} is in use: stop what listens there, or choose another port with --listen (port 0: a free one)"
    )]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}: {source}")]
    Refused {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Takes the address of `settings`.
///
/// # Errors
/// An address beyond this machine that was not allowed, one in use, or one that is not ours.
pub async fn bind(settings: &WebSettings) -> Result<Bound, ListenError> {
    let wanted = settings.listen;
    let is_allowed = settings.behind_proxy || settings.allow_insecure_listen;
    if !wanted.ip().is_loopback() && !is_allowed {
        return Err(ListenError::NotAllowed(wanted));
    }
    let refused = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            return ListenError::InUse(wanted);
        }
        ListenError::Refused {
            address: wanted,
            source,
        }
    };
    let listener = TcpListener::bind(wanted).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok(Bound { listener, address })
}
