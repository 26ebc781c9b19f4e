// What the inputs of both roles have in common.

/** A payload, handed over as text: a JSON value, or a text that is perhaps no JSON. */
export const text = (given, name) => {
  if (`${name}_text` in given) return given[`${name}_text`]
  return name in given ? JSON.stringify(given[name]) : undefined
}

/** What a request is answered. */
export const answer = (given) => {
  const { error } = given
  if (error === undefined) return text(given, 'result') ?? ''
  return { code: error.code, message: error.message, data: text(error, 'data') ?? null }
}

/** The options of a call. */
export const options = ({ options: said }) => {
  if (said === undefined) return undefined
  return said.headers === undefined ? said : { ...said, headers: headers(said.headers) }
}

const bytes = (value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64'))

/** Headers, their values with a character for each byte, as Node gives them. */
export const headers = (given = []) => given.map(([name, value]) => [name, bytes(value).toString('latin1')])

/** The bytes of a chunk. */
export const data = (given) => ('base64' in given ? Buffer.from(given.base64, 'base64') : Buffer.from(given.data))
