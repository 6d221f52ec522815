//! What operators do, and who is written down for what.

use cordon::domain::ids;

use super::*;

impl Room {
    /// The next command, as it was written.
    async fn commanded(&mut self) -> Value {
        let record = timeout(SOON, self.commands.recv()).await.unwrap().unwrap();
        let written: Value = serde_json::from_slice(&record.json).unwrap();
        assert_eq!(written["target"], record.key.as_str());
        written
    }

    /// `a0` as somebody has it.
    async fn acknowledged(&self, offset: i64) {
        let record = json!({"id": "a0", "state": "acknowledged", "severity": "high", "sequence": 2,
            "acknowledged_by": "local"});
        self.send(FeedTopic::Alerts, "a0", offset, record).await;
    }
}

fn wish(action: &str, target: &str) -> Value {
    json!({"type": "command", "action": action, "target": target, "note": "mine", "id": "c1"})
}

#[tokio::test]
async fn a_command_becomes_a_record_and_its_effect_is_the_answer() {
    let mut room = room(true, 64).await;
    room.alert(0, "high", "").await;
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    client.until_live().await;
    client.say(wish("acknowledge", "a0")).await;
    let mut written = room.commanded().await;
    assert!(written["at"].take().as_str().unwrap().ends_with('Z'));
    let expected = json!({"id": "c1", "at": null, "by": "local", "role": "silver", "action": "acknowledge", "target": "a0", "note": "mine"});
    assert_eq!(written, expected);
    room.acknowledged(1).await;
    assert_eq!(client.next().await["data"]["state"], "acknowledged");
    // A second one is told, and nothing is written.
    client.say(wish("acknowledge", "a0")).await;
    let answer = client.next().await;
    assert_eq!(
        (&answer["code"], &answer["id"]),
        (&json!("already"), &json!("c1"))
    );
    assert!(room.commands.try_recv().is_err());
}

#[tokio::test]
async fn over_rest_a_command_answers_with_its_effect() {
    let mut room = places::furnished(64).await;
    room.lost_incident("CAD 7", 1).await;
    let mut client = room.client().await;
    client.subscribe(json!(["incidents"]), json!({})).await;
    client.until_live().await;
    let at = |location: Value| json!({"action": "place", "target": "CAD 7", "location": location});
    for (nowhere, why) in [
        (
            json!({"text": "NO SUCH ROAD"}),
            "location is no place (unlocatable)",
        ),
        (
            json!({"text": "///filled.count.soap"}),
            "what3words alone is no place",
        ),
        (
            json!({"lat": 91, "lon": 0}),
            "location is no place (out_of_range)",
        ),
        (json!({"lat": 51.5}), "give both or neither"),
    ] {
        let answer = room.post("application/json", &at(nowhere)).await;
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains(why),
            "{answer}"
        );
    }
    assert!(room.commands.try_recv().is_err());
    let body = at(json!({"text": "J/W BRIXTON RD & COLDHARBOUR LN"}));
    let answer = room.post("text/plain", &body).await;
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
    let host = room.host.clone();
    let answer = tokio::spawn(async move { post(&host, "application/json", &body).await });
    let location = room.commanded().await["location"].clone();
    assert_eq!(location, json!({"text": "J/W BRIXTON RD & COLDHARBOUR LN"}));
    room.incident("CAD 7", 2).await;
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(r#""effect":{"#), "{answer}");
    client.next().await;
    // What has a place is moved: only to where it is already it is not. Over the socket as well.
    let mut there = at(json!({"lat": 51.5, "lon": -0.12}));
    there["type"] = json!("command");
    client.say(there.clone()).await;
    assert_eq!(client.next_but_storms().await["code"], "already");
    let answer = room.post("application/json", &there).await;
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
    assert!(room.commands.try_recv().is_err());
    for (second, location) in [
        (3, json!({"lat": 51.6, "lon": -0.1})),
        (4, json!({"text": "J/W BRIXTON RD & COLDHARBOUR LN"})),
    ] {
        let (body, host) = (at(location.clone()), room.host.clone());
        let answer = tokio::spawn(async move { post(&host, "application/json", &body).await });
        assert_eq!(room.commanded().await["location"], location);
        room.incident("CAD 7", second).await;
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn a_command_to_nobody_is_refused_and_one_without_effect_is_told() {
    let mut room = room(true, 64).await;
    room.alert(0, "high", "").await;
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    client.until_live().await;
    let place = json!({"type": "command", "action": "place", "target": "a0", "id": "c1", "location": {"lat": 1, "lon": 2}});
    for nobody in [wish("acknowledge", "a9"), wish("note", "CAD 7"), place] {
        client.say(nobody.clone()).await;
        let answer = client.next().await;
        assert_eq!(answer["code"], "unknown_target", "{nobody}");
        assert_eq!(answer["id"], "c1");
        let answer = room.post("application/json", &nobody).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert!(room.commands.try_recv().is_err());
    client.say(wish("note", "a0")).await;
    let answer = client.next().await;
    assert_eq!(
        (&answer["code"], &answer["id"]),
        (&json!("no_effect"), &json!("c1"))
    );
    let answer = room.post("application/json", &wish("note", "a0")).await;
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
}

#[tokio::test]
async fn every_access_is_an_entry_that_holds_the_one_before() {
    let mut room = room(true, 64).await;
    room.alert(0, "high", "").await;
    let mut client = room.client().await;
    client
        .say(json!({"type": "subscribe", "id": "s1", "channels": ["alerts"], "purpose": "review"}))
        .await;
    client.until_live().await;
    client.say(wish("note", "a0")).await;
    room.commanded().await;
    room.get("/v1/alerts/a0").await;
    let mut previous = String::new();
    let mut seen = Vec::new();
    for number in 1..=3 {
        let bytes = room.audit.recv().await.unwrap();
        let entry: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(entry["entry"], number);
        assert_eq!(entry["previous"], previous.as_str());
        assert_eq!(entry["created_by"]["id"], "local");
        assert_eq!(entry["ip_address"], "127.0.0.1");
        assert_eq!(entry["business_identifier"], "Op TEST");
        previous = ids::digest(&[std::str::from_utf8(&bytes).unwrap()]);
        seen.push(json!([
            entry["category"],
            entry["purpose"],
            entry["individuals"][0]["id"],
            entry["subscription"]
        ]));
    }
    let expected = [
        json!(["Disclosure", "review", "*", "s1"]),
        json!(["Alteration", "control room", "a0", null]),
        json!(["Consultation", "control room", "a0", null]),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_read_that_cannot_be_written_down_is_refused() {
    let mut room = room(true, 1).await;
    let path = "/v1/alerts?purpose=review";
    assert!(room.get(path).await.starts_with("HTTP/1.1 200"));
    assert!(room.get(path).await.starts_with("HTTP/1.1 503"));
    let mut client = room.client().await;
    client.subscribe(json!(["alerts"]), json!({})).await;
    assert_eq!(client.next().await["code"], "unavailable");
    let record: Value = serde_json::from_slice(&room.audit.recv().await.unwrap()).unwrap();
    assert_eq!(record["purpose"], "review");
    assert_eq!(record["what"], "alerts");
    assert!(room.get(path).await.starts_with("HTTP/1.1 200"));
}
