/** What was given, whatever its type promises: callers may be JavaScript. */

/** A member of what may be no object. */
export const memberOf = (given: unknown, name: string): unknown =>
  typeof given === 'object' && given !== null ? (Reflect.get(given, name) as unknown) : undefined

/** What it is, in a word. */
export const wordFor = (given: unknown): string => (given === null ? 'null' : typeof given)

/**
 * Refuses options that there are not, such as a misspelt one, or one of another library.
 *
 * @throws {TypeError} which names it, and what there is.
 */
export const refuseOthers = (where: string, options: object, names: readonly string[]): void => {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TypeError(`${where}: there is no option \`${name}\`; there are ${names.join(', ')}`)
  }
}
