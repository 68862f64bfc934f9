//! Keeps the sources of one collector in step with a folder of files, for as long as the daemon runs.
//!
//! The files and the secrets that they refer to are read every few seconds; so a rotated secret is used soon after.
//! What cannot be read or judged leaves everything that runs as it is: while one file is broken nothing is deleted,
//! because the broken one may be what the source came from.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use incydr_core::stop::Stop;

use crate::api::Api;
use crate::printable::printable;
use crate::resources::sources::local::{self, LocalSource};
use crate::settings::SyncFolder;
use crate::source_folder::{self, SourceFile};

/// The folder is read so often.
const EVERY: Duration = Duration::from_secs(2);

/// The keeper of one folder.
pub struct Sync {
    api: Api,
    folder: SyncFolder,
    /// What was brought in step last.
    settled: Option<blake3::Hash>,
    /// What was complained of last, by what it was about: nothing is told twice.
    complaints: BTreeMap<String, String>,
}

/// What a folder asks for.
struct Wanted {
    sources: Vec<LocalSource>,
    complaints: BTreeMap<String, String>,
}

impl Sync {
    /// A keeper that has read nothing yet.
    pub fn new(api: Api, folder: SyncFolder) -> Self {
        Self { api, folder, settled: None, complaints: BTreeMap::new() }
    }

    /// Keeps in step until the stop.
    pub async fn run(mut self, stop: &Stop) {
        let clock = self.api.clock.clone();
        while !stop.is_requested() {
            let complaints = match self.bring_in_step().await {
                Ok(complaints) => complaints,
                Err(reason) => BTreeMap::from([(String::new(), reason)]),
            };
            self.tell(complaints);
            tokio::select! {
                () = stop.requested() => {}
                () = clock.sleep(EVERY) => {}
            }
        }
    }

    /// One round: what is wrong, by file or source; or why nothing can be done at all.
    async fn bring_in_step(&mut self) -> Result<BTreeMap<String, String>, String> {
        let (dir, allowed) = (self.folder.dir.clone(), self.api.terms.allowed_origins.clone());
        let reading = tokio::task::spawn_blocking(move || {
            source_folder::read(&dir)
                .map(|files| Wanted::of(&files, |bytes| LocalSource::read(bytes, &allowed)))
        });
        let wanted = reading.await.map_err(|error| error.to_string())?;
        let shown = self.folder.dir.display();
        let wanted = wanted.map_err(|error| format!("reading the folder `{shown}`: {}", error.kind()))?;
        let digest = wanted.digest();
        if self.settled == Some(digest) {
            return Ok(wanted.complaints);
        }
        let collector =
            local::collector(&self.api, &self.folder.collector).await.map_err(|problem| problem.message)?;
        let keeps_others = !wanted.complaints.is_empty();
        let mut complaints = wanted.complaints;
        let refused = local::keep_in_step(&self.api, &collector, wanted.sources, keeps_others)
            .await
            .map_err(|problem| problem.message)?;
        self.settled = refused.is_empty().then_some(digest);
        complaints.extend(
            refused.into_iter().map(|(source, problem)| (format!("source {source}"), problem.message)),
        );
        Ok(complaints)
    }

    /// Logs what is new.
    fn tell(&mut self, complaints: BTreeMap<String, String>) {
        for (about, reason) in
            complaints.iter().filter(|(about, reason)| self.complaints.get(*about) != Some(reason))
        {
            tracing::error!(about, "sources cannot be brought in step: {}", printable(reason));
        }
        for about in self.complaints.keys().filter(|about| !complaints.contains_key(*about)) {
            tracing::info!(about, "in step again");
        }
        self.complaints = complaints;
    }
}

impl Wanted {
    /// Judges all files; of two sources with one name the second is wrong.
    fn of<E: std::fmt::Display>(
        files: &[SourceFile],
        judge: impl Fn(&[u8]) -> Result<LocalSource, E>,
    ) -> Self {
        let mut wanted = Self { sources: Vec::new(), complaints: BTreeMap::new() };
        let mut names = BTreeSet::new();
        for file in files {
            let judged = file.sources.clone().and_then(|sources| {
                let judged = sources.iter().map(|bytes| judge(bytes).map_err(|error| error.to_string()));
                judged.collect::<Result<Vec<_>, _>>()
            });
            let outcome = judged.and_then(|sources| {
                match sources.iter().find(|source| !names.insert(source.name().to_owned())) {
                    None => Ok(sources),
                    Some(twice) => Err(format!("the source `{}` is there twice; rename one", twice.name())),
                }
            });
            match outcome {
                Ok(sources) => wanted.sources.extend(sources),
                Err(reason) => drop(wanted.complaints.insert(file.name.clone(), reason)),
            }
        }
        wanted
    }

    /// A digest of everything that makes a difference.
    fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for source in &self.sources {
            hasher.update(source.digest().as_bytes());
        }
        hasher.update(&[u8::from(self.complaints.is_empty())]).finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, source_name: &str) -> SourceFile {
        let source = serde_json::json!({
            "sourceType": "Universal", "schemaRef": { "type": "Code42Incydr" },
            "config": {
                "name": source_name, "baseURL": "https://api.us.code42.com", "clientID": "key-1",
                "secretKey": format!("secret of {source_name}"),
            },
        });
        SourceFile { name: name.to_owned(), sources: Ok(vec![source.to_string().into_bytes()]) }
    }

    fn wanted(files: &[SourceFile]) -> Wanted {
        Wanted::of(files, |bytes| LocalSource::read(bytes, &[]))
    }

    #[test]
    fn a_broken_file_spoils_no_other_and_is_named() {
        let broken = SourceFile { name: "b.json".to_owned(), sources: Ok(vec![b"{".to_vec()]) };
        let wanted = wanted(&[file("a.json", "one"), broken]);
        assert_eq!(wanted.sources.len(), 1);
        assert_eq!(wanted.complaints.keys().collect::<Vec<_>>(), ["b.json"]);
    }

    #[test]
    fn of_two_sources_with_one_name_the_second_is_wrong() {
        let wanted = wanted(&[file("a.json", "one"), file("b.json", "one")]);
        assert_eq!(wanted.sources.len(), 1);
        assert!(wanted.complaints["b.json"].contains("`one`"));
    }

    #[test]
    fn a_rotated_secret_makes_a_difference() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("secret");
        let text = String::from_utf8(file("a.json", "one").sources.expect("read").remove(0)).expect("text");
        let text = text.replace("secret of one", &format!("file:{}", path.display()));
        let file = SourceFile { name: "a.json".to_owned(), sources: Ok(vec![text.into_bytes()]) };
        std::fs::write(&path, "first").expect("write");
        let before = wanted(std::slice::from_ref(&file)).digest();
        assert_eq!(wanted(std::slice::from_ref(&file)).digest(), before);
        std::fs::write(&path, "second").expect("write");
        assert_ne!(wanted(&[file]).digest(), before);
    }
}
