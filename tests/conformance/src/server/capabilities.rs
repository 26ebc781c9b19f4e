//! What a client can do, as it declares.

use mcp_sansio_tokio::RpcError;
use serde_json::{Map, Value, json};

use crate::errors;
use crate::fixture::Method;

/// The capabilities of the client of one request.
#[derive(Clone)]
pub(crate) struct Capabilities(Value);

impl Capabilities {
    /// What the client declares; one that says nothing can do nothing.
    pub(crate) fn new(declared: Option<Value>) -> Self {
        Self(declared.unwrap_or_default())
    }

    /// Whether the client can be asked this.
    pub(crate) fn can_answer(&self, method: Method) -> bool {
        self.0.get(method.capability()).is_some()
    }

    /// Whether the client knows what tasks are.
    pub(crate) fn knows_tasks(&self) -> bool {
        covers(&self.0, &tasks())
    }

    /// # Errors
    /// The client does not know what tasks are.
    pub(crate) fn need_tasks(&self) -> Result<(), RpcError> {
        self.need(&tasks())
    }

    /// # Errors
    /// The client does not declare all that is needed.
    pub(crate) fn need(&self, needed: &Value) -> Result<(), RpcError> {
        if covers(&self.0, needed) {
            Ok(())
        } else {
            Err(errors::missing_capability(needed))
        }
    }
}

/// The tasks extension, as capabilities name it.
fn tasks() -> Value {
    json!({"extensions": {"io.modelcontextprotocol/tasks": {}}})
}

/// Whether all of `needed` is in `declared`. An empty object needs no more than to be there.
fn covers(declared: &Value, needed: &Value) -> bool {
    match needed {
        Value::Object(members) => {
            let is_declared = |(name, needed): (&String, &Value)| {
                declared
                    .get(name)
                    .is_some_and(|declared| covers(declared, needed))
            };
            declared.is_object() && members.iter().all(is_declared)
        }
        _ => declared == needed,
    }
}

/// The capabilities that these questions need.
pub(crate) fn for_questions(methods: impl IntoIterator<Item = Method>) -> Value {
    let needed: Map<String, Value> = methods
        .into_iter()
        .map(|method| (method.capability().to_owned(), json!({})))
        .collect();
    needed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_must_be_there_at_every_depth() {
        let can = Capabilities::new(Some(json!({
            "sampling": {"tools": {}},
            "extensions": {"io.modelcontextprotocol/tasks": {}},
        })));
        assert!(can.knows_tasks());
        for needed in [
            json!({}),
            json!({"sampling": {}}),
            json!({"sampling": {"tools": {}}}),
        ] {
            assert_eq!(can.need(&needed), Ok(()), "{needed}");
        }
        let needed = json!({"sampling": {"context": {}}});
        let error = can.need(&needed).expect_err("it is not declared");
        let data = error.data.expect("data");
        assert_eq!(data, json!({"requiredCapabilities": needed}).to_string());
        assert!(!Capabilities::new(None).knows_tasks());
    }
}
