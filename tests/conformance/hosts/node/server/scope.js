/** What the texts of the fixture can name, and putting it in: `{{arguments.city}}`. */

const NAME = /\{\{(.*?)\}\}/gs

/** Values by name: the arguments of a call, the constants of the fixture, the answers of the client. */
export class Scope {
  #names

  constructor(names) {
    this.answers = {}
    this.#names = { ...names, answers: this.answers }
  }

  /**
   * Puts in all that a value names.
   *
   * A text that is nothing but a name becomes what the name stands for; within a longer text, what is no text is
   * written as JSON. A name that stands for nothing is null, or no text.
   */
  fill(value) {
    if (typeof value === 'string') {
      const [found] = value.matchAll(NAME)
      return found?.[0] === value ? this.#find(found[1]) : this.text(value)
    }
    if (Array.isArray(value)) return value.map((item) => this.fill(item))
    return typeof value === 'object' && value !== null ? this.members(value) : value
  }

  /** `fill` for the members of an object. */
  members(object) {
    return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, this.fill(value)]))
  }

  /** `fill` for a text that stays one. */
  text(text) {
    return text.replaceAll(NAME, (_, name) => written(this.#find(name)))
  }

  #find(name) {
    let value = this.#names
    for (const part of name.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null
      value = value[part]
    }
    return value
  }
}

/** A value within a text. */
const written = (value) => {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
