//! `mcp-sansio call`.

use std::time::Duration;

use mcp_sansio_tokio::{CallError, CallOptions, PendingValue, Progress};
use serde_json::Value;

use crate::args::Call;
use crate::asked::answering;
use crate::beside::beside;
use crate::connect::Session;
use crate::exit::{Exit, Trouble};
use crate::terminal::{complain, complain_part, print, printable, stderr_is_watched};

/// How long the list of tools may take, which is only asked for to say that a tool is not in it.
const LOOKING_IT_UP: Duration = Duration::from_secs(5);

pub(crate) async fn run(args: Call) -> Result<Exit, Trouble> {
    let answer = args.answer;
    let session = Session::new(args.server, |builder| answering(builder, answer))?;
    let exit = tokio::select! {
        exit = session.telling(call(&session, &args.tool, &args.arguments)) => exit,
        // The call is dropped, which cancels it; the session is ended below.
        _ = tokio::signal::ctrl_c() => {
            complain("error: interrupted; the call was cancelled");
            Exit::Failure
        }
    };
    session.close().await;
    Ok(exit)
}

async fn call(session: &Session, tool: &str, arguments: &Value) -> Exit {
    let mut options = CallOptions::default();
    options.progress = true;
    let mut call = session.client.call_tool_with(tool, arguments, options);
    let progress = call.progress();
    let answer = with_progress(session, call, progress).await;
    let refused = match &answer {
        Ok(result) => result["isError"] == Value::Bool(true),
        Err(error) => matches!(error, CallError::Peer(_)),
    };
    // A server's words for a wrong name are all different, and none says which are right.
    let tools = if refused {
        tools_without(session, tool).await
    } else {
        None
    };
    let wrong_name = tools.map(|tools| format!("the server has no tool {tool:?}; it has {tools}"));
    match answer {
        Err(error) => session.tell(&error, wrong_name),
        Ok(result) => {
            session.saw("result");
            if session.wants_json() {
                session.print_json("result", result);
            } else {
                show(&result);
            }
            if !refused {
                return Exit::Success;
            }
            let failed = || format!("the tool {tool} says that it failed");
            let why = wrong_name.unwrap_or_else(failed);
            complain(&printable(&format!("error: {why}")));
            Exit::Failure
        }
    }
}

/// Waits for the answer, and shows progress meanwhile.
async fn with_progress(
    session: &Session,
    call: PendingValue,
    progress: Option<Progress>,
) -> Result<Value, CallError> {
    let Some(mut progress) = progress else {
        return call.await;
    };
    let watched = stderr_is_watched();
    let mut shown = false;
    let answer = beside(
        call,
        async || progress.next().await,
        |params| {
            let step = describe_progress(&params);
            session.saw(&step);
            if watched {
                complain_part(&format!("\r\x1b[2K{}", printable(&step)));
                shown = true;
            }
        },
    )
    .await;
    if shown {
        complain_part("\r\x1b[2K");
    }
    answer
}

/// `progress 3/5: compiling`.
fn describe_progress(params: &Value) -> String {
    // 3, however the server has written it: 3.0 is the same number.
    let number = |value: &Value| match value.as_f64() {
        Some(number) => number.to_string(),
        None => value.to_string(),
    };
    let total = match &params["total"] {
        Value::Null => String::new(),
        total => format!("/{}", number(total)),
    };
    let message = params["message"].as_str();
    let message = message.map_or(String::new(), |message| format!(": {message}"));
    format!("progress {}{total}{message}", number(&params["progress"]))
}

/// The names of the server's tools, if it lists them and `tool` is not among them.
async fn tools_without(session: &Session, tool: &str) -> Option<String> {
    let listed = tokio::time::timeout(LOOKING_IT_UP, session.client.list_tools()).await;
    let tools = listed.ok()?.ok()?;
    let names: Vec<_> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    if names.contains(&tool) {
        return None;
    }
    Some(if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    })
}

fn show(result: &Value) {
    let blocks = result["content"].as_array().map_or(&[][..], Vec::as_slice);
    for block in blocks {
        print(&printable(&describe_block(block)));
    }
    if blocks.is_empty() {
        let whole = result.get("structuredContent").unwrap_or(result);
        print(&printable(&format!("{whole:#}")));
    }
}

/// What of a content block can be shown in a terminal.
fn describe_block(block: &Value) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let described = match block["type"].as_str().unwrap_or_default() {
        "text" => text(&block["text"]),
        "resource" => text(&block["resource"]["text"])
            .or_else(|| text(&block["resource"]["uri"]).map(|uri| format!("[{uri}]"))),
        "resource_link" => text(&block["uri"]).map(|uri| format!("[{uri}]")),
        kind @ ("image" | "audio") => {
            let size = block["data"].as_str().map_or(0, |data| data.len() / 4 * 3);
            let media = block["mimeType"].as_str().unwrap_or(kind);
            Some(format!("[{media}, about {size} bytes; --json has them]"))
        }
        _ => None,
    };
    described.unwrap_or_else(|| block.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_of_block_is_one_readable_text() {
        for (block, shown) in [
            (json!({"type": "text", "text": "a\nb"}), "a\nb"),
            (
                json!({"type": "resource_link", "uri": "file:///a"}),
                "[file:///a]",
            ),
            (
                json!({"type": "resource", "resource": {"uri": "x:y", "text": "in"}}),
                "in",
            ),
            (
                json!({"type": "resource", "resource": {"uri": "x:y", "blob": "AA=="}}),
                "[x:y]",
            ),
            (
                json!({"type": "image", "mimeType": "image/png", "data": "AAAAAAAA"}),
                "[image/png, about 6 bytes; --json has them]",
            ),
            (json!({"type": "new"}), r#"{"type":"new"}"#),
        ] {
            assert_eq!(describe_block(&block), shown);
        }
    }

    #[test]
    fn progress_is_told_with_what_it_has() {
        assert_eq!(describe_progress(&json!({"progress": 2})), "progress 2");
        let all = json!({"progress": 2.0, "total": 5, "message": "half"});
        assert_eq!(describe_progress(&all), "progress 2/5: half");
    }
}
