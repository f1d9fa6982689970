import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { restoreDeviceList } from './create-device-list.ts'
import { DeviceList } from './device-list.ts'
import { day, fixedDeviceKeys, fixedTwin, rejection, start, threeDevices } from './identity.fixture.ts'

const crypto = nodeCrypto()
const [box, thief] = [fixedDeviceKeys(crypto, 12), fixedDeviceKeys(crypto, 13)]
const read = (twin: Uint8Array, envelopes: Uint8Array[]) => DeviceList.read({ twin, crypto }, envelopes)
const numbers = (list: DeviceList) => list.devices().map(({ number }) => number)

describe('restored device list', () => {
  it('a restore on a bare machine outranks the list from before, whichever is heard first', async () => {
    const { twin, list, owner, certify } = await threeDevices(crypto)
    const certificate = await certify(thief, { number: 300 })
    const restored = await restoreDeviceList({
      twin,
      crypto,
      owner,
      certificate,
      keeper: thief.signing.publicKey,
      at: start + day
    })
    for (const order of [
      [...list.since(), ...restored.since()],
      [...restored.since(), ...list.since()]
    ]) {
      const merged = await read(twin, order)
      expect(numbers(merged)).to.deep.equal([300])
      expect(merged.isRevoked(1)).to.equal(true)
      const former = merged.formerDevices().map(({ number }) => number)
      expect(former).to.deep.equal([1, 2, 3])
    }
  })

  it('a restore by anybody but the owner is refused', async () => {
    const { twin, certify } = await fixedTwin(crypto)
    const init = { twin, crypto, owner: box.signing, keeper: thief.signing.publicKey, at: start + day }
    expect(await rejection(restoreDeviceList({ ...init, certificate: await certify(thief) }))).to.match(/not accepted/)
  })
})
