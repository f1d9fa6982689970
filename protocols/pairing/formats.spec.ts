import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { fixedDeviceKeys, fixedTwin } from '../../crdt/identity/identity.fixture.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { bytesToFirstSight, type FirstSight, firstSightToBytes } from './first-sight.ts'
import { PairingError, type PairingLink, pairingLinkToText, textToPairingLink } from './index.ts'
import { linkAddresses } from './link-addresses.ts'
import { type BoundNewcomer, commit, secretToOffer, show, type Transcript } from './transcript.ts'

const folder = 'protocols/pairing/vectors'
const crypto = nodeCrypto()
const base = 'http://127.0.0.1:4180/'
const at = 1_790_000_000_000
const bytes = (byte: number, length: number) => new Uint8Array(length).fill(byte)
const secret = Uint8Array.from({ length: 16 }, (_, index) => index)

async function fixedTranscript(): Promise<Transcript> {
  const { twin, first } = await fixedTwin(crypto)
  const { transport, signing, encryption } = fixedDeviceKeys(crypto, 2)
  const newcomer: BoundNewcomer = {
    transport: transport.publicKey,
    signing: signing.publicKey,
    encryption: encryption.publicKey,
    role: 'browser',
    name: 'laptop',
    platform: 'Firefox on Linux'
  }
  return {
    kind: 'pair',
    offer: secretToOffer(secret, twin, crypto),
    peer: first.transport.publicKey,
    twin,
    level: 'normal',
    newcomer,
    newcomerNonce: bytes(1, 32),
    twinNonce: bytes(2, 32)
  }
}

function errorOf(text: string, now = 0): PairingError {
  try {
    textToPairingLink(text, now)
  } catch (error) {
    if (error instanceof PairingError) return error
    throw error
  }
  throw new Error('The link was read')
}

describe('transcript of a pairing', () => {
  it('has the frozen commitment, digits and words', async () => {
    const transcript = await fixedTranscript()
    const { offer, newcomer, newcomerNonce } = transcript
    const claim: Transcript = { ...transcript, kind: 'claim', level: 'view' }
    const made = {
      secret,
      transcript,
      commitment: commit(offer, newcomerNonce, newcomer, crypto),
      pair: show(secret, transcript, crypto),
      claim: show(secret, claim, crypto)
    }
    const vector = await frozen('transcript-1', made, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    expect(made.pair.digits).to.match(/^\d{6}$/)
  })

  it('gives other digits when anything in it, or the secret, is another', async () => {
    const transcript = await fixedTranscript()
    const { newcomer } = transcript
    const others: Transcript[] = [
      { ...transcript, kind: 'claim' },
      { ...transcript, offer: bytes(9, 16) },
      { ...transcript, peer: bytes(9, 32) },
      { ...transcript, twin: bytes(9, 32) },
      { ...transcript, level: 'view' },
      { ...transcript, newcomerNonce: bytes(9, 32) },
      { ...transcript, twinNonce: bytes(9, 32) },
      ...(['transport', 'signing', 'encryption'] as const).map(field => ({
        ...transcript,
        newcomer: { ...newcomer, [field]: bytes(9, 32) }
      })),
      ...(['name', 'platform'] as const).map(field => ({ ...transcript, newcomer: { ...newcomer, [field]: 'x' } })),
      { ...transcript, newcomer: { ...newcomer, role: 'cli' as const } }
    ]
    const all = [transcript, ...others].map(one => show(secret, one, crypto).digits)
    all.push(show(bytes(9, 16), transcript, crypto).digits)
    expect(new Set(all).size).to.equal(all.length)
  })
})

describe('link for a new device', () => {
  const link: PairingLink = {
    kind: 'pair',
    secret,
    peer: bytes(1, 32),
    twin: bytes(2, 32),
    level: 'normal',
    expiresAt: at,
    addresses: ['/ip4/127.0.0.1/tcp/4001/ws']
  }

  it('has the frozen form, and reads back from it', async () => {
    const made = {
      pair: pairingLinkToText(link, base),
      claim: pairingLinkToText({ ...link, kind: 'claim', level: 'view' }, 'https://console.example/app?x=1#old')
    }
    const vector = await frozen('link-1', made, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const { pair, claim } = vector.frozen as typeof made
    expect(textToPairingLink(` ${pair}\n`, at - 1)).to.deep.equal(link)
    expect(textToPairingLink(claim, at - 1)).to.deep.equal({ ...link, kind: 'claim', level: 'view' })
    // What a page finds behind its address
    expect(textToPairingLink(new URL(pair).hash, at - 1)).to.deep.equal(link)
  })

  it('keeps everything behind the #, which no server is told', () => {
    const { origin, pathname, search } = new URL(pairingLinkToText(link, base))
    expect(`${origin}${pathname}${search}`).to.equal(base)
  })

  it('that is damaged or over is refused with the reason', () => {
    const whole = pairingLinkToText(link, base)
    const withPayload = (...fields: Parameters<typeof encode>[0][]) =>
      `#pair/${Buffer.from(encode(fields)).toString('base64url')}`
    for (const text of [
      '',
      base,
      'twin:12D3KooW',
      whole.slice(0, -3),
      whole.replace('#pair/', '#approve/'),
      `${whole}#more`,
      `${base}?pair/${whole.split('/').at(-1)}`,
      `#pair/${'A'.repeat(9000)}`,
      withPayload(2, secret, bytes(1, 32), bytes(2, 32), 'normal', at, []),
      withPayload(1, bytes(1, 15), bytes(1, 32), bytes(2, 32), 'normal', at, []),
      withPayload(1, secret, bytes(1, 32), bytes(2, 32), 'admin', at, []),
      withPayload(1, secret, bytes(1, 32), bytes(2, 32), 'normal', at, Array(17).fill('/ip4/127.0.0.1'))
    ]) {
      expect(errorOf(text), text).to.include({ code: 'malformed' })
    }
    expect(errorOf(whole, at)).to.include({ code: 'expired' })
  })

  it('names addresses that a browser can dial, without the peer that it names anyway', () => {
    const peer = '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust'
    const relay = '/ip4/192.0.2.7/tcp/4001/ws/p2p/12D3KooWBootstrap/p2p-circuit'
    const direct = '/ip4/192.168.1.2/udp/4002/webrtc-direct/certhash/uEiAbc'
    const websocket = '/ip4/192.168.1.2/tcp/4001/ws'
    expect(
      linkAddresses(
        [`/ip4/192.168.1.2/tcp/4000/p2p/${peer}`, ...[relay, direct, websocket].map(one => `${one}/p2p/${peer}`)],
        peer
      )
    ).to.deep.equal([websocket, direct, relay])
  })
})

describe('what was seen of a device first', () => {
  const sight: FirstSight = { transport: bytes(3, 32), platform: 'Firefox on Linux', place: 'network' }

  it('has the frozen bytes, and reads back from them', async () => {
    const vector = await frozen('first-sight-1', { value: firstSightToBytes(sight) }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const { value } = vector.frozen as { value: string }
    expect(bytesToFirstSight(hexToBytes(value))).to.deep.equal(sight)
  })

  it('that is not what was written is no more than unknown', () => {
    for (const value of [encode({ v: 2 }), encode({ v: 1, transport: bytes(3, 31) }), new Uint8Array([0xff])]) {
      expect(() => bytesToFirstSight(value)).to.throw()
    }
  })
})
