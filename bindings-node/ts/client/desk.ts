/** Who waits for what: where the machine's events go. */

import { Calls } from '../calls.js'
import type { Log } from '../log.js'
import type { Client } from '../machine/client.js'
import type { ClientNotification, ListenEnded, ListenGap, ListenOpened } from '../machine/outputs.js'
import { type JsonObject, objectOf } from '../values.js'
import type { Hall, Inbox } from './inbox.js'
import {
  type Event,
  type Notification,
  type Outcome,
  outcomeOf,
  type RequestOptions,
  type SubscriptionEvent,
} from './messages.js'
import type { ClientEvent, Pump } from './pump.js'
import type { Staff } from './staff.js'

/** Brings what the machine says to whoever waits for it. */
export class Desk {
  readonly #machine: Client
  readonly #step: Pump['step']
  readonly #hall: Hall
  readonly #staff: Staff
  readonly #calls: Calls
  readonly #subscriptions = new Map<number, Inbox<SubscriptionEvent>>()
  #notifications: Inbox<Notification> | undefined
  #events: Inbox<Event> | undefined
  #isClosed = false

  constructor(machine: Client, step: Pump['step'], hall: Hall, staff: Staff, log: Log) {
    this.#machine = machine
    this.#step = step
    this.#hall = hall
    this.#staff = staff
    this.#calls = new Calls(machine, step, log)
  }

  /** Sees a call through from its beginning to its outcome; rejects with what `progress` throws. */
  call(begin: (now: number) => number, options: Pick<RequestOptions, 'progress' | 'signal'>): Promise<Outcome> {
    this.#hall.countWaiting(1)
    return this.#calls.make(begin, options).finally(() => this.#hall.countWaiting(-1))
  }

  /** Begins a subscription; gives what ends it. */
  listen(inbox: Inbox<SubscriptionEvent>, params: string): () => void {
    const listen = this.#step((now) => {
      const begun = this.#machine.listen(now, params)
      this.#subscriptions.set(begun, inbox)
      return begun
    })
    return () => {
      if (this.#subscriptions.delete(listen)) this.#step((now) => this.#machine.unlisten(now, listen))
    }
  }

  /** Notifications go there from now on; an older reader finds its end. */
  readNotifications(inbox: Inbox<Notification>): void {
    this.#notifications?.end()
    this.#notifications = inbox
    if (this.#isClosed) inbox.end()
  }

  /** Events go there from now on; an older reader finds its end. */
  readEvents(inbox: Inbox<Event>): void {
    this.#events?.end()
    this.#events = inbox
    if (this.#isClosed) inbox.end()
  }

  /** Brings one event to where it belongs. What nobody waits for is dropped. */
  deliver(event: ClientEvent): void {
    switch (event.type) {
      case 'settled':
        return this.#calls.settle(event)
      case 'progress':
        return this.#calls.progress(event)
      case 'notification':
        return this.#notified(event)
      case 'listenOpened':
      case 'listenGap':
      case 'listenEnded':
        return this.#listening(event)
      case 'request':
        return void this.#staff.handle(event)
      case 'withdrawn':
        return this.#staff.withdraw(event.id)
      case 'unauthorized':
        return void this.#staff.ask(event.refusal)
      case 'notice':
      case 'sessionChanged':
        return this.tell(event)
      case 'closed':
        return this.#end()
      case 'message':
      case 'unknown':
    }
  }

  /** Tells the reader of events. */
  tell(event: Event): void {
    this.#events?.put(event)
  }

  #notified({ method, params, listen }: ClientNotification): void {
    const inbox = listen === null ? this.#notifications : this.#subscriptions.get(listen)
    inbox?.put({ type: 'notification', method, params: params === null ? undefined : objectOf(params) })
  }

  #listening(event: ListenEnded | ListenGap | ListenOpened): void {
    const inbox = this.#subscriptions.get(event.listen)
    if (event.type === 'listenOpened')
      inbox?.put({ type: 'opened', filter: JSON.parse(event.filter) as JsonObject }, false)
    // One gap after another, with nothing said in between, is one gap: a reader that never comes cannot make the queue grow.
    else if (event.type === 'listenGap') inbox?.replaceLast({ type: 'gap' }, isStale)
    else {
      inbox?.put({ type: 'ended', outcome: outcomeOf(event) }, false)
      inbox?.end()
      this.#subscriptions.delete(event.listen)
    }
  }

  #end(): void {
    this.#isClosed = true
    this.#notifications?.end()
    this.#events?.end()
    this.#staff.dismiss()
  }
}

const isStale = (before: SubscriptionEvent, last: SubscriptionEvent): boolean =>
  before.type === 'gap' && last.type === 'opened'
