import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface SelfSigned {
  readonly key: string
  readonly cert: string
}

/** A certificate for `localhost` that nobody vouches for, as X.509 version 3 in DER, and the key of it. */
export function selfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from('localhost')))))
  const dayMs = 86_400_000
  const validity = sequence(time(Date.now() - dayMs), time(Date.now() + dayMs))
  const serial = der(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(15)]))
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))
  const alternatives = sequence(oid(0x55, 0x1d, 0x11), der(0x04, names))
  const certified = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    serial,
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternatives))
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', certified, privateKey)]))
  const cert = sequence(certified, ecdsaWithSha256, signature)
  const lines = cert.toString('base64').match(/.{1,64}/g)!
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
  }
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts)
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes))
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)
  return der(0x18, Buffer.from(`${text}Z`))
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), body])
}
