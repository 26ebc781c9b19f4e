//! Servers that disagree with their client about what is spoken.

use crate::eras::Eras;
use crate::misbehave::Incident;
use crate::misbehave::polite::{HEADER_MISMATCH, unsupported};

pub(crate) const BECOMES_MODERN: Incident = Incident {
    name: "becomes-modern",
    does: "Makes sessions until the first tool call, and from then on speaks the modern era alone.",
    eras: Eras::Legacy,
    script: |server, x| {
        Box::pin(async move {
            let calls = server.log().count(|asked| asked.tool.is_some());
            if calls == 0 {
                return server.behave(x).await;
            }
            if calls == 1 && x.tool().is_some() {
                x.note("is of the modern era from now on");
            }
            server.behave_as(Eras::Modern, x).await
        })
    },
};

pub(crate) const OWN_VERSION_REFUSED: Incident = Incident {
    name: "own-version-refused",
    does: "Refuses the first two requests for their version, which it names as the one that it speaks.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            let so_far = server.log().count(|asked| asked.http == "POST");
            if so_far > 2 {
                return server.behave(x).await;
            }
            let error = unsupported(x);
            x.json(400, &error).await
        })
    },
};

pub(crate) const HEADERS_REFUSED: Incident = Incident {
    name: "headers-refused",
    does: "Says of every tool call that its headers are not what its body says.",
    eras: Eras::Modern,
    script: |server, x| {
        Box::pin(async move {
            if x.tool().is_none() {
                return server.behave(x).await;
            }
            let error = x.error(HEADER_MISMATCH, "the header mcp-param-text is missing");
            x.json(400, &error).await
        })
    },
};
