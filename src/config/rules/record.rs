//! A rule as a record of its topic: the keys of a rule file, as JSON.

use serde_json::Value as Json;

use crate::alert::rule::RuleEdit;
use crate::config::problem::{Notes, Place, Problems};
use crate::config::reader::Table;
use crate::config::rules::{Codes, Reading};
use crate::config::tree::{Document, Entries, Node, Value};
use crate::config::{Config, StatusGroups};
use crate::domain::reject::{Reason, Reject};
use crate::domain::vocabulary::Vocabulary;

/// Most bytes of a rule.
const MAX_BYTES: usize = 64 * 1024;

/// Reads rules that come one by one, with the codes that they may name.
#[derive(Clone, Debug)]
pub struct RuleReader {
    vocabulary: Vocabulary,
    groups: StatusGroups,
}

impl RuleReader {
    /// With the codes of `config`.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            vocabulary: config.vocabulary.clone(),
            groups: config.status_groups.clone(),
        }
    }

    /// Reads one record: a rule, or for no `value` the end of the one that `key` names.
    ///
    /// # Errors
    /// `too_large` over 64 KiB, `missing_field` for a deletion without a key, else `malformed` with
    /// every problem: not JSON, no rule, or another id than its key.
    pub fn read(&self, key: Option<&str>, value: Option<&[u8]>) -> Result<RuleEdit, Reject> {
        let Some(value) = value else {
            let detail = "a deletion without a key names no rule";
            let key = key.ok_or_else(|| Reject::new(Reason::MissingField, detail))?;
            return Ok(RuleEdit {
                id: key.into(),
                rule: None,
            });
        };
        if value.len() > MAX_BYTES {
            let detail = format!("{} bytes, at most {MAX_BYTES}", value.len());
            return Err(Reject::new(Reason::TooLarge, detail));
        }
        let malformed = |detail: String| Reject::new(Reason::Malformed, detail);
        let rule: Json = serde_json::from_slice(value)
            .map_err(|error| malformed(format!("not JSON: {error}")))?;
        let Json::Object(rule) = rule else {
            return Err(malformed("not an object".into()));
        };
        let read = self.read_rule(key, rule);
        read.map_err(|problems| malformed(problems.to_string().replace('\n', "; ")))
    }

    fn read_rule(
        &self,
        key: Option<&str>,
        rule: serde_json::Map<String, Json>,
    ) -> Result<RuleEdit, Problems> {
        let notes = Notes::default();
        let codes = Codes {
            vocabulary: &self.vocabulary,
            groups: &self.groups,
            complete: true,
        };
        let named = key.or_else(|| rule.get("id")?.as_str());
        let place = Place::Record(format!("rule \"{}\"", named.unwrap_or_default()).into());
        let document = Document {
            entries: entries(&place, rule),
            place: place.clone(),
        };
        let rule = {
            let mut table = Table::root(document, &notes);
            let version = table.optional("version").text();
            let rule = Reading::new(codes, &notes).rule(&mut table);
            rule.map(|rule| crate::alert::rule::Rule {
                version: Some(version.unwrap_or_else(|| "live".into())),
                ..rule
            })
        };
        let id = rule.as_ref().map(|rule| rule.id.clone());
        if let (Some(id), Some(key)) = (&id, key)
            && id.as_str() != key
        {
            let what = format!("its key is \"{key}\"");
            notes.add(&place, "id", what, format!("send it with the key \"{id}\""));
        }
        let id = id.unwrap_or_else(|| "".into());
        notes.settle(RuleEdit { id, rule })
    }
}

/// As TOML would have them; a null is as if the key were not there.
fn entries(place: &Place, object: serde_json::Map<String, Json>) -> Entries {
    let entry = |(key, value)| Some((key, (place.clone(), node(place, value)?)));
    object.into_iter().filter_map(entry).collect()
}

fn node(place: &Place, value: Json) -> Option<Node> {
    let value = match value {
        Json::Null => return None,
        Json::Bool(boolean) => Value::Boolean(boolean),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer.into()),
            None => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => {
            let items = items.into_iter();
            Value::List(items.filter_map(|item| node(place, item)).collect())
        }
        Json::Object(object) => Value::Table(entries(place, object)),
    };
    Some(Node {
        place: place.clone(),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::rule::Condition;

    fn read(key: &str, value: &str) -> Result<RuleEdit, Reject> {
        RuleReader::new(&Config::default()).read(Some(key), Some(value.as_bytes()))
    }

    #[test]
    fn a_rule_says_in_json_what_it_says_in_a_file() {
        let json = r#"{"id":"loitering","title":"{subject} stays in {fence}","severity":"medium","close_after":"30m",
            "hold":null,"transition":{"kinds":["dwell"],"fences":{"class":["sterile"]},"certain":true}}"#;
        let toml = "version = \"live\"\n[[rule]]\nid = \"loitering\"\ntitle = \"{subject} stays in {fence}\"\n\
            severity = \"medium\"\nclose_after = \"30m\"\n[rule.transition]\nkinds = [\"dwell\"]\n\
            fences = { class = [\"sterile\"] }\ncertain = true\n";
        let config = Config::default();
        let notes = Notes::default();
        let codes = Codes {
            vocabulary: &config.vocabulary,
            groups: &config.status_groups,
            complete: true,
        };
        let mut reading = Reading::new(codes, &notes);
        reading.read(std::path::Path::new("a.toml"), toml);
        let mut rule = reading.rules.remove(0);
        rule.version = Some("live".into());
        assert_eq!(read("loitering", json).unwrap().rule, Some(rule));
        assert!(notes.is_empty());
    }

    #[test]
    fn what_is_no_rule_is_refused_with_all_that_is_wrong() {
        let refused = read("a", r#"{"id":"b","title":"{who}","severity":"urgent"}"#).unwrap_err();
        assert_eq!(refused.reason, Reason::Malformed);
        for part in [
            "rule \"a\": title",
            "rule \"a\": severity",
            "it has no condition",
        ] {
            assert!(refused.detail.contains(part), "{refused}");
        }
        let renamed = r#"{"id":"b","title":"t","severity":"low","unplaced":{}}"#;
        assert!(read("a", renamed).unwrap_err().detail.contains("key \"b\""));
        assert_eq!(read("a", "[]").unwrap_err().reason, Reason::Malformed);
        let long = format!("\"{}\"", "a".repeat(MAX_BYTES));
        assert_eq!(read("a", &long).unwrap_err().reason, Reason::TooLarge);
    }

    #[test]
    fn no_value_ends_a_rule_and_statuses_may_be_groups() {
        let reader = RuleReader::new(&Config::default());
        let ended = reader.read(Some("a"), None).unwrap();
        assert_eq!((ended.id.as_str(), ended.rule), ("a", None));
        assert!(reader.read(None, None).is_err());
        let unknown =
            r#"{"id":"a","title":"t","severity":"low","status":{"who":{"status":["nope"]}}}"#;
        assert!(read("a", unknown).is_err());
        let known = r#"{"id":"a","title":"t","severity":"low","version":"night","status":{"who":{"status":["0"]}}}"#;
        let rule = read("a", known).unwrap().rule.unwrap();
        assert_eq!(rule.version.as_deref(), Some("night"));
        assert!(matches!(rule.condition, Condition::Status { .. }));
    }
}
