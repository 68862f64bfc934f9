//! A folder of files with the JSON of sources.
//!
//! Each `*.json` holds one source, or an export with several under `sources`. Hidden files are left alone, because
//! editors and mounted configurations keep their drafts there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::printable::excerpt;
use crate::source_input::MAX_SOURCE_BYTES;

/// One file of the folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Its name inside the folder, for people.
    pub name: String,
    /// The JSON of each of its sources; or why it cannot be read.
    pub sources: Result<Vec<Vec<u8>>, String>,
}

/// Several sources in one file, as `?download=true` shows them.
#[derive(Deserialize)]
struct Export<'a> {
    #[serde(borrow)]
    sources: Vec<&'a RawValue>,
}

/// Reads all files of the folder, by name. Fails when the folder itself cannot be read.
pub fn read(dir: &Path) -> io::Result<Vec<SourceFile>> {
    let entries = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<PathBuf> =
        entries.into_iter().map(|entry| entry.path()).filter(|path| is_source_file(path)).collect();
    paths.sort_unstable();
    Ok(paths
        .into_iter()
        .map(|path| SourceFile { name: name_of(&path), sources: sources_in(&path) })
        .collect())
}

fn is_source_file(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !is_hidden && path.extension().is_some_and(|extension| extension == "json") && !path.is_dir()
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| excerpt(&name.to_string_lossy(), 100))
}

fn sources_in(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("it cannot be read ({}); check its permissions", error.kind()))?;
    if bytes.len() as u64 > MAX_SOURCE_BYTES {
        return Err("it is larger than 1 MiB; put fewer sources into one file".to_owned());
    }
    match serde_json::from_slice::<Export<'_>>(&bytes) {
        Ok(export) => Ok(export.sources.iter().map(|source| source.get().as_bytes().to_vec()).collect()),
        // One source; what is wrong with it is told by whoever judges it.
        Err(_) => Ok(vec![bytes]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_json_file_is_one_source_or_an_export_of_several() {
        let folder = tempfile::tempdir().expect("folder");
        for (name, text) in [
            ("b.json", "{\"source\": {}}"),
            ("a.json", "{\"api.version\": \"v1\", \"sources\": [{\"config\": 1}, {\"config\": 2}]}"),
            (".draft.json", "{}"),
            ("notes.txt", "{}"),
        ] {
            fs::write(folder.path().join(name), text).expect("write");
        }
        fs::create_dir(folder.path().join("folder.json")).expect("folder");
        let files = read(folder.path()).expect("readable");
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.json", "b.json"]);
        assert_eq!(files[0].sources, Ok(vec![b"{\"config\": 1}".to_vec(), b"{\"config\": 2}".to_vec()]));
        assert_eq!(files[1].sources, Ok(vec![b"{\"source\": {}}".to_vec()]));
    }

    #[test]
    fn a_file_that_is_too_large_is_named_and_an_absent_folder_is_an_error() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("big.json"), vec![b' '; 1024 * 1024 + 1]).expect("write");
        let files = read(folder.path()).expect("readable");
        assert!(files[0].sources.as_ref().is_err_and(|reason| reason.contains("1 MiB")));
        assert!(read(&folder.path().join("absent")).is_err());
    }
}
