/** What happens in a server beside the requests. */

import type { Notice } from '../machine/outputs.js'
import type { EndReason } from '../machine/words.js'
import type { JsonObject } from '../values.js'
import type { McpSession } from './session.js'

/** Sessions that begin and end, the clients' notifications, and notices, which are logged anyway. */
export type AppEvent =
  | { readonly type: 'sessionStarted'; readonly session: McpSession }
  | { readonly type: 'sessionEnded'; readonly session: McpSession; readonly reason: EndReason }
  | {
      readonly type: 'notification'
      readonly session: McpSession | undefined
      readonly method: string
      readonly params: JsonObject
    }
  | Notice
