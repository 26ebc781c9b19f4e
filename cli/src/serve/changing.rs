//! A list of tools that changes: one tool adds another to it, or takes it away, and all clients that listen
//! are told.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_sansio_tokio::RpcError;
use mcp_sansio_tokio::server::{ConfigError, Request, ServiceHandle};
use serde_json::{Value, json};

use super::{methods, tools};

/// The tool that changes the list.
const SWITCH: &str = "switch";
/// The tool that comes and goes.
const EXTRA: &str = "extra";

/// The tools of one server.
#[derive(Debug, Default)]
pub(super) struct Changing {
    has_extra: AtomicBool,
    server: OnceLock<ServiceHandle>,
}

impl Changing {
    /// The server that offers the tools is there: before its first request.
    pub(super) fn begin(&self, server: ServiceHandle) -> Result<(), ConfigError> {
        server.declare_tools(&self.list())?;
        self.server.get_or_init(|| server);
        Ok(())
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request) -> Result<Value, RpcError> {
        match request.method() {
            "tools/list" => return Ok(json!({"tools": self.list()})),
            "tools/call" => {
                let params: Value = request.params()?;
                match params["name"].as_str() {
                    Some(SWITCH) => return self.switch(),
                    Some(EXTRA) if self.has_extra.load(Ordering::SeqCst) => {
                        return Ok(tools::text("the extra tool is there"));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        methods::answer(request).await
    }

    /// The names of the tools that are always there.
    pub(super) fn names(&self) -> Vec<String> {
        let tools = self.list();
        let tools = tools.as_array().into_iter().flatten();
        let names = tools.filter_map(|tool| tool["name"].as_str());
        names.map(str::to_owned).collect()
    }

    fn list(&self) -> Value {
        let mut tools = tools::list();
        let what = "Adds a tool to the list or takes it away, and tells all clients that listen";
        tools.push(tools::tool(SWITCH, what, &json!({}), &[]));
        if self.has_extra.load(Ordering::SeqCst) {
            tools.push(tools::tool(EXTRA, "Comes and goes", &json!({}), &[]));
        }
        tools.into()
    }

    fn switch(&self) -> Result<Value, RpcError> {
        let had = self.has_extra.fetch_xor(true, Ordering::SeqCst);
        if let Some(server) = self.server.get() {
            let declared = server.declare_tools(&self.list());
            declared.map_err(|error| RpcError::new(methods::INTERNAL_ERROR, error.to_string()))?;
            server.notify_all("notifications/tools/list_changed", None);
        }
        let text = if had {
            "the extra tool is gone"
        } else {
            "the extra tool is there now"
        };
        Ok(tools::text(text))
    }
}
