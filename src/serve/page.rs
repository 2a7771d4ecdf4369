//! The pages for people, under `/__docproof/`.

use bytes::Bytes;
use http::Response;

use super::State;
use crate::case::Case;

/// What the pages say of the server.
#[derive(Debug, Clone)]
pub struct About {
    /// The docs, as the user names them; what stands before a page's path.
    pub docs: String,
    /// The server's base URL, without a slash at its end.
    pub base: String,
    /// A case's request to a base URL as a command of curl, or why there is none.
    pub curl: fn(&Case, &str) -> Result<String, String>,
}

/// The answer to a GET of a path, if it is one of these pages.
pub fn reply(state: &State, path: &str, query: Option<&str>) -> Option<Response<Bytes>> {
    let _ = (state, path, query);
    None
}
