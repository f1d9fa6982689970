import { expect } from 'chai'
import { type LiveText, readPresence, type Space } from '../spaces/index.ts'
import { Editor, liveKinds, same, sheet } from '../spaces/live.fixture.ts'
import { addDevice, exchange, openTwins, type TestReplica } from '../spaces/replicas.fixture.ts'
import { Link, until } from './link.fixture.ts'

/** Ann and Ben share a space; each has a node that is always on, and a browser that administers nothing. */
async function household() {
  const [ann, ben] = (await openTwins(2, liveKinds)) as [TestReplica, TestReplica]
  const annsBrowser = await addDevice(ann, 2, [ann, ben], { scopes: [] })
  const bensBrowser = await addDevice(ben, 2, [ann, ben, annsBrowser], { scopes: [] })
  await bensBrowser.init.directory.receive(ann.twin, ann.init.directory.get(ann.twin)!.all())
  const all = { ann, ben, annsBrowser, bensBrowser }
  const { id } = await ann.spaces.create({ kind: 'shared', name: 's', members: [ben.twin] })
  await exchange(...Object.values(all))
  const at = (replica: TestReplica) => replica.spaces.get(id) as Space
  return { ...all, at }
}

const link = (one: TestReplica, other: TestReplica) => new Link(one.spaces.replica, other.spaces.replica).start()

/** Names of those whose cursors are shown, and where they say they are. */
function cursors({ awareness }: LiveText): [string, unknown][] {
  return [...awareness.getStates()]
    .filter(([client]) => client !== awareness.clientID)
    .map(([, { user, cursor }]) => [user.name, cursor?.head.item?.clock ?? null])
}

const place = (client: number, clock: number) => {
  const one = { type: null, tname: null, item: { client, clock }, assoc: 0 }
  return { anchor: one, head: one }
}

describe('presence', function () {
  this.timeout(60_000)

  it('shows a cursor under the name it is known by, through the nodes of both twins, and takes it away', async () => {
    const { ann, ben, annsBrowser, bensBrowser, at } = await household()
    const links = [link(annsBrowser, ann), link(ann, ben), link(ben, bensBrowser)]
    const nameOf = ({ twin, device }: { twin: Uint8Array; device: number }) =>
      `${twin === ann.twin || String(twin) === String(ann.twin) ? 'Ann' : 'Ben'} ${device}`
    const theirs = await at(bensBrowser).edit(sheet, { nameOf })
    const mine = await at(annsBrowser).edit(sheet, { nameOf })
    mine.awareness.setLocalState({ cursor: place(1, 7), user: { name: 'Queen', color: 'url(//evil)' } })
    await until(() => cursors(theirs).some(([, clock]) => clock === 7))
    expect(cursors(theirs)).to.deep.equal([['Ann 2', 7]])
    // Somebody who comes later is told at once
    const late = await at(ann).edit(sheet, { nameOf })
    expect(cursors(late)).to.deep.include(['Ann 2', 7])
    mine.close()
    await until(() => !cursors(theirs).some(([name]) => name === 'Ann 2'))
    for (const one of links) one.cut()
    expect(links.flatMap(one => one.errors())).to.deep.equal([])
    for (const one of [theirs, late]) one.close()
    expect(cursors(theirs).filter(([name]) => name === 'Ann 2')).to.deep.equal([])
  })

  it('is told at once to those in the document, and to others behind that while all who are in it are connected', async () => {
    const { ann, ben, annsBrowser, bensBrowser, at } = await household()
    const links = [link(annsBrowser, ann), link(ann, ben), link(ben, bensBrowser)]
    const mine = await at(annsBrowser).edit(sheet)
    const told: string[] = []
    annsBrowser.spaces.replica.on('awareness', ({ from, only, except }) => {
      if (from === undefined) told.push(`${only?.length ?? '-'} ${except?.length ?? '-'}`)
    })
    const passedOn: string[] = []
    ann.spaces.replica.on('awareness', ({ from, only, except }) => {
      if (from !== undefined) passedOn.push(`${only?.length ?? '-'} ${except?.length ?? '-'}`)
    })
    mine.awareness.setLocalStateField('cursor', place(1, 0))
    await undefined
    expect(told).to.deep.equal(['- -'])
    await until(() => passedOn.length > 0)
    expect(passedOn).to.deep.equal(['- -'])
    const theirs = await at(bensBrowser).edit(sheet)
    const heard: string[] = []
    for (const [name, { spaces }] of Object.entries({ node: ann, browser: bensBrowser })) {
      const receive = spaces.replica.receiveAwareness.bind(spaces.replica)
      spaces.replica.receiveAwareness = (space, document, bytes, from) => {
        const isHers = readPresence(bytes).some(({ client }) => client === mine.awareness.clientID)
        if (isHers && from.device === 2 && String(from.twin) === String(ann.twin)) heard.push(name)
        receive(space, document, bytes, from)
      }
    }
    const shows = async (clock: number) => {
      told.length = heard.length = 0
      mine.awareness.setLocalStateField('cursor', place(1, clock))
      await until(() => cursors(theirs).some(([, seen]) => seen === clock) && heard.includes('node'))
    }
    theirs.awareness.setLocalStateField('cursor', place(1, 1))
    await until(() => cursors(mine).length === 1)
    // Whoever is there is told of by others
    await shows(1)
    expect([told, heard]).to.deep.equal([['- -'], ['node']])
    links.push(link(annsBrowser, bensBrowser))
    theirs.awareness.setLocalStateField('cursor', place(1, 2))
    await until(() => cursors(mine).some(([, seen]) => seen === 2))
    await shows(2)
    expect([told, heard]).to.deep.equal([
      ['1 -', '- 1'],
      ['browser', 'node']
    ])
    told.length = 0
    mine.close()
    expect(told).to.deep.equal(['- -'])
    for (const one of links) one.cut()
    theirs.close()
  })

  it('is not shown to a member who only keeps what is sealed, nor taken from one', async () => {
    const [ann, ben, blind] = (await openTwins(3, liveKinds)) as [TestReplica, TestReplica, TestReplica]
    const members = [{ twin: ben.twin }, { twin: blind.twin, role: 'replica' as const }]
    const { id } = await ann.spaces.create({ kind: 'shared', name: 's', members })
    await exchange(ann, ben, blind)
    const links = [link(ann, ben), link(ann, blind)]
    const told: string[] = []
    blind.spaces.replica.receiveAwareness = (_, document) => told.push(document)
    const early = await ann.spaces.get(id)!.edit(sheet)
    early.awareness.setLocalState({ cursor: place(1, 1) })
    const theirs = await ben.spaces.get(id)!.edit(sheet)
    await until(() => cursors(theirs).length > 0)
    // One that connects later is told who is there
    links.push(link(blind, ann))
    early.awareness.setLocalStateField('cursor', place(1, 2))
    await until(() => cursors(theirs).some(([, clock]) => clock === 2))
    expect(told).to.deep.equal([])
    const bytes = Uint8Array.from([1, ...uint(3 * 65_536 + 1), 9, 2, ...new TextEncoder().encode('{}')])
    ann.spaces.replica.receiveAwareness(id, sheet, bytes, { twin: blind.twin, device: 1 })
    expect(cursors(early)).to.deep.equal([])
    for (const one of links) one.cut()
    for (const one of [early, theirs]) one.close()
  })

  it('of somebody else is not believed, nor of devices that do not exist, nor more than is worth showing', async () => {
    const { ann, ben, at } = await household()
    const live = await at(ann).edit(sheet)
    const seen: number[] = []
    at(ann).on('awareness', ({ bytes }) => seen.push(bytes.length))
    const say = (client: number, clock: number, state: object | null) => {
      const json = new TextEncoder().encode(JSON.stringify(state))
      const bytes = Uint8Array.from([1, ...uint(client), ...uint(clock), ...uint(json.length), ...json])
      ann.spaces.replica.receiveAwareness(at(ann).id, sheet, bytes, { twin: ben.twin, device: 1 })
    }
    const [anns, bens] = [65_536 + 2, 2 * 65_536 + 2]
    say(anns, 1, { cursor: null })
    say(live.awareness.clientID, 99, null)
    say(2 * 65_536 + 9, 1, { cursor: null })
    say(3 * 65_536 + 1, 1, { cursor: null })
    expect(seen).to.deep.equal([])
    say(bens, 5, { cursor: { ...place(1, 1), anchor: { tname: 'evil', type: null, item: null } } })
    say(bens, 4, { cursor: place(1, 1) })
    expect(seen).to.have.length(1)
    expect(cursors(live)).to.deep.equal([['', null]])
    expect([...live.text.doc!.share.keys()]).to.deep.equal(['t'])
    for (let clock = 6; clock < 1000; clock++) say(bens, clock, { cursor: place(1, clock) })
    expect(seen.length).to.be.lessThan(200)
    live.close()
  })
})

describe('two browsers of two owners', function () {
  this.timeout(60_000)

  it('write together while only they reach each other, and merge with the nodes afterwards', async () => {
    const { ann, ben, annsBrowser, bensBrowser, at } = await household()
    const devices = [ann, ben, annsBrowser, bensBrowser]
    const editors = await Promise.all(devices.map(async device => new Editor(await at(device).edit(sheet))))
    const [annsNode, bensNode, anns, bens] = editors as [Editor, Editor, Editor, Editor]
    const nodes = link(ann, ben)
    const direct = link(annsBrowser, bensBrowser)
    anns.add('Ann: ')
    await same(anns, bens)
    bens.add('Ben. ')
    expect(await same(anns, bens)).to.equal('Ann: Ben. ')
    annsNode.add('Node. ')
    expect(await same(annsNode, bensNode)).to.equal('Node. ')
    // Each finds its own twin again, and both twins each other
    const [home, away] = [link(annsBrowser, ann), link(bensBrowser, ben)]
    anns.add('!')
    const text = await same(...editors)
    expect(text).to.have.length('Ann: Ben. Node. !'.length).and.contain('Ann: Ben. ').and.contain('Node. ')
    await Promise.all(editors.map(({ live }) => live.saved()))
    for (const one of [nodes, direct, home, away]) one.cut()
    expect([nodes, direct, home, away].flatMap(one => one.errors())).to.deep.equal([])
    for (const { live } of editors) live.close()
  })
})

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
