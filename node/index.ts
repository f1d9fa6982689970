/**
 * A full twin in a Node process: identity, mesh, spaces and capabilities composed, with or without the `twin` command.
 *
 * @example
 * const home = homeAt('./ada', process.env)
 * await makeTwin({ home, phrase: newTwinPhrase(), isRestore: false, kit: home.kit })
 * const twin = await createTwin({ home, listen: '127.0.0.1' })
 * const kv = twin.client(kvProtocol)
 * await kv.put({ key: 'colour', value: 'blue' })
 * assert.equal((await kv.get({ key: 'colour' })).value, 'blue')
 * await twin.stop()
 *
 * @packageDocumentation
 */

export { nodeProtocol } from '../protocols/node/protocol.ts'
export { type ControlConnection, connectToTwin, NotRunning } from './control/index.ts'
export { nodeCrypto } from './crypto.ts'
export { type Config, type Home, HomeError, homeAt, lockHome, readConfig } from './home/index.ts'
export { type MadeTwin, type MakeTwinInit, makeTwin, newTwinPhrase } from './make-twin.ts'
export { createTwin, type Twin, type TwinInit } from './twin.ts'
export { TwinError } from './twin-error.ts'
