//! Variables, as declared in scenarios.

use serde_json::Value as Json;

use super::text::Text;

/// A declared variable.
#[derive(Debug, Clone)]
pub struct Var {
    /// Its name.
    pub name: String,
    /// Its value.
    pub template: VarTemplate,
}

/// The value of a variable, before it is rendered.
#[derive(Debug, Clone)]
pub enum VarTemplate {
    /// A JSON scalar. Strings may contain templates.
    Json(Json),
    /// A path.
    Path(Text),
}
