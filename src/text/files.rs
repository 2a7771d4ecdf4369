//! Writing files so that nobody ever sees half of one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes `text` to `path`: beside it first, then renamed over it. The folder
/// is made if need be. A file that is there keeps its permissions.
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

/// The same for a file that must not be there yet.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Tries whether `path` can be written, before the work whose result it is to
/// hold. Makes its folder if need be.
pub(crate) fn try_write(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    beside(path).map(drop)
}

/// A file beside `path` that is gone when it is dropped. The folder is made if
/// need be.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".docproof-").suffix(".tmp");
    // Not private, as temporary files are: a file of the project.
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

/// Reads a text file, or nothing where there is none.
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
