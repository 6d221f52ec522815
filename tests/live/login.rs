//! Whom a broker lets in, and whom we take for a broker.

use crate::live::room::{self, Broker, Client, Cordon};
use crate::live::{INSIDE, settings};

#[test]
fn a_login_that_is_refused_is_told_and_tried_again() {
    if !room::is_asked() {
        return;
    }
    let broker = Broker::start(&["--sasl-scram", "cordon:right"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password"), "wrong\n").unwrap();
    let settings = format!(
        "{}[kafka.options]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\
         \"sasl.mechanism\" = \"SCRAM-SHA-512\"\n\"sasl.username\" = \"cordon\"\n\
         \"sasl.password\" = \"file:password\"\n",
        settings(folder.path(), &broker.address)
    );
    let mut cordon = Cordon::launch(folder.path(), &settings, &[]);
    cordon.says("login was refused");
    assert!(cordon.is_running());
    let said = cordon.errors();
    assert!(!said.contains("wrong"), "{said}");
    assert!(said.lines().count() < 20, "{said}");
    cordon.kill();

    std::fs::write(folder.path().join("password"), "right\n").unwrap();
    let cordon = Cordon::start(folder.path(), &settings);
    assert_eq!(cordon.stop(), Some(143));
}

#[test]
fn over_tls_it_logs_in_with_a_secret_from_the_environment_or_a_file_and_with_no_stranger() {
    if !room::is_asked() {
        return;
    }
    let logins = [
        "--sasl-plain",
        "cordon:right",
        "--sasl-scram",
        "cordon:right",
    ];
    let broker = Broker::start(&[&["--tls"], &logins[..]].concat());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password"), "right\n").unwrap();
    let settings = |mechanism: &str, password: &str, ca: &str| {
        format!(
            "{}[kafka.options]\n\"security.protocol\" = \"SASL_SSL\"\n\
             \"sasl.mechanism\" = \"{mechanism}\"\n\"sasl.username\" = \"cordon\"\n\
             \"sasl.password\" = \"{password}\"\n{ca}",
            settings(folder.path(), &broker.address)
        )
    };
    let ca = format!("\"ssl.ca.location\" = \"{}\"\n", broker.ca);
    let secret = [("ROOM_PASSWORD", "right")];

    // Whose certificate nobody vouches for is no broker of ours, and gets no password.
    let of_a_stranger = settings("PLAIN", "env:ROOM_PASSWORD", "");
    let mut cordon = Cordon::launch(folder.path(), &of_a_stranger, &secret);
    cordon.says("no encrypted connection");
    assert!(cordon.is_running());
    assert!(!cordon.errors().contains("right"), "{}", cordon.errors());
    cordon.kill();

    let options = [
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", "cordon"),
        ("sasl.password", "right"),
        ("ssl.ca.location", &broker.ca),
    ];
    let client = Client::with(&broker.address, &options);
    let ways = [
        ("PLAIN", "env:ROOM_PASSWORD"),
        ("SCRAM-SHA-256", "file:password"),
        ("SCRAM-SHA-512", "env:ROOM_PASSWORD"),
    ];
    for (number, (mechanism, password)) in ways.into_iter().enumerate() {
        let settings = settings(mechanism, password, &ca);
        let cordon = Cordon::launch(folder.path(), &settings, &secret).when_ready();
        client.report(&format!("A{number}"), INSIDE.0, INSIDE.1);
        client.wait("cordon.alerts", |alerts| alerts.len() == number + 1);
        assert_eq!(cordon.stop(), Some(143), "{mechanism}");
    }
}
