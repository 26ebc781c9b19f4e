//! From a request to what the fixture answers.

use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result};
use mcp_sansio_tokio::server::{Request, Service, ServiceHandle};
use mcp_sansio_tokio::{Identity, RpcError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::capabilities::Capabilities;
use crate::completion::complete;
use crate::errors;
use crate::fixture::{About, Fixture, Item, Step, listing};
use crate::rounds::{Round, Seal};
use crate::run::{Call, Run, Side};
use crate::scope::Scope;
use crate::session;
use crate::tasks::Tasks;

/// A server of what the fixture describes.
pub(crate) struct Host {
    pub(crate) fixture: &'static Fixture,
    pub(crate) seal: Seal,
    pub(crate) tasks: Tasks,
    handle: OnceLock<ServiceHandle>,
}

/// Sets a server up.
///
/// # Errors
/// The fixture says what no server can be.
pub(crate) fn service(fixture: &'static Fixture) -> Result<Service> {
    let host = Arc::new(Host {
        fixture,
        seal: Seal::new()?,
        tasks: Tasks::new(fixture.server.tasks),
        handle: OnceLock::new(),
    });
    let (of_sessions, of_requests) = (Arc::clone(&host), Arc::clone(&host));
    let service = Service::builder(identity(&fixture.server))
        .abort_withdrawn()
        .sessions_and(
            move |session| session::handle(Arc::clone(&of_sessions), session),
            move |request: Request| {
                let host = Arc::clone(&of_requests);
                async move {
                    let request = &request;
                    host.answer(Call { request, log: None }).await
                }
            },
        )
        .context("server.json")?;
    // The arguments that stand in headers, too, are checked from the first call on.
    let tools = listing("tools", &fixture.tools);
    service
        .handle()
        .declare_tools(&tools)
        .context("tools.json")?;
    // It is the first, and the only one.
    let _ = host.handle.set(service.handle());
    Ok(service)
}

fn identity(about: &About) -> Identity {
    let mut identity = Identity::new("", "");
    identity.info = json!(about.info).to_string().into();
    identity.capabilities = json!(about.capabilities).to_string().into();
    identity.instructions.clone_from(&about.instructions);
    identity
}

impl Host {
    /// Answers a request.
    pub(crate) async fn answer(self: &Arc<Self>, call: Call<'_>) -> Result<Value, RpcError> {
        let (request, fixture) = (call.request, self.fixture);
        match (request.method(), call.log) {
            ("tools/list", _) => Ok(listing("tools", &fixture.tools)),
            ("tools/call", _) => self.call_tool(call).await,
            ("resources/list", _) => Ok(listing("resources", &fixture.resources)),
            ("resources/templates/list", _) => Ok(listing("resourceTemplates", &fixture.templates)),
            ("resources/read", _) => self.read_resource(call).await,
            // No resource of the fixture ever changes: there is nothing to remember.
            ("resources/subscribe" | "resources/unsubscribe", _) => {
                self.resource(request).map(|_| json!({}))
            }
            ("prompts/list", _) => Ok(listing("prompts", &fixture.prompts)),
            ("prompts/get", _) => self.get_prompt(call).await,
            ("completion/complete", _) => complete(fixture, request),
            ("logging/setLevel", Some(log)) => log.set(request),
            ("tasks/get", _) => self.get_task(request),
            ("tasks/update", _) => self.update_task(request),
            ("tasks/cancel", _) => self.cancel_task(request),
            (method, _) => Err(errors::method_not_found(method)),
        }
    }

    /// Tells all who want to hear of it.
    pub(crate) fn announce(&self, method: String, params: Option<Value>) {
        if let Some(handle) = self.handle.get() {
            handle.notify_all(method, params);
        }
    }

    async fn call_tool(self: &Arc<Self>, call: Call<'_>) -> Result<Value, RpcError> {
        let Named { name, arguments } = call.request.params()?;
        let tool = named("tool", &self.fixture.tools, &name)?;
        if let Some(missing) = tool.missing(&arguments) {
            // The model that called it is told, and can do better.
            let text = format!("the argument {missing:?} is missing");
            return Ok(json!({"content": [{"type": "text", "text": text}], "isError": true}));
        }
        let scope = self.scope().with("arguments", arguments);
        self.perform(call, tool, scope).await
    }

    async fn get_prompt(self: &Arc<Self>, call: Call<'_>) -> Result<Value, RpcError> {
        let Named { name, arguments } = call.request.params()?;
        let prompt = named("prompt", &self.fixture.prompts, &name)?;
        if let Some(missing) = prompt.missing(&arguments) {
            return Err(errors::invalid_params(format!(
                "the argument {missing:?} is missing"
            )));
        }
        let scope = self.scope().with("arguments", arguments);
        self.perform(call, prompt, scope).await
    }

    async fn read_resource(self: &Arc<Self>, call: Call<'_>) -> Result<Value, RpcError> {
        let (item, scope) = self.resource(call.request)?;
        self.perform(call, item, scope).await
    }

    /// The resource that a request names.
    fn resource(&self, request: &Request) -> Result<(&'static Item, Scope), RpcError> {
        #[derive(Deserialize)]
        struct Params {
            uri: String,
        }
        let Params { uri } = request.params()?;
        match self.fixture.resource(&uri) {
            Some((item, variables)) => Ok((
                item,
                self.scope().with("variables", variables).with("uri", uri),
            )),
            None => Err(errors::resource_not_found(request.version(), &uri)),
        }
    }

    fn scope(&self) -> Scope {
        Scope::new(&self.fixture.server.values)
    }

    /// Runs what an item does, and what comes after its step `task` as a task, if the client knows those.
    async fn perform(
        self: &Arc<Self>,
        call: Call<'_>,
        item: &'static Item,
        mut scope: Scope,
    ) -> Result<Value, RpcError> {
        let capabilities = Capabilities::new(call.request.client_capabilities());
        let round = Round::of(call.request)?;
        scope.answer(self.seal.answered(call.request, &round)?);
        let steps = &item.does[..];
        let is_task = |step: &Step| matches!(step, Step::Task(_));
        let begins = steps
            .iter()
            .position(is_task)
            .filter(|_| capabilities.knows_tasks());
        let (now, later) = steps.split_at(begins.unwrap_or(steps.len()));
        let mut run = Run {
            host: Arc::clone(self),
            scope,
            capabilities,
            side: Side::Call(call, round),
        };
        match run.steps(now).await? {
            Some(result) => Ok(result),
            None => self.begin_task(run, later),
        }
    }
}

/// The params of `tools/call` and `prompts/get`.
#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    arguments: Map<String, Value>,
}

fn named(what: &str, items: &'static [Item], name: &str) -> Result<&'static Item, RpcError> {
    let item = items.iter().find(|item| item.id() == name);
    item.ok_or_else(|| errors::invalid_params(format!("there is no {what} {name:?}")))
}
