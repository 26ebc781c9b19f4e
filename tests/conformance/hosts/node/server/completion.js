/** Completions: what an argument of a prompt or a variable of a template may be. */

import { invalidParams } from './errors.js'
import { Complete, paramsOf } from './params.js'

/** The most that one answer proposes. */
const MOST = 100

/** Answers `completion/complete`. */
export const complete = (fixture, request) => {
  const { ref, argument } = paramsOf(request, Complete)
  const item = ref.type === 'ref/prompt' ? fixture.prompt(ref.name) : fixture.template(ref.uri)
  if (item === undefined) throw invalidParams(`ref: there is no "${ref.name ?? ref.uri}"`)
  const known = Object.hasOwn(item.completes, argument.name) ? item.completes[argument.name] : []
  const fitting = known.filter((value) => value.startsWith(argument.value))
  return { completion: { values: fitting.slice(0, MOST), total: fitting.length, hasMore: fitting.length > MOST } }
}
