/** The tasks that there are, by the extension `io.modelcontextprotocol/tasks`. */

import { internal } from './errors.js'
import { Task } from './task.js'

/** The most tasks at a time; for one more there is no room. */
const MOST = 10_000

/** Tasks by their ids. */
export class Tasks {
  #terms
  #tell
  #tasks = new Map()

  constructor(terms, tell) {
    this.#terms = terms
    this.#tell = tell
  }

  /** A new task, which can be found from now on, of a client that can do this. */
  create(can) {
    for (const task of this.#tasks.values()) {
      if (!task.isOverTime) continue
      this.#tasks.delete(task.id)
      task.cancel()
    }
    if (this.#tasks.size >= MOST) throw internal(`there are ${MOST} tasks, and no room for more`)
    const task = new Task(this.#terms, can, this.#tell)
    this.#tasks.set(task.id, task)
    return task
  }

  /** A task that has not outlived its time. */
  get(id) {
    const task = this.#tasks.get(id)
    return task?.isOverTime ? undefined : task
  }
}
