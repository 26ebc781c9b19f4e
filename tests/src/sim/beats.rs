//! What the application above the real server does with each request: it takes it, and plays the beats of its job.

use super::far::Real;
use super::script::{APPLICATION_ERROR, Beat, Running, state};
use super::server_app::Task;
use super::world::{World, wrong};
use crate::server::act::{Act, Returned};
use crate::subject::Broken;
use bytes::Bytes;
use mcp_sansio::{Answer, Call, Era, Notification, ObligationId, RpcError, To};
use serde_json::{Value, json};

impl World<'_> {
    /// The next thing that the application does with a request.
    pub(super) fn beat(&mut self, life: u32, request: u64) -> Result<(), Broken> {
        let Some(real) = self.far.real().filter(|real| real.life == life) else {
            return Ok(());
        };
        let attends = real.application.attends;
        let Some(task) = real.application.tasks.get(&request) else {
            return Ok(());
        };
        match task.running {
            None if !attends => Ok(()),
            None => self.begin(request),
            Some(running) => self.go_on(request, running),
        }
    }

    /// W2 and W3: it takes the request, and from now on that has run.
    fn begin(&mut self, request: u64) -> Result<(), Broken> {
        let (returned, outputs) = self.server_does(&Act::Take(request))?;
        self.server_said(outputs)?;
        let Some(real) = self.far.real() else {
            return Ok(());
        };
        let Some(task) = real.application.tasks.get_mut(&request) else {
            return Ok(());
        };
        if returned != Returned::Taken(true) {
            real.application.tasks.remove(&request);
            return Ok(());
        }
        let Some(job) = task.job else {
            // What a client asks for itself.
            real.application.tasks.remove(&request);
            return self.respond(request, Answer::Result(r#"{"tools":[]}"#.into()));
        };
        let before = task.params["requestState"].as_str();
        let before = before.and_then(Running::read);
        let running = self.books.taken(job, before)?;
        if let Some((_, next)) = before {
            let heard = &task.params["inputResponses"]["q"]["heard"];
            if *heard != state(running, next) {
                let what = format!("{} asked, and is answered {heard}", state(running, next));
                return Err(wrong("W1", what));
            }
            task.next = next;
            self.tally.add("rounds", 1);
        }
        let Some(task) = self.task(request) else {
            return Ok(());
        };
        task.running = Some(running);
        self.wait_for_next(request);
        Ok(())
    }

    fn task(&mut self, request: u64) -> Option<&mut Task> {
        let Real { application, .. } = self.far.real()?;
        application.tasks.get_mut(&request)
    }

    pub(super) fn wait_for_next(&mut self, request: u64) {
        let Some(task) = self.task(request) else {
            return;
        };
        let (job, next) = (task.job, task.next);
        let delay = job.and_then(|job| Some(self.books.job(job).beats.get(next)?.0));
        if let Some(delay) = delay {
            self.beat_after(request, delay);
        }
    }

    fn go_on(&mut self, request: u64, running: Running) -> Result<(), Broken> {
        let Some(task) = self.task(request) else {
            return Ok(());
        };
        let next = task.next;
        task.next += 1;
        let (version, token) = (task.version, task.params["_meta"]["progressToken"].clone());
        let Some((_, beat)) = self.books.job(running.job).beats.get(next).copied() else {
            return Ok(());
        };
        let to = To::Request(ObligationId::from_u64(request));
        match beat {
            Beat::Progress => {
                let count = self.books.says(running, true);
                let params = json!({"progressToken": token, "progress": count, "message": running.remark(count)});
                let method = "notifications/progress";
                self.server(&Act::Notify(
                    to,
                    Notification::new(method, Some(text(&params))),
                ))?;
            }
            Beat::Log => {
                let count = self.books.says(running, false);
                let params = json!({"level": "info", "data": running.remark(count)});
                let method = "notifications/message";
                self.server(&Act::Notify(
                    to,
                    Notification::new(method, Some(text(&params))),
                ))?;
            }
            Beat::Release => self.server(&Act::Release(to, None))?,
            Beat::Ask(_)
                if version.era() == Era::Modern && !self.books.job(running.job).may_ask() => {}
            Beat::Ask(method) if version.era() == Era::Modern => {
                let asked = state(running, next + 1);
                let question =
                    json!({"method": method, "params": {"message": "?", "asked": asked}});
                let result = json!({"resultType": "input_required", "inputRequests": {"q": question},
                    "requestState": asked});
                self.books.asked(running.job);
                self.forget(request);
                return self.respond(request, Answer::Result(text(&result)));
            }
            Beat::Ask(method) => return self.ask(request, method, state(running, next + 1)),
            Beat::Result => {
                self.forget(request);
                self.books.answers(running, self.now);
                let result = running.result().to_string();
                return self.respond(request, Answer::Result(result.into()));
            }
            Beat::Error => {
                self.forget(request);
                self.books.answers(running, self.now);
                let error = RpcError::new(APPLICATION_ERROR, running.name());
                return self.respond(request, Answer::Error(error));
            }
        }
        self.wait_for_next(request);
        Ok(())
    }

    fn forget(&mut self, request: u64) {
        if let Some(real) = self.far.real() {
            real.application.tasks.remove(&request);
        }
    }

    fn respond(&mut self, request: u64, answer: Answer) -> Result<(), Broken> {
        self.server(&Act::Respond(request, answer))
    }

    /// Asks the client of a legacy request; the job goes on when that has settled.
    fn ask(&mut self, request: u64, method: &'static str, asked: String) -> Result<(), Broken> {
        let params = json!({"message": "?", "asked": asked});
        let to = To::Request(ObligationId::from_u64(request));
        let call = Call::new(method, Some(text(&params)));
        let (returned, outputs) = self.server_does(&Act::Call(to, call.into()))?;
        if let (Some(call), Some(real)) = (returned.made(), self.far.real()) {
            real.application.asked.insert(call, (request, asked));
        }
        self.server_said(outputs)
    }
}

fn text(value: &Value) -> Bytes {
    value.to_string().into()
}
