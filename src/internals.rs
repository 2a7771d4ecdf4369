//! What the integration tests, the benchmarks and the fuzz targets of this
//! repository use. Not a stable interface: anything here may change at any time.

pub mod check {
    pub mod rules {
        pub use crate::check::rules::{Files, Settings, check};
    }
    pub mod types {
        pub use crate::check::types::{
            Against, Expectation, Mode, ShapeFinding, ShapeKind, Types, check,
        };
    }
}
pub mod http {
    pub mod message {
        pub use crate::http::message::{ActualResponse, Content, Headers};
    }
    pub mod text {
        pub use crate::http::text::{content, request, response};
    }
    pub mod url {
        pub use crate::http::url::{Template, UrlTemplate, decode, encode_value};
    }
}
pub mod page {
    pub mod case {
        pub use crate::page::case::Case;
    }
    pub mod case_file {
        pub use crate::page::case_file::{read, write};
        pub mod store {
            pub use crate::page::case_file::store::{apply, compare_page, read_all};
        }
    }
    pub mod collect {
        pub use crate::page::collect::{Collected, collect, collect_with_resources};
    }
    pub mod curl {
        pub use crate::page::curl::{is_command, request};
    }
    pub mod extract {
        pub use crate::page::extract::{extract, may_hold_cases};
    }
    pub mod reader {
        pub use crate::page::reader::{Extraction, Reader, Unannotated};
    }
    pub mod survey {
        pub use crate::page::survey::{PageFile, find, read_all, survey};
    }
    pub mod recognise {
        pub use crate::page::recognise::{Recognised, Recognition, RecognitionRule};
    }
    pub mod markdown {
        pub use crate::page::markdown::{Block, blocks, document};
    }
}
pub mod project {
    pub mod config {
        pub use crate::project::config::{Auth, Config, KeyPlace};
    }
    pub mod plan {
        pub use crate::project::plan::{CASE_HEADER, Live, Planned, Step, Target, plan};
    }
    pub mod scenario {
        pub use crate::project::scenario::{Text, read, read_all, resolve};
    }
}
pub mod run {
    pub use crate::run::{Bodies, Options, Repetition, Replay};
    pub mod compare {
        pub use crate::run::compare::compare_body;
    }
    pub mod environment {
        pub use crate::run::environment::{outside, today};
    }
    pub mod exchange {
        pub use crate::run::exchange::{BodyWait, Client, Exchange, TransportKind};
    }
    pub mod mock {
        pub use crate::run::mock::{Incoming, Reply, RunningMock, Settings, Table, Verdict};
    }
    pub mod outcome {
        pub use crate::run::outcome::Exchanges;
    }
    pub mod snapshot {
        pub use crate::run::snapshot::accepted;
    }
}
pub mod text {
    pub mod parallel {
        pub use crate::text::parallel::{cores, map};
    }
    pub mod rules {
        pub use crate::text::rules::{Family, RULES, Rule};
    }
    pub mod secret {
        pub use crate::text::secret::Secret;
    }
    pub mod source {
        pub use crate::text::source::{Page, Span};
    }
}
