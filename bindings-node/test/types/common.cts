/** The same package for CommonJS: one class, whichever way it is loaded from there. */

import machine = require('mcp-sansio/machine')
import sansio = require('mcp-sansio')

const client: machine.Client = new sansio.Client('http://localhost/mcp', null, {}, { relay: true })
client.send(0, '{}')

const error: Error = new sansio.PeerError(-32602, 'no', { why: 'so' })

export = { client, error }
