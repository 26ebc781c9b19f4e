/** What the native half says of arguments that it cannot read, as people say it. */

const types: Readonly<Record<string, string>> = {
  String: 'text',
  bool: 'boolean',
  f64: 'number',
  u32: 'number',
}

const bytes = /TypedArray|Expected \$name/
const other = /(?:napi|JavaScript) value (?:`?(.*?) ?`? )?into rust type `(\w+)`(?: on Options\.(\w+))?/

/** A sentence for what the native half threw. */
export const complaint = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error)
  if (bytes.test(said)) return 'the bytes are no Uint8Array'
  const [, given, type, member] = other.exec(said) ?? []
  const wanted = type === undefined ? undefined : types[type]
  if (wanted === undefined) return said
  return `${member ?? 'an argument'} is ${given ?? 'something else'}, not a ${wanted}`
}
