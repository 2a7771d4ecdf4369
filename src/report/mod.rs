//! Typed results as text: one small file a format. Everything here takes
//! values and returns strings; nothing is printed.

pub mod check;
pub mod curl;
pub mod finding;
pub mod json;
pub mod mutants;
pub mod place;
pub mod plan;
pub mod pretty;
pub mod rules;
pub mod settings;

/// Makes text from a page or a service safe to print on a line of its own: a
/// control character could move the cursor or rewrite what stands above.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let harmful = |c: char| c.is_control() && c != '\t';
    if !text.contains(harmful) {
        return text.into();
    }
    let escape = |c: char| {
        if harmful(c) {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(escape).collect::<String>().into()
}
