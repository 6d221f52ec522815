//! Runs of words that are names, as written or with mistakes.

use super::gazetteer::Gazetteer;
use super::gazetteer::names::Bearer;
use super::text::abbreviations::is_kind_of_street;
use super::text::reading::{Mark, Reading};
use super::text::words::Gap;

/// Most words of a name.
const MOST_WORDS: usize = 8;

/// Most names that one run of words is taken for with mistakes.
const MOST_NAMES: usize = 12;

/// A run of words that is a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub from: usize,
    pub to: usize,
    pub name: u32,
    /// What its spelling costs, in letters of a name rightly written.
    pub cost: f64,
    /// How many letters of the text it explains.
    pub letters: f64,
}

impl Hit {
    /// Its words, a bit each.
    pub(super) fn mask(&self) -> u64 {
        mask(self.from, self.to)
    }

    /// What the hit is worth by itself.
    pub(super) fn worth(&self) -> f64 {
        self.letters - self.cost
    }
}

/// The words `from..to`, a bit each.
pub(super) fn mask(from: usize, to: usize) -> u64 {
    (from..to.min(64)).fold(0, |mask, at| mask | 1 << at)
}

/// The names in a text.
pub(super) struct Search<'a> {
    pub gazetteer: &'a Gazetteer,
    pub reading: &'a Reading,
    pub hits: Vec<Hit>,
}

impl Search<'_> {
    /// Names as they are written. Where the whole text is a name, no part of it is looked for.
    pub(super) fn as_written(&mut self) {
        let count = self.reading.words.len();
        if (1..=MOST_WORDS).contains(&count) {
            let (key, end) = self.key(0, count);
            if let Some(name) = self.gazetteer.name_of(key, end) {
                self.add(0, count, name, 0.0);
                return;
            }
        }
        for from in 0..self.reading.words.len() {
            for to in self.ends(from) {
                let (key, end) = self.key(from, to);
                if let Some(name) = self.gazetteer.name_of(key, end) {
                    self.add(from, to, name, 0.0);
                }
            }
        }
    }

    /// Names with one mistake, in runs that hold a word of `unexplained`.
    pub(super) fn with_a_mistake(&mut self, unexplained: u64) {
        let gazetteer = self.gazetteer;
        for from in 0..self.reading.words.len() {
            for to in self.ends(from).take_while(|to| to - from <= 5) {
                if mask(from, to) & unexplained == 0 || self.is_idle(from, to) {
                    continue;
                }
                let (key, end) = self.key(from, to);
                let key = format!("{key}{end}");
                let mut names = Vec::new();
                gazetteer.one_mistake(&key, |name| names.push(name));
                names.sort_unstable();
                names.dedup();
                for name in names.into_iter().take(MOST_NAMES) {
                    let cost = self.cost_of_mistake(to, name, key.len());
                    self.add(from, to, name, cost);
                }
            }
        }
    }

    /// Names with two mistakes, in the longest runs of unexplained words.
    pub(super) fn with_two_mistakes(&mut self, unexplained: u64) {
        let mut runs: Vec<(usize, usize)> = (0..self.reading.words.len())
            .flat_map(|from| self.ends(from).map(move |to| (from, to)))
            .filter(|&(from, to)| self.stem(from, to) >= 9)
            .filter(|&(from, to)| {
                let length = self.reading.words.key(from, to).len();
                to - from <= 4
                    && (9..=30).contains(&length)
                    && !self.is_idle(from, to)
                    && mask(from, to) & unexplained != 0
                    && (is_kind_of_street(self.reading.words.word(to - 1))
                        || mask(to - 1, to) & unexplained != 0)
            })
            .collect();
        // A walk costs a hundred times a look-up: only what looks most like the name of a street is tried.
        let ends_well = |to: usize| {
            is_kind_of_street(self.reading.words.word(to - 1))
                || self.reading.words.word(to - 1) == "ST"
        };
        runs.sort_by_key(|&(from, to)| {
            std::cmp::Reverse((ends_well(to), (to - from).min(2), from))
        });
        for (from, to) in runs.into_iter().take(1) {
            let (key, end) = self.key(from, to);
            for name in self
                .gazetteer
                .two_mistakes(&format!("{key}{end}"), MOST_NAMES)
            {
                if self.is_of_street(name) && self.keeps_kind(to, name) && self.stem(from, to) >= 9
                {
                    self.add(from, to, name, 8.0);
                }
            }
        }
    }

    /// Names that were cut short, in runs that hold a word of `unexplained`: `CAMB HEATH RD`, or only
    /// the beginning of a name.
    pub(super) fn cut_short(&mut self, unexplained: u64) {
        for from in 0..self.reading.words.len() {
            for to in self.ends(from).take_while(|to| to - from <= 5) {
                if mask(from, to) & unexplained == 0 || self.is_idle(from, to) {
                    continue;
                }
                let words: Vec<&str> = (from..to).map(|at| self.reading.words.word(at)).collect();
                let key = self.reading.words.key(from, to);
                if key.len() >= 7 {
                    for name in self.gazetteer.cut_short(&words, MOST_NAMES) {
                        if self.is_of_street(name) {
                            self.add(from, to, name, 3.5);
                        }
                    }
                }
                let is_end =
                    self.reading.mark(to) != Mark::Name || self.reading.words.gap(to) != Gap::Blank;
                if key.len() >= 5 && is_end && mask(to - 1, to) & unexplained != 0 {
                    for name in self.gazetteer.beginning_with(key, MOST_NAMES) {
                        if self.is_of_street(name) {
                            self.add(from, to, name, 3.5);
                        }
                    }
                }
            }
        }
    }

    /// Where runs that begin at `from` may end.
    fn ends(&self, from: usize) -> impl Iterator<Item = usize> + use<> {
        let reading = self.reading;
        let count = reading.words.len();
        let mut last = from;
        for at in from..count.min(from + MOST_WORDS) {
            let is_broken = at > from && reading.words.gap(at) == Gap::Slash;
            if is_broken || matches!(reading.mark(at), Mark::Code) {
                break;
            }
            last = at + 1;
        }
        from + 1..last + 1
    }

    /// Whether a run is nothing that a mistake or a short form is looked for in: it has numbers, or
    /// begins or ends with what belongs to no name.
    fn is_idle(&self, from: usize, to: usize) -> bool {
        let is_name = |at| self.reading.mark(at) == Mark::Name;
        let is_known = |hit: &Hit| hit.cost == 0.0 && hit.from == from && hit.to == to;
        self.hits.iter().any(is_known)
            || (from..to).any(|at| {
                matches!(
                    self.reading.mark(at),
                    Mark::Number { .. } | Mark::Beside | Mark::Between
                )
            })
            || !is_name(to - 1)
            || !(is_name(from) || self.reading.words.word(from) == "THE")
    }

    fn is_of_street(&self, name: u32) -> bool {
        self.gazetteer
            .bearers(name)
            .next()
            .is_some_and(|bearer| matches!(bearer, Bearer::Street(_)))
    }

    /// Whether a name is of the kind that the text names: a row is no road, however near the letters.
    fn keeps_kind(&self, to: usize, name: u32) -> bool {
        let words = &self.reading.words;
        let kind = if words.ends_in_street(to.saturating_sub(2), to) {
            "STREET"
        } else {
            words.word(to - 1)
        };
        !is_kind_of_street(kind) || self.gazetteer.spaced(name).ends_with(kind)
    }

    /// How many letters a run has without the kind of street at its end.
    fn stem(&self, from: usize, to: usize) -> usize {
        let words = &self.reading.words;
        let is_kind = is_kind_of_street(words.word(to - 1)) || words.ends_in_street(from, to);
        words.key(from, if is_kind { to - 1 } else { to }).len()
    }

    /// In a short name a mistake is more likely another name, and venues have names of all kinds.
    fn cost_of_mistake(&self, to: usize, name: u32, letters: usize) -> f64 {
        let is_rare = letters < 8 || !self.keeps_kind(to, name);
        match (self.is_of_street(name), is_rare) {
            (true, false) => 3.5,
            (true, true) => 6.0,
            (false, false) => 5.5,
            (false, true) => 9.0,
        }
    }

    fn key(&self, from: usize, to: usize) -> (&str, &'static str) {
        let words = &self.reading.words;
        let end = if words.ends_in_street(from, to) {
            "REET"
        } else {
            ""
        };
        (words.key(from, to), end)
    }

    fn add(&mut self, from: usize, to: usize, name: u32, cost: f64) {
        let words = &self.reading.words;
        let is_bare_kind = to == from + 1
            && (is_kind_of_street(words.word(from)) || words.key(from, to).len() < 3);
        let is_number =
            (from..to).all(|at| matches!(self.reading.mark(at), Mark::Number { .. } | Mark::Small));
        if is_bare_kind || is_number || self.hits.len() >= 256 {
            return;
        }
        let known = |hit: &Hit| hit.from == from && hit.to == to && hit.name == name;
        if self.hits.iter().any(known) {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of letters")]
        let letters = words.key(from, to).len().min(24) as f64;
        self.hits.push(Hit {
            from,
            to,
            name,
            cost,
            letters,
        });
    }
}
