use std::fs;

use super::*;
use crate::alert::rule::{Bound, Condition};
use crate::config::check::check;
use crate::config::problem::{Lines, Walk};

fn load(text: &str) -> Result<Config, Problems> {
    load_with(text, &[])
}

fn load_with(text: &str, environment: &[(&str, &str)]) -> Result<Config, Problems> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let notes = Notes::default();
    let config = Config::read(Some((Path::new("my.toml"), text)), environment, &notes);
    notes.settle(config)
}

/// One problem a line.
fn complaint(text: &str) -> String {
    load(text).unwrap_err().to_string()
}

#[test]
fn the_packaged_config_is_the_default_and_needs_no_layer() {
    let config = Config::default();
    assert_eq!(Config::load(None, []), Ok(config.clone()));
    assert_eq!(config.vocabulary.classes.len(), 8);
    assert_eq!(config.vocabulary.classes["boat"].strength, 3);
    assert_eq!(config.vocabulary.classes["camera"].expire_after, DAY);
    assert_eq!(config.vocabulary.states.len(), 12);
    assert_eq!(config.vocabulary.grades[0], "I");
    assert_eq!(config.lateness.incidents, 10 * MINUTE);
    assert_eq!(config.reorder, Duration::ZERO);
    assert_eq!(
        config.windows,
        [WindowSpec {
            width: HOUR,
            slide: None,
            resolution: Resolution::Nine
        }]
    );
    assert_eq!(&*config.rules.version, "routine-1");
}

#[test]
fn three_mistakes_are_named_at_once() {
    let text = "[lateness]\nresources = \"half a minute\"\n\n[track]\nreorder_mss = 5\n\n[[window]]\nwidth = \"1h\"\nresolution = 12\n";
    assert_eq!(
        complaint(text),
        "my.toml:2:13: lateness.resources: \"half a minute\" is not a duration; give a duration from 0s to 1d, such as \"10s\", \"5m\" or \"1h\"\n\
         my.toml:5:1: track.reorder_mss: no such key; did you mean \"reorder_ms\"?\n\
         my.toml:9:14: window[1].resolution: 12 is out of range; give a whole number from 6 to 10"
    );
}

#[test]
fn a_syntax_error_does_not_hide_the_other_mistakes() {
    let text = "[track]\nreorder_ms = \n\n[incident]\nexpire_after = 7\n\n[lat";
    insta::assert_snapshot!(complaint(text), @r#"
    my.toml:2:14: string values must be quoted, expected literal string; mend the TOML there
    my.toml:5:16: incident.expire_after: 7 is a number; give a duration from 1m to 366d, such as "10s", "5m" or "1h"
    my.toml:7:5: unclosed table, expected `]`; mend the TOML there
    "#);
}

#[test]
fn wrong_types_and_missing_keys_say_what_is_wanted() {
    let text = "feeds = \"a.toml\"\nfuture = 5\n[class.drone]\nstrength = \"two\"\nstale_after = \"1h\"\nexpire_after = \"10m\"\n[status]\nemergency = [0]\n[[window]]\nresolution = 9.5\n";
    insta::assert_snapshot!(complaint(text), @r#"
    my.toml:1:9: feeds: "a.toml" is a text; give a list of paths such as ["a.toml"]
    my.toml:2:10: future: 5 is a number; give a table: [future] and its keys under it
    my.toml:3:1: class.drone: stale_after is longer than expire_after; a position goes stale before its resource is forgotten: shorten stale_after
    my.toml:4:12: class.drone.strength: "two" is a text; give a whole number from 0 to 1000
    my.toml:8:14: status.emergency[1]: 0 is a number; give a text in quotes
    my.toml:9:1: window[1].width: missing; give a duration from 1m to 7d, such as "10s", "5m" or "1h"
    my.toml:10:14: window[1].resolution: 9.5 is a number; give a whole number from 6 to 10
    "#);
}

#[test]
fn a_window_rolls_by_a_divisor_of_its_width_and_is_given_once() {
    let rolling = "[[window]]\nwidth = \"1h\"\nslide = \"5m\"\n";
    let config = load(rolling).unwrap();
    assert_eq!(
        config.windows,
        [WindowSpec {
            width: HOUR,
            slide: Some(5 * MINUTE),
            resolution: Resolution::Nine
        }]
    );
    insta::assert_snapshot!(complaint(&format!("{rolling}{rolling}[[window]]\nwidth = \"1h\"\nslide = \"7m\"\n")), @r#"
    my.toml:4:1: window[2]: there is the same window above; delete one of them
    my.toml:7:1: window[3]: slide 7m does not divide width 1h; give a slide that goes into the width 2 times or more, without remainder
    "#);
}

#[test]
fn the_environment_lies_over_the_file_over_the_defaults() {
    let text = "[lateness]\nresources = \"20s\"\nincidents = \"20m\"\n";
    let environment = [
        ("CORDON__LATENESS__RESOURCES", "5s"),
        ("CORDON__TRACK__REORDER_MS", "500"),
        ("CORDON__STATUS__EMERGENCY", "0, 99"),
        ("CORDON__CLASS__DRONE__STRENGTH", "0"),
        ("CORDON_OPEN_DATA", "elsewhere"),
    ];
    let config = load_with(text, &environment).unwrap();
    assert_eq!(config.lateness.resources, Duration::from_secs(5));
    assert_eq!(config.lateness.incidents, 20 * MINUTE);
    assert_eq!(config.future_skew, 5 * MINUTE);
    assert_eq!(config.reorder, Duration::from_millis(500));
    assert!(config.vocabulary.emergency.contains(&"99".into()));
    assert_eq!(config.vocabulary.classes["drone"].strength, 0);
    assert_eq!(config.vocabulary.classes["drone"].stale_after, 2 * MINUTE);
}

#[test]
fn a_problem_of_a_variable_names_it() {
    let environment = [
        ("CORDON__TRACK__REORDER_MS", "soon"),
        ("CORDON__TRAK__REORDER_MS", "5"),
        ("CORDON__", "5"),
    ];
    insta::assert_snapshot!(load_with("", &environment).unwrap_err(), @r#"
    CORDON__: names no key; write it as CORDON__SECTION__KEY
    CORDON__TRACK__REORDER_MS: track.reorder_ms: "soon" does not fit; give a whole number from 0 to 3600000
    CORDON__TRAK__REORDER_MS: trak: no such key; did you mean "track"?
    "#);
}

#[test]
fn a_config_names_its_files_from_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "feed.toml",
        include_str!("../../config/feeds/gtfs-vehicle-positions.toml"),
    );
    write("mine.toml", "version = \"mine-3\"\n");
    write(
        "fences.json",
        "{\"type\":\"FeatureCollection\",\"features\":[]}",
    );
    write(
        "cordon.toml",
        "feeds = [\"feed.toml\"]\n[rules]\nfiles = [\"mine.toml\"]\n[fences]\nfiles = [\"fences.json\"]\n[geocoder]\ngazetteers = [\"gazetteer\"]\n",
    );
    let file = folder.path().join("cordon.toml");
    let config = Config::load(Some(&file), []).unwrap();
    assert_eq!(config.feeds[0].name, "gtfs-vehicle-positions");
    assert_eq!(&*config.rules.version, "mine-3");
    assert_eq!(config.gazetteers, [folder.path().join("gazetteer")]);

    write(
        "cordon.toml",
        "feeds = [\"none.toml\"]\n[rules]\nfiles = [\"cordon.toml\"]\n",
    );
    let problems = Config::load(Some(&file), []).unwrap_err().to_string();
    let folder = format!("{}/", folder.path().display());
    insta::assert_snapshot!(problems.replace(&folder, ""), @r#"
    cordon.toml:1:1: feeds: no such key; delete it, or use one of rule, version
    cordon.toml:1:1: version: missing; give a text that is not empty
    cordon.toml:1:10: feeds[1]: none.toml cannot be read (No such file or directory (os error 2)); give the path of a text file that can be read
    cordon.toml:2:2: rules: no such key; did you mean "rule"?
    "#);
}

#[test]
fn a_feed_that_cannot_be_used_says_why() {
    let text = r#"
[[feed]]
name = "cad"
kind = "incident"
format = "jsn"
[feed.fields]
subject = { template = "CAD-{job.number" }
at = { path = "t", format = "%d/%m/%Y %H:%M" }
easting = { path = "x", constant = "5" }
grade = { path = "p", tabel = { "1" = "I" } }
callsign = "c"
catgory = "type"
rvp.lat = "r"
"#;
    insta::assert_snapshot!(complaint(text), @r#"
    my.toml:5:10: feed[1].format: "jsn" is not one of these; give one of "json", "csv"
    my.toml:7:24: feed[1].fields.subject.template: "CAD-{job.number" cannot be used; a { needs a path and a }, such as SAS-{line} or {date} {time}
    my.toml:8:29: feed[1].fields.at.format: "%d/%m/%Y %H:%M" cannot be used; format "%d/%m/%Y %H:%M" holds no offset: add %z to it, or zone = "Europe/London" beside it
    my.toml:9:11: feed[1]: fields.easting needs fields.northing beside it; add it, or delete the other
    my.toml:9:11: feed[1].fields.easting: path and constant stand together; give exactly one of path, constant, template
    my.toml:10:23: feed[1].fields.grade.tabel: no such key; did you mean "table"?
    my.toml:11:12: feed[1]: fields.callsign is no field of a feed of kind "incident"; delete it
    my.toml:12:11: feed[1].fields.catgory: no such field; did you mean "category"?
    my.toml:13:11: feed[1]: fields.rvp.lat needs fields.rvp.lon beside it; add it, or delete the other
    "#);
}

#[test]
fn a_feed_reads_a_topic_of_its_own_that_holds_json() {
    let feed = |name: &str, format: &str, topic: &str| {
        format!(
            "[[feed]]\nname = \"{name}\"\nkind = \"resource\"\nformat = \"{format}\"\ntopic = \"{topic}\"\n\
             fields.subject = \"s\"\nfields.at = \"t\"\n"
        )
    };
    let text = [
        feed("one", "json", "force.avl"),
        feed("two", "csv", "force.avl"),
        feed("three", "json", "positions"),
    ];
    insta::assert_snapshot!(complaint(&text.concat()), @r#"
    my.toml:8:1: feed[2]: topic "force.avl" is read by feed "one" already; give one of them another topic
    my.toml:8:1: feed[2]: topic has records of JSON; give format = "json"
    my.toml:15:1: feed[3]: topic "positions" is one of Cordon's own; name the topic that the feed writes to
    "#);
}

#[test]
fn a_feed_is_read_whole() {
    let text = r#"
[[feed]]
name = "cad"
kind = "incident"
format = "json"
[feed.fields]
subject = { template = "CAD-{job.number}" }
at = { template = "{d} {t}", format = "%d/%m/%Y %H:%M:%S", zone = "Europe/London" }
text = "/job/place"
grade = { path = "p", table = { "1" = "I", "2" = "S" }, otherwise = "R" }
rvp.lat = "r.y"
"rvp.lon" = "r.x"
"#;
    let feed = load(text).unwrap().feeds.remove(0);
    assert_eq!(feed.lateness, 10 * MINUTE);
    assert_eq!(feed.fields.len(), 6);
    assert!(feed.problems().is_empty());
}

#[test]
fn the_routine_rules_are_what_their_file_says() {
    let rules = Config::default().rules.rules;
    let ids: Vec<_> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "officer-emergency",
            "immediate-unplaced",
            "sterile-zone-breach",
            "cordon-left",
            "sector-empty"
        ]
    );
    let Condition::Occupancy {
        who,
        bound,
        lasting,
        ..
    } = &rules[4].condition
    else {
        panic!("{:?}", rules[4])
    };
    assert_eq!(
        who.statuses.iter().map(|code| &**code).collect::<Vec<_>>(),
        ["2", "3", "7"]
    );
    assert_eq!((*bound, *lasting), (Bound::Below(1), 5 * MINUTE));
}

#[test]
fn rules_name_all_their_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.toml");
    let text = r#"
[[rule]]
id = "a"
title = "{who} entered"
severity = "hgih"
[rule.transition]
kinds = ["enter", "approach"]
[rule.status]
who = { status = ["deployble"], grade = ["Z"] }
[[rule]]
id = "b"
title = "nothing"
severity = "low"
hold = "yes"
[[rule]]
id = "c"
title = "{count}"
severity = "low"
[rule.occupancy]
below = 0
above = 1
[[rule]]
id = "d"
title = "everybody"
severity = "low"
[rule.status]
who = { kind = "resource" }
[[rule]]
id = "d"
title = "again"
severity = "low"
[rule.unplaced]
[[rule]]
id = "e"
title = "{subject} and {other}"
severity = "low"
[rule.approach]
near_m = 100
far_m = 50
"#;
    fs::write(&file, text).unwrap();
    let problems = rules::load(&[file], &Config::default())
        .unwrap_err()
        .to_string();
    let folder = format!("{}/", folder.path().display());
    insta::assert_snapshot!(problems.replace(&folder, ""), @r#"
    rules.toml:1:1: version: missing; give a text that is not empty
    rules.toml:2:1: rule[1]: it has more than one condition; give exactly one of [rule.transition], [rule.status], [rule.occupancy], [rule.unplaced], [rule.approach], [rule.members]
    rules.toml:4:9: rule[1].title: "{who} entered" cannot be used; {who} is not a field of a title; it may hold {subject}, {fence}, {class}, {status}, {grade}, {count}, {other}, {distance}, {place}
    rules.toml:5:12: rule[1].severity: "hgih" is not one of these; give one of "critical", "high", "medium", "low", "info"
    rules.toml:7:19: rule[1].transition.kinds[2]: "approach" is not one of these; give one of "enter", "exit", "inside", "outside", "cross", "dwell", "speed", "absent", "restored"
    rules.toml:9:19: rule[1].status.who.status[1]: "deployble" is no status; did you mean "deployable"?
    rules.toml:9:42: rule[1].status.who.grade[1]: "Z" is no grade; give grades of [incident]: I, S, E, R
    rules.toml:10:1: rule[2]: it has no condition; give exactly one of [rule.transition], [rule.status], [rule.occupancy], [rule.unplaced], [rule.approach], [rule.members]
    rules.toml:14:8: rule[2].hold: "yes" is a text; give true or false
    rules.toml:19:1: rule[3].occupancy: it needs one bound; give exactly one of below, above
    rules.toml:19:1: rule[3].occupancy.count: missing; give one of "subjects", "strength"
    rules.toml:20:9: rule[3].occupancy.below: 0 is out of range; give a whole number from 1 to 1000000
    rules.toml:26:1: rule[4].status: it lists no status, so it would hold for everybody; give who = { status = ["0"] }
    rules.toml:28:1: rule[5]: there is a rule "d" already; give it another id
    rules.toml:37:1: rule[6].approach: far_m is less than near_m: a pair would part before it meets; give a far_m of at least near_m, or none
    "#);
}

#[test]
fn what_ships_checks_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut files = vec![root.join("cordon.toml")];
    for folder in ["feeds", "rules"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    assert!(files.len() > 3);
    assert_eq!(check(&files), []);
}

#[test]
fn a_check_tells_files_by_what_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = [
        write("config.toml", "[incident]\ngrades = [\"P1\"]\n[trak]\n"),
        write("good.toml", "[incident]\ngrades = [\"P1\", \"P2\"]\n"),
        write(
            "rules.toml",
            "version = \"1\"\n[[rule]]\nid = \"a\"\ntitle = \"a\"\nseverity = \"low\"\n[rule.unplaced]\nwho = { grade = [\"P9\"] }\n",
        ),
        write("feed.toml", "[[feed]]\nname = \"a\"\n"),
        write("manifest.toml", "[[source]]\nformat = \"onspd\"\n"),
        write(
            "fences.txt",
            "{\"type\":\"FeatureCollection\",\"features\":[\n  {\"type\":\"Feature\",\"id\":\"a\",\n   \"geometry\":null,\"properties\":{}}]}",
        ),
        write("broken.geojson", "{\"type\":\n  \"Feature"),
        folder.path().join("none.toml"),
    ];
    let problems = check(&files);
    let folder = format!("{}/", folder.path().display());
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n").replace(&folder, ""), @r#"
    config.toml:3:2: trak: no such key; did you mean "track"?
    rules.toml:7:18: rule[1].unplaced.who.grade[1]: "P9" is no grade; give grades of [incident]: P1, P2
    feed.toml:1:1: feed[1].fields: missing; give a table: [feed.fields] and its keys under it
    feed.toml:1:1: feed[1].format: missing; give one of "json", "csv"
    feed.toml:1:1: feed[1].kind: missing; give one of "resource", "incident"
    manifest.toml:1:1: source[1].attribution: missing; give a text that is not empty
    manifest.toml:1:1: source[1].licence: missing; give a text that is not empty
    manifest.toml:1:1: source[1].path: missing; give a text that is not empty
    fences.txt:2:3: fence "a" geometry: missing; give a Polygon, MultiPolygon, LineString or Point
    broken.geojson:2:10: it is not JSON: EOF while parsing a string; mend the JSON there
    none.toml: none.toml cannot be read (No such file or directory (os error 2)); give the path of a text file that can be read
    "#);
}

#[test]
fn a_fence_tells_its_wrong_property_and_its_shape_in_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.geojson");
    fs::write(
        &path,
        r#"{"type":"FeatureCollection","features":[
  {"type":"Feature","id":"bow","properties":{"severity":"bad"},"geometry":{"type":"Polygon","coordinates":[[[0,51],[1,52],[1,51],[0,52],[0,51]]]}},
  {"type":"Feature","id":"dot","properties":{"radius_m":-5},"geometry":{"type":"Point","coordinates":[0,51]}},
  {"type":"Feature","id":"flat","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,51],[1,52],[2,53]]]}},
  {"type":"Feature","id":"march","properties":{},"geometry":{"type":"LineString","coordinates":[[0,51],[1,52]]}}]}"#,
    )
    .unwrap();
    let problems = check(std::slice::from_ref(&path));
    let folder = format!("{}/", folder.path().display());
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n").replace(&folder, ""), @r#"
    f.geojson:2:3: fence "bow" geometry: the outer ring of polygon 0 crosses itself at lat 51.5000000, lon 0.5000000 (the edges after vertices 0 and 2); reorder its vertices, or split it there into two polygons
    f.geojson:2:3: fence "bow" properties.severity: "bad" is wrong, expected one of critical, high, medium, low, info; mend it
    f.geojson:3:3: fence "dot" properties.radius_m: -5 is wrong, expected metres above 0; mend it
    f.geojson:4:3: fence "flat" geometry: the outer ring of polygon 0 has no area, its vertices lie on one line; draw it around an area
    f.geojson:5:3: fence "march" properties.width_m: missing; a LineString is a corridor and needs it, in metres
    "#);
}

proptest::proptest! {
    /// Counting on from the last place against counting from the start of the line.
    #[test]
    fn a_walk_tells_the_places_that_the_lines_have(
        text in "[aé\n]{0,40}",
        mut cuts in proptest::collection::vec(proptest::prelude::any::<proptest::sample::Index>(), 1..8),
    ) {
        let starts: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        cuts.sort_by_key(|cut| cut.index(starts.len()));
        let (lines, walk) = (Lines::new(Path::new("f"), &text), Walk::new(Path::new("f"), &text));
        for cut in cuts {
            let (_, part) = text.split_at(*cut.get(&starts));
            proptest::prop_assert_eq!(walk.place_of(part), lines.place(text.len() - part.len()));
        }
    }

    /// Whatever somebody saves, it is answered with problems or a config, never with a panic.
    #[test]
    fn any_text_is_answered(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        let text = pieces.concat();
        let _ = load(&text);
        let notes = Notes::default();
        let config = Config::default();
        let codes = rules::Codes { vocabulary: &config.vocabulary, groups: &config.status_groups, complete: true };
        rules::Reading::new(codes, &notes).read(Path::new("r.toml"), &text);
        fences::Reading::new(&notes).read(Path::new("f.json"), &text);
    }
}

const PIECES: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "\n",
    "\"",
    "'",
    " ",
    "é",
    "0",
    "-1",
    "1e999",
    "true",
    "2026-01-01",
    "rule",
    "feed",
    "class",
    "window",
    "width",
    "slide",
    "\"0s\"",
    "\"1h\"",
    "fields",
    "at",
    "kinds",
    "transition",
    "fences",
    "\"features\":[",
    "{\"type\":\"Feature\"}",
    "99999999999999999999",
];
