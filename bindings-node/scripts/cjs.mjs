// What stands in cjs is CommonJS, whatever the package says.
import { writeFileSync } from 'node:fs'

writeFileSync(new URL('../cjs/package.json', import.meta.url), '{ "type": "commonjs" }\n')
