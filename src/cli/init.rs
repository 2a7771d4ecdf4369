//! `docproof init`.

use std::path::Path;

use super::args::Init;
use super::output::Output;
use super::{Exit, Failure};
use crate::project::config;
use crate::text::files;

const CONFIG: &str = r#"# docproof's configuration. Everything in it may be left out.

[docs]
# The folder of the pages.
root = "specs/docs"

# The URL under which the pages know the service. `docproof test --base-url URL`
# puts the other one in its place.
# service = "https://api.example.com/v1.0"

# How the documented headers of an answer are compared: `exact`, `media-type`
# (type, subtype and the documented parameters), `present`, or `ignore`. A name
# may hold `*`. Names that do not stand here have docproof's own policies.
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
                format!("`{}` is there already", args.folder.join(name).display()),
            )
            .help("init begins a new project, and changes nothing of an old one"));
        }
    }
    for (name, text) in files {
        write(&args.folder.join(name), text)?;
        output.line(&format!("wrote {name}"))?;
    }
    output.line("now run `docproof test`")?;
    Ok(Exit::Passed)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    files::write(path, text).map_err(|error| {
        Failure::new(
            Exit::NotDone,
            format!("failed to write `{}`: {error}", path.display()),
        )
    })
}
