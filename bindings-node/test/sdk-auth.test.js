// Credentials: the SDKs' providers under our transports, and under their own to compare.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { DpopSession, InsufficientScopeError, UnauthorizedError as UnauthorizedV2 } from '@modelcontextprotocol/client'
import { UnauthorizedError as UnauthorizedV1 } from '@modelcontextprotocol/sdk/client/auth.js'

import { CLIENTS, connected, rejection, text } from './sdk/clients.js'
import { MODERN } from './sdk/faulty.js'
import { FRESH, GOOD, guarded, Provider, STALE } from './sdk/oauth.js'

const isUnauthorized = (error) => error instanceof UnauthorizedV1 || error instanceof UnauthorizedV2

for (const sdk of CLIENTS) {
  for (const whose of ['Ours', 'Theirs']) {
    describe(`${sdk.name}, ${whose.toLowerCase()}`, { concurrency: true }, () => {
      const connect = (t, url, options) => connected(t, sdk, sdk[whose], url, options)

      test('tokens of the provider go out', async (t) => {
        const { url } = await guarded(t, sdk)
        const authProvider = new Provider(url, GOOD)
        const { client } = await connect(t, url, { authProvider })
        assert.equal(await text(sdk, client, 'who'), 'me')
      })

      test('an old token is refreshed', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        const { client } = await connect(t, url, { authProvider: new Provider(url, STALE) })
        assert.equal(await text(sdk, client, 'who'), 'me')
        assert.deepEqual(guard.grants, ['refresh_token'])
      })

      test('a token that becomes old is refreshed', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        const { client } = await connect(t, url, { authProvider: new Provider(url, FRESH) })
        assert.equal(await text(sdk, client, 'who'), 'me')
        guard.good.clear()
        assert.equal(await text(sdk, client, 'who'), 'me')
        assert.equal(guard.grants[0], 'refresh_token')
      })

      test('whoever has to log in does, and connects again', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        const authProvider = new Provider(url)
        const transport = new sdk[whose](url, { authProvider })
        const error = await rejection(sdk.client().connect(transport))
        assert.ok(isUnauthorized(error), error)
        assert.equal(authProvider.redirects.length, 1)
        assert.equal(authProvider.redirects[0].pathname, '/authorize')
        await transport.finishAuth('the code')
        assert.deepEqual(guard.grants, ['authorization_code'])
        const { client } = await connect(t, url, { authProvider })
        assert.equal(await text(sdk, client, 'who'), 'me')
      })

      test('a server that takes no token is asked no more', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        guard.isHopeless = true
        const error = await rejection(
          sdk.client().connect(new sdk[whose](url, { authProvider: new Provider(url, STALE) })),
        )
        assert.ok(sdk.isError(error), error)
        assert.equal(error.status ?? error.code, 401)
        assert.equal(guard.grants.length, 1)
      })

      test('more scope is asked for', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        const authProvider = new Provider(url, GOOD)
        const { client } = await connect(t, url, { authProvider })
        assert.equal(await text(sdk, client, 'who'), 'me') // so that no other request meets what comes now
        guard.scope = 'basic more'
        assert.ok(isUnauthorized(await rejection(text(sdk, client, 'who'))))
        assert.match(authProvider.redirects[0].searchParams.get('scope'), /more/)
      })

      test('without a provider the refusal is an error with its status', async (t) => {
        const { url } = await guarded(t, sdk)
        const error = await rejection(sdk.client().connect(new sdk[whose](url)))
        assert.ok(sdk.isError(error), error)
        assert.equal(error.status ?? error.code, 401)
      })

      test('a header of the application goes out', async (t) => {
        const { url } = await guarded(t, sdk)
        const { client } = await connect(t, url, { requestInit: { headers: { Authorization: 'Bearer good' } } })
        assert.equal(await text(sdk, client, 'who'), 'me')
      })

      test("the application's fetch carries it all", async (t) => {
        const { url } = await guarded(t, sdk)
        const paths = new Set()
        const fetch = (target, init) => {
          paths.add(new URL(target).pathname)
          return globalThis.fetch(target, init)
        }
        const { client } = await connect(t, url, { authProvider: new Provider(url, STALE), fetch })
        assert.equal(await text(sdk, client, 'who'), 'me')
        assert.ok(paths.has('/mcp') && paths.has('/token'))
      })

      if (sdk.name === 'v1') return

      test('a provider of tokens only', async (t) => {
        const { url } = await guarded(t, sdk)
        let token = 'old'
        const onUnauthorized = async ({ response }) => {
          assert.equal(response.status, 401)
          token = 'good'
        }
        const { client } = await connect(t, url, { authProvider: { token: async () => token, onUnauthorized } })
        assert.equal(await text(sdk, client, 'who'), 'me')
        const poor = rejection(
          sdk.client().connect(new sdk[whose](url, { authProvider: { token: async () => 'old' } })),
        )
        assert.ok(isUnauthorized(await poor))
      })

      test('a token that is bound to a key goes out with a proof, and with the nonce that the server wants', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        guard.nonce = 'once'
        const session = await DpopSession.create()
        const authProvider = new Provider(url, { ...GOOD, token_type: 'DPoP' })
        authProvider.dpop = () => session
        const { client } = await connect(t, url, { authProvider })
        assert.equal(await text(sdk, client, 'who'), 'me')
        assert.ok(guard.proofs.length > 1)
        const claims = guard.proofs.map((proof) => JSON.parse(Buffer.from(proof.split('.')[1], 'base64url')))
        assert.ok(claims.every(({ htm, htu }) => htu === url.href && ['GET', 'POST'].includes(htm)))
        assert.equal(claims.at(-1).nonce, 'once')
      })

      test('more scope is not asked for where that is not wanted', async (t) => {
        const { url, guard } = await guarded(t, sdk)
        const authProvider = new Provider(url, GOOD)
        const { client } = await connect(t, url, { authProvider, onInsufficientScope: 'throw' })
        guard.scope = 'basic more'
        const error = await rejection(text(sdk, client, 'who'))
        assert.ok(error instanceof InsufficientScopeError)
        assert.equal(error.requiredScope, 'basic more')
      })
    })
  }

  test(`${sdk.name}: many calls ask for new credentials once`, async (t) => {
    const { url, guard } = await guarded(t, sdk)
    const { client } = await connected(t, sdk, sdk.Ours, url, { authProvider: new Provider(url, FRESH) })
    guard.good.clear()
    const said = await Promise.all(Array.from({ length: 5 }, () => text(sdk, client, 'who')))
    assert.deepEqual(said, Array(5).fill('me'))
    assert.deepEqual(guard.grants, ['refresh_token'])
  })

  test(`${sdk.name}: a provider that fails fails the call, which was not sent`, async (t) => {
    const { url } = await guarded(t, sdk)
    let isBroken = false
    const authProvider = new Provider(url, GOOD)
    authProvider.tokens = async () => {
      if (isBroken) throw new Error('the keyring is locked')
      return GOOD
    }
    const { client } = await connected(t, sdk, sdk.Ours, url, { authProvider })
    isBroken = true
    const error = await rejection(text(sdk, client, 'who'))
    assert.ok(sdk.isError(error))
    assert.match(error.message, /the authProvider gave no token/)
    isBroken = false
    assert.equal(await text(sdk, client, 'who'), 'me')
  })
}

test('what is given up while the provider thinks is not sent', async (t) => {
  const sdk = CLIENTS.find(({ version }) => version === MODERN)
  const { url, seen } = await guarded(t, sdk)
  let thought = Promise.resolve()
  const authProvider = { token: () => thought.then(() => 'good') }
  const { client } = await connected(t, sdk, sdk.Ours, url, { authProvider })
  let think
  thought = new Promise((resolve) => {
    think = resolve
  })
  const controller = new AbortController()
  const call = rejection(text(sdk, client, 'wait', {}, { signal: controller.signal }))
  controller.abort('enough')
  assert.match((await call).message, /enough/)
  think()
  assert.equal(await text(sdk, client, 'who'), 'me')
  assert.equal(seen.started, 0)
})
