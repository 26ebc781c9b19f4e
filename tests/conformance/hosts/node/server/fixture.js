/**
 * The fixture: what the server offers, and what it does when it is asked for it.
 *
 * It is read from the files of a folder, whose language `tests/conformance/fixture/README.md` describes.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { find, itemsOf } from './items.js'
import { JsonObject, wrongIn } from './shapes.js'

/** What the server says of itself: `server.json`. */
const About = z.strictObject({
  info: JsonObject,
  instructions: z.string().optional(),
  capabilities: JsonObject,
  tasks: z.strictObject({ ttlMs: z.int(), pollIntervalMs: z.int() }),
  values: JsonObject,
})

/** `resources.json`. */
const Resources = z.strictObject({ resources: itemsOf('resource'), templates: itemsOf('template') })

/** All that the server offers. */
export class Fixture {
  /** Reads the files of a folder. An error says what is wrong in which of them, and where. */
  constructor(folder) {
    this.about = read(folder, 'server.json', About)
    this.tools = read(folder, 'tools.json', itemsOf('tool'))
    Object.assign(this, read(folder, 'resources.json', Resources))
    this.prompts = read(folder, 'prompts.json', itemsOf('prompt'))
  }

  /** The tool of this name. */
  tool(name) {
    return find('tool', this.tools, name)
  }

  /** The prompt of this name. */
  prompt(name) {
    return find('prompt', this.prompts, name)
  }

  /** The template that is written like this. */
  template(uriTemplate) {
    return find('template', this.templates, uriTemplate)
  }

  /** The resource at a URI, with the variables of its template; none if it is a resource of its own. */
  resource(uri) {
    const listed = find('resource', this.resources, uri)
    if (listed !== undefined) return { item: listed, variables: {} }
    for (const item of this.templates) {
      const found = patternOf(item.listed.uriTemplate).exec(uri)
      if (found !== null) return { item, variables: { ...found.groups } }
    }
    return undefined
  }
}

/** What the URIs of a template look like: a variable is one segment of a path. */
const patternOf = (template) => {
  const parts = template.split(/\{(\w+)\}/)
  const written = parts.map((part, index) => (index % 2 === 1 ? `(?<${part}>[^/]+)` : escaped(part)))
  return new RegExp(`^${written.join('')}$`)
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** One file of the fixture. */
const read = (folder, name, shape) => {
  const path = join(folder, name)
  const { success, data, error } = shape.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  if (!success) throw new Error(`${path} is of no use: ${wrongIn(error)}`)
  return data
}
