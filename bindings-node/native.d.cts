/** A client machine. */
export type ClientHandle = { readonly client: unique symbol }
/** A server machine. */
export type ServerHandle = { readonly server: unique symbol }
/** A field of an output. */
export type Field = number | string | null

/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** Says whether there are new credentials. */
export declare function clientAuthorize(client: ClientHandle, now: number, granted: boolean): void

/** Hands over a request. */
export declare function clientCall(client: ClientHandle, now: number, method: string, params?: string | undefined | null, options?: Options | undefined | null): number

/** Cancels a call. */
export declare function clientCancel(client: ClientHandle, now: number, call: number, reason?: string | undefined | null): void

/** Cancels the request with this id, which is JSON; `false`: there is no relay. */
export declare function clientCancelMessage(client: ClientHandle, now: number, id: string): boolean

/** Bytes of a body. */
export declare function clientChunk(client: ClientHandle, now: number, exchange: number, data: Uint8Array): boolean

/** Settles all calls and ends the session. */
export declare function clientClose(client: ClientHandle, now: number): void

/** Begins the handshake. */
export declare function clientConnect(client: ClientHandle, now: number): number

/** The next deadline; -1 if there is none. */
export declare function clientDeadline(client: ClientHandle): number

/** All outputs, and last the next deadline. */
export declare function clientDrain(client: ClientHandle, room: boolean): Array<Field>

/** The end of a body. */
export declare function clientEnd(client: ClientHandle, now: number, exchange: number): boolean

/** An exchange failed. */
export declare function clientFailed(client: ClientHandle, now: number, exchange: number, detail: string, sent: boolean): boolean

/** The head of a response. */
export declare function clientHead(client: ClientHandle, now: number, exchange: number, status: number, headers: string): boolean

/** Who waits for what, as JSON. */
export declare function clientInspect(client: ClientHandle): string

/** What is known of the server, as JSON. */
export declare function clientKnown(client: ClientHandle): string | null

/** Subscribes. */
export declare function clientListen(client: ClientHandle, now: number, params: string): number

/**
 * A machine.
 *
 * # Errors
 * A sentence that says what is wrong with the settings.
 */
export declare function clientNew(url: string, identity: string | undefined | null, settings: string, seed: Uint8Array, relay: boolean): ClientHandle

/** Sends a notification. */
export declare function clientNotify(client: ClientHandle, now: number, method: string, params?: string | undefined | null): void

/** The lines of the record since they were last asked for. */
export declare function clientRecords(client: ClientHandle): Array<string>

/** Answers a request of the server: with a result, else with an error. */
export declare function clientRespond(client: ClientHandle, now: number, id: number, result?: string | undefined | null, code?: number | undefined | null, message?: string | undefined | null, data?: string | undefined | null): void

/** Sends a message of a host that speaks JSON-RPC itself; `false`: there is no relay. */
export declare function clientSend(client: ClientHandle, now: number, message: string, options?: Options | undefined | null): boolean

/** An event, from a host that reads SSE itself. */
export declare function clientSseEvent(client: ClientHandle, now: number, exchange: number, event: string, data: string, id?: string | undefined | null, retry?: number | undefined | null): boolean

/** The deadline has come. */
export declare function clientTimeout(client: ClientHandle, now: number): boolean

/** Ends a subscription. */
export declare function clientUnlisten(client: ClientHandle, now: number, listen: number): void

/** How a call is made. What is left out is as the settings have it; times are milliseconds. */
export interface Options {
  /** It may run twice. */
  safe?: boolean
  /** Its progress is wanted. */
  progress?: boolean
  /** It fails after so long without progress. */
  idle?: number
  /** It fails after so long. */
  max?: number
  /** Headers for its requests, as a block. */
  headers?: string
}

/** An HTTP request began. */
export declare function serverAccept(server: ServerHandle, now: number, method: string, headers: string, principal?: string | undefined | null): number

/** Asks the client of a request, or of a session. */
export declare function serverCall(server: ServerHandle, now: number, request: number | undefined | null, session: number | undefined | null, method: string, params?: string | undefined | null, options?: Options | undefined | null): number

/** Cancels a call. */
export declare function serverCancel(server: ServerHandle, now: number, call: number, reason?: string | undefined | null): void

/** Bytes of a request's body. */
export declare function serverChunk(server: ServerHandle, now: number, exchange: number, data: Uint8Array): boolean

/** The next deadline; -1 if there is none. */
export declare function serverDeadline(server: ServerHandle): number

/** Says which arguments of tools must stand in headers; the sentence that says what is wrong with them. */
export declare function serverDeclareTools(server: ServerHandle, tools: string): string | null

/** All outputs, and last the next deadline. */
export declare function serverDrain(server: ServerHandle): Array<Field>

/** The end of a request's body. */
export declare function serverEnd(server: ServerHandle, now: number, exchange: number): boolean

/** Ends a session; `false`: there is no such reason. */
export declare function serverEndSession(server: ServerHandle, now: number, session: number, reason: string): boolean

/** The client has gone. */
export declare function serverGone(server: ServerHandle, now: number, exchange: number): boolean

/** Who waits for what, as JSON. */
export declare function serverInspect(server: ServerHandle): string

/**
 * A machine.
 *
 * # Errors
 * A sentence that says what is wrong with the settings.
 */
export declare function serverNew(identity: string | undefined | null, settings: string, seed: Uint8Array, relay: boolean): ServerHandle

/** Sends a notification to the client of a request, of a session, or to all. */
export declare function serverNotify(server: ServerHandle, now: number, request: number | undefined | null, session: number | undefined | null, method: string, params?: string | undefined | null): void

/** The lines of the record since they were last asked for. */
export declare function serverRecords(server: ServerHandle): Array<string>

/** Lets connections go, so that clients come back for the rest. */
export declare function serverReleaseConnection(server: ServerHandle, now: number, request?: number | undefined | null, session?: number | undefined | null, retry?: number | undefined | null): void

/** Answers a request: with a result, else with an error. */
export declare function serverRespond(server: ServerHandle, now: number, id: number, result?: string | undefined | null, code?: number | undefined | null, message?: string | undefined | null, data?: string | undefined | null): void

/** Sends a message of a host that speaks JSON-RPC itself; `false`: there is no relay. */
export declare function serverSend(server: ServerHandle, now: number, message: string, session?: number | undefined | null, via?: number | undefined | null): boolean

/** The shard that a request's session is in; -1 if any will do. */
export declare function serverShard(headers: string): number

/** Ends everything, after a grace. */
export declare function serverShutDown(server: ServerHandle, now: number, grace: number): void

/** Says that a request is being run; `false`: it is not there any more. */
export declare function serverTake(server: ServerHandle, now: number, id: number): boolean

/** The deadline has come. */
export declare function serverTimeout(server: ServerHandle, now: number): boolean

/** The library has taken the last chunk. */
export declare function serverWritten(server: ServerHandle, now: number, exchange: number): boolean
