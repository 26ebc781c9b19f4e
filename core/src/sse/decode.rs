//! The incremental decoder.
//!
//! Two paths give the same events. A block (the lines up to a blank one) that lies in one chunk is read
//! in place, and its event borrows from the input. What a chunk leaves unfinished is held and continued
//! where it stopped, so that nothing is read twice, however the stream is split.

use memchr::memchr2;

use super::block::{Fields, Held};
use super::field::{Field, HEAD};
use super::line::Line;
use super::text::{Repaired, text};
use super::{CR, LF};
use crate::SseEvent;

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// What most events of the field start with.
const USUAL_LINE: &[u8] = b"event: message\n";

/// Turns a body, split anywhere, into events.
///
/// An event is yielded at each blank line that follows a `data`, an `event`, a valid `id` or a valid
/// `retry` field: without data too, because a priming event has none. Bytes that are not UTF-8 become
/// U+FFFD. What a stream leaves unfinished at its end is never an event.
///
/// **The limit** holds for each block, as the sum of its lines without their terminators and without
/// comment lines; and for the text of its event, which is longer only where bytes were replaced. So no
/// more than the limit is ever held (and as much again while an event is out that had bytes replaced), and
/// whether it is exceeded does not depend on how the stream is split.
#[derive(Clone, Debug)]
pub(crate) struct Decoder {
    limit: usize,
    comments: u64,
    stage: Stage,
    /// The last byte was a CR: a LF that comes next belongs to it.
    after_cr: bool,
    /// What an earlier chunk had of the block.
    held: Held,
    /// What an earlier chunk had of the line.
    line: Line,
    repaired: Repaired,
}

/// A block exceeds the decoder's limit. Nothing more comes from this stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooLarge;

/// How many comments there were changes nothing that comes.
#[cfg(feature = "explore")]
impl core::hash::Hash for Decoder {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.limit, self.stage, self.after_cr).hash(state);
        (&self.held, &self.line).hash(state);
    }
}

impl Decoder {
    /// A decoder at the start of a stream; `limit` is in bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            comments: 0,
            stage: Stage::Start { matched: 0 },
            after_cr: false,
            held: Held::default(),
            line: Line::default(),
            repaired: Repaired::default(),
        }
    }

    /// Takes the next event out of `input`, moving it past what was read; `None` when the input is used
    /// up. After [`TooLarge`], which comes once, input is only dropped.
    pub(crate) fn next<'d, 'i: 'd>(
        &'d mut self,
        input: &mut &'i [u8],
    ) -> Option<Result<SseEvent<'d>, TooLarge>> {
        match self.block(input) {
            Ok(None) => None,
            Ok(Some(Block::InChunk(event))) => Some(Ok(event)),
            Ok(Some(Block::Held)) => Some(self.held_event()),
            Err(TooLarge) => {
                *input = &[];
                self.held = Held::default();
                self.line = Line::default();
                self.stage = Stage::Failed;
                Some(Err(TooLarge))
            }
        }
    }

    /// The bytes held for an event that is not complete.
    pub(crate) fn held(&self) -> usize {
        match self.stage {
            Stage::Yielded => 0,
            _ => self.held.len() + self.line.held(),
        }
    }

    /// The comment lines seen so far, a begun one included. Keep-alives are comments.
    pub(crate) fn comments(&self) -> u64 {
        self.comments
    }

    #[inline]
    fn block<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Block<'i>>, TooLarge> {
        if self.line.field == Some(Field::Data) && !self.rest_of_data_line(input)? {
            return Ok(None);
        }
        if self.stage != Stage::Running {
            self.leave_stage(input)?;
        }
        if self.after_cr
            && let Some((&first, rest)) = input.split_first()
        {
            self.after_cr = false;
            if first == LF {
                *input = rest;
            }
        }
        while !input.is_empty() {
            let block = if self.held.size == 0 && self.line.len == 0 {
                self.block_in_chunk(input)?
            } else {
                self.block_over_chunks(input)?
            };
            if block.is_some() {
                return Ok(block);
            }
        }
        Ok(None)
    }

    /// The shortest way for what most chunks of a large event are: a part of its data and nothing else.
    /// Whether the line ended.
    #[inline]
    fn rest_of_data_line(&mut self, input: &mut &[u8]) -> Result<bool, TooLarge> {
        let end = line_end(input);
        let (part, after) = input.split_at(end.unwrap_or(input.len()));
        self.held.size += part.len();
        if self.held.size > self.limit {
            return Err(TooLarge);
        }
        match part {
            &[byte] => self.held.data.push(byte),
            _ => self.held.data.extend_from_slice(part),
        }
        if end.is_none() {
            *input = &[];
            return Ok(false);
        }
        self.line.clear();
        *input = self.skip_terminator(after);
        Ok(true)
    }

    #[cold]
    fn leave_stage(&mut self, input: &mut &[u8]) -> Result<(), TooLarge> {
        match self.stage {
            Stage::Running => {}
            Stage::Start { matched } => self.skip_byte_order_mark(matched, input)?,
            Stage::Yielded => {
                self.held.clear();
                self.repaired = Repaired::default();
                self.stage = Stage::Running;
            }
            Stage::Failed => {
                self.held = Held::default();
                *input = &[];
            }
        }
        Ok(())
    }

    /// Reads blocks in place. Nothing is held, and a line starts.
    fn block_in_chunk<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Block<'i>>, TooLarge> {
        let mut fields = Fields::default();
        let mut rest = *input;
        while let Some(&first) = rest.first() {
            if let Some(behind) = rest.strip_prefix(USUAL_LINE) {
                fields.size += USUAL_LINE.len() - 1;
                if fields.size > self.limit {
                    return Err(TooLarge);
                }
                fields.event = Some(b"message");
                rest = behind;
                continue;
            }
            if first == LF || first == CR {
                rest = self.skip_terminator(rest);
                if fields.any() {
                    *input = rest;
                    if let Some(event) = fields.event() {
                        return Ok(Some(Block::InChunk(event)));
                    }
                    self.held.take(&fields);
                    self.stage = Stage::Yielded;
                    return Ok(Some(Block::Held));
                }
                fields.size = 0;
                continue;
            }
            let Some(end) = line_end(rest) else {
                break;
            };
            let (line, after) = rest.split_at(end);
            rest = self.skip_terminator(after);
            if first == b':' {
                self.comments += 1;
                continue;
            }
            fields.size += line.len();
            if fields.size > self.limit {
                return Err(TooLarge);
            }
            match Field::split(line) {
                (Field::Data, value) if fields.data.is_some() => {
                    // Several data lines are joined, which takes a buffer.
                    self.held.take(&fields);
                    self.held.set(Field::Data, value);
                    *input = rest;
                    return Ok(None);
                }
                (field, value) => fields.set(field, value),
            }
        }
        self.held.take(&fields);
        *input = &[];
        self.part_of_line(rest)?;
        Ok(None)
    }

    /// Continues what an earlier chunk began, up to the end of the block.
    fn block_over_chunks<'i>(
        &mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Block<'i>>, TooLarge> {
        let mut rest = *input;
        while let Some(&first) = rest.first() {
            if self.line.len == 0 && (first == LF || first == CR) {
                *input = self.skip_terminator(rest);
                if self.held.any() {
                    self.stage = Stage::Yielded;
                    return Ok(Some(Block::Held));
                }
                self.held.clear();
                return Ok(None);
            }
            let Some(end) = line_end(rest) else {
                break;
            };
            let (line, after) = rest.split_at(end);
            self.part_of_line(line)?;
            self.line.finish(&mut self.held);
            rest = self.skip_terminator(after);
        }
        *input = &[];
        self.part_of_line(rest)?;
        Ok(None)
    }

    fn part_of_line(&mut self, mut part: &[u8]) -> Result<(), TooLarge> {
        let Some(&first) = part.first() else {
            return Ok(());
        };
        if self.line.len == 0 && first == b':' {
            self.comments += 1;
            self.line.field = Some(Field::Comment);
            self.line.len = HEAD;
        }
        if self.line.field == Some(Field::Comment) {
            return Ok(());
        }
        self.held.size += part.len();
        if self.held.size > self.limit {
            return Err(TooLarge);
        }
        if self.line.len < HEAD {
            part = self.line.read_head(part, &mut self.held);
        }
        match self.line.field {
            Some(Field::Data) => self.held.data.extend_from_slice(part),
            Some(Field::Event | Field::Id | Field::Retry) => {
                self.line.value.extend_from_slice(part);
            }
            Some(Field::Comment | Field::Unknown) | None => {}
        }
        Ok(())
    }

    /// `text` starts with a line terminator; gives what follows it.
    fn skip_terminator<'i>(&mut self, text: &'i [u8]) -> &'i [u8] {
        match text {
            [CR] => {
                self.after_cr = true;
                &[]
            }
            [CR, LF, rest @ ..] | [_, rest @ ..] => rest,
            [] => &[],
        }
    }

    fn skip_byte_order_mark(
        &mut self,
        mut matched: usize,
        input: &mut &[u8],
    ) -> Result<(), TooLarge> {
        while let Some(&expected) = BYTE_ORDER_MARK.get(matched) {
            match input.split_first() {
                Some((&first, rest)) if first == expected => {
                    *input = rest;
                    matched += 1;
                }
                Some(_) => {
                    self.stage = Stage::Running;
                    return self.part_of_line(&BYTE_ORDER_MARK[..matched]);
                }
                None => {
                    self.stage = Stage::Start { matched };
                    return Ok(());
                }
            }
        }
        self.stage = Stage::Running;
        Ok(())
    }

    fn held_event(&mut self) -> Result<SseEvent<'_>, TooLarge> {
        let Self {
            limit,
            stage,
            held,
            repaired,
            ..
        } = self;
        let mut room = *limit;
        let mut text = |bytes, repaired| {
            text(bytes, repaired, &mut room).inspect_err(|_| *stage = Stage::Failed)
        };
        Ok(SseEvent {
            event: text(&held.event, &mut repaired.event)?,
            data: text(&held.data, &mut repaired.data)?,
            id: if held.has_id {
                Some(text(&held.id, &mut repaired.id)?)
            } else {
                None
            },
            retry: held.retry,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Stage {
    /// That many bytes of a byte order mark were seen, and nothing else.
    Start {
        matched: usize,
    },
    Running,
    /// What is held was yielded, and is to be dropped.
    Yielded,
    Failed,
}

/// A block whose blank line has come.
enum Block<'i> {
    InChunk(SseEvent<'i>),
    Held,
}

/// How long the line is, if its end has come.
#[inline]
fn line_end(text: &[u8]) -> Option<usize> {
    if text.len() < 16 {
        // Not worth a call.
        return text.iter().position(|&byte| byte == LF || byte == CR);
    }
    memchr2(LF, CR, text)
}
