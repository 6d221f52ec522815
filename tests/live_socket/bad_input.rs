//! What clients and operators get wrong, in clear words, and without harm to anybody else.

use super::*;

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_reason_and_the_socket_stays() {
    let room = room(true, 64).await;
    let mut client = room.client().await;
    let subscribe = |filter: Value| json!({"type": "subscribe", "id": "s1", "channels": ["alerts"], "filter": filter});
    let long = "x".repeat(70_000);
    for (frame, code) in [
        (subscribe(json!({"bbox": [1, 2, 3]})), "bad_filter"),
        (subscribe(json!({"min_severity": "purple"})), "bad_filter"),
        (subscribe(json!({"tags": ["x"]})), "bad_filter"),
        (subscribe(json!({"bbox": "x"})), "bad_frame"),
        (
            json!({"type": "subscribe", "id": "s1", "channels": ["gossip"]}),
            "bad_channel",
        ),
        (
            json!({"type": "subscribe", "channels": ["alerts"]}),
            "bad_frame",
        ),
        (json!({"type": "dance"}), "bad_frame"),
        (json!([1]), "bad_frame"),
        (
            json!({"type": "command", "action": "dance", "target": "a"}),
            "bad_command",
        ),
        (json!({"type": "ping", "x": long}), "too_large"),
    ] {
        client.say(frame.clone()).await;
        let answer = client.next().await;
        assert_eq!(answer["code"], code, "{answer}");
        assert!(!answer["detail"].as_str().unwrap().is_empty());
    }
    client.say(json!({"type": "ping"})).await;
    assert_eq!(client.next().await["type"], "pong");
}

#[tokio::test]
async fn ten_thousand_subscriptions_are_too_many() {
    let room = room(true, 20_000).await;
    let client = room.client().await;
    let (mut sink, mut stream) = client.0.split();
    let asking = async {
        for number in 0..10_000 {
            let frame =
                json!({"type": "subscribe", "id": format!("s{number}"), "channels": ["positions"]});
            let text = frame.to_string();
            sink.send(Message::Text(text.into())).await.unwrap();
        }
    };
    let hearing = async {
        let (mut live, mut refused) = (0, 0);
        while live + refused < 10_000 {
            let message = stream.next().await.unwrap().unwrap();
            let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            live += usize::from(frame["type"] == "live");
            refused += usize::from(frame["code"] == "too_many_subscriptions");
        }
        (live, refused)
    };
    let both = async { tokio::join!(asking, hearing) };
    let ((), counts) = timeout(3 * SOON, both).await.unwrap();
    assert_eq!(counts, (64, 9_936));
}

#[tokio::test]
async fn nobody_beyond_this_machine_gets_in_by_accident() {
    let mut open = settings();
    open.listen = "0.0.0.0:0".parse().unwrap();
    let refused = web::bind(&open).await.unwrap_err().to_string();
    assert!(refused.contains("allow_insecure_listen"), "{refused}");
    open.allow_insecure_listen = true;
    let bound = web::bind(&open).await.unwrap();
    let mut same = settings();
    same.listen = format!("127.0.0.1:{}", bound.address().port())
        .parse()
        .unwrap();
    let refused = web::bind(&same).await.unwrap_err().to_string();
    assert!(refused.contains("is in use"), "{refused}");
}

#[tokio::test]
async fn a_frame_of_ten_megabytes_ends_its_own_socket_only() {
    let room = room(true, 64).await;
    let mut other = room.client().await;
    other.subscribe(json!(["alerts"]), json!({})).await;
    other.until_live().await;
    let client = room.client().await;
    let (mut sink, mut stream) = client.0.split();
    let huge = "x".repeat(10 * 1024 * 1024);
    // The server may hang up before it has read all of it.
    let sending = tokio::spawn(async move { sink.send(Message::text(huge)).await });
    let mut last = None;
    while let Some(Ok(message)) = timeout(SOON, stream.next()).await.unwrap() {
        if let Message::Close(close) = message {
            last = close;
        }
    }
    if let Some(close) = last {
        assert_eq!(u16::from(close.code), 1009);
        assert!(close.reason.contains("too long"), "{}", close.reason);
    }
    sending.abort();
    room.alert(0, "high", "").await;
    assert_eq!(other.next().await["data"]["id"], "a0");
}

#[tokio::test]
async fn a_second_server_on_the_port_is_told_who_is_there() {
    let room = room(true, 64).await;
    let mut same = settings();
    same.listen = room.host.parse().unwrap();
    let refused = web::bind(&same).await.unwrap_err().to_string();
    assert!(
        refused.contains("another Cordon") && refused.contains("--listen"),
        "{refused}"
    );
    assert!(room.get("/livez").await.starts_with("HTTP/1.1 200"));
}
