/** The steps: the words of the fixture's language. Its README says what each means. */

import { z } from 'zod'

import { JsonObject } from './shapes.js'

/** How severe lines of the log are, the least severe first. */
export const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

/** Questions to the client, by the names of the answers. */
const Questions = z.record(
  z.string(),
  z.strictObject({
    method: z.enum(['elicitation/create', 'roots/list', 'sampling/createMessage']),
    params: JsonObject,
  }),
)

/** For each kind of step what stands in it. A time is a number, or a text that names one. */
const KINDS = {
  announce: z.strictObject({ method: z.string(), params: JsonObject.optional() }),
  answer: JsonObject,
  ask: Questions,
  askAny: Questions,
  error: z.strictObject({ code: z.int(), message: z.string() }),
  log: z.strictObject({ level: z.enum(LEVELS), logger: z.string().optional(), data: z.json() }),
  need: JsonObject,
  progress: z.strictObject({ progress: z.number(), total: z.number().optional(), message: z.string().optional() }),
  release: z.strictObject({ retryMs: z.int().optional() }),
  task: z.strictObject({}),
  wait: z.union([z.strictObject({ ms: z.json() }), z.strictObject({ seconds: z.json() })]),
}

/** A step: its kind, with what stands in it as `of`. */
export const Step = z
  .strictObject(KINDS)
  .partial()
  .transform((step, context) => {
    const [[kind, of] = [], another] = Object.entries(step)
    if (kind === undefined || another !== undefined) {
      context.addIssue('a step is an object with one member: its kind')
      return z.NEVER
    }
    return { kind, of }
  })

/** Whether an item ends with this step. */
export const isEnd = ({ kind }) => kind === 'answer' || kind === 'error'
