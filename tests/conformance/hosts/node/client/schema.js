/** A value that fits a JSON Schema: arguments for a tool, an answer in a form. */

const OF_TYPE = { array: [], boolean: true, integer: 1, null: null, number: 1, string: 'text' }

/**
 * A value for this schema: the default if it has one, else the first that it allows, else any of its type.
 *
 * An object gets all the properties that the schema names.
 */
export const example = (schema) => {
  if ('default' in schema) return schema.default
  if ('const' in schema) return schema.const
  if (schema.enum?.length > 0) return schema.enum[0]
  if (schema.type in OF_TYPE) return OF_TYPE[schema.type]
  const properties = Object.entries(schema.properties ?? {})
  return Object.fromEntries(properties.map(([name, of]) => [name, example(of)]))
}
