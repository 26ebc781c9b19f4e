/** What requests say, with types. Members that do not matter here may stand beside. */

import { z } from 'zod'

import { invalidParams } from './errors.js'
import { JsonObject, wrongIn } from './shapes.js'
import { LEVELS } from './steps.js'

/** The params of `tools/call` and `prompts/get`. */
export const Named = z.object({ name: z.string(), arguments: JsonObject.default({}) })

/** The params of what is about one resource. */
export const AtUri = z.object({ uri: z.string() })

/** The params of all that is said of a task. */
export const OfTask = z.object({ taskId: z.string(), inputResponses: JsonObject.default({}) })

/** What a client sends with its request when it makes it again. */
export const Round = z.object({ inputResponses: JsonObject.default({}), requestState: z.string().optional() })

/** The params of `logging/setLevel`. */
export const SetLevel = z.object({ level: z.enum(LEVELS) })

/** The params of `completion/complete`. */
export const Complete = z.object({
  ref: z.discriminatedUnion('type', [
    z.object({ type: z.literal('ref/prompt'), name: z.string() }),
    z.object({ type: z.literal('ref/resource'), uri: z.string() }),
  ]),
  argument: z.object({ name: z.string(), value: z.string() }),
})

/** The params of a request. One whose params are of another shape ends with what is wrong with them. */
export const paramsOf = ({ params }, shape) => {
  const { success, data, error } = shape.safeParse(params ?? {})
  if (!success) throw invalidParams(`params: ${wrongIn(error)}`)
  return data
}
