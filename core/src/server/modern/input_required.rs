//! Results that ask for more: only where the protocol has them, and only what the client can give.
//!
//! Source: 2026-07-28, basic/patterns/mrtr, "Server Requirements".

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::answer::{Wrong, is_input_required};
use crate::jsonrpc;
use crate::jsonrpc::code::MISSING_CLIENT_CAPABILITY;
use crate::message::RpcError;
use crate::questions::{capability_for, may_be_asked_back};
use crate::server::obligations::Obligation;

/// Whether a result that asks for more may do so.
pub(super) fn check_input_required(obligation: &Obligation, result: &str) -> Result<(), Wrong> {
    if !is_input_required(result) {
        return Ok(());
    }
    if !may_be_asked_back(&obligation.method) {
        return Err(Wrong::new("asks for more input, which it cannot"));
    }
    let requests = jsonrpc::member(result, "inputRequests");
    let state = jsonrpc::member(result, "requestState");
    if state.is_some_and(|state| !state.starts_with('"')) {
        return Err(Wrong::new("has a requestState that is no string"));
    }
    if requests.is_none() && state.is_none() {
        return Err(Wrong::new(
            "asks for more input, with neither inputRequests nor requestState",
        ));
    }
    let capabilities = obligation
        .asker
        .as_ref()
        .map_or("{}", |asker| &*asker.capabilities);
    let mut missing: Vec<&str> = Vec::new();
    let mut wrong = None;
    let read = jsonrpc::members(requests.unwrap_or("{}"), |key, request| {
        let method = jsonrpc::member(request, "method").and_then(jsonrpc::string);
        match method.as_deref().and_then(capability_for) {
            Some(needed) => {
                let is_declared = jsonrpc::member(capabilities, needed).is_some();
                if !is_declared && !missing.contains(&needed) {
                    missing.push(needed);
                }
            }
            None => wrong = Some(format!("has an input request {key:?} of no known kind")),
        }
    });
    match (read, wrong) {
        (Err(_), _) => Err(Wrong::new("has inputRequests that are no object")),
        (Ok(()), Some(reason)) => Err(Wrong::new(reason)),
        (Ok(()), None) if missing.is_empty() => Ok(()),
        (Ok(()), None) => Err(not_declared(&missing)),
    }
}

fn not_declared(missing: &[&str]) -> Wrong {
    let needed: Vec<String> = missing
        .iter()
        .map(|name| format!("{}:{{}}", jsonrpc::quote(name)))
        .collect();
    let names = missing.join(", ");
    let data = format!(r#"{{"requiredCapabilities":{{{}}}}}"#, needed.join(","));
    Wrong::with(
        format!("asks for input that the client did not declare it can give ({names})"),
        RpcError {
            code: MISSING_CLIENT_CAPABILITY,
            message: format!("this request needs the client capabilities {names}"),
            data: Some(data.into()),
        },
    )
}
