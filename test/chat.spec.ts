import { expect } from 'chai'
import { becomeContacts, MeshProcesses } from './harness/mesh.ts'
import { describeExit, type Exit, type Program } from './harness/program.ts'
import type { TwinProcess } from './harness/twin.ts'

interface Message {
  readonly id: string
  readonly from: string
  readonly text: string
  readonly state: string
  readonly replyTo?: string
  readonly editedAt?: number
  readonly deleted?: boolean
  readonly reactions?: readonly { readonly emoji: string; readonly from: readonly string[] }[]
}

interface Value {
  readonly key: string
  readonly value?: unknown
  readonly version?: string
}

interface Change extends Value {
  readonly type: 'put' | 'delete'
}

interface Check {
  readonly step: string
  readonly result: 'good' | 'wait' | 'problem'
  readonly detail: string
}

interface Failure {
  readonly error: string
  readonly message: string
}

describe('chat and kv by processes', function () {
  this.timeout(120_000)
  let mesh: MeshProcesses
  let ann: TwinProcess
  let ben: TwinProcess
  let cleo: TwinProcess

  before('three twins start, and each two of them become contacts by an invite', async () => {
    mesh = await MeshProcesses.create()
    await mesh.addBootstrap()
    ;[ann, ben, cleo] = (await mesh.addTwins(3)) as [TwinProcess, TwinProcess, TwinProcess]
    await Promise.all([becomeContacts(ann, ben), becomeContacts(ben, cleo), becomeContacts(cleo, ann)])
  })

  after('everything stops', async () => {
    await mesh?.stop()
  })

  it('what is sent, edited, deleted, replied and reacted in a group is the same for all three', async () => {
    const all = [ann, ben, cleo]
    await ann.object('chat', 'group', 'create', 'Trip', ben.id, cleo.id)
    const meet = await idOf(ann, 'send', 'Trip', 'Meet at 8')
    const slip = await idOf(ann, 'send', 'Trip', 'Wrong window')
    await Promise.all([ben, cleo].map(twin => expectHistory(twin, lines => lines.length === 2)))
    const foreign = await ben.run(['chat', 'edit', 'Trip', meet, 'Meet at noon', '--json'])
    expect(foreign.code, describeExit(foreign)).equal(1)

    const [reply] = await Promise.all([
      idOf(ben, 'reply', 'Trip', meet, 'Gladly'),
      ann.object('chat', 'edit', 'Trip', meet, 'Meet at 9'),
      cleo.object('chat', 'react', 'Trip', meet, '👍')
    ])
    await expectHistory(cleo, lines => lines.some(line => line.id === reply))
    await Promise.all([
      ann.object('chat', 'delete', 'Trip', slip),
      ben.object('chat', 'react', 'Trip', meet, '👍'),
      cleo.object('chat', 'react', 'Trip', reply, '🎉')
    ])
    await cleo.object('chat', 'react', 'Trip', reply, '🎉', '--remove')

    const expected = [
      { id: meet, from: ann.id, text: 'Meet at 9', isEdited: true, thumbs: [ben.id, cleo.id].sort() },
      { id: slip, from: ann.id, text: '', isDeleted: true },
      { id: reply, from: ben.id, text: 'Gladly', replyTo: meet }
    ].map(row => ({ isEdited: false, isDeleted: false, replyTo: undefined, thumbs: [], others: 0, ...row }))
    const wanted = JSON.stringify(expected)
    const seen = await Promise.all(
      all.map(twin => expectHistory(twin, lines => JSON.stringify(lines.map(shownOf)) === wanted))
    )
    expect(seen.map(lines => lines.map(shownOf))).deep.equal([expected, expected, expected])
  })

  it('a message in a group climbs to opened when all have read it', async () => {
    const id = await idOf(ben, 'send', 'Trip', 'Has everybody read this?')
    await Promise.all([ann, cleo].map(twin => expectHistory(twin, lines => lines.some(line => line.id === id))))
    const lines = await expectHistory(ben, messages => messages.some(line => line.id === id && line.state === 'opened'))
    expect(lines.at(-1)).include({ id, from: ben.id, state: 'opened' })
  })

  it('the doctor walks from the store to what was read, and finds nothing wrong', async () => {
    const { stdout, stderr } = await ann.run(['doctor', ben.id, '--json'])
    const checks = stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line) as Check]))
    expect(
      checks.map(({ step }) => step),
      stderr
    ).include.members(['home', 'connect', 'identity', 'entries', 'opened'])
    // How much room this machine has is not the point
    const wrong = checks.filter(({ result, detail }) => result === 'problem' && !/MiB are free/.test(detail))
    expect(wrong).deep.equal([])
    expect(checks.find(({ step }) => step === 'opened')).include({ result: 'good' })
  })

  it('whoever follows sees who is writing', async () => {
    const following = cleo.stream('chat', 'follow', 'Trip', '--peek')
    try {
      const seen = await repeatUntil(
        following.waitForJson<{ type: string; from?: string }>(event => event.type === 'typing'),
        () => ann.object('chat', 'typing', 'Trip', '--typing')
      )
      expect(seen).include({ type: 'typing', from: ann.id, typing: true })
    } finally {
      await following.stop()
    }
  })

  it('a shared namespace takes batches, refuses an unexpected version and is watched from the other side', async () => {
    const ops = [
      { type: 'put', key: 'colour', value: 'red' },
      { type: 'put', key: 'lamp', value: { on: true } },
      { type: 'put', key: 'shape', value: 'round', expected: '' }
    ]
    const { results } = await ann.object<{ results: Value[] }>('kv', 'batch', JSON.stringify(ops), '--space', 'house')
    expect(results.map(({ key }) => key)).deep.equal(['colour', 'lamp', 'shape'])
    const place = await share(ann, ben)
    await ben.eventually<Value>(['kv', 'list', '--space', place], lines => lines.length === 3)

    const watching = ben.stream('kv', 'watch', '--space', place)
    try {
      await repeatUntil(nextChange(watching, 'knock'), () => ann.object('kv', 'put', 'knock', '1', '--space', 'house'))
      const [colour] = results
      const put = ['kv', 'put', 'colour', 'blue', '--space', 'house', '--json', '--expected']
      expectConflict(await ann.run([...put, '']))
      expectConflict(await ann.run([...put, '1-1-9999']))
      expect(await ann.object('kv', 'get', 'colour', '--space', 'house')).include({ value: 'red' })
      const done = await ann.run([...put, colour!.version!])
      expect(done.code, describeExit(done)).equal(0)
      expect(await nextChange(watching, 'colour')).include({ type: 'put', value: 'blue' })
      const refused = [{ type: 'delete', key: 'shape', expected: '1-1-9999' }]
      expectConflict(await ann.run(['kv', 'batch', JSON.stringify(refused), '--space', 'house', '--json']))

      const { version } = await ben.object<Value>('kv', 'get', 'colour', '--space', place)
      await ben.object('kv', 'put', 'colour', 'green', '--space', place, '--expected', version!)
      await ben.object('kv', 'delete', 'lamp', '--space', place)
      expect(await nextChange(watching, 'lamp')).include({ type: 'delete' })
      const lines = await ann.eventually<Value>(
        ['kv', 'list', '--space', 'house'],
        found => found.length === 3 && found[0]!.value === 'green'
      )
      expect(lines.map(({ key, value }) => [key, value])).deep.equal([
        ['colour', 'green'],
        ['knock', '1'],
        ['shape', 'round']
      ])
    } finally {
      await watching.stop()
    }
  })
})

async function idOf(twin: TwinProcess, ...words: readonly string[]): Promise<string> {
  return (await twin.object<{ id: string }>('chat', ...words)).id
}

function expectHistory(twin: TwinProcess, accept: (lines: Message[]) => boolean): Promise<Message[]> {
  return twin.eventually<Message>(['chat', 'history', 'Trip'], accept)
}

/** What the three have to agree on. */
function shownOf({ id, from, text, replyTo, editedAt, deleted, reactions = [] }: Message) {
  const thumbs = reactions.filter(({ emoji }) => emoji === '👍').flatMap(reaction => reaction.from)
  const others = reactions.length - (thumbs.length > 0 ? 1 : 0)
  return {
    isEdited: editedAt !== undefined,
    isDeleted: deleted === true,
    replyTo,
    thumbs: thumbs.sort(),
    others,
    id,
    from,
    text
  }
}

/** Shares `house`; how the other calls it. */
async function share(from: TwinProcess, to: TwinProcess): Promise<string> {
  await from.object('kv', 'share', 'house', to.id)
  const offers = await to.eventually<{ name: string }>(['kv', 'offers'], lines => lines.length === 1)
  await to.object('kv', 'accept', offers[0]!.name)
  return offers[0]!.name
}

function nextChange(watching: Program, key: string): Promise<Change> {
  return watching.waitForJson<Change>(change => change.key === key)
}

/** A stream says nothing when it begins: what it would show is done again until it shows it. */
async function repeatUntil<T>(shown: Promise<T>, act: () => Promise<unknown>): Promise<T> {
  let isShown = false
  const ended = shown.finally(() => {
    isShown = true
  })
  // Reported below
  ended.catch(() => {})
  while (!isShown) await act()
  return ended
}

function expectConflict(exit: Exit): void {
  expect(exit.code, describeExit(exit)).equal(1)
  const lines = exit.stderr.trim().split('\n')
  expect(lines, exit.stderr).length(1)
  const { error, message } = JSON.parse(lines[0]!) as Failure
  expect(error).equal('FailedPrecondition')
  expect(message).match(/^Version \S+ stands under this key, another was expected$/)
}
