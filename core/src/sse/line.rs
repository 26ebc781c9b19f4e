//! A line that comes in parts.

use alloc::vec::Vec;

use super::block::{Held, clear};
use super::field::{Field, HEAD};

/// A line that does not lie in one chunk.
#[derive(Clone, Hash, Default, Debug)]
pub(super) struct Line {
    /// Its first bytes, which tell the field.
    head: [u8; HEAD],
    /// How many of them have come.
    pub(super) len: usize,
    pub(super) field: Option<Field>,
    /// The value, except of a data line: that goes where it belongs at once.
    pub(super) value: Vec<u8>,
}

impl Line {
    pub(super) fn held(&self) -> usize {
        match self.field {
            Some(_) => self.value.len(),
            None => self.len,
        }
    }

    /// Takes bytes of the head from `part`, and gives the rest.
    pub(super) fn read_head<'p>(&mut self, part: &'p [u8], held: &mut Held) -> &'p [u8] {
        let (start, rest) = part.split_at(part.len().min(HEAD - self.len));
        self.head[self.len..][..start.len()].copy_from_slice(start);
        self.len += start.len();
        if self.len == HEAD {
            let (field, value) = Field::split(&self.head);
            self.field = Some(field);
            match field {
                Field::Data => held.set(Field::Data, value),
                Field::Event | Field::Id | Field::Retry => self.value.extend_from_slice(value),
                Field::Comment | Field::Unknown => {}
            }
        }
        rest
    }

    /// Its end has come.
    pub(super) fn finish(&mut self, held: &mut Held) {
        match self.field {
            None => {
                let (field, value) = Field::split(&self.head[..self.len]);
                held.set(field, value);
            }
            Some(Field::Data | Field::Comment | Field::Unknown) => {}
            Some(field) => held.set(field, &self.value),
        }
        self.clear();
    }

    pub(super) fn clear(&mut self) {
        self.head = [0; HEAD];
        self.len = 0;
        self.field = None;
        clear(&mut self.value);
    }
}
