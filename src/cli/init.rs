//! `docproof init`: creates a project.

use super::args::Init;
use super::exit::{Exit, Failure};
use super::output::Output;
use super::write;
use crate::project::config;

const CONFIG: &str = r#"# Configuration of docproof. Every key is optional.

[docs]
# Folder of the pages.
root = "specs/docs"

# Base URL of the service in the pages. `docproof test --base-url URL` replaces it.
# service = "https://api.example.com/v1.0"

# How to compare the documented headers of a response: `exact`, `form` (a date for
# a date, a number for a number), `media-type` (type, subtype and documented
# parameters), `present` or `ignore`. A name may contain `*`. All other headers use
# the default policies: `docproof explain headers` prints them.
[headers]
# "X-Trace-*" = "ignore"
"#;

const PAGE: &str = r#"# Get a greeting

Returns a greeting for a person.

## Example

### Request

<!-- { "blockType": "request", "name": "get_greeting" } -->

```http
GET https://api.example.com/v1.0/greetings/ada
```

### Response

<!-- { "blockType": "response" } -->

```http
HTTP/1.1 200 OK
Content-Type: application/json

{
  "greeting": "Hello, Ada"
}
```
"#;

pub(super) fn run(args: &Init, output: &mut Output) -> Result<Exit, Failure> {
    let files = [(config::FILE, CONFIG), ("specs/docs/greeting.md", PAGE)];
    for (name, _) in files {
        if args.folder.join(name).exists() {
            return Err(Failure::new(
                Exit::Usage,
                format!("`{}` already exists", args.folder.join(name).display()),
            )
            .help("init does not overwrite existing files"));
        }
    }
    for (name, text) in files {
        write::file(&args.folder.join(name), text)?;
        output.line(&format!("wrote {name}"))?;
    }
    output.line("now run `docproof test`")?;
    Ok(Exit::Passed)
}
