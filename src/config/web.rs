//! `[web]`: where people see it, and what they see first.

use std::net::SocketAddr;

use crate::config::reader::Table;
use crate::io::web::TlsFiles;

/// How serving is set up.
#[derive(Clone, Debug, PartialEq)]
pub struct WebConfig {
    /// Where to listen; port 0 is a free one.
    pub listen: SocketAddr,
    /// Speak TLS with these; plain HTTP without.
    pub tls: Option<TlsFiles>,
    /// Somebody in front ends TLS and knows who is who.
    pub behind_proxy: bool,
    /// An address beyond this machine without TLS is meant.
    pub allow_insecure_listen: bool,
    /// Protective marking on every screen.
    pub marking: String,
    /// Name of the operation.
    pub operation: String,
    /// Role of whoever sits at this server.
    pub role: String,
    /// Latitude and longitude of the middle of the map, degrees.
    pub centre: (f64, f64),
    /// Zoom of the map, as web maps count it.
    pub zoom: f64,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            behind_proxy: false,
            allow_insecure_listen: false,
            marking: String::new(),
            operation: String::new(),
            role: String::new(),
            centre: (0.0, 0.0),
            zoom: 0.0,
        }
    }
}

pub(super) fn read(table: &mut Table<'_>) -> WebConfig {
    let listen = table.required("listen").parsed(|text| {
        text.parse()
            .map_err(|_| "give an address and a port, such as 127.0.0.1:8080")
    });
    let mut text = |key| {
        table
            .required(key)
            .text()
            .map_or_else(String::new, |text| text.to_string())
    };
    let (marking, operation, role) = (text("marking"), text("operation"), text("role"));
    let lat = table
        .required("map_lat")
        .number(-90.0..=90.0)
        .unwrap_or_default();
    let lon = table
        .required("map_lon")
        .number(-180.0..=180.0)
        .unwrap_or_default();
    let base = WebConfig::default();
    WebConfig {
        listen: listen.unwrap_or(base.listen),
        tls: table.table("tls").and_then(read_tls),
        behind_proxy: table.required("behind_proxy").boolean().unwrap_or_default(),
        allow_insecure_listen: table
            .required("allow_insecure_listen")
            .boolean()
            .unwrap_or_default(),
        marking,
        operation,
        role,
        centre: (lat, lon),
        zoom: table
            .required("map_zoom")
            .number(0.0..=22.0)
            .unwrap_or_default(),
    }
}

/// Files that no server could start with are noted now, before anything listens.
fn read_tls(mut table: Table<'_>) -> Option<TlsFiles> {
    let certificate = table.required("certificate").path();
    let key = table.required("key").path();
    let files = TlsFiles {
        certificate: certificate?,
        key: key?,
    };
    if let Err(why) = files.check() {
        table.wrong(
            why,
            "give a certificate chain and its private key, both in PEM form",
        );
    }
    Some(files)
}
