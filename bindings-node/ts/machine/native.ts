/** The native half, whose complaints about arguments are made TypeErrors that name the method. */

import native from '../../native.cjs'
import { complaint } from './complaints.js'

type Native = typeof native

const named = (name: string): string => {
  const method = name.replace(/^(client|server)/, '')
  return method.charAt(0).toLowerCase() + method.slice(1)
}

const checked = <Given extends unknown[], Result>(
  name: string,
  run: (...given: Given) => Result,
): ((...given: Given) => Result) => {
  return (...given) => {
    try {
      return run(...given)
    } catch (error) {
      throw new TypeError(`${named(name)}: ${complaint(error)}`, { cause: error })
    }
  }
}

const machines: Partial<Native> = {}
for (const [name, run] of Object.entries(native)) {
  const isConstructor = name.endsWith('New') // its complaints are about settings
  Object.assign(machines, { [name]: typeof run === 'function' && !isConstructor ? checked(name, run as never) : run })
}

export default machines as Native
