// The shared vectors, through the classes of JavaScript.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { load, names } from './vectors/files.js'
import { Mismatch } from './vectors/mismatch.js'
import { run } from './vectors/runner.js'

test('every vector holds', (context) => {
  const wrong = []
  let steps = 0
  for (const name of names) {
    try {
      steps += run(load(name))
    } catch (error) {
      wrong.push(error instanceof Mismatch ? error.message : `${name}: ${error.stack}`)
    }
  }
  context.diagnostic(`vectors: ${names.length} files, ${steps} steps, ${wrong.length} failed`)
  assert.deepEqual(wrong, [])
  assert.ok(names.length > 1000, 'all of them were found')
})

test('the runner sees what does not hold', () => {
  let outputs = 0
  let seen = 0
  for (const name of names.filter((_, index) => index % 10 === 0)) {
    const vector = load(name)
    for (const [index, line] of vector.lines.entries()) {
      if (line.output === undefined || line.output.type === 'notice') continue
      outputs += 1
      const lines = vector.lines.toSpliced(index, 1)
      try {
        run({ ...vector, lines })
      } catch (error) {
        if (error instanceof Mismatch) seen += 1
      }
    }
  }
  // An output that is left out of a vector is one more than expected.
  assert.equal(seen, outputs)
  assert.ok(outputs > 500)
})
