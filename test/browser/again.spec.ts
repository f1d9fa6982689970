import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Program } from '../harness/program.ts'
import { temporaryFolder } from '../harness/twin.ts'
import { projectRoot } from '../project.ts'

const mocha = join(projectRoot, 'node_modules/mocha/bin/mocha.js')
const reporter = join(projectRoot, 'dist/test/browser/again.js')
const good = "it('holds', () => {})"
const bad = "it('holds before', () => {}); it('fails', () => { throw new Error('a click too late') })"
const badHook = "describe('a world', () => { before(() => { throw new Error('no browser') }); it('waits', () => {}) })"

describe('what failed in a browser', () => {
  it('is listed by files, and why is said; the sums are of the others', async () => {
    const { code, stdout, list } = await run({ 'good.cjs': good, 'bad.cjs': bad, 'hook.cjs': badHook })
    expect(code).equal(2)
    expect(list).deep.equal(['bad.cjs', 'hook.cjs'])
    expect(stdout).include('a click too late').include('no browser')
    expect(stdout).match(/^ {2}1 passing/m)
    expect(stdout).not.match(/failing/)
  })

  it('counts at once where nothing failed, where more than three files did, or nobody asks for a list', async () => {
    const none = await run({ 'good.cjs': good })
    expect(none).include({ code: 0, list: undefined })
    const four = await run(Object.fromEntries([1, 2, 3, 4].map(i => [`bad${i}.cjs`, bad])))
    expect(four).include({ code: 4, list: undefined })
    expect(four.stdout).match(/^ {2}4 failing/m)
    const unasked = await run({ 'bad.cjs': bad }, [])
    expect(unasked).include({ code: 1, list: undefined })
    expect(unasked.stdout).match(/^ {2}1 failing/m)
  })
})

async function run(files: Readonly<Record<string, string>>, options?: readonly string[]) {
  const { path, remove } = await temporaryFolder()
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
    const listFile = join(path, 'list.json')
    const asked = options ?? ['--reporter-option', `list=${listFile}`]
    const { code, stdout } = await new Program(mocha, {
      args: ['--no-config', '--reporter', reporter, ...asked, ...Object.keys(files).map(name => join(path, name))]
    }).exited
    const listed = await readFile(listFile, 'utf8').catch(() => undefined)
    const list =
      listed === undefined ? undefined : (JSON.parse(listed) as string[]).map(file => file.slice(path.length + 1))
    return { code, stdout, list }
  } finally {
    await remove()
  }
}
