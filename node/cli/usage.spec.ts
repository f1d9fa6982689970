import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { runTwin, temporaryFolder } from '../../test/harness/twin.ts'
import { failure, json } from './exit.fixture.ts'

describe('twin without a twin', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())

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
