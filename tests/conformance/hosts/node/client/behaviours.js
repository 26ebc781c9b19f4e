/** What is done in which scenario. */

import { example } from './schema.js'

/** What to do in a scenario, with a connected client and the task. */
export const behaviourOf = (scenario) => {
  // Authorization is not implemented here. What a client without it comes to, the suite may judge.
  if (scenario.startsWith('auth/')) return callAllTools
  const behaviour = BEHAVIOURS[scenario]
  if (behaviour === undefined) {
    throw new Error(
      `there is no behaviour for the scenario "${scenario}"; it may be new: add one to ${import.meta.filename}`,
    )
  }
  return behaviour
}

const listTools = (client) => client.listTools()

/** All tools at once, as nothing of one call may find its way into another. */
const callAllTools = async (client) => {
  const tools = await client.listTools()
  await Promise.all(tools.map(({ name, inputSchema }) => call(client, name, example(inputSchema))))
}

/** Lists what there is, and uses each of it. */
const useEverything = async (client) => {
  await callAllTools(client)
  const { resources } = await client.request('resources/list')
  for (const { uri } of resources) await client.request('resources/read', { uri })
  const { prompts } = await client.request('prompts/list')
  for (const { name } of prompts) await client.request('prompts/get', { name })
}

/** Makes the calls that the context has, after the tools are known. */
const makeCalls = async (client, { context }) => {
  await client.listTools()
  for (const wanted of context.toolCalls) await call(client, wanted.name, wanted.arguments)
}

/** Gives the schema of one tool to another, as it came. */
const giveSchemaBack = async (client) => {
  const tools = await client.listTools()
  const focal = tools.find(({ name }) => name === 'json_schema_2020_12_tool')
  await call(client, 'json_schema_echo', { schema: focal.inputSchema })
}

/** Calls a tool, which must not fail. */
const call = async (client, tool, given) => {
  const { isError, content } = await client.callTool(tool, given)
  if (isError) throw new Error(`the tool ${tool} failed: ${JSON.stringify(content)}`)
}

const BEHAVIOURS = {
  'elicitation-sep1034-client-defaults': callAllTools,
  'http-custom-headers': makeCalls,
  'http-invalid-tool-headers': callAllTools,
  'http-standard-headers': useEverything,
  initialize: listTools,
  'json-schema-2020-12-preservation': giveSchemaBack,
  'json-schema-ref-no-deref': listTools,
  'request-metadata': listTools,
  'sep-2322-client-request-state': callAllTools,
  'sse-retry': callAllTools,
  tools_call: callAllTools,
}
