// A server that wants credentials, with the authorization server that gives them; and a client's memory for them.
import { ours } from './worlds.js'

/** Bears credentials like an application does, with nobody to log in. */
export class Provider {
  redirectUrl = 'http://localhost/callback'
  clientMetadata = { redirect_uris: ['http://localhost/callback'], client_name: 'test', scope: 'basic' }
  redirects = []
  #tokens
  #client
  #verifier

  #discovered

  constructor({ origin }, tokens) {
    if (tokens === undefined) return
    this.#tokens = { issuer: origin, ...tokens }
    this.#client = { issuer: origin, client_id: 'me', redirect_uris: this.clientMetadata.redirect_uris }
  }

  clientInformation() {
    return this.#client
  }

  saveClientInformation(client) {
    this.#client = client
  }

  async tokens() {
    return this.#tokens
  }

  saveTokens(tokens) {
    this.#tokens = tokens
  }

  saveDiscoveryState(state) {
    this.#discovered = state
  }

  discoveryState() {
    return this.#discovered
  }

  redirectToAuthorization(url) {
    this.redirects.push(url)
  }

  saveCodeVerifier(verifier) {
    this.#verifier = verifier
  }

  codeVerifier() {
    return this.#verifier
  }
}

const bearer = (token, more = {}) => ({ access_token: token, token_type: 'Bearer', scope: 'basic', ...more })

/** A token that is good. */
export const GOOD = bearer('good')
/** One that can be refreshed, too. */
export const FRESH = bearer('good', { refresh_token: 'again' })
/** One that has to be. */
export const STALE = bearer('stale', { refresh_token: 'again' })

/** A server of the SDK, on our engine, that lets in who has one of the tokens in `good`. */
export const guarded = async (t, sdk) => {
  const guard = { good: new Set(['good']), grants: [], scope: 'basic', isHopeless: false, nonce: undefined, proofs: [] }
  const front = (handler) => async (request, response) => {
    const origin = `http://${request.headers.host}`
    const json = (body, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      return json({ resource: `${origin}/mcp`, authorization_servers: [origin] })
    }
    if (request.url === '/.well-known/oauth-authorization-server') return json(metadata(origin))
    if (request.url === '/register') return json({ ...JSON.parse(await bodyOf(request)), client_id: 'me' }, 201)
    if (request.url === '/token') return json(await grant(guard, request))
    if (request.url !== '/mcp') return response.writeHead(404).end()
    const [kind, token] = (request.headers.authorization ?? ' ').split(/ (.*)/)
    if (kind === 'DPoP' && !isProof(guard, request.headers.dpop)) {
      const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': guard.nonce }
      return response.writeHead(401, headers).end()
    }
    if (!guard.good.has(token)) return challenge(response, origin, 401, '')
    if (guard.scope !== 'basic')
      return challenge(response, origin, 403, `error="insufficient_scope", scope="${guard.scope}", `)
    request.auth = { token, clientId: 'me', scopes: ['basic'] }
    return handler.node(request, response)
  }
  return { guard, ...(await ours(t, sdk, {}, front)) }
}

/** Whether a proof has the nonce that is wanted. */
const isProof = (guard, proof) => {
  guard.proofs.push(proof)
  return JSON.parse(Buffer.from(proof.split('.')[1], 'base64url')).nonce === guard.nonce
}

const metadata = (origin) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  registration_endpoint: `${origin}/register`,
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
})

const grant = async (guard, request) => {
  const form = new URLSearchParams(await bodyOf(request))
  guard.grants.push(form.get('grant_type'))
  const token = `granted ${guard.grants.length}`
  if (!guard.isHopeless) guard.good.add(token)
  return bearer(token, { refresh_token: 'again' })
}

const challenge = (response, origin, status, details) => {
  const metadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`
  response.writeHead(status, { 'www-authenticate': `Bearer ${details}resource_metadata="${metadataUrl}"` }).end()
}

const bodyOf = async (request) => {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
