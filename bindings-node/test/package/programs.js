/** The programs of the README, in the forms in which they are run and compiled. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { sources } from './packed.js'

export const README = readFileSync(join(sources, 'README.md'), 'utf8')

/**
 * All programs: under which heading, the name of the file that it is (a server, or a part of one), and what it prints
 * according to the README.
 */
export const programs = [...README.matchAll(/^```js\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map((found) => {
  const [, code, printed] = found
  const heading = [...README.slice(0, found.index).matchAll(/^## (.*)/gm)].at(-1)[1]
  const [, file] = code.match(/^\/\/ (\S+)\.mjs\n/) ?? []
  return { heading, code, file, printed }
})

/** A program with another port than the README's. */
export const at = (port, code) => code.replaceAll(/\b3000\b/g, String(port))

/** What takes the place of an import in CommonJS. */
const required = (_, names, from) => {
  const bound = names.startsWith('{') ? names.replaceAll(' as ', ': ') : names
  return `const ${bound} = require('${from.replace(/\.mjs$/, '.cjs')}')`
}

/** A program as CommonJS, which has neither imports nor exports, nor awaits but in functions. */
const commonJs = (code) => {
  const body = code
    .replaceAll(/^import (.*) from '(.*)'$/gm, required)
    .replaceAll(/^export const (\w+) = /gm, 'const $1 = exports.$1 = ')
  return `;(async () => {\n${body}\n})()\n`
}

/** In which form programs are run: the ending of their files, and what is made of their code. */
export const forms = {
  ESM: { ending: 'mjs', write: (code) => code },
  CommonJS: { ending: 'cjs', write: commonJs },
}
