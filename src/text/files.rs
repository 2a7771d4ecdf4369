//! Atomic file writes.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes `text` to a temporary file and renames it to `path`. Creates the
/// folder if necessary. An existing file keeps its permissions.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let known = fs::metadata(path).map(|file| file.permissions());
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    if let Ok(known) = known {
        file.as_file().set_permissions(known)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file that must not exist yet.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Checks that `path` is writable, before the work for its content is done.
/// Creates the folder if necessary.
pub(crate) fn try_write(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    beside(path).map(drop)
}

/// A temporary file next to `path`, deleted on drop. Creates the folder if
/// necessary.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".docproof-").suffix(".tmp");
    // Project files are not private, unlike temporary files.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    match builder.tempfile_in(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            builder.tempfile_in(folder)
        }
        file => file,
    }
}

/// Reads a text file; nothing if it does not exist.
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
