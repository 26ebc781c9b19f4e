/** What this client answers when the server asks, whether in a session or in the answer to a call. */

import { PeerError } from 'mcp-sansio'

import { example } from './schema.js'

/** What the server may ask. */
export const CAPABILITIES = { elicitation: {}, roots: {}, sampling: {} }

/** Answers a request of the server. */
export const answer = ({ method, params }) => {
  switch (method) {
    case 'elicitation/create':
      // What a user says who changes nothing in the form, and only ticks the boxes.
      return { action: 'accept', content: example(params?.requestedSchema ?? {}) }
    case 'roots/list':
      return { roots: [{ uri: 'file:///project', name: 'project' }] }
    case 'sampling/createMessage':
      return {
        role: 'assistant',
        content: { type: 'text', text: 'An answer of the model.' },
        model: 'no-model',
        stopReason: 'endTurn',
      }
    default:
      throw new PeerError(-32601, `${method} is not supported`)
  }
}
