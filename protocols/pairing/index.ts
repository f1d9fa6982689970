/**
 * How a new device becomes one of the twin's: a link that only its owner has, six digits that the new device shows and the owner types at
 * the twin; and how one that should not have is taken back. The new device's side is `pairDevice`, which needs a channel and nothing else.
 *
 * ```ts
 * const { link } = await pairing.offer({ level: 'view' })
 * assert.equal(textToPairingLink(link, Date.now()).level, 'view')
 * for await (const open of pairing.offers({})) assert.equal(open.state, 'open')
 * ```
 * @packageDocumentation
 */
export { type PairingLink, pairingLinkToText, textToPairingLink } from './link.ts'
export { fetchPaired, type PairDeviceInit, type PairedDevice, type PairingShown, pairDevice } from './pair-device.ts'
export type { PairingComponents, PairingInit } from './pairing.ts'
export { PairingError, type PairingErrorCode } from './pairing-error.ts'
export * from './protocol.ts'
export { pairing } from './service.ts'
