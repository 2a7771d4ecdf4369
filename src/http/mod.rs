//! HTTP messages and their text form, field values, header policies, and URLs.

pub mod message;
pub mod accept;
pub mod field;
pub mod policy;
pub mod text;
pub mod url;
