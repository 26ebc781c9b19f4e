/** JSON, between the texts of the machines and the values of applications. */

/** A JSON object, as `JSON.parse` gives it: what is in it, its reader has to know. */
export type JsonObject = Record<string, any>

/** JSON text for a machine; nothing for nothing. A TypeError if there is something in it that JSON cannot say. */
export const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value))

/** The value of a text, if it is a JSON object. */
export const objectOf = (text: string): JsonObject | undefined => {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
