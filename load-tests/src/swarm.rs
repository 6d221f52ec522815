//! Many clients, each doing what a page does: subscribe, take, give credit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::seen::{Seen, is_of_positions};

/// From the last connection to the first record that counts.
const SETTLE: Duration = Duration::from_secs(3);
/// A client without traffic wakes with the next heartbeat, which nobody waits for.
const LAST_FRAME: Duration = Duration::from_secs(1);

/// The swarm's size and place.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The live socket of a running Cordon
    #[arg(long, default_value = "ws://127.0.0.1:8080/v1/live")]
    url: String,
    /// How many clients
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    /// For how long
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// What they subscribe to
    #[arg(long, value_delimiter = ',', default_value = "alerts,positions")]
    channels: Vec<String>,
    /// Through which filter, as JSON
    #[arg(long, default_value = "{}")]
    filter: String,
}

struct Swarm {
    is_counting: AtomicBool,
    records: AtomicU64,
    open: AtomicU64,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) fn run(asked: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(swarm(asked))
}

async fn swarm(asked: &Arguments) -> anyhow::Result<()> {
    let channels: Vec<_> = asked
        .channels
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    let subscribe = format!(
        r#"{{"type":"subscribe","id":"s","channels":[{}],"filter":{}}}"#,
        channels.join(","),
        asked.filter
    );
    let swarm = Arc::new(Swarm {
        is_counting: AtomicBool::new(false),
        records: AtomicU64::new(0),
        open: AtomicU64::new(0),
    });
    let mut clients = JoinSet::new();
    for number in 0..asked.clients {
        let config = WebSocketConfig::default().read_buffer_size(16 * 1024);
        let (socket, _) = connect_async_with_config(&asked.url, Some(config), true)
            .await
            .with_context(|| format!("client {number} of {} at {}", asked.clients, asked.url))?;
        clients.spawn(attend(socket, subscribe.clone(), Arc::clone(&swarm)));
    }
    eprintln!("{} clients are connected to {}", asked.clients, asked.url);
    sleep(SETTLE).await;
    swarm.is_counting.store(true, Ordering::Relaxed);
    for second in 1..=asked.seconds {
        sleep(Duration::from_secs(1)).await;
        let records = swarm.records.load(Ordering::Relaxed);
        let open = swarm.open.load(Ordering::Relaxed);
        eprintln!("{second} s: {open} open, {records} records");
    }
    swarm.is_counting.store(false, Ordering::Relaxed);
    let mut all = Seen::default();
    let _ = timeout(LAST_FRAME, async {
        while let Some(client) = clients.join_next().await {
            all.add(client.unwrap_or_default());
        }
    })
    .await;
    report(&mut all, asked);
    Ok(())
}

async fn attend(socket: Socket, subscribe: String, swarm: Arc<Swarm>) -> Seen {
    let mut seen = Seen::default();
    let (mut sink, mut stream) = socket.split();
    swarm.open.fetch_add(1, Ordering::Relaxed);
    let mut code = 0;
    let mut has_counted = false;
    let mut told = 0;
    if sink.send(Message::text(subscribe)).await.is_ok() {
        while let Some(Ok(message)) = stream.next().await {
            let is_counting = swarm.is_counting.load(Ordering::Relaxed);
            if has_counted && !is_counting {
                return seen;
            }
            has_counted |= is_counting;
            let text = match message {
                Message::Text(text) => text,
                Message::Close(close) => {
                    code = close.map_or(0, |close| close.code.into());
                    break;
                }
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                    continue;
                }
            };
            if is_of_positions(&text) {
                let credit = Message::text(r#"{"type":"credit","n":1}"#);
                if sink.send(credit).await.is_err() {
                    break;
                }
            }
            if is_counting {
                seen.take(&text);
                let new = seen.records - told;
                swarm.records.fetch_add(new, Ordering::Relaxed);
                told = seen.records;
            }
        }
    }
    swarm.open.fetch_sub(1, Ordering::Relaxed);
    seen.closes.insert(code, 1);
    seen
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people, far below 2^53"
)]
#[expect(clippy::print_stdout, reason = "the result of the program")]
fn report(all: &mut Seen, asked: &Arguments) {
    let a_second = |count: u64| count as f64 / asked.seconds.max(1) as f64;
    let [half, most, nearly] = [500, 990, 999].map(|share| all.within(share));
    let closes: Vec<_> = all
        .closes
        .iter()
        .map(|(code, count)| format!("{code}: {count}"))
        .collect();
    println!(
        "| clients | delivered/s | frames/s | alerts/s | p50 ms | p99 ms | p99.9 ms | gaps | repeats | closes |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|");
    println!(
        "| {} | {:.0} | {:.0} | {:.0} | {half:.1} | {most:.1} | {nearly:.1} | {} | {} | {} |",
        asked.clients,
        a_second(all.records),
        a_second(all.frames),
        a_second(all.alerts),
        all.gaps,
        all.repeats,
        closes.join(", ")
    );
}
