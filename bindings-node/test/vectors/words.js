// Outputs by the words of the format.
import { events } from './sse.js'

const octets = (latin1) => {
  const bytes = Buffer.from(latin1, 'latin1')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }
}

const data = (said) => (typeof said === 'string' ? { data: said } : said)
const headers = (list) => list.map(([name, value]) => [name, octets(value)])
const payload = (text) => (text === null || text === '' ? null : JSON.parse(text))
const optional = (name, text) => (text === null ? {} : { [name]: payload(text) })

const refusal = (said) => ({ headers: headers(said.headers), body: data(octets(said.body)) })

const failure = (said) => ({
  kind: said.kind,
  execution: said.execution,
  story: said.story.map((line) => line.text),
  ...(said.refusal && { status: said.refusal.status, refusal: refusal(said.refusal) }),
})

const outcome = (said) => {
  if ('result' in said) return { result: payload(said.result) }
  if ('failure' in said) return { failure: failure(said.failure) }
  const { code, message, data: more } = said.error
  return { error: { code, message, ...optional('data', more) } }
}

const source = ({ call, listen }) => {
  if (call !== null) return { call }
  return listen === null ? 'standalone' : { listen }
}

const change = ({ change: word, failure: why }) => (why === null ? word : { [word]: failure(why) })

const shared = {
  abort: (said) => said,
  end: (said) => said,
  notice: (said) => said,
  progress: ({ type, call, params }) => ({ type, call, params: payload(params) }),
  settled: ({ type, call, ...said }) => ({ type, call, ...outcome(said) }),
  withdrawn: (said) => said,
}

const client = {
  ...shared,
  closed: (said) => said,
  listenEnded: ({ listen, ...said }) => ({ type: 'listen', listen, ended: outcome(said) }),
  listenGap: ({ listen }) => ({ type: 'listen', listen, gap: true }),
  listenOpened: ({ listen, filter }) => ({ type: 'listen', listen, open: payload(filter) }),
  notification: ({ type, method, params, ...came }) => ({
    type,
    source: source(came),
    method,
    ...optional('params', params),
  }),
  open: (said) => ({ ...said, headers: headers(said.headers), body: payload(said.body) }),
  request: ({ type, id, method, params, ...came }) => ({
    type,
    id,
    source: source(came),
    method,
    ...optional('params', params),
  }),
  sessionChanged: (said) => ({ type: 'session_changed', epoch: said.epoch, change: change(said) }),
  unauthorized: ({ type, refusal: said, calls }) => ({ type, status: said.status, calls, ...refusal(said) }),
}

const server = {
  ...shared,
  chunk: (said) => ({ ...said, events: events(said.data) }),
  head: (said) => ({
    ...said,
    headers: headers(said.headers),
    body: said.body === null ? 'stream' : payload(said.body),
  }),
  notification: ({ params, ...said }) => ({ ...said, ...optional('params', params) }),
  request: ({ params, ...said }) => ({ ...said, ...optional('params', params) }),
  sessionEnded: (said) => ({ ...said, type: 'session_ended' }),
  sessionStarted: (said) => ({ ...said, type: 'session_started', params: payload(said.params) }),
  shutDown: () => ({ type: 'shut_down' }),
}

/** An output of the client. */
export const ofClient = (output) => client[output.type](output)

/** An output of the server. */
export const ofServer = (output) => server[output.type](output)
