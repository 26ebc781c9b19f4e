/** Questions to the client, and what is an answer. */

const ANSWERS = {
  'elicitation/create': ({ action }) => typeof action === 'string',
  'roots/list': ({ roots }) => Array.isArray(roots),
  'sampling/createMessage': ({ role, content }) => typeof role === 'string' && (content ?? null) !== null,
}

/** The question as an input request of the protocol. */
export const inputRequest = ({ method, params }) => ({ method, params })

/** Input requests, by the names of their answers. */
export const inputRequests = (questions) =>
  Object.fromEntries(questions.map((question) => [question.name, inputRequest(question)]))

/** Whether this can be an answer to a question. */
export const isAnswer = ({ method }, answer) => typeof answer === 'object' && answer !== null && ANSWERS[method](answer)
