import { expect } from 'chai'
import compliance from '../compliance.ts'
import { type Crypto, webCrypto } from '../index.ts'
import { nobleCrypto } from './index.ts'
import { aes128Gcm, open } from './noble-hpke.ts'

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

compliance('nobleCrypto()', nobleCrypto)

describe('crypto without WebCrypto', () => {
  it('opens and verifies what WebCrypto sealed and signed, and the other way round', async () => {
    const pairs: readonly (readonly [Crypto, Crypto])[] = [
      [nobleCrypto(), webCrypto()],
      [webCrypto(), nobleCrypto()]
    ]
    for (const [one, other] of pairs) {
      const [secret, nonce, text] = [one.randomBytes(32), one.randomBytes(12), one.randomBytes(100)]
      const { publicKey } = other.signer(secret)
      expect(await other.verify(publicKey, text, await one.signer(secret).sign(text))).to.equal(true)
      const sealed = await one.aeadSeal(secret, nonce, text, text)
      expect(await other.aeadOpen(secret, nonce, text, sealed)).to.deep.equal(text)
      const letter = await one.hpkeSeal(other.unsealer(secret).publicKey, nonce, text, nonce)
      expect(await other.unsealer(secret).open(letter, nonce, nonce)).to.deep.equal(text)
    }
  })

  it('its HPKE opens RFC 9180 A.1.1', () => {
    const sealed = {
      enc: hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
      ciphertext: hex('f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a')
    }
    const text = {
      info: hex('4f6465206f6e2061204772656369616e2055726e'),
      aad: hex('436f756e742d30'),
      aead: aes128Gcm
    }
    const secret = hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8')
    expect(new TextDecoder().decode(open(secret, sealed, text))).to.equal('Beauty is truth, truth beauty')
  })

  it('uses nothing that browsers keep from a page over plain http', async () => {
    const { subtle } = globalThis.crypto
    const asked: string[] = []
    Object.defineProperty(globalThis.crypto, 'subtle', {
      configurable: true,
      get: () => {
        asked.push('subtle')
        return subtle
      }
    })
    try {
      const crypto = nobleCrypto()
      const [key, text] = [crypto.randomBytes(32), crypto.randomBytes(12)]
      const signer = crypto.signer(key)
      await crypto.verify(signer.publicKey, text, await signer.sign(text))
      await crypto.aeadOpen(key, text, text, await crypto.aeadSeal(key, text, text, text))
      const unsealer = crypto.unsealer(key)
      await unsealer.open(await crypto.hpkeSeal(unsealer.publicKey, text, text), text)
    } finally {
      Reflect.deleteProperty(globalThis.crypto, 'subtle')
    }
    expect(asked).to.deep.equal([])
    expect(globalThis.crypto.subtle).to.equal(subtle)
  })
})
