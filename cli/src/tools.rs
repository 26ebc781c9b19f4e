//! `mcp-sansio tools`.

use serde_json::Value;

use crate::args::Tools;
use crate::connect::Session;
use crate::exit::{Exit, Trouble};
use crate::terminal::{complain, print, printable};

pub(crate) async fn run(args: Tools) -> Result<Exit, Trouble> {
    let session = Session::new(args.server, |builder| builder)?;
    let listed = tokio::select! {
        listed = session.telling(session.client.list_tools()) => Some(listed),
        _ = tokio::signal::ctrl_c() => None,
    };
    let exit = match listed {
        Some(Ok(tools)) => {
            session.saw(&format!("{} tools", tools.len()));
            if session.wants_json() {
                session.print_json("tools", tools.into());
            } else {
                show(&tools);
            }
            Exit::Success
        }
        Some(Err(error)) => session.tell(&error, None),
        None => {
            complain("error: interrupted");
            Exit::Failure
        }
    };
    session.close().await;
    Ok(exit)
}

fn show(tools: &[Value]) {
    let lines: Vec<_> = tools
        .iter()
        .map(|tool| (printable(&signature(tool)), printable(summary(tool))))
        .collect();
    let width = lines
        .iter()
        .map(|(signature, _)| signature.chars().count())
        .max()
        .unwrap_or_default()
        .min(40);
    for (signature, summary) in lines {
        print(format!("{signature:width$}  {summary}").trim_end());
    }
}

/// `add(a, b)`, with a `?` at arguments that can be left out.
fn signature(tool: &Value) -> String {
    let schema = &tool["inputSchema"];
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let arguments: Vec<_> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| {
            let needed = required.iter().any(|required| required == name);
            format!("{name}{}", if needed { "" } else { "?" })
        })
        .collect();
    let name = tool["name"].as_str().unwrap_or("(no name)");
    format!("{name}({})", arguments.join(", "))
}

/// The first line of the description.
fn summary(tool: &Value) -> &str {
    let text = tool["description"]
        .as_str()
        .or_else(|| tool["title"].as_str());
    text.and_then(|text| text.trim().lines().next())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_signature_marks_what_can_be_left_out() {
        let tool = json!({
            "name": "add",
            "description": "Adds\nnumbers",
            "inputSchema": {"properties": {"a": {}, "b": {}}, "required": ["a"]},
        });
        assert_eq!(signature(&tool), "add(a, b?)");
        assert_eq!(summary(&tool), "Adds");
        assert_eq!(signature(&json!({})), "(no name)()");
        assert_eq!(summary(&json!({})), "");
    }
}
