//! The deeds of a plan, done.

use super::cause::Cause;
use super::far::Far;
use super::link::{LinkId, Owner};
use super::near::Near;
use super::plan::What;
use super::world::World;
use crate::op::{Left, Millis, Op, Options};
use crate::server::act::Act;
use crate::subject::Broken;
use mcp_sansio::{EndReason, Notification, To};
use serde_json::json;
use std::mem;
use std::time::Duration;

impl World<'_> {
    pub(super) fn does(&mut self, what: &What) -> Result<(), Broken> {
        match what {
            What::Connect(client) => self.client(*client, &Op::Connect { id: None }),
            What::Call(client, job) => self.client(
                *client,
                &Op::Call {
                    method: job.method.to_owned(),
                    params: Some(job.params()),
                    params_text: None,
                    options: Options {
                        safe: job.is_marked_safe,
                        progress: job.progress,
                        idle: job.idle.map(whole_millis),
                        max: job.max.map(whole_millis),
                        headers: Vec::new(),
                    },
                    id: None,
                },
            ),
            What::Cancel(client, job) => self.cancel(*client, *job),
            What::Notify(client) => self.client(
                *client,
                &Op::Notify {
                    method: "notifications/roots/list_changed".to_owned(),
                    params: None,
                    params_text: None,
                },
            ),
            What::Listen(client) => {
                let filter = json!({"toolsListChanged": true, "promptsListChanged": true,
                    "resourcesListChanged": true, "resourceSubscriptions": ["file:///a"]});
                self.client(
                    *client,
                    &Op::Listen {
                        params: Some(json!({"notifications": filter})),
                        params_text: None,
                        id: None,
                    },
                )
            }
            What::Unlisten(client) => match self.near[*client].listens.pop() {
                Some(listen) => {
                    self.near[*client].has_unlistened = true;
                    self.client(*client, &Op::Unlisten { listen })
                }
                None => Ok(()),
            },
            What::Room(client, room) => {
                let near = &mut self.near[*client];
                near.subject.room = *room;
                near.always_read &= *room;
                self.cause(*client, Cause::HostSlow);
                self.client(*client, &Op::Drain)
            }
            What::Close(client) => self.close(*client),
            What::Crash(client) => self.crash(*client),
            What::Partition(client) => {
                self.near[*client].is_cut_off = true;
                self.cause(*client, Cause::Partition);
                Ok(())
            }
            What::Heal { client, resets } => self.heal(*client, *resets),
            What::Connections(client, most) => {
                self.near[*client].connections = *most;
                self.lend_connections(*client);
                Ok(())
            }
            What::Mischief(nth) => {
                self.mischief(*nth);
                Ok(())
            }
            What::Expire => {
                self.token += 1;
                Ok(())
            }
            What::Refresh(client) => self.authorize(*client, true),
            What::Exchange { .. } => Ok(()),
            of_server => self.does_to_server(of_server),
        }
    }

    fn does_to_server(&mut self, what: &What) -> Result<(), Broken> {
        match what {
            What::Change(method) => {
                self.changes += 1;
                let params = json!({"uri": "file:///a", "change": self.changes}).to_string();
                let notification = Notification::new(*method, Some(params.into()));
                self.server(&Act::Notify(To::All, notification))
            }
            What::Attend(attends) => {
                self.attend(*attends);
                Ok(())
            }
            What::EndSession => {
                let real = self.far.real();
                match real.and_then(|real| real.application.a_session()) {
                    Some(session) => {
                        self.server(&Act::EndSession(session, EndReason::HandlerReturned))
                    }
                    None => Ok(()),
                }
            }
            What::ShutDown { grace } => {
                self.cause_for_all(Cause::Drained);
                self.server(&Act::ShutDown(*grace))
            }
            What::Kill { silently } => {
                if self.far.real().is_some() {
                    self.cause_for_all(Cause::Killed);
                    self.server_falls(*silently);
                }
                Ok(())
            }
            What::Restart => {
                if matches!(self.far, Far::Down { .. }) {
                    self.lives += 1;
                    self.far = Far::begin(&self.plan.setup, self.lives)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn cancel(&mut self, client: usize, job: usize) -> Result<(), Broken> {
        let calls = &self.near[client].calls;
        let Some((&call, _)) = calls.iter().find(|(_, other)| **other == job) else {
            return Ok(());
        };
        self.books.cancelled(job);
        self.client(
            client,
            &Op::Cancel {
                call,
                reason: Some("not wanted any more".to_owned()),
            },
        )
    }

    pub(super) fn close(&mut self, client: usize) -> Result<(), Broken> {
        if mem::replace(&mut self.near[client].is_closing, true) {
            return Ok(());
        }
        self.client(client, &Op::Close)
    }

    /// The process of a client dies. Another goes on with what was saved at that moment.
    fn crash(&mut self, client: usize) -> Result<(), Broken> {
        let near = &mut self.near[client];
        if near.is_closing {
            return Ok(());
        }
        let known = near.subject.client().known();
        let life = near.life;
        self.books.lost(near.calls.values().copied());
        for at in 0..self.links.len() {
            let is_its_own = matches!(self.links[at].owner,
                Owner::Client { client: other, life: other_life, .. } if other == client && other_life == life);
            if is_its_own && self.links[at].near_open {
                self.hang_up(LinkId(at));
                self.over(LinkId(at));
            }
        }
        let mut config = self.plan.setup.clients[client].clone();
        config.known = known;
        let fresh = Near::new(config, self.plan.setup.salt, client, life + 1)?;
        let near = &mut self.near[client];
        let old = mem::replace(near, fresh);
        near.opened = old.opened;
        near.connections = old.connections;
        near.is_cut_off = old.is_cut_off;
        near.held = old.held;
        near.causes = old.causes;
        near.token = old.token;
        near.credential_questions = old.credential_questions;
        self.cause(client, Cause::Crashed);
        Ok(())
    }

    fn heal(&mut self, client: usize, resets: bool) -> Result<(), Broken> {
        let near = &mut self.near[client];
        near.is_cut_off = false;
        for happening in mem::take(&mut near.held) {
            self.agenda.enter(self.now, happening);
        }
        if !resets {
            return Ok(());
        }
        for at in 0..self.links.len() {
            let id = LinkId(at);
            if self.links[at].client() == Some(client) && self.links[at].near_open {
                let sent = if self.links[at].has_left {
                    Left::Maybe
                } else {
                    Left::No
                };
                self.break_off(id, sent)?;
            }
        }
        Ok(())
    }
}

fn whole_millis(duration: Duration) -> Millis {
    Millis(duration.as_secs_f64() * 1e3)
}
