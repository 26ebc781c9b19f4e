//! What the lines of one block have said so far.

use alloc::vec::Vec;
use core::time::Duration;

use super::LF;
use super::field::{Field, is_id, milliseconds};
use super::text::from_utf8;
use crate::SseEvent;

/// What a buffer keeps after an event for which it grew beyond.
const KEPT: usize = 64 * 1024;

/// A block that lies in one chunk, and has one data line at most.
#[derive(Default)]
pub(super) struct Fields<'i> {
    pub(super) data: Option<&'i [u8]>,
    pub(super) event: Option<&'i [u8]>,
    pub(super) id: Option<&'i [u8]>,
    pub(super) retry: Option<Duration>,
    /// What counts towards the limit.
    pub(super) size: usize,
}

impl<'i> Fields<'i> {
    pub(super) fn any(&self) -> bool {
        self.data.is_some() || self.event.is_some() || self.id.is_some() || self.retry.is_some()
    }

    pub(super) fn set(&mut self, field: Field, value: &'i [u8]) {
        match field {
            Field::Data => self.data = Some(value),
            Field::Event => self.event = Some(value),
            Field::Id if is_id(value) => self.id = Some(value),
            Field::Retry => self.retry = milliseconds(value).or(self.retry),
            Field::Id | Field::Comment | Field::Unknown => {}
        }
    }

    /// `None` if a byte must be replaced.
    pub(super) fn event(&self) -> Option<SseEvent<'i>> {
        let text = |bytes: Option<&'i [u8]>| from_utf8(bytes.unwrap_or_default()).ok();
        Some(SseEvent {
            event: match self.event {
                Some(b"message") => "message",
                other => text(other)?,
            },
            data: text(self.data)?,
            id: match self.id {
                Some(id) => Some(text(Some(id))?),
                None => None,
            },
            retry: self.retry,
        })
    }
}

/// A block that does not lie in one chunk, or has several data lines.
#[derive(Clone, Hash, Default, Debug)]
pub(super) struct Held {
    pub(super) data: Vec<u8>,
    pub(super) has_data: bool,
    pub(super) event: Vec<u8>,
    pub(super) has_event: bool,
    pub(super) id: Vec<u8>,
    pub(super) has_id: bool,
    pub(super) retry: Option<Duration>,
    /// What counts towards the limit. It is 0 only while the block is empty.
    pub(super) size: usize,
}

impl Held {
    pub(super) fn any(&self) -> bool {
        self.has_data || self.has_event || self.has_id || self.retry.is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.data.len() + self.event.len() + self.id.len()
    }

    pub(super) fn set(&mut self, field: Field, value: &[u8]) {
        match field {
            Field::Data => {
                if self.has_data {
                    self.data.push(LF);
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            Field::Event => {
                self.has_event = true;
                replace(&mut self.event, value);
            }
            Field::Id if is_id(value) => {
                self.has_id = true;
                replace(&mut self.id, value);
            }
            Field::Retry => self.retry = milliseconds(value).or(self.retry),
            Field::Id | Field::Comment | Field::Unknown => {}
        }
    }

    pub(super) fn take(&mut self, fields: &Fields<'_>) {
        if let Some(value) = fields.data {
            self.set(Field::Data, value);
        }
        if let Some(value) = fields.event {
            self.set(Field::Event, value);
        }
        if let Some(value) = fields.id {
            self.set(Field::Id, value);
        }
        self.retry = fields.retry;
        self.size = fields.size;
    }

    pub(super) fn clear(&mut self) {
        for buffer in [&mut self.data, &mut self.event, &mut self.id] {
            clear(buffer);
        }
        self.has_data = false;
        self.has_event = false;
        self.has_id = false;
        self.retry = None;
        self.size = 0;
    }
}

fn replace(buffer: &mut Vec<u8>, value: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(value);
}

pub(super) fn clear(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT);
}
