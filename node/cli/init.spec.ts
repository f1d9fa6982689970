import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { runTwin, temporaryFolder } from '../../test/harness/twin.ts'
import { failure, json } from './exit.fixture.ts'

describe('twin init', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())

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
