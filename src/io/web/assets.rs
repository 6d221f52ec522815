//! The map, out of the binary.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Path and content, as `build.rs` found them.
const ASSETS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

struct Asset {
    path: &'static str,
    content: &'static [u8],
    tag: String,
}

static TAGGED: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let tagged = |&(path, content): &(&'static str, &'static [u8])| {
        let tag = u128::from_be_bytes(first_half(Sha256::digest(content).into()));
        Asset {
            path,
            content,
            tag: format!("\"{tag:032x}\""),
        }
    };
    ASSETS.iter().map(tagged).collect()
});

fn first_half(hash: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| hash[at])
}

/// The file that a path names.
pub(super) async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let path = if uri.path() == "/" {
        "/index.html"
    } else {
        uri.path()
    };
    let Some(asset) = TAGGED.iter().find(|asset| asset.path == path) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    // A name with a hash in it never means anything else.
    let keep = if path.starts_with("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let fixed = [
        (header::ETAG, asset.tag.as_str()),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_TYPE, kind(path)),
    ];
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|tag| tag.as_bytes() == asset.tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, Body::from(asset.content)).into_response()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
