import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { decode, encode } from '../crdt/crypto/index.ts'
import type { DeviceSecrets } from '../crdt/identity/index.ts'
import {
  changePassphrase,
  isWrapped,
  KeystoreError,
  type KeystoreErrorCode,
  loadDeviceKeys,
  saveDeviceKeys
} from './keystore.ts'

const secrets: DeviceSecrets = {
  transport: new Uint8Array(32).fill(0xa1),
  signing: new Uint8Array(32).fill(0xb2),
  encryption: new Uint8Array(32).fill(0xc3)
}

async function codeOf(promise: Promise<unknown>): Promise<KeystoreErrorCode | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    expect(error).to.be.instanceOf(KeystoreError)
    const { code, message } = error as KeystoreError
    expect(message).to.not.match(/a1a1|b2b2|c3c3|secret/)
    return code
  }
}

describe('key store', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinmesh-keys-'))
    file = join(folder, 'home', 'keys')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('gives back what was saved without a passphrase, and says that it lies open', async () => {
    await saveDeviceKeys(file, secrets)
    expect(await loadDeviceKeys(file)).to.deep.equal({ secrets, isPlain: true })
    expect(await isWrapped(file)).to.equal(false)
  })

  it('gives back what was saved with a passphrase, and to nobody without it', async () => {
    await saveDeviceKeys(file, secrets, 'correct horse')
    expect(await isWrapped(file)).to.equal(true)
    expect(await loadDeviceKeys(file, 'correct horse')).to.deep.equal({ secrets, isPlain: false })
    expect(await codeOf(loadDeviceKeys(file, 'battery staple'))).to.equal('WrongPassphrase')
    expect(await codeOf(loadDeviceKeys(file))).to.equal('PassphraseNeeded')
  })

  it('has no byte of a wrapped key on disk, and stretches with N = 2^17', async () => {
    await saveDeviceKeys(file, secrets, 'correct horse')
    const bytes = await readFile(file)
    for (const secret of Object.values(secrets)) expect(bytes.includes(secret.subarray(0, 8))).to.equal(false)
    const [, , kdf] = decode(bytes) as [string, number, [number, number, number]]
    expect(kdf.slice(0, 3)).to.deep.equal([17, 8, 1])
  })

  it('takes a passphrase in whichever form a keyboard writes its accents', async () => {
    await saveDeviceKeys(file, secrets, 'caf\u00e9')
    expect((await loadDeviceKeys(file, 'cafe\u0301')).secrets).to.deep.equal(secrets)
  })

  it('never writes over keys that are there', async () => {
    await saveDeviceKeys(file, secrets)
    const other = { ...secrets, signing: new Uint8Array(32) }
    expect(await codeOf(saveDeviceKeys(file, other, 'x'))).to.equal('Exists')
    expect((await loadDeviceKeys(file)).secrets).to.deep.equal(secrets)
  })

  it('changes the passphrase, and leaves the file as it was when the present one is wrong', async () => {
    await saveDeviceKeys(file, secrets)
    await changePassphrase(file, undefined, 'first')
    const before = await readFile(file)
    expect(await codeOf(changePassphrase(file, 'wrong', 'second'))).to.equal('WrongPassphrase')
    expect(await readFile(file)).to.deep.equal(before)
    await changePassphrase(file, 'first')
    expect((await loadDeviceKeys(file)).isPlain).to.equal(true)
  })

  it('leaves one file that only its owner can read, in a folder of the same kind', async () => {
    await saveDeviceKeys(file, secrets)
    expect(await readdir(join(folder, 'home'))).to.deep.equal(['keys'])
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
    expect((await stat(join(folder, 'home'))).mode & 0o777).to.equal(0o700)
  })

  it('refuses open keys that others can read', async () => {
    await saveDeviceKeys(file, secrets)
    await chmod(file, 0o644)
    expect(await codeOf(loadDeviceKeys(file))).to.equal('Permissions')
  })

  it('leaves nothing behind when it cannot write', async () => {
    const blocker = join(folder, 'file')
    await writeFile(blocker, '')
    let failed: unknown
    await saveDeviceKeys(join(blocker, 'keys'), secrets).catch(error => {
      failed = error
    })
    expect(failed).to.be.instanceOf(Error)
    expect(await readdir(folder)).to.deep.equal(['file'])
  })

  it('tells a file that is missing, damaged, foreign or of a later version', async () => {
    expect(await codeOf(loadDeviceKeys(file))).to.equal('Missing')
    expect(await codeOf(isWrapped(file))).to.equal('Missing')
    await saveDeviceKeys(file, secrets)
    const good = await readFile(file)
    const [format, , , body] = decode(good) as [string, number, null, Uint8Array]
    const salt = new Uint8Array(32)
    const nonce = new Uint8Array(12)
    const wrong: [Uint8Array, KeystoreErrorCode][] = [
      [new Uint8Array(), 'Corrupt'],
      [good.subarray(0, -1), 'Corrupt'],
      [Buffer.from('{"transport":"a1"}'), 'Corrupt'],
      [new Uint8Array(5000), 'Corrupt'],
      [encode(['something/else', 1, null, body]), 'Corrupt'],
      [encode([format, 1, null, encode({ ...secrets, signing: new Uint8Array(31) })]), 'Corrupt'],
      [encode([format, 1, null]), 'Corrupt'],
      // What would take the memory of the machine, or none of its time
      [encode([format, 1, [40, 8, 1, salt, nonce], body]), 'Corrupt'],
      [encode([format, 1, [1, 8, 1, salt, nonce], body]), 'Corrupt'],
      [encode([format, 2, null, body]), 'Version']
    ]
    for (const [bytes, code] of wrong) {
      await writeFile(file, bytes)
      expect(await codeOf(loadDeviceKeys(file, 'x')), Buffer.from(bytes).toString('hex').slice(0, 60)).to.equal(code)
    }
  })

  it('does not open when any part of the wrapped file was changed', async function () {
    this.timeout(60_000)
    await saveDeviceKeys(file, secrets, 'p')
    const good = await readFile(file)
    // In the salt, the nonce and the sealed keys; each try costs a scrypt
    for (const at of [30, 60, good.length - 60, good.length - 1]) {
      const changed = Buffer.from(good)
      changed[at]! ^= 1
      await writeFile(file, changed)
      expect(await codeOf(loadDeviceKeys(file, 'p'))).to.be.oneOf(['WrongPassphrase', 'Corrupt'])
    }
  })
})
