/** From a request to what the fixture answers. */

import { Call } from './call.js'
import { Capabilities, TASKS } from './capabilities.js'
import { complete } from './completion.js'
import { invalidParams, methodNotFound, resourceNotFound } from './errors.js'
import { listing, missing } from './items.js'
import { AtUri, Named, OfTask, paramsOf } from './params.js'
import { Seal } from './rounds.js'
import { Run } from './run.js'
import { Scope } from './scope.js'
import { Tasks } from './tasks.js'

/** A server of what the fixture describes. `announce` tells a notification to all who want to hear of it. */
export class Host {
  #fixture
  #announce
  #seal = new Seal()
  #tasks
  #answers

  constructor(fixture, announce) {
    this.#fixture = fixture
    this.#announce = announce
    this.#tasks = new Tasks(fixture.about.tasks, (task) => announce('notifications/tasks', task.detailed))
    const list = (member, items) => () => listing(member, items)
    this.#answers = new Map([
      ['completion/complete', ({ request }) => complete(fixture, request)],
      ['logging/setLevel', (call) => this.#setLevel(call)],
      ['prompts/get', (call) => this.#getPrompt(call)],
      ['prompts/list', list('prompts', fixture.prompts)],
      ['resources/list', list('resources', fixture.resources)],
      ['resources/read', (call) => this.#readResource(call)],
      ['resources/subscribe', (call) => this.#watchResource(call)],
      ['resources/templates/list', list('resourceTemplates', fixture.templates)],
      ['resources/unsubscribe', (call) => this.#watchResource(call)],
      ['tasks/cancel', (call) => this.#cancelTask(call)],
      ['tasks/get', (call) => this.#task(call).task.detailed],
      ['tasks/update', (call) => this.#updateTask(call)],
      ['tools/call', (call) => this.#callTool(call)],
      ['tools/list', list('tools', fixture.tools)],
    ])
  }

  /** Answers a request; `log` is what its session wants to hear of. */
  answer(request, log) {
    const answer = this.#answers.get(request.method)
    if (answer === undefined) throw methodNotFound(request.method)
    return answer(new Call(request, log, this.#seal))
  }

  #callTool(call) {
    const { name, arguments: given } = paramsOf(call.request, Named)
    const tool = this.#fixture.tool(name)
    if (tool === undefined) throw invalidParams(`there is no tool "${name}"`)
    const lacks = missing(tool, given)
    if (lacks !== undefined) {
      // The model that called it is told, and can do better.
      return { content: [{ type: 'text', text: `the argument "${lacks}" is missing` }], isError: true }
    }
    return this.#perform(call, tool, { arguments: given })
  }

  #getPrompt(call) {
    const { name, arguments: given } = paramsOf(call.request, Named)
    const prompt = this.#fixture.prompt(name)
    if (prompt === undefined) throw invalidParams(`there is no prompt "${name}"`)
    const lacks = missing(prompt, given)
    if (lacks !== undefined) throw invalidParams(`the argument "${lacks}" is missing`)
    return this.#perform(call, prompt, { arguments: given })
  }

  #readResource(call) {
    const { uri, item, variables } = this.#resource(call)
    return this.#perform(call, item, { uri, variables })
  }

  /** No resource of the fixture ever changes: there is nothing to remember. */
  #watchResource(call) {
    this.#resource(call)
    return {}
  }

  #resource({ request }) {
    const { uri } = paramsOf(request, AtUri)
    const found = this.#fixture.resource(uri)
    if (found === undefined) throw resourceNotFound(uri, { inSession: request.session !== undefined })
    return { uri, ...found }
  }

  #setLevel({ request, level }) {
    if (level === undefined) throw methodNotFound(request.method)
    return level.set(request)
  }

  #updateTask(call) {
    const { task, answers } = this.#task(call)
    task.answer(answers)
    return {}
  }

  #cancelTask(call) {
    this.#task(call).task.cancel()
    return {}
  }

  /** The task that a request names, and the answers that it brings. */
  #task({ request }) {
    new Capabilities(request.clientCapabilities).need(TASKS)
    const { taskId, inputResponses } = paramsOf(request, OfTask)
    const task = this.#tasks.get(taskId)
    if (task === undefined) throw invalidParams(`there is no task "${taskId}"`)
    return { task, answers: inputResponses }
  }

  /** Runs what an item does, and what comes after its step `task` as a task, if the client knows those. */
  async #perform(call, { does }, names) {
    const can = new Capabilities(call.request.clientCapabilities)
    const scope = new Scope({ values: this.#fixture.about.values, ...names })
    Object.assign(scope.answers, call.answered())
    const run = new Run(this.#announce, scope, can)
    const begins = does.findIndex(({ kind }) => kind === 'task')
    if (begins < 0 || !can.have(TASKS)) return run.steps(does, call)
    const result = await run.steps(does.slice(0, begins), call)
    if (result !== undefined) return result
    // A client may look for the task as soon as it has the answer, so it is stored first.
    const task = this.#tasks.create(can)
    const { created } = task
    task.run(() => run.steps(does.slice(begins), task))
    return created
  }
}
