import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../../crdt/crypto/index.ts'
import {
  type Certificate,
  claimTwin,
  type DeviceKeys,
  DeviceList,
  twinToText,
  verifyCertificate
} from '../../crdt/identity/index.ts'
import { type Channel, type Client, createClient, ProtocolError } from '../core/index.ts'
import type { PairingLink } from './link.ts'
import { PairingError, type PairingErrorCode } from './pairing-error.ts'
import { type Level, type Newcomer, pairingProtocol, type roles } from './protocol.ts'
import { commit, nonceLength, type Shown, secretToOffer, show } from './transcript.ts'

/** What the new device shows while its owner types at the twin. */
export interface PairingShown extends Shown {
  /** What it will be allowed */
  readonly level: Level
  /** ms since 1970 */
  readonly expiresAt: number
}

export interface PairDeviceInit {
  /** To the device that the link names: the channel has authenticated that peer id */
  readonly channel: Channel
  readonly link: PairingLink
  /** Made on this device for this twin; the public halves and two signatures leave it */
  readonly keys: DeviceKeys
  readonly role: (typeof roles)[number]
  /** What the owner calls it, one line of at most 64 bytes */
  readonly name: string
  /** Such as `Firefox on Linux` */
  readonly platform: string
  readonly crypto: Crypto
  /** Called once, when there are digits to be shown */
  readonly onDigits?: (shown: PairingShown) => void
  readonly signal?: AbortSignal
}

/** What a device that was let in needs to be one, verified. */
export interface PairedDevice {
  /** Twin id */
  readonly id: string
  readonly twin: Uint8Array
  /** In the device list */
  readonly number: number
  readonly certificate: Certificate
  /** The device list, oldest record first */
  readonly records: readonly Uint8Array[]
  /** Recovery encryption key of the twin, as the twin says */
  readonly recovery?: Uint8Array
  /** Multiaddrs of the twin's device */
  readonly addresses: readonly string[]
}

/**
 * The new device's side, from the link to the certificate. Waits for the owner as long as the link is good.
 *
 * @throws {PairingError} which says why not
 * @throws {ProtocolError} when the connection fails; what was approved then is fetched with `fetchPaired`
 *
 * @example
 * const link = textToPairingLink(location.hash, Date.now())
 * const paired = await pairDevice({ channel, link, keys, role: 'browser', name, platform, crypto, onDigits: show })
 */
export async function pairDevice(init: PairDeviceInit): Promise<PairedDevice> {
  const { channel, link, keys, role, name, platform, crypto, signal } = init
  const { kind, secret, peer, twin } = link
  const client = createClient(pairingProtocol, channel)
  try {
    const offer = secretToOffer(secret, twin, crypto)
    const { keys: claimed, bySigning, byTransport } = await claimTwin(twin, keys)
    const newcomer: Newcomer = { ...claimed, bySigning, byTransport, role, name, platform }
    const newcomerNonce = crypto.randomBytes(nonceLength)
    const commitment = commit(offer, newcomerNonce, newcomer, crypto)
    const begun = await client.begin({ offer, commitment }, { signal }).catch(explain('taken'))
    const { nonce: twinNonce, level, expiresAt } = begun
    // The link says what the device will be allowed, and so do the digits
    if (level !== link.level) throw new PairingError('impostor', 'The twin offers something else than the link')
    await client.reveal({ offer, nonce: newcomerNonce, newcomer }, { signal }).catch(explain('burnt'))
    const transcript = { kind, offer, peer, twin, level, newcomer, newcomerNonce, twinNonce }
    init.onDigits?.({ ...show(secret, transcript, crypto), level, expiresAt })
    return await collect(client, offer, init)
  } finally {
    await client.close()
  }
}

/**
 * What the owner has said meanwhile, for a device whose connection broke after it had shown its digits: a device that was let in is told
 * so again. Waits as `pairDevice` does.
 *
 * @throws {PairingError | ProtocolError} as `pairDevice`
 */
export async function fetchPaired(
  init: Pick<PairDeviceInit, 'channel' | 'link' | 'keys' | 'crypto' | 'signal'>
): Promise<PairedDevice> {
  const client = createClient(pairingProtocol, init.channel)
  try {
    return await collect(client, secretToOffer(init.link.secret, init.link.twin, init.crypto), init)
  } finally {
    await client.close()
  }
}

async function collect(
  client: Client<typeof pairingProtocol>,
  offer: Uint8Array,
  init: Pick<PairDeviceInit, 'link' | 'keys' | 'crypto' | 'signal'>
): Promise<PairedDevice> {
  const { signal } = init
  for (;;) {
    const { state, admitted, addresses = [] } = await client.result({ offer }, { signal }).catch(explain('refused'))
    if (state === 'waiting') continue
    if (state === 'done' && admitted !== undefined) return await verify(admitted, addresses, init)
    if (state === 'refused') throw new PairingError('refused', 'Your twin was told to refuse this device')
    if (state === 'burnt') throw new PairingError('burnt', 'Other digits were typed: make a new link at your twin')
    throw new PairingError('expired', 'The link has expired: make a new one at your twin')
  }
}

/** Nothing of it is believed: the list has to begin with the owner key that the link names, and to list these very keys. */
async function verify(
  {
    number,
    certificate: bytes,
    records,
    recovery
  }: {
    readonly number: number
    readonly certificate: Uint8Array
    readonly records: readonly Uint8Array[]
    readonly recovery?: Uint8Array
  },
  addresses: readonly string[],
  { link: { twin }, keys, crypto }: Pick<PairDeviceInit, 'link' | 'keys' | 'crypto'>
): Promise<PairedDevice> {
  try {
    const [certificate, list] = [
      await verifyCertificate(bytes, crypto),
      await DeviceList.read({ twin, crypto }, records)
    ]
    const listed = list.byTransport(keys.transport.publicKey)
    const isMine =
      listed?.number === number &&
      !list.isRevoked(number) &&
      equals(listed.certificate.bytes, bytes) &&
      equals(certificate.twin, twin) &&
      equals(certificate.signing, keys.signing.publicKey) &&
      equals(certificate.encryption, keys.encryption.publicKey)
    if (!isMine) throw new Error('The list does not name this device')
    return { id: twinToText(twin), twin, number, certificate, records, recovery, addresses }
  } catch (cause) {
    throw new PairingError('impostor', 'What came back does not belong to the twin of the link', { cause })
  }
}

/** What a refusal means at this step. */
function explain(code: PairingErrorCode): (thrown: unknown) => never {
  return thrown => {
    if (!(thrown instanceof ProtocolError)) throw thrown
    if (thrown.code === 'NotFound') {
      throw new PairingError('unknown', 'The link is not open any more: make a new one at your twin', { cause: thrown })
    }
    if (thrown.code === 'FailedPrecondition') throw new PairingError(code, thrown.message, { cause: thrown })
    throw thrown
  }
}
