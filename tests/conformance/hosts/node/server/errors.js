/** The errors that clients get, with the codes of JSON-RPC and of the protocol. */

import { PeerError } from 'mcp-sansio'

const INTERNAL_ERROR = -32603
const INVALID_PARAMS = -32602
const METHOD_NOT_FOUND = -32601
const MISSING_CAPABILITY = -32021
const RESOURCE_NOT_FOUND = -32002

/** Something went wrong here. */
export const internal = (message) => new PeerError(INTERNAL_ERROR, message)

/** The request is not as it must be. */
export const invalidParams = (message) => new PeerError(INVALID_PARAMS, message)

/** There is no such method. */
export const methodNotFound = (method) => new PeerError(METHOD_NOT_FOUND, `${method} is not there`)

/** The client did not declare what the request needs of it. */
export const missingCapability = (needed) =>
  new PeerError(MISSING_CAPABILITY, 'the request needs a capability that its client does not declare', {
    requiredCapabilities: needed,
  })

/** There is no resource at this URI. The code for it is another since 2026-07-28. */
export const resourceNotFound = (uri, { inSession }) =>
  new PeerError(inSession ? RESOURCE_NOT_FOUND : INVALID_PARAMS, `there is no resource "${uri}"`, { uri })
