// The README is true: its programs run, as ESM and as CommonJS, against the package as it is installed, and print what
// it says; they compile with the strictest types; and the defaults in its tables are the machines'.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect as open, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { Client, connect, Server } from 'mcp-sansio'

import { projects, run, tool } from './packed.js'
import { at, forms, programs, README } from './programs.js'

const scripts = programs.filter(({ file }) => file === undefined)
const files = programs.filter(({ file }) => file !== undefined)
const servers = files.filter(({ code }) => /\b3000\b/.test(code)).map(({ file }) => file)

/** A text without the times in it, which differ from run to run. */
const timeless = (text) => text.replaceAll(/\+[\d.]+ m?s/g, '+0 ms')

/** A port that nobody uses, and that nobody gets who does not ask for it by number. */
const freePort = async () => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await new Promise((told) =>
      server.once('listening', () => told(true)).once('error', () => told(false)),
    )
    await new Promise((closed) => server.close(closed))
    if (isFree) return port
  }
}

const answers = (port) =>
  new Promise((told) => {
    const socket = open(port, '127.0.0.1', () => told(true)).once('error', () => told(false))
    socket.unref().end()
  })

for (const [name, { ending, write }] of Object.entries(forms)) {
  describe(`as ${name}`, { concurrency: 3 }, () => {
    const folder = join(projects.readme, ending)
    const running = []

    /** Writes a program of the README into a file. */
    const put = (file, code, port) => {
      const path = join(folder, `${file}.${ending}`)
      writeFileSync(path, write(at(port, code)))
      return path
    }

    /** Runs a server of the README; gives its port, and ends it in the end. */
    const serve = async (file) => {
      const port = await freePort()
      mkdirSync(join(folder, file), { recursive: true })
      for (const part of files) put(`${file}/${part.file}`, part.code, port)
      const server = spawn(process.execPath, [join(folder, file, `${file}.${ending}`)], { stdio: 'inherit' })
      running.push(server)
      while (!(await answers(port))) {
        assert.equal(server.exitCode, null, `${file} has ended`)
        await setTimeout(20)
      }
      return port
    }

    let port
    before(async () => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      port = await serve('server')
    })
    after(() => {
      for (const server of running) server.kill()
    })

    for (const [index, { heading, code, printed }] of scripts.entries()) {
      test(`${heading} (${index + 1}): it prints what the README says`, async () => {
        assert.notEqual(at(port, code), code, 'it calls no server')
        const path = put(`script-${index}`, code, port)
        const { stdout, stderr } = await run(process.execPath, ['--throw-deprecation', path])
        assert.equal(stderr, '')
        assert.equal(timeless(stdout), timeless(printed ?? 'the README does not say what it prints'))
      })
    }

    for (const file of servers.filter((other) => other !== 'server' && other !== 'sdk-server')) {
      test(`${file} serves`, async () => {
        const client = await connect(`http://127.0.0.1:${await serve(file)}/mcp`)
        const { content } = await client.callTool('echo', { text: 'hello' })
        assert.equal(content[0].text, 'hello')
        await client.close()
      })
    }

    test('sdk-server serves', async () => {
      const client = await connect(`http://127.0.0.1:${await serve('sdk-server')}/mcp`)
      const { content } = await client.callTool('add', { a: 1, b: 2 })
      assert.equal(content[0].text, '3')
      await client.close()
    })
  })
}

describe('as TypeScript', { concurrency: 2 }, () => {
  const folder = join(projects.readme, 'types')
  before(() => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    for (const [index, { file, code }] of programs.entries()) {
      writeFileSync(join(folder, `${file ?? `script-${index}`}.mts`), code)
    }
  })

  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['preserve', 'bundler'],
  ]) {
    test(`every program compiles: ${moduleResolution}`, async () => {
      const compilerOptions = {
        strict: true,
        noEmit: true,
        target: 'es2022',
        module,
        moduleResolution,
        types: ['node'],
      }
      const project = join(folder, `tsconfig.${moduleResolution}.json`)
      writeFileSync(project, JSON.stringify({ compilerOptions, include: ['*.mts'] }))
      await tool('tsc', '--project', project)
    })
  }
})

/** The settings in the tables: of which machine, the name, the default. */
const rows = () => {
  const found = []
  let machine
  for (const line of README.split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    if (cells.length !== 3 || cells[0].startsWith('--')) continue
    if (cells[1] === 'default') [machine] = cells
    else {
      const value = JSON.parse(cells[1].replaceAll('`', '').replaceAll(/(?<=\d)_(?=\d)/g, ''))
      for (const [, name] of cells[0].matchAll(/`([^`]+)`/g)) found.push({ machine, name, value })
    }
  }
  return found
}

/** All settings, as a record of the machine has them. */
const defaults = (machine) => {
  const identity = { name: 'tests', version: '1' }
  const made = {
    client: () => new Client('http://server.test/mcp', identity, { recording: 'whole' }),
    server: () => new Server(identity, { recording: 'whole' }),
  }[machine]()
  made.timeout(1)
  return JSON.parse(made.records()[0]).config
}

test('the defaults in the tables are those of the machines', () => {
  const all = { client: defaults('client'), server: defaults('server') }
  for (const { machine, name, value } of rows()) {
    const path = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).split('.')
    const is = path.reduce((settings, part) => settings[part], all[machine])
    assert.deepEqual(is, value, `${machine} ${name}`)
  }
})

test('there are programs and settings', () => {
  assert.equal(scripts.length, 6)
  assert.equal(servers.length, 5)
  assert.deepEqual(new Set(rows().map(({ machine }) => machine)), new Set(['client', 'server']))
})
