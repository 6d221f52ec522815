//! A client that does not read.

use super::*;

#[tokio::test]
async fn a_client_that_never_reads_is_closed_with_1013_and_hurts_nobody() {
    let room = room(true, 64).await;
    let mut idle = room.client().await;
    idle.subscribe(json!(["alerts"]), json!({})).await;
    let mut awake = room.client().await;
    awake.subscribe(json!(["alerts"]), json!({})).await;
    awake.until_live().await;
    // More than a queue and the buffers of two sockets hold.
    let note = "x".repeat(16_000);
    for offset in 0..2000 {
        room.alert(offset, "high", &note).await;
        let alert = awake.next_but_storms().await;
        assert_eq!(alert["data"]["id"], format!("a{offset}"));
    }
    let mut last = None;
    let code = loop {
        match timeout(SOON, idle.0.next()).await.unwrap() {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                last = frame["resume"].as_str().map(String::from).or(last);
            }
            Some(Ok(Message::Close(close))) => break u16::from(close.unwrap().code),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code, 1013);
    // It comes back and has every alert once.
    let token = last.unwrap();
    let next: u64 = token.rsplit('-').next().unwrap().parse().unwrap();
    let mut back = room.client().await;
    back.say(json!({"type": "subscribe", "id": "s1", "channels": ["alerts"], "resume": token}))
        .await;
    for offset in next..2000 {
        assert_eq!(
            back.next_but_storms().await["data"]["id"],
            format!("a{offset}")
        );
    }
    assert_eq!(back.next_but_storms().await["type"], "live");
}
