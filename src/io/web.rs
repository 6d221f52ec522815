//! The one door for people and programs: live socket, REST, health and the map.

mod arrivals;
mod assets;
mod command;
mod counts;
mod door;
mod follow;
mod gate;
mod hub;
mod line;
mod listen;
mod live;
mod rest;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::middleware;
use axum::routing::{get, post};
use tokio::sync::{Semaphore, mpsc, watch};

use crate::domain::ids;
use crate::domain::time::Timestamp;
use crate::io::wire::live::frames::Rules;
use crate::io::wire::live::{LONGEST_FRAME, Refused};
use crate::serve::Update;

use arrivals::Peer;

pub use command::CommandRecord;
pub use listen::{Bound, ListenError, bind};
pub use tls::TlsFiles;

/// Sockets at a time; one more is told to come back.
const MOST_SOCKETS: usize = 4096;
/// Requests of clients that may wait for the hub.
const MOST_ASKED: usize = 256;
/// How long an orderly stop waits for answers under way.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// How the room is set up.
#[derive(Clone)]
pub struct WebSettings {
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
    /// Role of whoever sits at this server, until there is a login.
    pub role: String,
    /// Latitude and longitude of the middle of the map, degrees.
    pub centre: (f64, f64),
    /// Zoom of the map, as web maps count it.
    pub zoom: f64,
    /// Seconds of silence after which a class is shown as stale.
    pub stale_after_s: Vec<(String, u64)>,
    /// What alerts are raised by.
    pub rules: Rules,
    /// Everything on screen is made up.
    pub demo: bool,
    /// Which stream the offsets of updates belong to: another one after a broker began anew.
    pub stream: String,
    /// How long a command may take to have an effect.
    pub effect_within: Duration,
    /// What part of the story is on, for the screen; asked at every heartbeat.
    pub chapter: Arc<dyn Fn() -> Option<String> + Send + Sync>,
}

/// What every request can get at.
struct House {
    settings: WebSettings,
    address: SocketAddr,
    asks: mpsc::Sender<hub::Ask>,
    gate: gate::Gate,
    desk: command::Desk,
    counts: Arc<counts::Counts>,
    picture: hub::Picture,
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
    caught_up: watch::Receiver<bool>,
    stop: watch::Receiver<bool>,
    sockets: Arc<Semaphore>,
    next_client: AtomicU64,
}

/// Serves until `shutdown` is true.
///
/// Clients get nothing before `caught_up` is true: half a picture looks like calm.
///
/// # Errors
/// When TLS cannot be set up, or the system takes the listener away.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one wire to another room, and they are joined in one place"
)]
pub async fn serve(
    bound: Bound,
    settings: WebSettings,
    updates: mpsc::Receiver<Update>,
    commands: mpsc::Sender<CommandRecord>,
    audit: mpsc::Sender<Vec<u8>>,
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
    caught_up: watch::Receiver<bool>,
    shutdown: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let (asks, asked) = mpsc::channel(MOST_ASKED);
    let chapter = Arc::clone(&settings.chapter);
    let counts = Arc::new(counts::Counts::default());
    let picture = hub::Picture::new(&settings.stream);
    let (bell, moved) = watch::channel(());
    let hub = hub::Hub::new(picture.clone(), chapter, Arc::clone(&counts), bell);
    let hub = hub.run(asked, updates, caught_up.clone(), shutdown.clone());
    let hub = tokio::spawn(hub);
    let began = now().millis().to_string();
    let writer = ids::digest(&["web", &began, &std::process::id().to_string()]);
    let (operation, role) = (settings.operation.clone(), settings.role.clone());
    let house = Arc::new(House {
        address: bound.address(),
        asks,
        gate: gate::Gate::new(audit, writer.clone(), operation, role.clone()),
        desk: command::Desk::new(
            commands,
            picture.clone(),
            moved,
            writer,
            role,
            settings.effect_within,
        ),
        counts,
        picture,
        settings,
        metrics,
        caught_up,
        stop: shutdown.clone(),
        sockets: Arc::new(Semaphore::new(MOST_SOCKETS)),
        next_client: AtomicU64::new(0),
    });
    let mut stopped = shutdown.clone();
    let arrivals = bound.open().map_err(std::io::Error::other)?;
    let router = router(house).into_make_service_with_connect_info::<Peer>();
    let answering = axum::serve(arrivals, router)
        .with_graceful_shutdown(async move { until(&mut stopped).await });
    let mut stopped = shutdown;
    let outcome = tokio::select! {
        outcome = async { answering.await } => outcome,
        () = async { until(&mut stopped).await; tokio::time::sleep(STOP_WITHIN).await } => Ok(()),
    };
    hub.abort();
    outcome
}

impl House {
    /// Who is at the other end: behind a proxy, whoever that says it speaks for.
    fn reader(&self, peer: Peer, headers: &HeaderMap) -> gate::Reader {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded.and_then(|list| list.to_str().ok()?.rsplit(',').next());
        let address: Option<IpAddr> = forwarded.and_then(|last| last.trim().parse().ok());
        let address = address.filter(|_| self.settings.behind_proxy);
        gate::Reader {
            who: gate::LOCAL,
            address: address.unwrap_or(peer.0).to_string(),
        }
    }

    fn open_sockets(&self) -> usize {
        MOST_SOCKETS.saturating_sub(self.sockets.available_permits())
    }

    /// Nobody is told anything of half a picture.
    fn is_open(&self) -> Result<(), Refused> {
        if *self.caught_up.borrow() {
            return Ok(());
        }
        let detail = "still catching up with the topics: try again";
        Err(Refused::new("unavailable", detail, None))
    }
}

/// Every address there is.
fn router(house: Arc<House>) -> Router {
    Router::new()
        .route("/v1/live", get(live::upgrade))
        .route("/v1/fences", get(rest::fences))
        .route("/v1/rules", get(rest::rules))
        .route("/v1/alerts", get(rest::alerts))
        .route("/v1/alerts/{id}", get(rest::alert))
        .route("/v1/subjects", get(rest::subjects))
        .route("/v1/subjects/{kind}/{id}", get(rest::subject))
        .route("/v1/cells", get(rest::cells))
        .route("/v1/places", get(rest::places))
        .route("/v1/ui", get(rest::ui))
        .route("/v1/commands", post(rest::command))
        .route("/livez", get(rest::livez))
        .route("/readyz", get(rest::readyz))
        .route("/metrics", get(rest::metrics))
        .fallback(get(assets::asset))
        .layer(DefaultBodyLimit::max(LONGEST_FRAME))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&house),
            door::check,
        ))
        .with_state(house)
}

/// Returns when `flag` is true, or can no longer become so.
async fn until(flag: &mut watch::Receiver<bool>) {
    let _ = flag.wait_for(|is| *is).await;
}

/// The wall clock, for what is true of this machine alone: heartbeats, the audit, an operator's click.
#[expect(
    clippy::disallowed_methods,
    reason = "serving is at the edge: nothing that it decides is part of a replay"
)]
fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(0);
    Timestamp::from_millis(ms).unwrap_or_default()
}
