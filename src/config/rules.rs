//! Rule files: what a control room wants to be told, as TOML.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::alert::rule::{Bound, Condition, FenceFilter, Measure, Rule, RuleSet, Title};
use crate::config::problem::{Notes, Problems};
use crate::config::reader::{Field, Placed, Table, nearest};
use crate::config::tree::Document;
use crate::config::{Config, DAY, StatusGroups, read_file, read_named};
use crate::domain::alert::Severity;
use crate::domain::ids::{FenceId, Kind};
use crate::domain::profile::{PairFilter, SubjectFilter};
use crate::domain::report::Text;
use crate::domain::transition::TransitionKind;
use crate::domain::vocabulary::Vocabulary;

/// The packaged rules.
pub const ROUTINE: &str = include_str!("../../config/rules/routine.toml");

/// The transitions of fences. Those of pairs have a condition of their own.
const OF_FENCES: [TransitionKind; 9] = [
    TransitionKind::Enter,
    TransitionKind::Exit,
    TransitionKind::Inside,
    TransitionKind::Outside,
    TransitionKind::Cross,
    TransitionKind::Dwell,
    TransitionKind::Speed,
    TransitionKind::Absent,
    TransitionKind::Restored,
];

/// Furthest that a pair may be watched over, metres.
const FURTHEST_M: f64 = 1_000_000.0;

/// The codes that a rule may name.
#[derive(Clone, Copy)]
pub(super) struct Codes<'c> {
    pub(super) vocabulary: &'c Vocabulary,
    pub(super) groups: &'c StatusGroups,
    /// Whether any other code is a mistake.
    pub(super) complete: bool,
}

/// The rules of `files` as one set, with the codes of `config`; the packaged ones for no file. Of
/// several versions the name is all of theirs, joined by `+`.
///
/// # Errors
/// Every problem of every file.
pub fn load(files: &[PathBuf], config: &Config) -> Result<RuleSet, Problems> {
    let notes = Notes::default();
    let codes = Codes {
        vocabulary: &config.vocabulary,
        groups: &config.status_groups,
        complete: true,
    };
    let mut rules = Reading::new(codes, &notes);
    for file in files {
        if let Some(text) = read_file(file, &notes) {
            rules.read(file, &text);
        }
    }
    let rules = rules.finish(files.is_empty());
    notes.settle(rules)
}

/// The rules of the files that a config names.
pub(super) fn read_files(files: &[Placed<PathBuf>], codes: Codes<'_>, notes: &Notes) -> RuleSet {
    let mut rules = Reading::new(codes, notes);
    for file in files {
        if let Some(text) = read_named(file, notes) {
            rules.read(&file.value, &text);
        }
    }
    rules.finish(files.is_empty())
}

/// Rule files on their way to one set.
pub(super) struct Reading<'c> {
    codes: Codes<'c>,
    notes: &'c Notes,
    versions: Vec<Text>,
    rules: Vec<Rule>,
}

impl<'c> Reading<'c> {
    pub(super) fn new(codes: Codes<'c>, notes: &'c Notes) -> Self {
        Self {
            codes,
            notes,
            versions: Vec::new(),
            rules: Vec::new(),
        }
    }

    pub(super) fn read(&mut self, file: &Path, text: &str) {
        let mut root = Table::root(Document::parse(file, text, self.notes), self.notes);
        self.versions.extend(root.required("version").text());
        for mut table in root.tables("rule") {
            let Some(rule) = self.rule(&mut table) else {
                continue;
            };
            if self.rules.iter().any(|known| known.id == rule.id) {
                let what = format!("there is a rule \"{}\" already", rule.id);
                table.wrong(what, "give it another id");
            }
            self.rules.push(rule);
        }
    }

    fn finish(mut self, packaged: bool) -> RuleSet {
        if packaged {
            // A force may have other codes than the packaged rules name.
            self.codes.complete = false;
            self.read(Path::new("config/rules/routine.toml"), ROUTINE);
        }
        RuleSet {
            version: self.versions.join("+").into(),
            rules: self.rules,
        }
    }

    fn rule(&self, table: &mut Table<'_>) -> Option<Rule> {
        let id = table.required("id").text();
        let title = table.required("title").parsed(Title::parse);
        let severity = table
            .required("severity")
            .one_of(&Severity::ALL.map(|severity| (severity.label(), severity)));
        let hold = table.optional("hold").boolean();
        let close_after = table
            .optional("close_after")
            .duration(Duration::from_secs(1)..=31 * DAY);
        let condition = self.condition(table);
        Some(Rule {
            id: (&*id?).into(),
            title: title?,
            severity: severity?,
            hold: hold.unwrap_or(false),
            close_after,
            condition: condition?,
        })
    }

    fn condition(&self, table: &mut Table<'_>) -> Option<Condition> {
        let transition = table.table("transition");
        let status = table.table("status");
        let occupancy = table.table("occupancy");
        let unplaced = table.table("unplaced");
        let approach = table.table("approach");
        let members = table.table("members");
        let conditions = [
            transition.map(|mut table| Some(self.transition(&mut table))),
            status.map(|mut table| Some(self.status(&mut table))),
            occupancy.map(|mut table| self.occupancy(&mut table)),
            unplaced.map(|mut table| {
                Some(Condition::Unplaced {
                    who: self.who(&mut table),
                })
            }),
            approach.map(|mut table| self.approach(&mut table)),
            members.map(|mut table| {
                Some(Condition::Members {
                    fences: read_fences(&mut table),
                    who: self.who(&mut table),
                })
            }),
        ];
        let mut given = conditions.into_iter().flatten();
        let first = given.next();
        if first.is_none() || given.next().is_some() {
            let what = match first {
                Some(_) => "it has more than one condition",
                None => "it has no condition",
            };
            let fix = "give exactly one of [rule.transition], [rule.status], [rule.occupancy], [rule.unplaced], [rule.approach], [rule.members]";
            table.wrong(what, fix);
        }
        first.flatten()
    }

    fn transition(&self, table: &mut Table<'_>) -> Condition {
        let kinds = table
            .required("kinds")
            .some_of(&OF_FENCES.map(|kind| (kind.label(), kind)));
        let kinds: BTreeSet<_> = kinds.into_iter().map(|kind| kind.value).collect();
        Condition::Transition {
            kinds,
            fences: read_fences(table),
            who: self.who(table),
            except: self.filter(table.table("except")),
            certain: table.optional("certain").boolean().unwrap_or(false),
            existing: table.optional("existing").boolean().unwrap_or(true),
        }
    }

    fn approach(&self, table: &mut Table<'_>) -> Option<Condition> {
        let near_m = table.required("near_m").number(1.0..=FURTHEST_M);
        let far_m = table.optional("far_m").number(1.0..=FURTHEST_M);
        let pair = PairFilter {
            of: self.filter(table.table("of")).unwrap_or_default(),
            to: self.filter(table.table("to")).unwrap_or_default(),
            near_m: near_m?,
            far_m: far_m.or(near_m)?,
        };
        if pair.far_m < pair.near_m {
            table.wrong(
                "far_m is less than near_m: a pair would part before it meets",
                "give a far_m of at least near_m, or none",
            );
        }
        Some(Condition::Approach(pair))
    }

    fn status(&self, table: &mut Table<'_>) -> Condition {
        let who = self.who(table);
        if who.statuses.is_empty() {
            table.wrong(
                "it lists no status, so it would hold for everybody",
                "give who = { status = [\"0\"] }",
            );
        }
        Condition::Status { who }
    }

    fn occupancy(&self, table: &mut Table<'_>) -> Option<Condition> {
        let fences = read_fences(table);
        let who = self.who(table);
        let measure = table.required("count").one_of(&[
            ("subjects", Measure::Subjects),
            ("strength", Measure::Strength),
        ]);
        let together = table.has("below") == table.has("above");
        let below = table.optional("below").integer(1..=1_000_000u32);
        let above = table.optional("above").integer(0..=1_000_000u32);
        if together {
            table.wrong("it needs one bound", "give exactly one of below, above");
        }
        let lasting = table
            .optional("for")
            .duration(Duration::ZERO..=31 * DAY)
            .unwrap_or_default();
        let bound = below.map(Bound::Below).or(above.map(Bound::Above));
        Some(Condition::Occupancy {
            fences,
            who,
            measure: measure?,
            bound: bound?,
            lasting,
        })
    }

    fn who(&self, table: &mut Table<'_>) -> SubjectFilter {
        self.filter(table.table("who")).unwrap_or_default()
    }

    fn filter(&self, table: Option<Table<'_>>) -> Option<SubjectFilter> {
        let mut table = table?;
        let kind = table.optional("kind").one_of(&[
            (Kind::Resource.label(), Kind::Resource),
            (Kind::Incident.label(), Kind::Incident),
        ]);
        Some(SubjectFilter {
            kind,
            classes: read_set(table.optional("class")),
            statuses: self.statuses(table.optional("status")),
            grades: self.grades(table.optional("grade")),
        })
    }

    /// Status codes, with the names of groups written out.
    fn statuses(&self, field: Field<'_>) -> BTreeSet<Text> {
        const OF_INCIDENTS: [&str; 4] = ["open", "assigned", "attended", "closed"];
        let mut statuses = BTreeSet::new();
        for Placed { place, key, value } in field.texts() {
            let Codes {
                vocabulary,
                groups,
                complete,
            } = self.codes;
            if let Some(group) = groups.get(&value) {
                statuses.extend(group.iter().cloned());
                continue;
            }
            let known = vocabulary
                .states
                .iter()
                .chain(&vocabulary.emergency)
                .any(|code| *code == value);
            if complete && !known && !OF_INCIDENTS.contains(&&*value) {
                let names = groups.keys().map(|name| &**name).chain(OF_INCIDENTS);
                let fix = nearest(&value, names).map_or_else(
                    || "give codes of [status] states, names of [status.groups], or open, assigned, attended, closed".to_owned(),
                    |near| format!("did you mean \"{near}\"?"),
                );
                self.notes
                    .add(&place, &key, format!("\"{value}\" is no status"), fix);
            }
            statuses.insert(value);
        }
        statuses
    }

    fn grades(&self, field: Field<'_>) -> BTreeSet<Text> {
        let mut grades = BTreeSet::new();
        for Placed { place, key, value } in field.texts() {
            let known = &self.codes.vocabulary.grades;
            if self.codes.complete && !known.contains(&value) {
                let fix = format!("give grades of [incident]: {}", known.join(", "));
                self.notes
                    .add(&place, &key, format!("\"{value}\" is no grade"), fix);
            }
            grades.insert(value);
        }
        grades
    }
}

fn read_fences(table: &mut Table<'_>) -> FenceFilter {
    let Some(mut table) = table.table("fences") else {
        return FenceFilter::default();
    };
    let ids = table.optional("id").texts();
    FenceFilter {
        ids: ids.iter().map(|id| FenceId::from(&*id.value)).collect(),
        classes: read_set(table.optional("class")),
        tags: read_set(table.optional("tag")),
    }
}

fn read_set(field: Field<'_>) -> BTreeSet<Text> {
    field.texts().into_iter().map(|item| item.value).collect()
}
