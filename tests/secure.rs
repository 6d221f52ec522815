//! TLS of the web side, as a client sees it that trusts one certificate only.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cordon::config::Config;
use cordon::io::web::{self, TlsFiles, WebSettings};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;

use crate::live_socket::{room_with, settings};

const SOON: Duration = Duration::from_secs(20);

fn files(folder: &Path) -> TlsFiles {
    TlsFiles {
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
    }
}

/// A new certificate for localhost in `files`.
fn issue(files: &TlsFiles) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// A connection for who trusts nothing but `trusted`.
async fn connect(host: &str, trusted: &CertificateDer<'static>) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(host).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let agreed = TlsConnector::from(Arc::new(config)).connect(name, stream);
    agreed.await.ok()
}

async fn is_trusted_soon(host: &str, trusted: &CertificateDer<'static>) -> bool {
    let trying = async {
        while connect(host, trusted).await.is_none() {
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(SOON, trying).await.is_ok()
}

fn secured(files: &TlsFiles) -> WebSettings {
    WebSettings {
        tls: Some(files.clone()),
        ..settings()
    }
}

#[tokio::test]
async fn socket_and_answers_come_over_tls_and_a_client_that_never_agrees_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let certificate = issue(&files);
    let room = room_with(secured(&files), true, 64).await;
    let _silent = TcpStream::connect(&room.host).await.unwrap();
    let mut plain = TcpStream::connect(&room.host).await.unwrap();
    plain
        .write_all(b"GET /livez HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "plain HTTP was answered");

    let mut stream = connect(&room.host, &certificate).await.unwrap();
    let request = format!(
        "GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        room.host
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = timeout(SOON, stream.read_to_string(&mut answer))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let stream = connect(&room.host, &certificate).await.unwrap();
    let url = format!("wss://{}/v1/live", room.host);
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let asked = r#"{"type":"subscribe","id":"s","channels":["alerts"]}"#;
    socket.send(Message::text(asked)).await.unwrap();
    room.alert(0, "high", "").await;
    let mut kinds = Vec::new();
    while !kinds.contains(&"live".to_owned()) {
        let message = timeout(SOON, socket.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        kinds.push(frame["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds.first().map(String::as_str), Some("hello"));
}

#[tokio::test]
async fn a_new_certificate_is_taken_and_a_bad_one_leaves_the_old() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let first = issue(&files);
    let room = room_with(secured(&files), true, 64).await;
    assert!(connect(&room.host, &first).await.is_some());

    let second = issue(&files);
    assert!(is_trusted_soon(&room.host, &second).await);
    assert!(connect(&room.host, &first).await.is_none());

    std::fs::write(&files.key, "half a k").unwrap();
    sleep(Duration::from_secs(4)).await;
    assert!(connect(&room.host, &second).await.is_some());

    let third = issue(&files);
    assert!(is_trusted_soon(&room.host, &third).await);
}

#[tokio::test]
async fn beyond_this_machine_tls_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    issue(&files);
    let mut open = secured(&files);
    open.listen = "0.0.0.0:0".parse().unwrap();
    let bound = web::bind(&open).await.unwrap();
    assert!(bound.url().starts_with("https://"));
    assert_eq!(bound.warning(), None);
    open.tls = None;
    open.allow_insecure_listen = true;
    let warning = web::bind(&open).await.unwrap().warning().unwrap();
    assert!(warning.contains("without TLS"), "{warning}");
}

#[test]
fn a_certificate_that_no_server_could_start_with_is_a_problem_of_the_config() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let config = folder.path().join("cordon.toml");
    let text = "[web.tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n";
    std::fs::write(&config, text).unwrap();
    let problems = || match Config::load(Some(&config), []) {
        Ok(_) => String::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    };
    let missing = problems();
    assert!(
        missing.contains("cordon.toml:1") && missing.contains("server.pem"),
        "{missing}"
    );
    issue(&files);
    assert_eq!(problems(), "");
    let kept = std::fs::read(&files.key).unwrap();
    issue(&files);
    std::fs::write(&files.key, kept).unwrap();
    assert!(problems().contains("is not the key of"), "{}", problems());
    std::fs::write(&config, "[web.tls]\ncertificate = \"server.pem\"\n").unwrap();
    assert!(problems().contains("web.tls.key"), "{}", problems());
}
