// A plain second reading of the event streams that a server writes.

/** The events of a chunk; null if it does not end with one. */
export const events = (text) => (text.endsWith('\n\n') ? text.slice(0, -2).split('\n\n').map(event) : null)

const event = (block) => {
  const fields = { '': [], id: [], retry: [], data: [] }
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    fields[name] ??= []
    fields[name].push(colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, ''))
  }
  if (fields[''].length > 0 && fields.id.length === 0 && fields.data.length === 0) return { comment: true }
  return {
    id: fields.id.at(-1) ?? null,
    retry: fields.retry.length > 0 ? Number(fields.retry.at(-1)) : null,
    data: fields.data.length > 0 ? message(fields.data.join('\n')) : null,
  }
}

const message = (data) => {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
