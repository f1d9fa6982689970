import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Exit } from '../../test/harness/program.ts'
import { runTwin, TwinProcess, temporaryFolder } from '../../test/harness/twin.ts'

/** The one line on standard error, and the exit code. */
const failure = ({ code, stderr }: Exit) => ({ code, line: stderr.trim() })

const json = ({ stdout }: Exit) => JSON.parse(stdout) as Record<string, unknown>

describe('twin', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())

  describe('without a twin', () => {
    it('says how to make one, with exit code 1', async () => {
      const { code, line } = failure(await runTwin(['kv', 'get', 'x', '--home', join(folder.path, 'none')]))
      expect(code).equal(1)
      expect(line).match(/^twin: There is no twin in .+none\. Make one with: twin init$/)
    })

    it('refuses what makes no sense with exit code 2 and the usage line', async () => {
      expect(failure(await runTwin(['kv', 'gett', 'x']))).deep.equal({
        code: 2,
        line: 'twin: Unknown command kv gett; did you mean get? See: twin help'
      })
      expect(failure(await runTwin(['kv', 'get']))).deep.equal({
        code: 2,
        line: 'twin: KEY is missing. Usage: twin kv get KEY [--space S] [--to FILE]'
      })
      expect((await runTwin([])).code).equal(2)
    })

    it('with --json a failure is one object on standard error', async () => {
      const { code, stdout, stderr } = await runTwin(['--json', 'nonsense'])
      expect(code).equal(2)
      expect(stdout).equal('')
      expect(JSON.parse(stderr))
        .include({ error: 'Usage' })
        .property('message')
        .match(/Unknown command nonsense/)
    })

    it('help for every command has a usage line and an example', async () => {
      const { stdout } = await runTwin(['completion', 'words', '--', ''])
      for (const word of stdout.trim().split('\n')) {
        const { code, stdout: page } = await runTwin(['help', word])
        expect(code, word).equal(0)
        expect(page, word)
          .match(/twin \S+/)
          .and.match(/Examples/)
      }
    }).timeout(60_000)

    it('help and completion words are JSON too, and a missing word is an error there', async () => {
      const lines = async (...args: string[]) => {
        const { stdout } = await runTwin([...args, '--json'])
        return stdout
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as Record<string, unknown>)
      }
      expect((await lines('help')).map(({ command }) => command)).include.members(['init', 'kv put', 'kv batch'])
      expect((await lines('help', 'contacts')).every(({ command }) => String(command).startsWith('contacts '))).equal(
        true
      )
      expect(await lines('kv', 'get', '--help')).deep.equal([
        {
          command: 'kv get',
          summary: 'Print the value under a key',
          usage: 'twin kv get KEY [--space S] [--to FILE]',
          arguments: [{ name: 'KEY', doc: '1 to 512 bytes of text', required: true, many: false }],
          options: [
            {
              name: '--space',
              value: 'S',
              doc: 'Namespace: one of yours, or WHO/NAME for one that is shared with you',
              repeatable: false
            },
            { name: '--to', value: 'FILE', doc: 'Write a value above 64 KiB to a new file', repeatable: false }
          ],
          examples: ['twin kv get colour', 'twin kv get --space Marie/house colour', 'twin kv get photo > me.jpg']
        }
      ])
      expect(json(await runTwin(['completion', 'words', '--json', '--', 'kv', 'g']))).deep.equal({ word: 'get' })
      for (const words of [['kv'], []]) {
        const { code, stdout, stderr } = await runTwin([...words, '--json'])
        expect({ code, stdout }).deep.equal({ code: 2, stdout: '' })
        expect(JSON.parse(stderr)).include({ error: 'Usage' })
      }
    })

    it('completion knows commands, options and choices', async () => {
      const words = async (...typed: string[]) => {
        const { stdout } = await runTwin(['completion', 'words', '--', ...typed])
        return stdout.trim().split('\n')
      }
      expect(await words('kv', 'g')).deep.equal(['get'])
      expect(await words('kv', 'get', '--s')).deep.equal(['--space'])
      expect(await words('completion', 'b')).deep.equal(['bash'])
      for (const shell of ['bash', 'zsh', 'fish']) {
        expect((await runTwin(['completion', shell])).stdout, shell).contain('twin completion words')
      }
    })

    it('contract show and check work without a twin', async () => {
      const shown = await runTwin(['contract', 'show', 'kv'])
      expect(json(shown)).include({ name: 'kv', id: '/twin/kv/1.1' })
      const [older, newer] = [join(folder.path, 'old.json'), join(folder.path, 'new.json')]
      await writeFile(older, shown.stdout)
      await writeFile(newer, shown.stdout.replaceAll('"delete"', '"erase"'))
      expect((await runTwin(['contract', 'check', older, older])).code).equal(0)
      expect(json(await runTwin(['contract', 'check', older, older, '--json']))).deep.equal({ compatible: true })
      const { code, stdout } = await runTwin(['contract', 'check', older, newer])
      expect(code).equal(1)
      expect(stdout).match(/delete/)
    })
  })

  describe('init', () => {
    const home = () => join(folder.path, 'init')

    it('answers id, device and kit, never the phrase, and keeps everything to the owner', async () => {
      const exit = await runTwin(['init', '--json', '--name', 'Ada', '--home', home()])
      const made = json(exit)
      expect(Object.keys(made)).deep.equal(['id', 'device', 'kit'])
      const kit = await readFile(String(made.kit), 'utf8')
      const words = [...kit.matchAll(/\d+\. ([a-z]+)/g)].map(match => match[1]!)
      expect(words).length(24)
      expect(exit.stdout + exit.stderr).not.contain(words.slice(0, 2).join(' '))
      expect((await stat(home())).mode & 0o777).equal(0o700)
      for (const file of ['config.json', 'keys.json', 'identity.json', 'recovery-kit.txt']) {
        const path = join(home(), file)
        expect((await stat(path)).mode & 0o777, file).equal(0o600)
        if (file !== 'recovery-kit.txt')
          expect(await readFile(path, 'utf8'), file).not.contain(words.slice(0, 2).join(' '))
      }
      expect(json(await runTwin(['id', '--json', '--home', home()]))).deep.equal({ id: made.id })
    })

    it('never touches a home that has a twin', async () => {
      const { code, line } = failure(await runTwin(['init', '--home', home()]))
      expect(code).equal(1)
      expect(line).match(/There is a twin in .+ already\. Start it with: twin start/)
    })

    it('restores the same twin with a new device from the kit and from standard input', async () => {
      const kit = join(home(), 'recovery-kit.txt')
      const { id, device } = JSON.parse(await readFile(join(home(), 'config.json'), 'utf8')) as Record<string, string>
      const fromKit = json(
        await runTwin(['init', '--restore', '--kit', kit, '--json', '--home', join(folder.path, 'restored')])
      )
      expect(fromKit.id).equal(id)
      expect(fromKit.device).not.equal(device)
      const phrase = [...(await readFile(kit, 'utf8')).matchAll(/(\d+)\. ([a-z]+)/g)]
        .sort((a, b) => Number(a[1]) - Number(b[1]))
        .map(match => match[2])
        .join(' ')
      const typed = await runTwin(['init', '--restore', '--alone', '--json', '--home', join(folder.path, 'typed')], {
        input: phrase
      })
      expect(json(typed).id).equal(id)
    })

    it('a wrong phrase is told by the place of the word, and nothing stays behind', async () => {
      const bad = join(folder.path, 'bad')
      const wrong = ['zzz', ...Array.from({ length: 23 }, () => 'abandon')].join(' ')
      const word = failure(await runTwin(['init', '--restore', '--home', bad], { input: wrong }))
      expect(word.code).equal(1)
      expect(word.line).contain('Word 1 (zzz) is not in the word list')
      const sum = failure(
        await runTwin(['init', '--restore', '--home', bad], {
          input: Array.from({ length: 24 }, () => 'abandon').join(' ')
        })
      )
      expect(sum.line).contain('do not belong together')
      const count = failure(await runTwin(['init', '--restore', '--home', bad], { input: 'abandon abandon' }))
      expect(count.line).contain('Expected 24 words, found 2')
      expect(await stat(bad).catch((error: { code: string }) => error.code)).equal('ENOENT')
    })

    it('recovery done ends the nagging', async () => {
      expect(json(await runTwin(['recovery', 'status', '--json', '--home', home()]))).include({ confirmed: false })
      expect((await runTwin(['recovery', 'done', '--home', home()])).code).equal(0)
      expect(json(await runTwin(['recovery', 'status', '--json', '--home', home()]))).include({ confirmed: true })
    })
  })

  describe('start', () => {
    let twin: TwinProcess
    before(async () => {
      twin = new TwinProcess({ home: join(folder.path, 'running') })
      await twin.init()
      await twin.start()
    })
    after(() => twin.stop())

    it('prints id, device, addresses and console when it listens', () => {
      expect(Object.keys(twin.started!)).deep.equal(['id', 'device', 'addresses', 'console'])
      expect(twin.started!.addresses).not.empty
    })

    it('puts the control socket into a folder of mode 0700', async () => {
      const socket = await stat(join(twin.home, 'run', 'control.sock'))
      expect(socket.isSocket()).equal(true)
      expect(socket.mode & 0o077).equal(0)
      expect((await stat(join(twin.home, 'run'))).mode & 0o777).equal(0o700)
    })

    it('refuses a socket folder that was opened to others', async () => {
      await chmod(join(twin.home, 'run'), 0o755)
      const exit = await twin.run(['kv', 'list'])
      await chmod(join(twin.home, 'run'), 0o700)
      expect(failure(exit))
        .include({ code: 1 })
        .property('line')
        .match(/open to other users\. Close its folder: chmod 700 .+run$/)
    })

    it('a second start on the home names the process and what to do', async () => {
      const { code, line } = failure(await twin.run(['start', '--no-mdns']))
      expect(code).equal(1)
      expect(line).match(new RegExp(`in use by process ${twin.pid}\\. Stop it with: twin stop$`))
    })

    it('stores, reads, lists and deletes values in the promised shapes', async () => {
      const put = await twin.object<{ version: string }>('kv', 'put', 'colour', 'blue')
      expect(put).have.keys(['key', 'version'])
      expect(await twin.object('kv', 'get', 'colour')).deep.equal({
        key: 'colour',
        value: 'blue',
        version: put.version
      })
      expect(await twin.list('kv', 'list', 'col')).deep.equal([{ key: 'colour', value: 'blue', version: put.version }])
      expect((await twin.run(['kv', 'get', 'colour'])).stdout).equal('blue\n')
      expect(await twin.object('kv', 'delete', 'colour')).deep.equal({ key: 'colour', deleted: true })
      expect(failure(await twin.run(['kv', 'get', 'colour']))).deep.equal({
        code: 1,
        line: 'twin: No value under this key. See what is there: twin kv list, twin kv namespaces, twin kv offers'
      })
    })

    it('values are JSON and bytes too, from arguments, files and standard input', async () => {
      await twin.object('kv', 'put', '--as', 'json', 'lamp', '{"on":true}')
      expect(await twin.object('kv', 'get', 'lamp')).deep.include({ value: { on: true } })
      const file = join(folder.path, 'bytes')
      await writeFile(file, new Uint8Array([0, 255, 1]))
      await twin.object('kv', 'put', 'raw', '--file', file)
      expect(await twin.object('kv', 'get', 'raw')).deep.include({ value: { $bytes: 'AP8B' } })
      await twin.run(['kv', 'put', 'typed', '-'], { input: 'from a pipe' })
      expect(await twin.object('kv', 'get', 'typed')).include({ value: 'from a pipe' })
    })

    it('a value that is too large is refused with exit code 2, and nothing changes', async () => {
      await twin.object('kv', 'put', 'size', 'small')
      expect(failure(await twin.run(['kv', 'put', 'size', 'x'.repeat(70_000)])).code).equal(2)
      expect(await twin.object('kv', 'get', 'size')).include({ value: 'small' })
    })

    it('imports JSON lines, and names the line that does not fit', async () => {
      const lines = Array.from({ length: 1500 }, (_, i) => JSON.stringify({ key: `n${i}`, value: i }))
      const done = await twin.run(['kv', 'import', 'numbers', '-', '--json'], { input: lines.join('\n') })
      expect(json(done)).deep.equal({ space: 'numbers', imported: 1500 })
      expect(await twin.list('kv', 'list', '--space', 'numbers')).length(1500)
      const bad = await twin.run(['kv', 'import', 'numbers', '-'], { input: '{"key":"a","value":1}\n{"key":2}\n' })
      expect(failure(bad))
        .include({ code: 2 })
        .property('line')
        .match(/Line 2/)
    })

    it('the generic form of a method follows from its contract', async () => {
      await twin.object('kv', 'put', 'generic', 'yes')
      const ops = JSON.stringify([{ type: 'delete', key: 'generic' }])
      expect(await twin.object('kv', 'batch', ops)).deep.equal({ results: [{ key: 'generic' }] })
      expect((await twin.run(['kv', 'batch', 'not json'])).code).equal(2)
    })

    it('status tells reachability, storage, capabilities, devices and what needs attention', async () => {
      const status = await twin.object<Record<string, unknown>>('status')
      expect(status).include({ id: twin.id, device: twin.started!.device, pid: twin.pid })
      expect(status).include.keys(
        'reachability',
        'addresses',
        'peers',
        'storage',
        'capabilities',
        'devices',
        'warnings'
      )
      const { stdout } = await twin.run(['status'])
      expect(stdout)
        .match(/recovery phrase/)
        .and.match(/this one/)
        .and.match(/kv 1\.\d/)
    })

    it('an invite is a link; a malformed one is refused in one line', async () => {
      const { link } = await twin.object<{ link: string }>('invite')
      expect(link).match(new RegExp(`^twin:${twin.id}\\?t=`))
      for (const bad of ['twin:nonsense', 'https://example.org', `${link.slice(0, 30)}`]) {
        const { code, line } = failure(await twin.run(['contacts', 'add', bad]))
        expect(code, bad).equal(2)
        expect(line.split('\n'), bad).length(1)
      }
    })

    it('unknown people are exit code 1, what is no twin id exit code 2', async () => {
      expect((await twin.run(['chat', 'send', 'Nobody', 'Hello'])).code).equal(1)
      expect((await twin.run(['find', 'rubbish'])).code).equal(2)
    })

    it('limits, peers and doctor answer', async () => {
      expect(await twin.list('limits')).not.empty
      expect(await twin.list('peers')).deep.equal([])
      const { code, stdout } = await twin.run(['doctor'])
      expect(code).equal(1)
      expect(stdout).match(/knows no meeting point/)
    })

    it('exports what it holds into a new folder', async () => {
      const target = join(folder.path, 'export')
      await twin.object('kv', 'put', 'kept', 'for ever')
      await twin.object('export', target)
      expect(await readFile(join(target, 'kv', 'default.jsonl'), 'utf8')).contain('"for ever"')
      expect((await stat(target)).mode & 0o777).equal(0o700)
      expect(failure(await twin.run(['export', target])).line).match(/exists already/)
    })

    it('what was stored is there after a stop and after a kill', async () => {
      await twin.object('kv', 'put', 'stays', '1')
      expect(await twin.object('stop')).include({ stopped: true })
      expect((await twin.stop())?.code).equal(0)
      const { code, line } = failure(await twin.run(['kv', 'get', 'stays']))
      expect({ code, line }).deep.equal({ code: 3, line: 'twin: Your twin is not running. Start it with: twin start' })
      await twin.start()
      expect(await twin.object('kv', 'get', 'stays')).include({ value: '1' })
      await twin.object('kv', 'put', 'stays', '2')
      await twin.stop('SIGKILL')
      expect(failure(await twin.run(['kv', 'get', 'stays'])).code).equal(3)
      await twin.start()
      expect(await twin.object('kv', 'get', 'stays')).include({ value: '2' })
    })
  })

  describe('a start that cannot be', () => {
    let taken: Server
    let port: number
    before(async () => {
      taken = createServer()
      await new Promise<void>(resolve => taken.listen(0, '0.0.0.0', resolve))
      const address = taken.address()
      port = typeof address === 'object' && address !== null ? address.port : 0
    })
    after(() => {
      taken.close()
    })

    const start = (home: string, ...args: string[]) => runTwin(['start', '--no-mdns', '--home', home, ...args])

    it('names the port that is taken', async () => {
      const home = join(folder.path, 'port')
      await runTwin(['init', '--home', home])
      const { code, line } = failure(await start(home, '--port', String(port)))
      expect(code).equal(1)
      expect(line).contain(String(port)).and.contain('--port')
      expect(line.split('\n')).length(1)
    })

    it('says that a store is damaged, and leaves it as it is', async () => {
      const home = join(folder.path, 'corrupt')
      await runTwin(['init', '--home', home])
      await mkdir(join(home, 'store'))
      await writeFile(join(home, 'store', 'CURRENT'), 'MANIFEST-000099\n')
      const { code, line } = failure(await start(home, '--port', '0'))
      expect(code).equal(1)
      expect(line)
        .match(/store .*damaged/)
        .and.match(/restore/)
      expect(line.split('\n')).length(1)
      expect(await readFile(join(home, 'store', 'CURRENT'), 'utf8')).equal('MANIFEST-000099\n')
    })

    it('asks for the passphrase of protected keys, and refuses a wrong one', async () => {
      const home = join(folder.path, 'locked')
      await runTwin(['init', '--home', home], { env: { TWIN_PASSPHRASE: 'correct horse' } })
      expect(failure(await start(home)).line).contain('set TWIN_PASSPHRASE')
      const wrong = failure(await runTwin(['start', '--home', home], { env: { TWIN_PASSPHRASE: 'battery' } }))
      expect(wrong.code).equal(1)
      expect(wrong.line).match(/passphrase does not open/)
    })

    it('refuses a home that is open to others', async () => {
      const home = join(folder.path, 'open')
      await runTwin(['init', '--home', home])
      await chmod(home, 0o755)
      expect(failure(await start(home)).line).match(/open to other users\. Close it: chmod 700/)
      await rm(home, { recursive: true })
    })
  })
})
