import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Level } from 'level'
import { createSpaces } from '../crdt/spaces/index.ts'
import { give, newTwin, openTwins, type TestReplica, textKind } from '../crdt/spaces/replicas.fixture.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { Program } from './harness/program.ts'
import { RelayOnly } from './harness/relay-only.ts'
import { countIn, countInFolder, countInMemory } from './harness/scan.ts'
import { bootstrapFile, TwinProcess, temporaryFolder } from './harness/twin.ts'
import { projectRoot } from './project.ts'

/** What each step may take on a machine that does much else. */
const patienceMs = 120_000

interface Message {
  readonly text: string
}

/** Made of parts, so that it stands in no source and in no compiled code. */
const marker = (): string => ['MARKED', process.pid, 'words', Math.random().toString(36).slice(2)].join('-')

describe('a relay', function () {
  this.timeout(300_000)
  let folder: { path: string; remove: () => Promise<void> }
  let net: RelayOnly | undefined
  const programs: Program[] = []
  const twins: TwinProcess[] = []

  before(async () => {
    folder = await temporaryFolder()
  })

  after(async () => {
    await Promise.all(twins.map(twin => twin.stop()))
    await Promise.all(programs.map(program => program.stop()))
    net?.remove()
    await folder.remove()
  })

  it('sees no word of what two twins say through it: not on the wire, not on its disk, not in its memory', async function () {
    // Opt-in, and shown as pending without it: two twins behind one relay take long to meet where much else runs
    if (process.env.TWIN_RELAY_ONLY !== '1') return this.skip()
    try {
      net = new RelayOnly()
    } catch {
      // Needs root and `ip`; elsewhere mocha shows it as pending, which .ci/run prints as not run
      return this.skip()
    }
    const home = join(folder.path, 'relay')
    await mkdir(home, { mode: 0o700 })
    const middle = { within: net.within('middle'), lifeMs: 900_000 }
    const args = ['--home', home, '--port', '0', '--host', '127.0.0.1', '--json']
    const relay = new Program(bootstrapFile, { args, ...middle })
    programs.push(relay)
    const { peer, addresses } = await relay.waitForJson<{ peer: string; addresses: string[] }>()
    const port = /^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)\/p2p\//.exec(
      addresses.find(text => /\/tcp\/\d+\/p2p\//.test(text))!
    )![1]!
    const capture = join(folder.path, 'capture')
    const proxy = join(projectRoot, 'dist/test/harness/capture-proxy.js')
    programs.push(new Program(proxy, { args: [port, capture, ...net.hosts], ...middle }))
    await programs[1]!.waitForJson()
    for (const [index, part] of (['a', 'b'] as const).entries()) {
      const bootstrap = [`/ip4/${net.hosts[index]}/tcp/${port}/p2p/${peer}`]
      twins.push(new TwinProcess({ home: join(folder.path, part), bootstrap, within: net.within(part) }))
      await twins[index]!.init()
      await twins[index]!.start()
    }
    const [ann, ben] = twins as [TwinProcess, TwinProcess]
    // Before it has a place at the relay nobody reaches her
    await ben.eventually(['ping', ann.id, '--count', '1'], pongs => pongs.length === 1, patienceMs)
    const { link } = await ann.object<{ link: string }>('invite')
    await ben.object('contacts', 'add', link, '--name', 'Ann')
    await ben.eventually<{ state: string }>(['contacts', 'list'], ([first]) => first?.state === 'contact', patienceMs)
    const words = marker()
    await ann.object('chat', 'send', ben.id, words)
    await ben.eventually<Message>(
      ['chat', 'history', 'Ann'],
      messages => messages.some(({ text }) => text === words),
      patienceMs
    )

    // The controls: what is searched can be found, and it did come through the relay
    expect(countInMemory(ben.pid, words).hits, 'memory of the receiver').to.be.greaterThan(0)
    const wire = await readFile(capture)
    expect(countIn(wire, Buffer.from('/noise')), 'begin of each connection, in the clear').to.be.greaterThan(0)
    const paths = await ben.list<{ path: string; twin?: string }>('peers')
    expect(paths.map(({ path }) => path)).to.include('relayed')

    expect(countIn(wire, Buffer.from(words)), 'wire').to.equal(0)
    expect(countInFolder(home, words).hits, 'disk of the relay').to.equal(0)
    const memory = countInMemory(relay.pid, words)
    expect(memory.bytes).to.be.greaterThan(10_000_000)
    expect(memory.hits, 'memory of the relay').to.equal(0)
  })
})

describe('a member with the role replica', () => {
  it('keeps what others write and has no word of it on its disk, where a reader has', async () => {
    const { path, remove } = await temporaryFolder()
    const open = (name: string) =>
      new Level<string, Uint8Array>(join(path, name), { keyEncoding: 'utf8', valueEncoding: 'view' })
    const [author] = (await openTwins(1, { crypto: nodeCrypto() })) as [TestReplica]
    const others: TestReplica[] = []
    for (const name of ['replica', 'reader']) {
      const made = await newTwin({ crypto: nodeCrypto(), db: open(name), kinds: [textKind] })
      await made.init.directory.receive(author.twin, author.records)
      await author.init.directory.receive(made.twin, made.records)
      others.push({ ...made, spaces: await createSpaces(made.init) })
    }
    const words = marker()
    const members = others.map(({ twin }, index) => ({ twin, role: (['replica', 'reader'] as const)[index]! }))
    const space = await author.spaces.create({ kind: 'shared', name: 'notes', members })
    await space.write('text/paper', doc => doc.getText('text').insert(0, words))
    for (const other of others) {
      await give(author, other)
      await other.spaces.stop()
      await other.db.close()
    }
    const [replica, reader] = ['replica', 'reader'].map(name => countInFolder(join(path, name), words))
    expect(replica!.bytes).to.be.greaterThan(1000)
    expect(reader!.hits, 'the reader, who is the control').to.be.greaterThan(0)
    expect(replica!.hits).to.equal(0)
    await remove()
  })
})
