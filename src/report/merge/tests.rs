//! What comes of parts.
