/** What the suite asks for: by its environment, and the server's URL as the last argument. */

/** What to speak at each revision that is played: those of its era, up to it. Which era it is need not be found out. */
const VERSIONS = {
  '2025-11-25': ['2024-11-05', '2025-11-25'],
  '2026-07-28': ['2026-07-28', '2026-07-28'],
}

/** One scenario, to be played against one server. Its `context` has what it has to tell: credentials, or calls to make. */
export const taskFromEnvironment = () => {
  const revision = variable('MCP_CONFORMANCE_PROTOCOL_VERSION')
  const versions = VERSIONS[revision]
  if (versions === undefined) {
    throw new Error(`${revision} is no revision that this client plays: add it to ${import.meta.filename}`)
  }
  const url = process.argv.slice(2).at(-1)
  if (url === undefined) throw new Error("the server's URL is missing: it is the last argument")
  const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}')
  return { url, scenario: variable('MCP_CONFORMANCE_SCENARIO'), versions, context }
}

const variable = (name) => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set; the conformance suite sets it`)
  return value
}
