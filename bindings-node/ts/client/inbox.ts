/**
 * What waits at the application: bounded together, so that the machine knows when there is no room. When there is none,
 * the machine keeps the messages, and decides what to merge, drop or refuse, while outcomes pass them.
 */

/** Messages that may wait at the application, all readers together. */
const ROOM = 64

/** An inbox in which what waits takes no room from others; the oldest are dropped beyond `most`. */
export const unbound = <T>(most = Number.MAX_SAFE_INTEGER): Inbox<T> =>
  new Inbox<T>(
    new Hall(
      () => {},
      () => {},
    ),
    most,
  )

/** Counts the messages that wait for the application, and what it waits for itself; tells what is new of both. */
export class Hall {
  readonly #tellRoom: (hasRoom: boolean) => void
  readonly #tellAwaited: (isAwaited: boolean) => void
  #messages = 0
  #waiting = 0

  constructor(tellRoom: (hasRoom: boolean) => void, tellAwaited: (isAwaited: boolean) => void) {
    this.#tellRoom = tellRoom
    this.#tellAwaited = tellAwaited
  }

  /** So many more messages wait, or fewer. */
  count(messages: number): void {
    const had = this.#messages < ROOM
    this.#messages += messages
    const has = this.#messages < ROOM
    if (had !== has) this.#tellRoom(has)
  }

  /** So many more readers and callers wait, or fewer. */
  countWaiting(waiting: number): void {
    this.#waiting += waiting
    this.#tellAwaited(this.#waiting > 0)
  }
}

interface Item<T> {
  readonly value: T
  takesRoom: boolean
}

/** What waits for one reader, in order. */
export class Inbox<T> {
  readonly #hall: Hall
  readonly #most: number
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = []
  #items: Item<T>[] = []
  #isEnded = false

  /** With `most`, the oldest are dropped beyond that number; else what is put in takes room. */
  constructor(hall: Hall, most = Infinity) {
    this.#hall = hall
    this.#most = most
  }

  /** Puts something in, unless nobody will read it. */
  put(value: T, takesRoom = this.#most === Infinity): void {
    if (this.#isEnded) return
    const reader = this.#waiting.shift()
    if (reader !== undefined) {
      this.#hall.countWaiting(-1)
      reader({ done: false, value })
      return
    }
    this.#items.push({ value, takesRoom })
    if (this.#items.length > this.#most) this.#items.shift()
    if (takesRoom) this.#hall.count(1)
  }

  /** Puts something in that takes no room, in the place of the last two if they are unread and stale. */
  replaceLast(value: T, isStale: (before: T, last: T) => boolean): void {
    const [before, last] = this.#items.slice(-2)
    if (before !== undefined && last !== undefined && isStale(before.value, last.value)) this.#items.splice(-2)
    this.put(value, false)
  }

  /** The next; the end, when no more can come. */
  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift()
    if (item !== undefined) {
      if (item.takesRoom) this.#hall.count(-1)
      return Promise.resolve({ done: false, value: item.value })
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined })
    this.#hall.countWaiting(1)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** How many wait to be read. */
  get size(): number {
    return this.#items.length
  }

  /** Takes out what need not be read any more; it took no room. */
  remove(isMeant: (value: T) => boolean): void {
    this.#items = this.#items.filter(({ value }) => !isMeant(value))
  }

  /** Nothing more comes. What is in it can still be read, and takes no room from others. */
  end(): void {
    this.#isEnded = true
    for (const reader of this.#waiting.splice(0)) {
      this.#hall.countWaiting(-1)
      reader({ done: true, value: undefined })
    }
    const held = this.#items.filter((item) => item.takesRoom)
    for (const item of held) item.takesRoom = false
    if (held.length > 0) this.#hall.count(-held.length)
  }

  /** Nobody reads it any more. */
  desert(): void {
    this.end()
    this.#items = []
  }
}
