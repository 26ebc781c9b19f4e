// A program that uses a client in one way or another, and should come to its end by itself: node life.js WAY URL
import { connect } from 'mcp-sansio'

const LEGACY = { versions: ['2024-11-05', '2025-11-25'] }

const ways = {
  /** Closed in order. */
  async closed(url) {
    const client = await connect(url)
    await client.callTool('echo', { text: 'hi' })
    await client.close()
  },
  /** Nobody has closed it; its server's stream is open. */
  async forgotten(url) {
    const client = await connect(url, LEGACY)
    await client.callTool('echo', { text: 'hi' })
  },
  /** A notification is on its way. */
  async notifying(url) {
    const client = await connect(url, LEGACY)
    await client.callTool('echo', { text: 'hi' })
    client.notify('notifications/roots/list_changed')
  },
  /** A call is all that there is. */
  async calling(url) {
    const client = await connect(url, LEGACY)
    const result = await client.callTool('slow', { steps: 3, text: 'done' })
    process.stdout.write(result.content[0].text)
  },
  /** Somebody reads, and nothing comes before long. */
  async reading(url) {
    const client = await connect(url, LEGACY)
    const reading = client.notifications()
    setTimeout(() => client.close(), 200).unref()
    for await (const { method } of reading) process.stdout.write(method)
    process.stdout.write('end')
  },
  /** The handshake fails. */
  async refused() {
    await connect('http://127.0.0.1:1/mcp').catch((error) => process.stdout.write(error.name))
  },
}

const [way, url] = process.argv.slice(2)
await ways[way](url)
