// The smallest event store that both SDK generations accept: event ids are `<stream>/<number>`, and
// numbers only grow, so the order of storing is the order of replay.

export class MemoryEventStore {
  #events = [];

  async storeEvent(stream, message) {
    const id = `${stream}/${this.#events.length}`;
    this.#events.push({ id, stream, message });
    return id;
  }

  async getStreamIdForEventId(id) {
    return this.#events.find((event) => event.id === id)?.stream;
  }

  async replayEventsAfter(lastId, { send }) {
    const last = this.#events.findIndex((event) => event.id === lastId);
    if (last < 0) throw new Error(`no event ${lastId}`);
    const { stream } = this.#events[last];
    // A copy: an event stored during the replay is delivered by the live stream.
    const missed = this.#events.slice(last + 1).filter((event) => event.stream === stream);
    for (const { id, message } of missed) {
      // A priming event is stored as an empty object; it is no message to replay.
      if (message.jsonrpc) await send(id, message);
    }
    return stream;
  }
}
