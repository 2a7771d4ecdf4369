//! The status of a response whose page states none.

use crate::http::status::Status;
use crate::json::{self, Member, NodeValue};

/// The class that a shown body tells: `4xx` where it holds an error and nothing
/// else, `2xx` otherwise.
pub(crate) fn of_body(body: Option<&str>) -> Status {
    let node = body.and_then(|body| json::read(body).ok());
    match node.map(|node| node.value) {
        Some(NodeValue::Object(members)) if is_error(&members) => Status::Class(4),
        _ => Status::Class(2),
    }
}

/// Whether all members of a body describe an error.
fn is_error(members: &[Member<'_>]) -> bool {
    // RFC 6749, 5.2 has the last three.
    const ALONE: [&str; 4] = ["error", "errors", "error_description", "error_uri"];
    let has = |key: &str| {
        let mut members = members.iter().filter(|member| member.key == key);
        members.any(|member| !is_empty(&member.value.value))
    };
    let are_all = |keys: &[&str]| members.iter().all(|member| keys.contains(&&*member.key));
    (are_all(&ALONE) && (has("error") || has("errors")))
        || (are_all(&["message", "code"]) && has("message") && has("code"))
}

/// Whether a member with this value says that there is no error.
fn is_empty(value: &NodeValue<'_>) -> bool {
    match value {
        NodeValue::Null | NodeValue::Boolean(false) => true,
        NodeValue::String(text) => text.is_empty(),
        NodeValue::Array(items) => items.is_empty(),
        NodeValue::Object(members) => members.is_empty(),
        NodeValue::Boolean(true) | NodeValue::Number(_) | NodeValue::Placeholder => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(class: u8, bodies: &[&str]) {
        for body in bodies {
            assert_eq!(of_body(Some(body)), Status::Class(class), "{body}");
        }
    }

    #[test]
    fn errors_are_client_errors() {
        check(
            4,
            &[
                r#"{"error": {"code": "notFound"}}"#,
                r#"{"errors": ["no such key"]}"#,
                r#"{"error": "invalid_grant", "error_description": "expired"}"#,
                r#"{"message": "no such key", "code": 40}"#,
                "{\n  \"error\": \"no such key\",\n}",
            ],
        );
    }

    #[test]
    fn other_bodies_are_successes() {
        check(
            2,
            &[
                r#"{"id": 7}"#,
                r#"{"id": 7, "error": "late"}"#,
                r#"{"error": null}"#,
                r#"{"errors": []}"#,
                r#"{"message": "moved"}"#,
                r#"{"code": 7}"#,
                r#"{"message": "moved", "code": 7, "id": 1}"#,
                r#"[{"error": "a"}]"#,
                "{}",
                "error",
                "",
            ],
        );
        assert_eq!(of_body(None), Status::Class(2));
    }
}
