/** What the server offers, one by one: tools, resources, templates of resources, prompts. */

import { z } from 'zod'

import { JsonObject } from './shapes.js'
import { isEnd, Step } from './steps.js'

/** The member by which the protocol tells items of a kind apart. */
const ID = { tool: 'name', resource: 'uri', template: 'uriTemplate', prompt: 'name' }

/** The items of a kind. */
export const itemsOf = (kind) =>
  z.array(Item.superRefine((item, context) => wrongIn(kind, item, context))).superRefine((items, context) => {
    const ids = items.map(({ listed }) => listed[ID[kind]])
    const twice = ids.findIndex((id, index) => ids.indexOf(id) < index)
    if (twice >= 0) context.addIssue({ message: `is called ${ids[twice]}, as one before it`, path: [twice] })
  })

/** The item that the protocol calls so. */
export const find = (kind, items, id) => items.find(({ listed }) => listed[ID[kind]] === id)

/** The result that lists items: `{"tools": [..]}`. */
export const listing = (member, items) => ({ [member]: items.map(({ listed }) => listed) })

/** A required argument of an item that is not there. */
export const missing = ({ listed }, given) => {
  const ofSchema = listed.inputSchema?.required ?? []
  const ofList = (listed.arguments ?? []).filter(({ required }) => required === true).map(({ name }) => name)
  return [...ofSchema, ...ofList].find((name) => !Object.hasOwn(given, name))
}

const Item = z.strictObject({
  listed: JsonObject,
  does: z.array(Step).min(1),
  completes: z.record(z.string(), z.array(z.string())).default({}),
})

/** Complains of what the types of the fixture cannot say. */
const wrongIn = (kind, { listed, does }, context) => {
  for (const member of new Set([ID[kind], 'name', 'description'])) {
    if (typeof listed[member] !== 'string') context.addIssue(`has no ${member} in what is listed`)
  }
  if (kind === 'tool' && typeof listed.inputSchema !== 'object') {
    context.addIssue('has no inputSchema in what is listed')
  }
  if (does.findIndex(isEnd) !== does.length - 1) {
    context.addIssue('must have `answer` or `error` as its last step, and nowhere else')
  }
  if (does.filter((step) => step.kind === 'task').length > (kind === 'tool' ? 1 : 0)) {
    context.addIssue('has a step `task`, which one tool can have once')
  }
  const asked = does
    .filter((step) => step.kind === 'ask' || step.kind === 'askAny')
    .flatMap(({ of }) => Object.keys(of))
  const twice = asked.find((name, index) => asked.indexOf(name) < index)
  if (twice !== undefined) context.addIssue(`asks twice for ${twice}`)
}
