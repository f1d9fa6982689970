import { expect } from 'chai'
import { hashCrypto } from './hash-crypto.ts'
import { Random } from './random.ts'

const create = () => hashCrypto(new Random(1))

describe('cryptography of the simulation', () => {
  it('verifies what was signed, and nothing with a bit flipped', async () => {
    const crypto = create()
    const signer = crypto.signer(crypto.randomBytes(32))
    const message = crypto.randomBytes(20)
    const signature = await signer.sign(message)
    expect(await crypto.verify(signer.publicKey, message, signature)).to.equal(true)
    for (const at of [0, 1, 2]) {
      const parts = [signer.publicKey, message, signature].map(bytes => bytes.slice())
      parts[at]![3]! ^= 4
      expect(await crypto.verify(parts[0]!, parts[1]!, parts[2]!)).to.equal(false)
    }
    const other = crypto.signer(crypto.randomBytes(32))
    expect(await crypto.verify(other.publicKey, message, signature)).to.equal(false)
  })

  it('opens what was sealed, and nothing that was changed or bound to something else', async () => {
    const crypto = create()
    const [key, nonce, aad, plaintext] = [32, 12, 9, 100].map(length => crypto.randomBytes(length)) as Uint8Array[]
    const sealed = await crypto.aeadSeal(key!, nonce!, aad!, plaintext!)
    expect(await crypto.aeadOpen(key!, nonce!, aad!, sealed)).to.deep.equal(plaintext)
    expect(await crypto.aeadOpen(key!, nonce!, aad!.subarray(1), sealed)).to.equal(undefined)
    for (let index = 0; index < sealed.length; index += 7) {
      const changed = sealed.slice()
      changed[index]! ^= 1
      expect(await crypto.aeadOpen(key!, nonce!, aad!, changed)).to.equal(undefined)
    }
  })

  it('seals to a public key what only its secret opens', async () => {
    const crypto = create()
    const [recipient, other] = [crypto.unsealer(crypto.randomBytes(32)), crypto.unsealer(crypto.randomBytes(32))]
    const [info, plaintext] = [Uint8Array.of(1), Uint8Array.of(2, 3)]
    const sealed = await crypto.hpkeSeal(recipient.publicKey, info, plaintext)
    expect(await recipient.open(sealed, info)).to.deep.equal(plaintext)
    for (const attempt of [() => other.open(sealed, info), () => recipient.open(sealed, plaintext)]) {
      expect(await attempt().catch((error: Error) => error.message)).to.match(/does not open/)
    }
  })
})
