/** What any implementation of the primitives must show: published vectors, and one verdict on signatures that others differ about. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { expect } from 'chai'
import { concat } from 'uint8arrays/concat'
import type { Crypto } from './crypto.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
const { Point } = ed25519
const scalars = Point.Fn

export default function cryptoCompliance(name: string, create: () => Crypto): void {
  describe(`crypto ${name}`, () => {
    let crypto: Crypto
    before(() => {
      crypto = create()
    })

    it('signs and verifies as RFC 8032 §7.1 has it', async () => {
      const vectors = [
        [
          '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
          'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
          '',
          'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
        ],
        [
          '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
          '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
          '72',
          '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
        ]
      ].map(vector => vector.map(hex))
      for (const [secret, publicKey, message, signature] of vectors as [Uint8Array, ...Uint8Array[]][]) {
        const signer = crypto.signer(secret)
        expect(signer.publicKey).to.deep.equal(publicKey)
        expect(await signer.sign(message!)).to.deep.equal(signature)
        expect(await crypto.verify(publicKey!, message!, signature!)).to.equal(true)
      }
    })

    it('refuses a signature, message or key with any bit flipped', async () => {
      const signer = crypto.signer(crypto.randomBytes(32))
      const message = crypto.randomBytes(20)
      const signature = await signer.sign(message)
      for (const [at, part] of [signer.publicKey, message, signature].entries()) {
        for (let index = 0; index < part.length; index += 5) {
          const parts = [signer.publicKey, message, signature].map(bytes => bytes.slice())
          parts[at]![index]! ^= 1 << (index % 8)
          expect(await crypto.verify(parts[0]!, parts[1]!, parts[2]!)).to.equal(false)
        }
      }
    })

    it('refuses keys and signatures of wrong lengths without a throw', async () => {
      const some = crypto.randomBytes(64)
      for (const key of [some.subarray(0, 31), some.subarray(0, 33), new Uint8Array()]) {
        expect(await crypto.verify(key, some, some)).to.equal(false)
      }
      const { publicKey } = crypto.signer(some.subarray(0, 32))
      for (const length of [0, 63])
        expect(await crypto.verify(publicKey, some, some.subarray(0, length))).to.equal(false)
    })

    it('refuses a key of small order, under which anybody could sign anything', async () => {
      const message = hex('00')
      // [S]B = R + [k]A holds for any k when A is the neutral point
      for (const key of ['01', 'ee'].map(first =>
        hex(first.padEnd(62, first === '01' ? '0' : 'f') + (first === '01' ? '00' : '7f'))
      )) {
        const r = Point.BASE.toBytes()
        const signature = concat([r, scalarToBytes(1n)])
        expect(await crypto.verify(key, message, signature)).to.equal(false)
      }
    })

    it('refuses an R that is right only after multiplying by the cofactor', async () => {
      const message = hex('0102')
      const secret = crypto.randomBytes(32)
      const { publicKey } = crypto.signer(secret)
      const { scalar } = ed25519.utils.getExtendedPublicKey(secret)
      const torsion = Point.fromBytes(hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'))
      const nonce = 12345n
      const signWith = (r: Uint8Array): Uint8Array => {
        const k = scalars.create(littleEndian(sha512(concat([r, publicKey, message]))))
        return concat([r, scalarToBytes(scalars.create(nonce + k * scalar))])
      }
      const honest = Point.BASE.multiply(nonce)
      expect(await crypto.verify(publicKey, message, signWith(honest.toBytes()))).to.equal(true)
      const crooked = signWith(honest.add(torsion).toBytes())
      expect(ed25519.verify(crooked, message, publicKey)).to.equal(true) // others do take it
      expect(await crypto.verify(publicKey, message, crooked)).to.equal(false)
    })

    it('refuses an S that is not reduced, or every signature had a second form', async () => {
      const signer = crypto.signer(crypto.randomBytes(32))
      const signature = await signer.sign(hex('07'))
      const s = littleEndian(signature.subarray(32)) + scalars.ORDER
      const malleated = concat([signature.subarray(0, 32), scalarToBytes(s)])
      expect(await crypto.verify(signer.publicKey, hex('07'), malleated)).to.equal(false)
    })

    it('derives as RFC 5869 A.1 has it', () => {
      const okm = crypto.hkdf(
        new Uint8Array(22).fill(0x0b),
        hex('000102030405060708090a0b0c'),
        hex('f0f1f2f3f4f5f6f7f8f9'),
        42
      )
      expect(okm).to.deep.equal(
        hex('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865')
      )
    })

    it('hashes the parts as one message', () => {
      const whole = hex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
      expect(crypto.sha256(hex('616263'))).to.deep.equal(whole)
      expect(crypto.sha256(hex('61'), new Uint8Array(), hex('6263'))).to.deep.equal(whole)
    })

    it('seals as AES-256-GCM of SP 800-38D has it', async () => {
      const [key, nonce, plaintext] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(16)]
      const sealed = await crypto.aeadSeal(key, nonce, new Uint8Array(), plaintext)
      expect(sealed).to.deep.equal(hex('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919'))
      expect(await crypto.aeadOpen(key, nonce, new Uint8Array(), sealed)).to.deep.equal(plaintext)
    })

    it('opens nothing that was changed, cut or bound to something else', async () => {
      const [key, nonce, aad] = [crypto.randomBytes(32), crypto.randomBytes(12), crypto.randomBytes(9)]
      const sealed = await crypto.aeadSeal(key, nonce, aad, crypto.randomBytes(40))
      for (let index = 0; index < sealed.length; index++) {
        const changed = sealed.slice()
        changed[index]! ^= 1
        expect(await crypto.aeadOpen(key, nonce, aad, changed)).to.equal(undefined)
      }
      for (const length of [0, 15, sealed.length - 1]) {
        expect(await crypto.aeadOpen(key, nonce, aad, sealed.subarray(0, length))).to.equal(undefined)
      }
      expect(await crypto.aeadOpen(key, nonce, aad.subarray(1), sealed)).to.equal(undefined)
    })

    it('seals to a public key what only its secret opens, bound to info and associated data', async () => {
      const recipient = crypto.unsealer(hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'))
      expect(recipient.publicKey).to.deep.equal(hex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d'))
      const [info, aad, plaintext] = [hex('01'), hex('02'), hex('030405')]
      const sealed = await crypto.hpkeSeal(recipient.publicKey, info, plaintext, aad)
      expect(await recipient.open(sealed, info, aad)).to.deep.equal(plaintext)
      const changed = { ...sealed, ciphertext: sealed.ciphertext.map(byte => byte ^ 1) }
      const other = crypto.unsealer(crypto.randomBytes(32))
      for (const attempt of [
        () => recipient.open(sealed, aad, aad),
        () => recipient.open(sealed, info),
        () => recipient.open(changed, info, aad),
        () => other.open(sealed, info, aad)
      ]) {
        expect(await attempt().catch((error: Error) => error.message)).to.match(/does not open/)
      }
    })

    it('refuses to seal to a key of small order', async () => {
      const attempt = crypto.hpkeSeal(new Uint8Array(32), hex('01'), hex('02'))
      expect(await attempt.then(() => 'sealed').catch(() => 'refused')).to.equal('refused')
    })

    it('keeps its own copy of a secret', async () => {
      const secret = crypto.randomBytes(32)
      const signer = crypto.signer(secret)
      const before = await signer.sign(hex('01'))
      secret.fill(0)
      expect(await signer.sign(hex('01'))).to.deep.equal(before)
      expect(signer.secret).to.not.deep.equal(secret)
    })

    it('answers plain Uint8Arrays of the asked length', () => {
      expect(crypto.randomBytes(33)).to.have.length(33)
      expect(crypto.randomBytes(33)).to.not.deep.equal(crypto.randomBytes(33))
      for (const bytes of [
        crypto.randomBytes(3),
        crypto.sha256(hex('01')),
        crypto.signer(new Uint8Array(32)).publicKey
      ]) {
        expect(bytes.constructor).to.equal(Uint8Array)
      }
    })
  })
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function scalarToBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn))
}
