import { expect } from 'chai'
import type { TwinProcess } from '../harness/twin.ts'
import { type BrowserName, needBrowsers } from './browsers.ts'
import { bundlePage } from './bundle.ts'
import { coEditSuite } from './co-edit.ts'
import { LightPage } from './light-page.ts'
import { type LightHome, LightWorld, type PageName } from './light-world.ts'
import { relayedOnlySuite } from './relayed-only.ts'
import { takeKeys } from './take-keys.ts'
import { twoTabsSuite } from './two-tabs.ts'

interface Message {
  readonly text: string
  readonly state: string
}
interface Failure {
  readonly code: string
  readonly message: string
}

const names = ['chromium', 'firefox'] as const satisfies readonly BrowserName[]
const owners = ['Ann', 'Ben']

describe('light peer', function () {
  this.timeout(60_000)
  let world: LightWorld
  before('two twins know each other, and have browsers among their devices', async function () {
    this.timeout(120_000)
    needBrowsers(names)
    world = await LightWorld.create(names, await bundlePage())
  })
  after(() => world?.stop())

  for (const [at, name] of names.entries()) {
    describe(`in ${name}, where only a relay is reached`, () => {
      relayedOnlySuite(owners[at]!, () => ({ home: world.homes[at]!, friend: world.homes[1 - at]!.twin }))
    })
    describe(`in ${name}`, () => suite(name, owners[at]!, () => [world.homes[at]!, world.homes[1 - at]!.twin]))
  }

  // Ben has a page in each browser
  for (const [name, page] of [
    ['chromium', 'elsewhere'],
    ['firefox', 'main']
  ] as const) {
    describe(`co-editing in chromium with ${name}`, () => {
      const [ann, ben] = (
        [
          [0, 'main'],
          [1, page]
        ] as const
      ).map(([at, where]) => () => {
        const { twin, pages } = world.homes[at]
        return { name: owners[at]!, twin, page: pages.get(where)! }
      })
      coEditSuite(name, () => ({ ann: ann!(), ben: ben!(), mesh: world.mesh }))

      it('the relay of their own twins has told each from where it is seen', () => {
        const asking = name === 'chromium' ? world.homes[0] : world.homes[1]
        expect(asking.outer.answered).above(0)
      })

      describe(`a note in two tabs of ${name}`, () => {
        twoTabsSuite(name, () => ({ mine: ben!(), other: ann!() }))
      })
    })
  }
})

/** In the browser of a person, whose friend has the other twin. */
function suite(browserName: BrowserName, me: string, homes: () => readonly [LightHome, TwinProcess]): void {
  let home: LightHome
  let twin: TwinProcess
  let friend: TwinProcess
  before(() => {
    ;[home, friend] = homes()
    twin = home.twin
  })
  const page = (name: PageName) => home.pages.get(name)!

  it('reaches a node before it is paired', async () => {
    const { id, started } = twin
    const nodes = started!.addresses.filter(address => address.includes('/127.0.0.1/'))
    const { peer, records } = await page('main').run('reach', id, nodes)
    expect(peer).equal(started!.device)
    expect(records).above(0)
  })

  for (const [name, dials, transport] of [
    ['main', '^(?!.*p2p-circuit).*/ws/', 'ws'],
    ['rtc', '/webrtc-direct/', 'webrtc-direct']
  ] as const) {
    it(`connects over ${transport} and calls the twin`, async () => {
      const since = performance.now()
      expect(await page(name).run('start', dials)).equal('started')
      const { path } = await page(name).connected(transport)
      const ms = Math.round(performance.now() - since)
      expect(path).include({ state: 'connected', node: twin.started!.device })
      const devices = await page(name).call<{ number: number }[]>('devices', 'list')
      expect(devices.map(({ number }) => number)).include(home.numbers.get(name))
      const calledMs = Math.round(await page(name).run('callMs'))
      console.log(`      ${browserName}, ${transport}: connected after ${ms} ms, a call took ${calledMs} ms`)
    })
  }

  it('keeps keys that no script takes away, and the one whose bytes libp2p needs under such a key', async () => {
    const { attempts, sealedLength, open, searched } = await takeKeys(page('main').page)
    const refused = ['InvalidAccessError', 'InvalidAccessError']
    expect(attempts).deep.equal({ Ed25519: refused, X25519: refused, 'AES-GCM': refused })
    // 32 bytes, and the tag of the seal
    expect(sealedLength).equal(48)
    expect(searched).above(1000)
    expect(open).deep.equal([])
  })

  it('is gone for the twin when the page is, over WebRTC as well', async () => {
    const rtc = page('rtc')
    const { device } = await rtc.run('state')
    const isThere = (lines: { peer: string }[]) => lines.some(({ peer }) => peer === device)
    expect(isThere(await twin.list('peers'))).equal(true)
    await rtc.page.goto('about:blank')
    // Long before a connection that is silent counts as dead
    await twin.eventually<{ peer: string }>(['peers'], lines => !isThere(lines), 10_000)
    await rtc.page.goto(home.urls.get('rtc')!)
    await rtc.ready()
    expect(await rtc.run('start', '/webrtc-direct/')).equal('started')
    await rtc.connected('webrtc-direct')
  })

  it('moves from a relay to a direct path that it was told of', async () => {
    const lost = page('lost')
    expect(await lost.run('start')).equal('started')
    const { path } = await lost.until(
      () => lost.run('state'),
      state => state.path?.state === 'connected' && state.path.path !== 'relayed'
    )
    expect(path).include({ state: 'connected', node: twin.started!.device })
  })

  it('chats both ways with a twin that is a process', async () => {
    const main = page('main')
    const { id: friendId } = friend
    await main.until(
      () => main.call<{ kind: string }[]>('chat', 'conversations'),
      found => Array.isArray(found) && found.some(({ kind }) => kind === 'direct')
    )
    await main.call('chat', 'send', { who: friendId, text: 'from the page' })
    await friend.eventually<Message>(['chat', 'history', me], lines => lines.at(-1)?.text === 'from the page')
    await friend.object('chat', 'send', me, 'to the page')
    const messages = await main.until(
      () => main.call<Message[]>('chat', 'history', { who: friendId }),
      found => found.at(-1)?.text === 'to the page'
    )
    expect(messages.slice(-2).map(({ text }) => text)).deep.equal(['from the page', 'to the page'])
    await main.until(
      () => main.call<Message[]>('chat', 'history', { who: friendId }),
      found => /their-twin|opened/.test(found.at(-2)!.state)
    )
  })

  it('asks the twin for what only its nodes do: a group, a shared namespace, a file', async () => {
    const main = page('main')
    const { id } = friend
    const group = await main.call<{ id: string }>('chat', 'createGroup', { name: `all of ${me}`, members: [id] })
    await main.until(
      () => main.call<{ id: string }[]>('chat', 'conversations'),
      found => found.some(one => one.id === group.id)
    )
    await main.call('kv', 'put', { key: 'colour', value: 'red', space: 'house' })
    await main.until(
      () => main.run('state'),
      ({ unsynced }) => unsynced === 0
    )
    await main.call('kv', 'share', { namespace: 'house', who: id })
    // What is written before the page has heard of it would go to where the namespace was
    await main.until(
      () => main.call<{ name: string; kind: string }[]>('kv', 'namespaces'),
      found => found.some(({ name, kind }) => name === 'house' && kind === 'shared')
    )
    const { value } = await main.call<{ value: unknown }>('kv', 'get', { key: 'colour', space: 'house' })
    expect(value).equal('red')
    await main.call('kv', 'put', { key: 'from', value: 'the page', space: 'house' })
    await twin.eventually<{ key: string }>(['kv', 'list', '--space', 'house'], lines => lines.length === 2)
    await main.run('sendFile', id, 'garden.txt', 'roses')
    await friend.eventually<Message>(['chat', 'history', me], lines => lines.at(-1)?.text === 'garden.txt')
    const [last] = (await friend.list<Message>('chat', 'history', me)).slice(-1)
    expect(JSON.stringify(last)).contain('text/plain')
  })

  it('finds a twin that restarts, and merges what was written offline', async () => {
    const main = page('main')
    await twin.stop()
    await main.until(
      () => main.run('state'),
      ({ path }) => path?.state !== 'connected'
    )
    await main.run('cut', true)
    // It waits a while for a connection
    const unreached = main.until(
      () => main.call<Failure>('contacts', 'list'),
      ({ code }) => code === 'Unavailable'
    )
    await twin.start()
    // The other page was not cut off and finds it by itself
    expect((await page('rtc').connected()).path).include({ state: 'connected' })
    await twin.object('kv', 'put', 'twin', 'wrote this')
    const { unsynced: before } = await main.run('state')
    await main.call('kv', 'put', { key: 'page', value: 'wrote this' })
    await main.call('chat', 'send', { who: friend.id, text: 'written offline' })
    const { unsynced } = await main.run('state')
    expect(unsynced).above(before!)
    expect(await main.call<Failure>('kv', 'get', { key: 'twin' })).include({ code: 'NotFound' })
    expect((await unreached).message).match(/twin cannot be reached/)
    await main.run('cut', false)
    await twin.eventually<{ key: string }>(['kv', 'list'], lines => lines.length === 2)
    await main.until(
      () => main.call<{ key: string }[]>('kv', 'list'),
      found => found.length === 2
    )
    await friend.eventually<Message>(['chat', 'history', me], lines => lines.at(-1)?.text === 'written offline')
    await main.until(
      () => main.run('state'),
      state => state.unsynced === 0
    )
  })

  it('is one peer for two tabs, and the second goes on when the first is closed', async () => {
    const first = page('main')
    const second = await LightPage.open(page('main').page.browserContext(), home.urls.get('main')!)
    expect(await second.run('start')).equal('started')
    expect([(await first.run('state')).isLeading, (await second.run('state')).isLeading]).deep.equal([true, false])
    const values = () => second.call<{ key: string }[]>('kv', 'list')
    expect((await values()).map(({ key }) => key)).deep.equal(['page', 'twin'])
    expect((await second.call<{ id: string }[]>('contacts', 'list'))[0]?.id).equal(friend.id)
    await second.connected()
    await first.close()
    await second.until(
      () => second.run('state'),
      ({ isLeading }) => isLeading === true
    )
    expect((await values()).map(({ key }) => key)).deep.equal(['page', 'twin'])
    await second.connected()
    expect((await second.call<{ id: string }[]>('contacts', 'list'))[0]?.id).equal(friend.id)
    home.pages.set('main', second)
  })

  it('says that what it kept is gone, whichever part, and begins no history anew', async () => {
    const lost = page('lost')
    // The network has changed, as far as it knows: it tries again at once
    await lost.run('cut', false)
    await lost.connected()
    await lost.call('kv', 'put', { key: 'lost', value: 1 })
    await lost.until(
      () => lost.run('state'),
      ({ unsynced }) => unsynced === 0
    )
    const { device } = await lost.run('state')
    await lost.run('stop')
    await lost.run('wipe', 'twinmesh-')
    expect(await lost.run('start')).equal('storage-lost')
    await lost.run('stop')
    expect(await lost.run('reopen')).equal('storage-lost')
    const fresh = await lost.run('claim', twin.id, false, true)
    expect(fresh.keys.transport).not.deep.equal([])
    expect(await lost.run('peer')).not.equal(device)
  })

  it('notices that its storage is removed while it runs', async () => {
    const relayed = page('relayed')
    await relayed.run('wipe', 'twinmesh')
    const { events } = await relayed.until(
      () => relayed.run('state'),
      state => state.events.includes('storage-lost')
    )
    expect(events).include('storage-lost')
    await relayed.run('stop')
    expect(await relayed.run('reopen')).equal('storage-lost')
  })

  it('leaves nothing on a borrowed machine', async () => {
    const borrowed = page('borrowed')
    expect(await borrowed.run('start')).equal('started')
    await borrowed.connected()
    await borrowed.call('profile', 'set', { name: me })
    const values = await borrowed.until(
      () => borrowed.call<{ key: string }[]>('kv', 'list'),
      found => Array.isArray(found) && found.length > 1
    )
    expect(values.map(({ key }) => key)).include('twin')
    expect(await borrowed.run('kept')).deep.equal([])
    await borrowed.run('stop')
    expect(await borrowed.run('kept')).deep.equal([])
  })

  it('is out once it is revoked', async () => {
    const revoked = page('revoked')
    expect(await revoked.run('start')).equal('started')
    await revoked.connected()
    await revoked.until(
      () => revoked.call<{ key: string }[]>('kv', 'list'),
      found => Array.isArray(found) && found.length > 1
    )
    const away = page('rtc')
    await away.run('stop')
    for (const name of ['revoked', 'rtc'] as const) {
      await twin.object('devices', 'revoke', String(home.numbers.get(name)))
    }
    // It waits a while for a connection
    const unreached = revoked.until(
      () => revoked.call<Failure>('contacts', 'list'),
      ({ code }) => code === 'Unavailable'
    )
    expect(await away.run('start')).equal('started')
    // By the list itself, whether it was there or comes later
    for (const told of [revoked, away]) {
      await told.until(
        () => told.run('state'),
        ({ path, refused }) => path?.state !== 'connected' && refused === 'revoked'
      )
    }
    expect((await revoked.run('state')).events).include('refused')
    const tab = await LightPage.open(page('main').page.browserContext(), home.urls.get('revoked')!)
    expect(await tab.run('start')).equal('started')
    await tab.until(
      () => tab.run('state'),
      ({ isLeading, refused }) => isLeading === false && refused === 'revoked'
    )
    await twin.object('kv', 'put', 'secret', 'for the others')
    const main = page('main')
    await main.until(
      () => main.call<{ key: string }[]>('kv', 'list'),
      found => found.some(({ key }) => key === 'secret')
    )
    await unreached
    expect(await revoked.call<Failure>('kv', 'get', { key: 'secret' })).include({ code: 'NotFound' })
  })
}
