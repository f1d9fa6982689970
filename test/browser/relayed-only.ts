import { expect } from 'chai'
import { portOf } from '../harness/mesh.ts'
import type { TwinProcess } from '../harness/twin.ts'
import type { LightHome } from './light-world.ts'

interface Message {
  readonly text: string
  readonly state: string
}

/** The page of a person whose network lets nothing out but to a relay, and no UDP. */
export function relayedOnlySuite(
  me: string,
  world: () => { readonly home: LightHome; readonly friend: TwinProcess }
): void {
  const space = 'over-a-relay'
  let home: LightHome
  let friend: TwinProcess
  before('it starts, and connects', async () => {
    ;({ home, friend } = world())
    expect(await page().run('start')).equal('started')
    await page().connected('relay')
  })
  const page = () => home.pages.get('relayed')!
  const staysRelayed = async () => {
    const { path, transports } = await page().run('state')
    expect(path).include({ state: 'connected', path: 'relayed', transport: 'relay' })
    expect(transports).deep.equal(['relay'])
  }
  beforeEach(staysRelayed)
  afterEach(staysRelayed)

  it('connects over the relay and calls the twin', async () => {
    const devices = await page().call<{ number: number }[]>('devices', 'list')
    expect(devices.map(({ number }) => number)).include(home.numbers.get('relayed'))
  })

  it('measures the way over the relay, and dials nothing else for that', async () => {
    const { path } = await page().until(
      () => page().run('state'),
      state => state.path?.state === 'connected' && state.path.latencyMs !== undefined
    )
    expect(path).property('latencyMs').above(0)
  })

  it('tries the direct addresses of the twin, and is let through to none', async () => {
    const { addresses } = home.twin.started!
    const port = Number(portOf(addresses.find(address => /\/tcp\/\d+\/ws\//.test(address))!))
    await page().until(
      async () => home.onlyWay.denied,
      denied => denied.has(port)
    )
    expect(home.onlyWay.denied).include(port)
  })

  it('chats both ways', async () => {
    const history = () => page().call<Message[]>('chat', 'history', { who: friend.id })
    await page().until(
      () => page().call<{ kind: string }[]>('chat', 'conversations'),
      found => Array.isArray(found) && found.some(({ kind }) => kind === 'direct')
    )
    // Who is a contact may arrive after the conversation
    await page().until(
      () => page().call<{ id?: string }>('chat', 'send', { who: friend.id, text: `${me} over a relay` }),
      ({ id }) => id !== undefined
    )
    const has = (text: string) => (messages: readonly Message[]) => messages.some(message => message.text === text)
    // Not by their order: what another device wrote meanwhile may stand after it
    await friend.eventually<Message>(['chat', 'history', me], has(`${me} over a relay`))
    await friend.object('chat', 'send', me, `back to ${me}`)
    const messages = await page().until(history, has(`back to ${me}`))
    expect(messages.map(({ text }) => text)).include.members([`${me} over a relay`, `back to ${me}`])
    await page().until(history, found =>
      found.some(({ text, state }) => text === `${me} over a relay` && /their-twin|opened/.test(state))
    )
  })

  it('writes a value that the twin has, and has what the twin writes', async () => {
    await page().call('kv', 'put', { key: 'page', value: 'wrote this', space })
    await home.twin.eventually<{ key: string }>(['kv', 'list', '--space', space], lines => lines.length === 1)
    await home.twin.object('kv', 'put', 'twin', 'wrote this', '--space', space)
    const values = await page().until(
      () => page().call<{ key: string }[]>('kv', 'list', { space }),
      found => found.length === 2
    )
    expect(values.map(({ key }) => key)).deep.equal(['page', 'twin'])
  })

  it('hears that a relay passes on no files', async () => {
    const answer = await page().run('sendFile', friend.id, 'garden.txt', 'roses').catch(String)
    expect(answer).contain('This protocol is not offered over a relay')
  })

  it('merges what was written in a note on both sides while the relay was out of reach', async () => {
    const { twin, onlyWay } = home
    const { id: note } = await page().call<{ id: string }>('notes', 'create', { text: 'Shopping' })
    expect(await page().run('openNote', note)).equal('open')
    await twin.eventually<{ text: string }>(['notes', 'read', note], ([read]) => read?.text === 'Shopping')
    onlyWay.shut()
    await page().until(
      () => page().run('state'),
      ({ path }) => path?.state !== 'connected'
    )
    await page().run('type', 'Ours: ', false)
    await twin.object('notes', 'append', note, '\n- bread')
    const { unsynced } = await page().run('state')
    expect(unsynced).above(0)
    expect((await page().run('note')).text).equal('Ours: Shopping')
    onlyWay.open()
    const whole = 'Ours: Shopping\n- bread'
    await twin.eventually<{ text: string }>(['notes', 'read', note], ([read]) => read?.text === whole)
    await page().until(
      () => page().run('note'),
      ({ text }) => text === whole
    )
    await page().run('closeNote')
    await page().until(
      () => page().run('state'),
      state => state.unsynced === 0
    )
  })
}
