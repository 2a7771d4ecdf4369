//! HTTP messages and their text form, field values, header policies, and URLs.

pub(crate) mod message;
pub(crate) mod accept;
pub(crate) mod field;
pub(crate) mod policy;
pub(crate) mod text;
pub(crate) mod url;
