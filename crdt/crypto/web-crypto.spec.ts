import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import compliance from './compliance.ts'
import { webCrypto } from './web-crypto.ts'

compliance('webCrypto()', webCrypto)
compliance('nodeCrypto()', nodeCrypto)

describe('crypto between implementations', () => {
  it('one opens and verifies what the other sealed and signed', async () => {
    for (const [one, other] of [
      [webCrypto(), nodeCrypto()],
      [nodeCrypto(), webCrypto()]
    ] as const) {
      const [secret, nonce, text] = [one.randomBytes(32), one.randomBytes(12), one.randomBytes(100)]
      const { publicKey } = other.signer(secret)
      expect(await other.verify(publicKey, text, await one.signer(secret).sign(text))).to.equal(true)
      expect(await other.aeadOpen(secret, nonce, text, await one.aeadSeal(secret, nonce, text, text))).to.deep.equal(
        text
      )
      const sealed = await one.hpkeSeal(other.unsealer(secret).publicKey, nonce, text)
      expect(await other.unsealer(secret).open(sealed, nonce)).to.deep.equal(text)
    }
  })

  it('HPKE underneath opens RFC 9180 A.1.1', async () => {
    // The RFC prints X25519 with AES-128-GCM only; key encapsulation and schedule are the ones used here
    const suite = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes128Gcm()
    })
    const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex')).buffer
    const secret = hex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8')
    const opened = await suite.open(
      {
        recipientKey: await suite.kem.importKey('raw', secret, false),
        enc: hex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
        info: hex('4f6465206f6e2061204772656369616e2055726e')
      },
      hex('f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a'),
      hex('436f756e742d30')
    )
    expect(new TextDecoder().decode(opened)).to.equal('Beauty is truth, truth beauty')
  })
})
