//! What a Rust file names: every path of its `use` trees, expressions, types, derives and macros,
//! resolved as far as the file alone allows.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// How a name is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// Imported, or named in any other way.
    Named,
    /// Called or filled in: a value is made.
    Made,
    /// Invoked as a macro.
    Invoked,
}

/// One thing that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Its segments from the root: `crate`, a crate's name, or a local name.
    pub path: Vec<String>,
    /// Its line, from 1.
    pub line: usize,
    /// How it is used.
    pub usage: Usage,
}

/// What a file names, and where it is `async`.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Every name.
    pub names: Vec<Name>,
    /// Lines of `async` functions and blocks.
    pub asyncs: Vec<usize>,
    /// Lines that climb two modules at once.
    pub climbs: Vec<usize>,
}

/// Reads `text`, the file of the module `module` (`["io", "wire"]`).
pub(super) fn read(text: &str, module: &[String]) -> Result<Source, syn::Error> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader {
        module: module.to_vec(),
        imports: BTreeMap::new(),
        globs: Vec::new(),
        source: Source::default(),
    };
    // Imports first: a path above its `use` is resolved through it as well.
    Imports(&mut reader).visit_file(&file);
    reader.visit_file(&file);
    Ok(reader.source)
}

struct Reader {
    module: Vec<String>,
    imports: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    source: Source,
}

impl Reader {
    fn absolute(&self, segments: &[String]) -> Vec<String> {
        let rest = |skip: usize, base: &[String]| -> Vec<String> {
            let root = std::iter::once("crate".to_string());
            root.chain(base.iter().cloned())
                .chain(segments.iter().skip(skip).cloned())
                .collect()
        };
        match segments.first().map(String::as_str) {
            Some("cordon") => rest(1, &[]),
            Some("self") => rest(1, &self.module),
            Some("super") => {
                let climbs = segments.iter().take_while(|s| *s == "super").count();
                let kept = self.module.len().saturating_sub(climbs);
                rest(climbs, self.module.get(..kept).unwrap_or_default())
            }
            _ => segments.to_vec(),
        }
    }

    fn resolve(&self, segments: &[String]) -> Vec<String> {
        let Some((first, rest)) = segments.split_first() else {
            return Vec::new();
        };
        match self.imports.get(first) {
            Some(origin) => origin.iter().chain(rest).cloned().collect(),
            None => self.absolute(segments),
        }
    }

    fn name(&mut self, segments: &[String], line: usize, usage: Usage) {
        if segments.iter().filter(|s| *s == "super").count() > 1 {
            self.source.climbs.push(line);
        }
        let mut paths = vec![self.resolve(segments)];
        // A bare name may have come through a glob.
        if segments
            .first()
            .is_some_and(|s| !self.imports.contains_key(s))
        {
            for glob in &self.globs {
                paths.push(glob.iter().chain(segments).cloned().collect());
            }
        }
        for path in paths {
            self.source.names.push(Name { path, line, usage });
        }
    }

    fn path(&mut self, path: &syn::Path, usage: Usage) {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.name(&segments, line(path.span()), usage);
    }

    /// Whatever looks like a path inside a macro, taken as made, since nothing tells.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let mut at = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.flush(&mut segments, at, Usage::Made);
                    }
                    if segments.is_empty() {
                        at = line(ident.span());
                    }
                    segments.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(punct) if punct.as_char() == '!' => {
                    self.flush(&mut segments, at, Usage::Invoked);
                }
                TokenTree::Group(group) => {
                    self.flush(&mut segments, at, Usage::Made);
                    self.tokens(group.stream());
                    colons = 0;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.flush(&mut segments, at, Usage::Made);
                    colons = 0;
                }
            }
        }
        self.flush(&mut segments, at, Usage::Made);
    }

    fn flush(&mut self, segments: &mut Vec<String>, line: usize, usage: Usage) {
        if segments.len() > 1 || (segments.len() == 1 && usage == Usage::Invoked) {
            self.name(segments, line, usage);
        }
        segments.clear();
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Flattens the `use` trees of a file into what each name stands for.
struct Imports<'a>(&'a mut Reader);

impl Imports<'_> {
    fn tree(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        let joined = |name: &syn::Ident| -> Vec<String> {
            let name = name.to_string();
            let own = (name != "self" || prefix.is_empty()).then_some(name);
            prefix.iter().cloned().chain(own).collect()
        };
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &joined(&path.ident)),
            syn::UseTree::Name(name) => {
                let path = joined(&name.ident);
                let local = path.last().cloned().unwrap_or_default();
                self.import(&local, &path, line(name.span()));
            }
            syn::UseTree::Rename(rename) => {
                let path = joined(&rename.ident);
                self.import(&rename.rename.to_string(), &path, line(rename.span()));
            }
            syn::UseTree::Glob(glob) => {
                let path = self.0.absolute(prefix);
                self.0.globs.push(path);
                let mut path = prefix.to_vec();
                path.push("*".into());
                self.note(&path, line(glob.span()));
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, prefix);
                }
            }
        }
    }

    fn import(&mut self, local: &str, path: &[String], line: usize) {
        let origin = self.0.absolute(path);
        self.note(path, line);
        if local != "_" {
            self.0.imports.insert(local.to_string(), origin);
        }
    }

    fn note(&mut self, path: &[String], line: usize) {
        if path.iter().filter(|s| *s == "super").count() > 1 {
            self.0.source.climbs.push(line);
        }
        let path = self.0.absolute(path);
        self.0.source.names.push(Name {
            path,
            line,
            usage: Usage::Named,
        });
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if is_for_tests(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path, Usage::Named);
        visit::visit_path(self, path);
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        // `Point::new` is made also where it is passed on uncalled.
        self.path(&expr.path, Usage::Made);
        visit::visit_expr_path(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        self.path(&expr.path, Usage::Made);
        visit::visit_expr_struct(self, expr);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.path(&item.path, Usage::Invoked);
        self.tokens(item.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        if list.path.is_ident("derive") {
            let paths = list.parse_args_with(
                syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
            );
            for path in paths.iter().flatten() {
                self.path(path, Usage::Named);
            }
        }
        visit::visit_meta_list(self, list);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(word) = signature.asyncness {
            self.source.asyncs.push(line(word.span()));
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, expr: &'ast syn::ExprAsync) {
        self.source.asyncs.push(line(expr.span()));
        visit::visit_expr_async(self, expr);
    }
}
