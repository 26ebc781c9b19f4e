//! Lists of tools, and which tools in them cannot be used over HTTP.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Mirrored;
use super::schema::annotations;
use crate::jsonrpc::{elements, member, members, retain_elements, splice_member, string};

/// A list of tools, read.
#[derive(Default, Debug)]
pub(crate) struct ToolList {
    /// The text without the bad tools, everything else byte for byte; `None` if there are none.
    pub(crate) kept: Option<String>,
    /// The good tools that have a name, and what they mirror; often nothing.
    pub(crate) tools: Vec<(Box<str>, Vec<Mirrored>)>,
    pub(crate) excluded: Vec<BadTool>,
    /// The JSON text of `nextCursor`, if that is a string.
    pub(crate) next_cursor: Option<String>,
}

/// A tool that cannot be used over HTTP.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct BadTool {
    pub(crate) name: Option<String>,
    /// For people, part of a sentence.
    pub(crate) reason: String,
}

/// Reads the result of `tools/list`. `None` if it is no object with an array `tools`.
pub(crate) fn read_list(result: &str) -> Option<ToolList> {
    let mut list = read_tools(member(result, "tools")?)?;
    list.kept = list
        .kept
        .map(|tools| splice_member(result, "tools", |_| tools.clone()));
    list.next_cursor = member(result, "nextCursor")
        .filter(|cursor| string(cursor).is_some())
        .map(Into::into);
    Some(list)
}

/// Reads an array of tools. `None` if it is none. What is wrong with a tool beside its annotations is not
/// looked at.
pub(crate) fn read_tools(tools: &str) -> Option<ToolList> {
    let mut texts = Vec::new();
    elements(tools, |tool| texts.push(tool)).ok()?;
    let mut list = ToolList::default();
    let mut good = Vec::with_capacity(texts.len());
    for tool in texts {
        let (name, mirrored) = read_tool(tool);
        good.push(mirrored.is_ok());
        match (name, mirrored) {
            (Some(name), Ok(mirrored)) => list.tools.push((name.into(), mirrored)),
            (None, Ok(_)) => {}
            (name, Err(reason)) => list.excluded.push(BadTool {
                name: name.map(Cow::into_owned),
                reason,
            }),
        }
    }
    if !list.excluded.is_empty() {
        let mut good = good.into_iter();
        list.kept = Some(retain_elements(tools, |_| good.next() == Some(true)));
    }
    Some(list)
}

/// A tool's name, and what it mirrors or why it is bad.
fn read_tool(tool: &str) -> (Option<Cow<'_, str>>, Result<Vec<Mirrored>, String>) {
    let (mut name, mut schema) = (None, None);
    // A tool that is no object has neither.
    _ = members(tool, |key, value| match key {
        "name" => name = string(value),
        "inputSchema" => schema = Some(value),
        _ => {}
    });
    (name, schema.map_or(Ok(Vec::new()), annotations))
}
