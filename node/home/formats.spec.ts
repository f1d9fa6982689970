import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { deviceListStore } from '../../crdt/index.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { memoryDatabase } from '../../crdt/spaces/replicas.fixture.ts'
import { decodeKeyFile, encodeKeyFile, readSecrets, unwrap } from '../key-file.ts'
import { type Config, readConfig, writeConfig } from './config.ts'
import { type Home, homeAt } from './home.ts'
import { readIdentity, writeIdentity } from './identity-file.ts'
import { readKit, writeKit } from './kit.ts'
import { readSeen, writeSeen } from './seen-file.ts'

const vectors = 'node/vectors'
const id = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const phrase = `${'abandon '.repeat(23)}art`
const bytes = (seed: number, length = 32) => new Uint8Array(length).fill(seed)
const secrets = { transport: bytes(0xa1), signing: bytes(0xb2), encryption: bytes(0xc3) }
const passphrase = 'Grüße, correct horse'

const config: Config = {
  v: 1,
  id,
  device: '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust',
  deviceName: 'box',
  name: 'Zoë',
  hasPassphrase: true,
  isRecoveryConfirmed: false,
  kit: '/media/kit.txt',
  createdAt: 1_790_000_000_000,
  start: { port: 4001, bootstrap: ['/ip4/192.0.2.1/tcp/4001'], mdns: false }
}

const identity = {
  number: 258,
  certificate: bytes(1, 4),
  records: [bytes(2, 5), bytes(3, 6)],
  ownerRecord: bytes(0xff, 7),
  recovery: bytes(5)
}

describe('formats of a home', () => {
  let home: Home
  beforeEach(async () => {
    home = homeAt(await mkdtemp(join(tmpdir(), 'twin-home-')), {})
  })
  afterEach(() => rm(home.folder, { recursive: true, force: true }))

  it('open keys have the bytes that were frozen, and are read from them', async () => {
    const vector = await frozen('keys-1', { ...secrets, file: await encodeKeyFile(secrets, undefined) }, vectors)
    expect(vector.current).to.deep.equal(vector.frozen)
    const { kdf, body } = decodeKeyFile(hexToBytes((vector.frozen as { file: string }).file), 'keys')
    expect(kdf).to.equal(undefined)
    expect(readSecrets(body, 'keys')).to.deep.equal(secrets)
  })

  it('keys that were wrapped once open for ever, and are wrapped in the same form', async () => {
    // Wrapping is random: only what is not can be compared
    const made = await encodeKeyFile(secrets, passphrase)
    const kept = (await frozen('keys-wrapped-1', { passphrase, file: made }, vectors)).frozen as { file: string }
    const [now, then] = [decodeKeyFile(made, 'keys'), decodeKeyFile(hexToBytes(kept.file), 'keys')]
    expect(await unwrap(then, passphrase, 'keys')).to.deep.equal(secrets)
    const costs = ({ kdf, body }: typeof now) => [kdf?.logN, kdf?.r, kdf?.p, body.length]
    expect(costs(now)).to.deep.equal(costs(then))
    expect(made.length).to.equal(kept.file.length / 2)
  }).timeout(30_000)

  it('settings and identity have the text that was frozen, and are read from it', async () => {
    await writeConfig(home, config)
    await writeIdentity(home, identity)
    const paths = { config: home.config, identity: home.identity }
    const current: Record<string, string> = {}
    for (const [name, path] of Object.entries(paths)) current[name] = await readFile(path, 'utf8')
    const vector = await frozen('home-1', current, vectors)
    expect(vector.current).to.deep.equal(vector.frozen)
    for (const [name, path] of Object.entries(paths)) {
      await writeFile(path, (vector.frozen as typeof current)[name]!)
    }
    expect(await readConfig(home)).to.deep.equal(config)
    expect(await readIdentity(home)).to.deep.equal(identity)
  })

  it('when devices were seen has the text that was frozen, and is read from it', async () => {
    const seen = new Map([
      [config.device, 1_790_000_000_000],
      [id, 1_790_000_060_000]
    ])
    await writeSeen(home, seen)
    const vector = await frozen('seen-1', { seen: await readFile(home.seen, 'utf8') }, vectors)
    expect(vector.current).to.deep.equal(vector.frozen)
    await writeFile(home.seen, (vector.frozen as { seen: string }).seen)
    expect(await readSeen(home)).to.deep.equal(seen)
  })

  it('what is no list of when devices were seen says nothing, and is written anew', async () => {
    for (const text of ['', '{', '[]', '{"v":2,"seen":{}}', '{"v":1,"seen":null}', '{"v":1,"seen":{"x":"y"}}']) {
      await writeFile(home.seen, text)
      expect(await readSeen(home), text).to.deep.equal(new Map())
    }
    expect(await readSeen(homeAt(join(home.folder, 'none'), {}))).to.deep.equal(new Map())
    await writeSeen(home, new Map([[id, 5]]))
    expect(await readSeen(home)).to.deep.equal(new Map([[id, 5]]))
  })

  it('a kit that was printed once is read for ever', async () => {
    const kit = join(home.folder, 'kit')
    await writeKit(kit, id, phrase)
    expect(await readKit(kit)).to.equal(phrase)
    // What is said around the words may change, the words may not
    const kept = (await frozen('kit-1', { phrase, text: await readFile(kit, 'utf8') }, vectors)).frozen
    await writeFile(kit, (kept as { text: string }).text)
    expect(await readKit(kit)).to.equal(phrase)
  })

  it('device lists have the rows that were frozen, and are read from them', async () => {
    const records = Array.from({ length: 17 }, (_, index) => bytes(index, 2))
    const [db, other] = [memoryDatabase(), memoryDatabase()]
    await deviceListStore(db).put(bytes(8), records)
    const rows: Record<string, Uint8Array> = {}
    for await (const [key, value] of db.iterator()) rows[key] = new Uint8Array(value)
    const vector = await frozen('device-list-rows-1', rows, vectors)
    expect(vector.current).to.deep.equal(vector.frozen)
    for (const [key, hex] of Object.entries(vector.frozen as Record<string, string>))
      await other.put(key, hexToBytes(hex))
    const read = await deviceListStore(other).get(bytes(8))
    expect(read?.map(record => new Uint8Array(record))).to.deep.equal(records)
  })
})
