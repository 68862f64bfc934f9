//! The file of the vault's key.

use std::fs;

use incydr_store::{KeyFile, VaultError};
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::new().expect("a folder for the test")
}

#[test]
fn a_key_file_is_made_once_and_is_the_only_file_left() {
    let folder = folder();
    let file = KeyFile::at(folder.path().join("vault.key"));
    assert_eq!(file.read(), Ok(None));
    let key = file.read_or_create().expect("made");
    assert_eq!(file.read_or_create(), Ok(key.clone()));
    assert_eq!(file.read(), Ok(Some(key)));
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
}

#[test]
fn two_key_files_have_two_keys() {
    let folder = folder();
    let key = |name| KeyFile::at(folder.path().join(name)).read_or_create().expect("made");
    assert_ne!(key("one"), key("two"));
}

#[test]
fn a_file_without_a_key_is_refused_and_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("vault.key");
    KeyFile::at(&path).read_or_create().expect("made");
    fs::write(&path, "not a key").expect("written");
    assert_eq!(KeyFile::at(&path).read_or_create(), Err(VaultError::NoKey));
    assert_eq!(fs::read_to_string(&path).expect("read"), "not a key");
}

#[cfg(unix)]
#[test]
fn a_key_file_is_for_its_owner_alone_and_refused_when_others_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("vault.key");
    KeyFile::at(&path).read_or_create().expect("made");
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        assert_eq!(KeyFile::at(&path).read_or_create(), Err(VaultError::Exposed(path.clone())));
    }
}

#[test]
fn a_key_file_in_a_folder_that_is_not_there_says_so_with_its_path() {
    let path = folder().path().join("nowhere").join("vault.key");
    let error = KeyFile::at(&path).read_or_create().expect_err("there is no folder");
    assert!(error.to_string().starts_with(&format!("writing the vault key {}: ", path.display())), "{error}");
}
