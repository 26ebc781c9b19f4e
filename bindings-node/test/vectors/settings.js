// The `config` of a vector's header, as the constructors take it.

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())

const camelled = (members) => Object.fromEntries(Object.entries(members).map(([name, value]) => [camel(name), value]))

/** Who speaks the handshake: the machine, with an identity, or the host. */
export const identity = (handshake) => {
  if (handshake === 'host') return null
  if (handshake === undefined) return { name: 'vector', version: '1' }
  const { info, name, version, ...rest } = handshake
  return info === undefined ? { name, version, ...rest } : { ...info, info, ...rest }
}

/** The settings: the revisions are those of the legacy era unless named. */
export const settings = ({ role: _role, url: _url, handshake: _handshake, known, limits, timing, ...rest }) => ({
  versions: ['2024-11-05', '2025-11-25'],
  ...camelled(rest),
  ...(known && { known: { ...camelled(known), result: known.result && JSON.stringify(known.result) } }),
  ...(limits && { limits: camelled(limits) }),
  ...(timing && { timing: camelled(timing) }),
})
