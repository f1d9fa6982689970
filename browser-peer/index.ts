/**
 * The light twin for browsers: a device of its owner's twin with keys of its own. It reaches the twin directly over WebSockets,
 * WebRTC or a relay, keeps a copy of chosen spaces to read and edit offline, and asks the twin for everything else.
 *
 * ```ts
 * const device = await openDevice()
 * if (device.identity === undefined) await device.adopt(await pair(device.keys))
 * const twin = await createTwin({ device })
 * for await (const item of twin.client(chatProtocol).follow({})) show(item)
 * ```
 * @packageDocumentation
 */
export { type Device, type DeviceInit, knownDevice, openDevice } from './device.ts'
export type { BrowserKeys } from './device-keys.ts'
export type { Identity } from './device-store.ts'
export { LightError, type LightErrorCode } from './light-error.ts'
export type { OpenNote } from './open-note.ts'
export type { Path } from './own-nodes.ts'
export { type PairBrowserInit, pairBrowser } from './pair-browser.ts'
export { type ReachedNode, reachNode } from './reach-node.ts'
export { createTwin, type Twin, type TwinInit } from './twin.ts'
export type { TwinEvents } from './twin-event.ts'
