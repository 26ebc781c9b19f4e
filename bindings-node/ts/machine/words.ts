/** The words of the protocol and of the machines. */

/** A published revision of the protocol. */
export type Version = '2024-11-05' | '2025-03-26' | '2025-06-18' | '2025-11-25' | '2026-07-28'

/** How the protocol works: up to 2025-11-25 with sessions, from 2026-07-28 on without. */
export type Era = 'legacy' | 'modern'

/** Why a call brought no answer. */
export type FailureKind =
  | 'bad_answer'
  | 'cancelled'
  | 'closed'
  | 'connection_lost'
  | 'http_status'
  | 'misuse'
  | 'no_common_version'
  | 'overloaded'
  | 'redirected'
  | 'resume_refused'
  | 'session_lost'
  | 'timed_out'
  | 'too_large'
  | 'too_many_rounds'
  | 'unauthorized'
  | 'undeliverable'
  | 'unreachable'

/**
 * Whether the peer may have run the request: it cannot have left (`not_sent`), the peer said that it did not run it
 * (`refused`), or it may have run (`unknown`).
 */
export type Execution = 'not_sent' | 'refused' | 'unknown'

/** Why a request was withdrawn. */
export type Withdrawal = 'cancelled' | 'gone' | 'not_taken' | 'session_ended' | 'timed_out'

/** Why a session ended. */
export type EndReason = 'deleted' | 'evicted' | 'handler_failed' | 'handler_returned' | 'idle' | 'refused' | 'shutdown'

/** What a notice is about. */
export type NoticeKind =
  'dropped' | 'ignored' | 'not_taken' | 'standalone_unavailable' | 'tool_excluded' | 'undelivered'

/** What can still bring an answer. */
export type LifelineKind =
  'application' | 'authorization' | 'exchange' | 'handshake' | 'question' | 'queue' | 'resume' | 'retry' | 'standalone'
