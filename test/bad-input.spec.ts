import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { MeshProcesses } from './harness/mesh.ts'
import { describeExit, type Exit } from './harness/program.ts'
import { runTwin, TwinProcess, temporaryFolder } from './harness/twin.ts'

/** Exit codes that scripts rely on. */
const [failed, usage, unreachable] = [1, 2, 3]

/** A twin id that nobody has: its key is made up. */
const nobody = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'

interface Failure {
  readonly error: string
  readonly message: string
  readonly next: string
}

describe('bad input on the command line', function () {
  this.timeout(90_000)
  let folder: { path: string; remove: () => Promise<void> }
  let twin: TwinProcess

  before('one twin runs, with one value in its store', async () => {
    folder = await temporaryFolder()
    twin = new TwinProcess({ home: join(folder.path, 'twin') })
    await twin.init()
    await twin.start()
    await twin.object('kv', 'put', 'colour', 'red')
  })

  after('it stops', async () => {
    await twin?.stop()
    await folder?.remove()
  })

  afterEach('and kept the value through all of it', async () => {
    if (!twin.isRunning) await twin.start()
    const { value } = await twin.object<{ value: unknown }>('kv', 'get', 'colour')
    expect(value).equal('red')
  })

  it('find and ping of an unknown twin say that nobody could be asked and what to do, and end with 3', async () => {
    const [found, pinged] = await Promise.all(['find', 'ping'].map(command => twin.run([command, nobody, '--json'])))
    expect(expectFailure(found!, unreachable, /No other twin is connected/).next).match(/twin start --bootstrap/)
    expect(expectFailure(pinged!, unreachable, /No other twin is connected/).next).match(/twin doctor/)
  })

  it('find of what is no twin id is a usage error', async () => {
    expectFailure(await twin.run(['find', 'not-an-id', '--json']), usage, /twin id|name|contact/i)
  })

  it('a malformed invite is refused before anything is sent', async () => {
    for (const link of ['twin:', `twin:${nobody}?t=%%%`, 'https://example.com/invite', `twin:${nobody.slice(0, -3)}`]) {
      expectFailure(await twin.run(['contacts', 'add', link, '--json']), usage, /invite|link|twin id/i)
    }
    expect(await twin.list('contacts', 'list')).deep.equal([])
  })

  it('a message to somebody unknown names the name', async () => {
    expectFailure(await twin.run(['chat', 'send', 'Nobody', 'Hello', '--json']), failed, /Nobody|contact/)
  })

  it('a value over 64 KiB is refused with the limit', async () => {
    const exit = await twin.run(['kv', 'put', 'large', 'x'.repeat(65 * 1024), '--json'])
    expectFailure(exit, usage, /64 KiB|65.?536|above|too large/i)
    expect((await twin.run(['kv', 'get', 'large', '--json'])).code).equal(failed)
  })

  it('a key that is not there is a failure, not an empty answer', async () => {
    expectFailure(await twin.run(['kv', 'get', 'missing', '--json']), failed, /missing|no value|nothing/i)
  })

  it('an unknown command, option and a missing word are usage errors that name what was wrong', async () => {
    expectFailure(await twin.run(['frobnicate', '--json']), usage, /frobnicate/)
    expectFailure(await twin.run(['kv', 'put', '--json']), usage, /KEY/)
    expectFailure(await twin.run(['status', '--frob', '--json']), usage, /frob/)
  })

  it('a command without a running twin says how to start it', async () => {
    const home = join(folder.path, 'stopped')
    await runTwin(['init', '--home', home])
    const failure = expectFailure(
      await runTwin(['kv', 'get', 'colour', '--home', home, '--json']),
      unreachable,
      /not running/i
    )
    expect(failure.next).match(/twin start/)
  })

  it('a command on a folder without a twin says how to make one', async () => {
    const exit = await runTwin(['start', '--home', join(folder.path, 'empty'), '--json'])
    expect(expectFailure(exit, failed, /no twin/i).next).match(/twin init/)
  })

  it('a second init on a home leaves the twin that is there', async () => {
    const before = await readFile(join(twin.home, 'config.json'), 'utf8')
    expectFailure(await twin.run(['init', '--json']), failed, /already/i)
    expect(await readFile(join(twin.home, 'config.json'), 'utf8')).equal(before)
  })

  it('a phrase with a wrong word, a wrong checksum or a missing word is explained, and no twin is made', async () => {
    const kit = join(folder.path, 'phrase-kit.txt')
    const home = join(folder.path, 'with-kit')
    await runTwin(['init', '--home', home, '--kit', kit, '--json'])
    const words = phraseOf(await readFile(kit, 'utf8'))
    expect(words).length(24)
    const broken: [string[], RegExp][] = [
      [['mistaek', ...words.slice(1)], /mistaek/],
      [words.slice(0, 23), /24/],
      [[words[1]!, words[0]!, ...words.slice(2)], /checksum|order|word/i]
    ]
    for (const [i, [phrase, says]] of broken.entries()) {
      const target = join(folder.path, `restored-${i}`)
      const exit = await runTwin(['init', '--restore', '--home', target, '--json'], { input: `${phrase.join(' ')}\n` })
      // Two equal first words swap into a right phrase: chance 1 in 2,048
      expectFailure(exit, exit.code === usage ? usage : failed, says)
      expect(await readdir(target).catch(() => [])).not.include('keys.json')
    }
  })

  it('the right phrase gives the same twin with a new device', async () => {
    const kit = join(folder.path, 'restore-kit.txt')
    const first = new TwinProcess({ home: join(folder.path, 'first') })
    const made = await first.object<{ id: string; device: string }>('init', '--kit', kit)
    expect((await stat(kit)).mode & 0o777).equal(0o600)
    const second = new TwinProcess({ home: join(folder.path, 'second') })
    const restored = await second.object<{ id: string; device: string }>('init', '--restore', '--kit', kit)
    expect(restored.id).equal(made.id)
    expect(restored.device).not.equal(made.device)
  })

  it('the phrase is in no JSON and in no file of a home whose kit lies elsewhere', async () => {
    const kit = join(folder.path, 'canary-kit.txt')
    const home = join(folder.path, 'canary')
    const exit = await runTwin(['init', '--home', home, '--kit', kit, '--json'])
    const phrase = phraseOf(await readFile(kit, 'utf8')).join(' ')
    expect(exit.stdout + exit.stderr).not.include(phrase)
    for (const file of await readdir(home, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue
      const text = await readFile(join(file.parentPath, file.name), 'latin1')
      expect(text.includes(phrase), file.name).equal(false)
    }
  })

  it('a home that is in use by another process is refused', async () => {
    const exit = await runTwin(['start', '--home', twin.home, '--no-mdns', '--json'])
    expectFailure(exit, failed, /already|in use|running/i)
  })

  it('a port that is taken is named', async () => {
    const server = createServer()
    const port = await listen(server)
    try {
      const home = join(folder.path, 'port')
      await runTwin(['init', '--home', home])
      const exit = await runTwin(['start', '--home', home, '--port', String(port), '--no-mdns', '--json'])
      expectFailure(exit, failed, new RegExp(`${port}.*(in use|taken)|(in use|taken).*${port}`, 'i'))
    } finally {
      server.close()
    }
  })

  it('a home that others may enter is refused', async () => {
    const home = join(folder.path, 'open')
    await runTwin(['init', '--home', home])
    await chmod(home, 0o755)
    const failure = expectFailure(
      await runTwin(['start', '--home', home, '--no-mdns', '--json']),
      failed,
      /open to other/i
    )
    expect(failure.next).match(/chmod 700/)
  })

  it('a corrupt store is reported, not repaired in silence, and nothing is deleted', async () => {
    const broken = new TwinProcess({ home: join(folder.path, 'broken') })
    await broken.init()
    await broken.start()
    await broken.object('kv', 'put', 'colour', 'blue')
    await broken.stop()
    const store = join(broken.home, 'store')
    const files = (await readdir(store)).sort()
    const manifest = files.find(name => name.startsWith('MANIFEST-'))
    expect(manifest, files.join(' ')).a('string')
    const path = join(store, manifest!)
    const intact = await readFile(path)
    await writeFile(path, 'this is not a database')
    const exit = await broken.run(['start', '--no-mdns', '--json'])
    expectFailure(exit, failed, /store|database/i)
    expect(await readdir(store)).include.members(files.filter(name => name.endsWith('.ldb') || name.endsWith('.log')))
    await writeFile(path, intact)
    await broken.start()
    expect(await broken.object('kv', 'get', 'colour')).include({ value: 'blue' })
    await broken.stop()
  })
})

describe('a known twin that is off', function () {
  this.timeout(150_000)
  let mesh: MeshProcesses

  before('two twins become contacts', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    const [ada, marie] = (await mesh.addTwins(2)) as [TwinProcess, TwinProcess]
    const { link } = await ada.object<{ link: string }>('invite')
    await marie.object('contacts', 'add', link, '--name', 'Ada')
    await marie.eventually<{ state: string }>(['contacts', 'list'], ([first]) => first?.state === 'contact')
    await marie.eventually(['ping', 'Ada', '--count', '1'], pongs => pongs.length === 1)
    await ada.stop()
  })

  after('they end', () => mesh?.stop())

  it('ping by name and by id ends with 3 in bounded time and says what to do', async () => {
    const [ada, marie] = mesh.twins as [TwinProcess, TwinProcess]
    const exits = await Promise.all(
      ['Ada', ada.id].map(who => marie.run(['ping', who, '--count', '1', '--json'], { lifeMs: 45_000 }))
    )
    for (const exit of exits) expect(expectFailure(exit, unreachable, /reach|found/i).next).match(/twin doctor/)
  })

  it('doctor names it, with what to do', async () => {
    const exit = await mesh.twins[1]!.run(['doctor', 'Ada', '--json'], { lifeMs: 45_000 })
    const checks = exit.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { result: string; next?: string })
    const odd = checks.filter(({ result }) => result !== 'good')
    expect(odd, describeExit(exit)).not.empty
    expect(
      odd.some(({ next }) => next !== undefined),
      exit.stdout
    ).equal(true)
  })
})

/** One line that says what was wrong and what to do next, no stack, the exit code. */
function expectFailure(exit: Exit, code: number, says: RegExp): Failure {
  expect(exit.code, describeExit(exit)).equal(code)
  expect(exit.stdout).equal('')
  const lines = exit.stderr.trim().split('\n')
  const failure = JSON.parse(lines.at(-1)!) as Failure
  expect(lines, exit.stderr).length(1)
  expect(failure.message).match(says)
  expect(failure.message).not.match(/\n|\bat .*\(.*:\d+:\d+\)/)
  expect(failure.error).match(/^[A-Za-z_]+$/)
  expect(failure.next, exit.stderr).match(/^\S.{4,}[^.]$/)
  return failure
}

function phraseOf(kit: string): string[] {
  const words = kit.split(/\s+/).filter(word => /^[a-z]{3,8}$/.test(word))
  const lines = kit.split('\n').map(line =>
    line
      .replace(/\d+\.?/g, ' ')
      .trim()
      .split(/\s+/)
  )
  const phrase = lines.filter(line => line.length > 1 && line.every(word => /^[a-z]{3,8}$/.test(word))).flat()
  return phrase.length === 24 ? phrase : words
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject).listen(0, '0.0.0.0', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
