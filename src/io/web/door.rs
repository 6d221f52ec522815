//! Who may knock at all: pages of this server, and programs.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::io::web::House;

const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'";

/// Turns away requests that another site's page made in a browser of ours, and sets the headers that
/// every answer has.
pub(super) async fn check(
    State(house): State<Arc<House>>,
    request: Request,
    next: Next,
) -> Response {
    let is_exposed = house.settings.behind_proxy || !house.address.ip().is_loopback();
    let headers = request.headers();
    // A name that was pointed at 127.0.0.1 makes a foreign page look like ours.
    if !is_exposed && !host(headers).is_some_and(is_this_machine) {
        let why = "this server answers to localhost and 127.0.0.1 only\n";
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    let is_read = request.method() == Method::GET && request.uri().path() != "/v1/live";
    if !is_read && !is_same_origin(headers) {
        let why = "this request comes from another site's page\n";
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Browsers always say where a page came from; what says nothing is a program.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(Uri::authority);
    match (origin, host(headers)) {
        (Some(origin), Some(host)) => origin.as_str().eq_ignore_ascii_case(host),
        _ => false,
    }
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn is_this_machine(host: &str) -> bool {
    let authority = host.parse::<axum::http::uri::Authority>();
    authority.is_ok_and(|authority| {
        let name = authority.host().trim_matches(['[', ']']);
        let address = name.parse::<IpAddr>();
        name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_same_host_are_let_in() {
        let asked = |origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            is_same_origin(&headers)
        };
        assert!(asked("http://127.0.0.1:8080"));
        for foreign in ["http://127.0.0.1:8081", "https://evil.example", "null", ""] {
            assert!(!asked(foreign), "{foreign}");
        }
        assert!(is_same_origin(&HeaderMap::new()));
    }

    #[test]
    fn this_machine_has_few_names() {
        for host in ["localhost:80", "127.0.0.1", "[::1]:8080"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "192.0.2.1"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
