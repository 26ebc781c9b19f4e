// The loop: apply an input, drain, compare.
import { ClientRole } from './client.js'
import { check } from './compare.js'
import { Mismatch } from './mismatch.js'
import { ServerRole } from './server.js'

/** Runs a vector; gives the number of its inputs. A Mismatch names the line that does not hold. */
export const run = (vector) => {
  const running = new Run(vector.config.role === 'server' ? new ServerRole(vector) : new ClientRole(vector))
  let place = `${vector.name}:1`
  let steps = 0
  try {
    for (const line of vector.lines) {
      place = line.place
      if ('input' in line) steps += 1
      running.line(line)
    }
    running.finish()
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    throw new Mismatch(`${place}: ${error.message}\n    ${vector.header.about}`)
  }
  return steps
}

class Run {
  #role
  #room = true
  #now = 0
  #deadline = null
  #came = []

  constructor(role) {
    this.#role = role
  }

  line(line) {
    if ('input' in line) {
      this.finish()
      this.#now = line.now
      this.#input(line.input)
    } else if ('output' in line) {
      this.#output(line.output)
    } else if ('room' in line) {
      this.finish()
      this.#room = line.room
      this.#drain()
    } else if ('deadline' in line) {
      const deadline = this.#role.machine.deadline()
      if (deadline !== line.deadline) throw new Mismatch(`the deadline is ${deadline}, not ${line.deadline} ms`)
    } else {
      this.#inspect(line.inspect)
    }
  }

  /** Nothing but notices may be left of the last drain. */
  finish() {
    const more = this.#came.find((output) => output.type !== 'notice')
    if (more !== undefined) throw new Mismatch(`an output more than expected: ${JSON.stringify(more)}`)
  }

  #input(given) {
    const before = this.#deadline
    const said = this.#role.apply(this.#now, given)
    this.#drain()
    if (said === false && (this.#came.length > 0 || this.#deadline !== before)) {
      throw new Mismatch(`it said that there was nothing to drain, and there was: ${JSON.stringify(this.#came)}`)
    }
  }

  #drain() {
    this.#came = []
    for (let more = true; more;) {
      const { outputs, deadline } = this.#role.drain(this.#room)
      this.#deadline = deadline
      this.#came.push(...outputs)
      more = this.#role.followUp(this.#now, outputs)
    }
    if (this.#deadline !== this.#role.machine.deadline()) {
      throw new Mismatch(`drain says the deadline ${this.#deadline}, and deadline() another`)
    }
  }

  #output(expected) {
    if (expected.type !== 'notice') {
      while (this.#came[0]?.type === 'notice') this.#came.shift()
    }
    // Where a notice is expected, all that comes before it must be it.
    const found = this.#came.shift()
    if (found === undefined) throw new Mismatch(`an output is missing: ${JSON.stringify(expected)}`)
    this.#role.names.bind(expected, found)
    try {
      check(this.#role.names.fill(expected), found)
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error
      throw new Mismatch(
        `${error.message}\n    expected: ${JSON.stringify(expected)}\n    came: ${JSON.stringify(found)}`,
      )
    }
  }

  #inspect(counts) {
    const { calls, exchanges, obligations, bytes } = this.#role.machine.inspect()
    const found = { calls: calls.length, exchanges: exchanges.length, obligations: obligations.length, bytes }
    for (const [name, wanted] of Object.entries(counts)) {
      if (found[name] !== wanted) throw new Mismatch(`inspect counts ${found[name]} ${name}, not ${wanted}`)
    }
  }
}
