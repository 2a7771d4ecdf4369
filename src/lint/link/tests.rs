use super::*;
use crate::lint::{Files, Settings};
use crate::source::Page;
