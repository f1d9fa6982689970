import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { type Contact, contactsProtocol } from '../protocols/contacts/index.ts'
import { silentLogger } from '../protocols/core/index.ts'
import { Person, start } from '../protocols/hello/hello.fixture.ts'
import { createTwin, homeAt, makeTwin, newTwinPhrase, type Twin } from './index.ts'
import { Field, until } from './mesh/mesh.fixture.ts'
import { Trust } from './mesh/trust.ts'
import { Refusals } from './refusals.ts'

type Listener = Parameters<Parameters<Refusals['follow']>[0]['onChange']>[0]

/** A book of contacts that only says who is blocked. */
class Book {
  readonly blocked = new Set<string>()
  readonly #listeners = new Set<Listener>()

  async *list(): AsyncGenerator<Contact> {
    for (const id of this.blocked) yield { id, name: 'x', state: 'blocked', verified: false, addedAt: start }
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  say(type: 'put' | 'delete', id: string, state: Contact['state']): void {
    const record = { id, name: 'x', state, verified: false, addedAt: start }
    for (const listener of this.#listeners) listener({ type, record })
  }
}

describe('Refusals', () => {
  const people: Person[] = []
  const person = async (...args: Parameters<typeof Person.make>): Promise<Person> => {
    const made = await Person.make(...args)
    people.push(made)
    return made
  }
  afterEach(async () => {
    for (const made of people.splice(0)) await made.stop()
  })

  /** What a person refuses; `ended` are the peers whose connections were closed. */
  function refusalsOf(
    me: Person,
    connected: ReadonlyMap<string, string[]> = new Map(),
    connections: readonly Connection[] = [],
    tellList = async (_: Connection) => {}
  ) {
    const ended: string[] = []
    const trust = new Trust()
    const getConnections = (peer?: { toString(): string }) => {
      ended.push(String(peer))
      return connections.filter(({ remotePeer }) => remotePeer.toString() === String(peer))
    }
    const refusals = new Refusals({
      me,
      mesh: { peer: me.peer, trust, node: { getConnections } },
      directory: me.directory,
      peersOf: twin => connected.get(twin) ?? [],
      tellList,
      log: silentLogger
    })
    return { refusals, trust, ended, book: new Book() }
  }

  it('keeps out every device of a blocked twin, also of one blocked before the start, until it is unblocked', async () => {
    const [me, ann] = [await person(), await person()]
    const phone = await person(ann, 2)
    await me.directory.receive(ann.twin, ann.list.since())
    const { refusals, trust, ended, book } = refusalsOf(me)
    book.blocked.add(ann.id)
    await refusals.follow(book)
    expect([ann.peer, phone.peer, me.peer].map(peer => trust.isBanned(peer))).to.deep.equal([true, true, false])
    expect(ended).to.have.members([ann.peer, phone.peer])
    book.say('put', ann.id, 'contact')
    expect([ann.peer, phone.peer].map(peer => trust.isBanned(peer))).to.deep.equal([false, false])
    book.say('put', ann.id, 'blocked')
    expect(trust.isBanned(phone.peer)).to.equal(true)
    book.say('delete', ann.id, 'blocked')
    expect(trust.isBanned(phone.peer)).to.equal(false)
  })

  it('keeps out a blocked twin of which no list is kept: whoever is connected, and whoever comes', async () => {
    const [me, ann] = [await person(), await person()]
    const { refusals, trust, book } = refusalsOf(me, new Map([[ann.id, [ann.peer]]]))
    await refusals.follow(book)
    const phone = await person(ann, 2)
    expect(refusals.met(phone.peer, ann.id)).to.equal(false)
    book.say('put', ann.id, 'blocked')
    expect([ann.peer, phone.peer].map(peer => trust.isBanned(peer))).to.deep.equal([true, false])
    expect(refusals.met(phone.peer, ann.id)).to.equal(true)
    expect(trust.isBanned(phone.peer)).to.equal(true)
    book.say('put', ann.id, 'knocking')
    expect([ann.peer, phone.peer].map(peer => trust.isBanned(peer))).to.deep.equal([false, false])
  })

  it('keeps out revoked devices, of this twin and of others, and nobody else', async () => {
    const [me, ann] = [await person(), await person()]
    const [mine, hers] = [await person(me, 2), await person(ann, 2)]
    await me.directory.receive(ann.twin, ann.list.since())
    await me.decide(list => list.revoke(2, [], me.keys.signing, start))
    const { refusals, trust, ended, book } = refusalsOf(me)
    const unfollow = await refusals.follow(book)
    expect(trust.isBanned(mine.peer)).to.equal(true)
    await ann.decide(list => list.revoke(2, [], ann.keys.signing, start))
    await me.directory.receive(ann.twin, ann.list.since())
    expect([ann.peer, hers.peer, me.peer].map(peer => trust.isBanned(peer))).to.deep.equal([false, true, false])
    expect(ended).to.deep.equal([mine.peer, hers.peer])
    unfollow()
    book.say('put', ann.id, 'blocked')
    expect(trust.isBanned(ann.peer)).to.equal(false)
  })

  it('tells a device of this twin that it was revoked before its connections end, also when it comes back, and nobody else', async () => {
    const [me, ann] = [await person(), await person()]
    const [mine, hers] = [await person(me, 2), await person(ann, 2)]
    await me.directory.receive(ann.twin, ann.list.since())
    const said: string[] = []
    const closed: Promise<unknown>[] = []
    /** What of a connection is looked at, and a session that runs on it */
    const connection = (name: string, { peer }: Person) => {
      const stream = { abort: () => said.push(`${name}: session ended`) }
      const made = { remotePeer: { toString: () => peer }, streams: [stream], close: async () => {} }
      closed.push(
        new Promise<void>(resolve => {
          made.close = async () => {
            said.push(`${name}: closed`)
            resolve()
          }
        })
      )
      return made as unknown as Connection
    }
    const [ofMine, ofHers] = [connection('mine', mine), connection('hers', hers)]
    const tellList = async (to: Connection) => {
      said.push(`${to === ofHers ? 'hers' : 'mine'}: told`)
    }
    const { refusals, trust, book } = refusalsOf(me, new Map(), [ofMine, ofHers], tellList)
    await refusals.follow(book)
    await me.decide(list => list.revoke(2, [], me.keys.signing, start))
    await closed[0]
    expect(said).to.deep.equal(['mine: session ended', 'mine: told', 'mine: closed'])
    await ann.decide(list => list.revoke(2, [], ann.keys.signing, start))
    await me.directory.receive(ann.twin, ann.list.since())
    await closed[1]
    expect(said.slice(3)).to.deep.equal(['hers: closed'])
    expect([trust.isShutOut(mine.peer), trust.isShutOut(hers.peer)]).to.deep.equal([false, true])
    refusals.opened(connection('again', mine))
    await closed[2]
    expect(said.slice(4)).to.deep.equal(['again: session ended', 'mine: told', 'again: closed'])
    const comes = Array.from({ length: 9 }, () => trust.isShutOut(mine.peer))
    expect(comes.slice(-4)).to.deep.equal([true, true, true, true])
  })
})

describe('blocking a contact', function () {
  this.timeout(60_000)
  const field = new Field()
  after(() => field.close())

  const twin = async (): Promise<Twin> => {
    const home = homeAt(await field.folder(), {})
    await makeTwin({ home, phrase: newTwinPhrase(), isRestore: false, kit: home.kit })
    const made = await createTwin({ home, listen: '127.0.0.1', port: 0, mdns: false })
    field.later(() => made.stop())
    return made
  }

  it('refuses its devices at the connection, and lets them in again when it is unblocked', async () => {
    const [ann, ben] = [await twin(), await twin()]
    const book = ann.client(contactsProtocol)
    const { link } = await book.invite({})
    const address = ann.addresses().find(found => found.includes('/tcp/') && !found.includes('/ws'))
    expect(address).to.be.a('string')
    const dial = () => ben.mesh.node.dial(multiaddr(address))
    await dial()
    await ben.client(contactsProtocol).add({ who: link })
    await until(() => ann.mesh.isConnected(ben.device))
    await book.block({ who: ben.id })
    await until(() => !ann.mesh.isConnected(ben.device) && !ben.mesh.isConnected(ann.device))
    expect(ann.mesh.trust.isBanned(ben.device)).to.equal(true)
    const refused = await dial().then(
      connection => new Promise(resolve => connection.addEventListener('close', resolve, { once: true })),
      error => error
    )
    expect(refused).to.not.equal(undefined)
    expect(ann.mesh.isConnected(ben.device)).to.equal(false)
    await book.unblock({ who: ben.id })
    expect(ann.mesh.trust.isBanned(ben.device)).to.equal(false)
    await until(() => ann.mesh.isConnected(ben.device), 20_000)
  })
})
