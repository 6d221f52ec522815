//! Certificates, read again when their files change; the last good ones stay.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// What TLS is spoken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first, in PEM form.
    pub certificate: PathBuf,
    /// Its private key, in PEM form.
    pub key: PathBuf,
}

impl TlsFiles {
    /// Whether a server could start with them.
    ///
    /// # Errors
    /// A file that cannot be read or holds something else, a key of another certificate; which file,
    /// and what is expected.
    pub fn check(&self) -> Result<(), String> {
        self.read().and_then(|text| text.parse(self)).map(drop)
    }

    fn read(&self) -> Result<Texts, String> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| wrong(path, &error));
        Ok(Texts {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }
}

type Stamp = [u8; 32];

/// What the two files hold. Nothing can print it.
struct Texts {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Texts {
    /// The same for the same content only.
    fn stamp(&self) -> Stamp {
        let key = Sha256::digest(&self.key);
        Sha256::new()
            .chain_update(key)
            .chain_update(&self.certificate)
            .finalize()
            .into()
    }

    fn parse(&self, files: &TlsFiles) -> Result<CertifiedKey, String> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&files.certificate, &error))?;
        if chain.is_empty() {
            let what = "holds no certificate: give a chain in PEM form, the server's own first";
            return Err(wrong(&files.certificate, &what));
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| {
            let what = format!("holds no private key in PEM form ({error})");
            wrong(&files.key, &what)
        })?;
        CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| {
            if matches!(error, rustls::Error::InconsistentKeys(_)) {
                let of = files.certificate.display();
                return wrong(&files.key, &format!("is not the key of {of}"));
            }
            wrong(&files.key, &error)
        })
    }
}

fn wrong(path: &Path, what: &dyn Display) -> String {
    format!("{}: {what}", path.display())
}

/// The certificate in use.
#[derive(Debug)]
pub(super) struct Certificates {
    files: TlsFiles,
    current: RwLock<(Stamp, Arc<CertifiedKey>)>,
}

impl Certificates {
    /// The certificate and key of `files`, or what is wrong with them.
    pub(super) fn read(files: &TlsFiles) -> Result<Self, String> {
        let texts = files.read()?;
        let parsed = Arc::new(texts.parse(files)?);
        Ok(Self {
            files: files.clone(),
            current: RwLock::new((texts.stamp(), parsed)),
        })
    }

    /// Takes what the files hold now, if that is good; whether it is other than before.
    fn read_again(&self) -> Result<bool, String> {
        let texts = self.files.read()?;
        let stamp = texts.stamp();
        if self
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            == stamp
        {
            return Ok(false);
        }
        let parsed = Arc::new(texts.parse(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (stamp, parsed);
        Ok(true)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current.1))
    }
}

/// Speaks TLS 1.2 and 1.3 with whatever certificate is current.
pub(super) fn acceptor(certificates: Arc<Certificates>) -> Result<TlsAcceptor, String> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Looks at the files until nobody uses the certificates any more. Files that were caught half-written
/// are read again at the next look; the same fault is told once.
pub(super) async fn reload(certificates: Weak<Certificates>) {
    let mut told = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(certificates) = certificates.upgrade() else {
            return;
        };
        match certificates.read_again() {
            Ok(is_new) => {
                told = None;
                if is_new {
                    let path = certificates.files.certificate.display();
                    eprintln!("web.tls: new connections get the new certificate of {path}");
                }
            }
            Err(why) if told.as_ref() == Some(&why) => {}
            Err(why) => {
                eprintln!("web.tls: {why}; the certificate from before stays in use");
                told = Some(why);
            }
        }
    }
}
