//! Where we listen. Nobody beyond this machine gets in by accident.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::io::web::WebSettings;
use crate::io::web::arrivals::{self, Arrivals};
use crate::io::web::tls::{self, Certificates};

/// A listener, and where it is.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    certificates: Option<Arc<Certificates>>,
    is_open: bool,
}

impl Bound {
    /// The address with the port that it got.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificates.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// What has to be said in red at the start; `None` where nothing has.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.is_open.then(|| {
            let address = self.address;
            format!(
                "{address} answers other machines without TLS (allow_insecure_listen): everybody on the way reads along"
            )
        })
    }

    /// Begins to let in.
    pub(super) fn open(self) -> Result<Arrivals, String> {
        if let Some(certificates) = &self.certificates {
            tokio::spawn(tls::reload(Arc::downgrade(certificates)));
        }
        let acceptor = self.certificates.map(tls::acceptor).transpose()?;
        Ok(arrivals::open(self.listener, self.address, acceptor))
    }
}

/// Why nobody can be served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Beyond this machine, without TLS, and nobody said that this is meant.
    #[error(
        "listening on {0} would show everything to the whole network without TLS: listen on 127.0.0.1, give [web.tls] certificate and key, set behind_proxy = true where a proxy ends TLS, or allow_insecure_listen = true"
    )]
    NotAllowed(SocketAddr),
    /// Certificate or key cannot be used.
    #[error("web.tls: {0}")]
    Tls(String),
    /// Another program is there.
    #[error(
        "{0} is in use, perhaps by another Cordon: stop what listens there, or choose another port with --listen (port 0: a free one)"
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
/// An address beyond this machine that was not allowed, a certificate that cannot be used, an address
/// that is in use or not ours.
pub async fn bind(settings: &WebSettings) -> Result<Bound, ListenError> {
    let wanted = settings.listen;
    let is_protected = settings.tls.is_some() || settings.behind_proxy;
    let is_open = !wanted.ip().is_loopback() && !is_protected;
    if is_open && !settings.allow_insecure_listen {
        return Err(ListenError::NotAllowed(wanted));
    }
    let certificates = settings.tls.as_ref().map(Certificates::read);
    let certificates = certificates.transpose().map_err(ListenError::Tls)?;
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
    Ok(Bound {
        listener,
        address,
        certificates: certificates.map(Arc::new),
        is_open,
    })
}
