//! HTTP messages and their text form, statuses, field values, media types, header
//! policies, and URL templates.

pub(crate) mod status;
pub(crate) mod message;
pub(crate) mod accept;
pub(crate) mod field;
pub(crate) mod media_type;
pub(crate) mod policy;
pub(crate) mod text;
pub(crate) mod url;
pub(crate) mod sent_body;
