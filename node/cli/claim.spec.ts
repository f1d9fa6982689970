import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { NewDevice, type PairingTwin, PairingWorld } from '../../protocols/pairing/pairing.fixture.ts'
import { drawClaim, makeClaim, watchClaim } from './claim.ts'
import type { Io } from './io.ts'
import { Output } from './output.ts'

/** A terminal whose output can be waited for. */
function terminal(isTTY: boolean, isInForeground = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY, rawModes: [] as boolean[] })
  Object.assign(stdin, { setRawMode: (isRaw: boolean) => stdin.rawModes.push(isRaw) })
  const stdout = new PassThrough()
  const io: Io = { stdin, stdout, stderr: new PassThrough(), env: {}, cwd: '/', isInForeground: () => isInForeground }
  let printed = ''
  const waiting = new Set<() => void>()
  stdout.on('data', chunk => {
    printed += chunk
    for (const wake of waiting) wake()
  })
  const shows = async (text: string) => {
    while (!printed.includes(text)) await new Promise<void>(resolve => waiting.add(resolve))
    return printed
  }
  return { io, stdin, out: new Output(io, false), shows }
}

describe('the claim at a terminal', () => {
  let world: PairingWorld
  let twin: PairingTwin
  const stop = new AbortController()

  beforeEach(async () => {
    world = new PairingWorld()
    twin = await world.twin()
  })
  after(() => stop.abort())

  it('shows the link, who came and the words that the page shows, and one key takes it back', async () => {
    const { io, stdin, out, shows } = terminal(true)
    const context = { io, out, signal: stop.signal }
    const claim = (await makeClaim(twin.owner(), stop.signal))!
    await drawClaim(claim, context)
    expect(await shows(claim.link)).to.include('open this link')
    const watching = watchClaim(twin.owner(), claim, context)
    const device = new NewDevice()
    const { number } = await device.join(twin, claim.link)
    await watching
    expect(await shows('Press r')).to.include(`laptop (Firefox on Linux) has claimed your twin`)
    expect(await shows(device.shown!.words)).to.include(`twin devices not-me ${number}`)
    stdin.write('x')
    expect(twin.list.isRevoked(number)).to.equal(false)
    stdin.write('r')
    await shows('It is refused')
    expect(twin.list.isRevoked(number)).to.equal(true)
    expect(stdin.rawModes).to.deep.equal([true, false])
    expect(await makeClaim(twin.owner(), stop.signal)).to.equal(undefined)
  })

  for (const [where, isTTY, isInForeground] of [
    ['without a terminal', false, true],
    ['in the background of one', true, false]
  ] as const) {
    it(`${where} nothing is read, and the command that takes it back is told`, async () => {
      const { io, stdin, out, shows } = terminal(isTTY, isInForeground)
      const claim = (await makeClaim(twin.owner(), stop.signal))!
      const watching = watchClaim(twin.owner(), claim, { io, out, signal: stop.signal })
      const { number } = await new NewDevice().join(twin, claim.link)
      await watching
      expect(await shows(`Within three days run: twin devices not-me ${number}`)).not.to.include('Press r')
      expect([stdin.listenerCount('data'), stdin.rawModes]).to.deep.equal([0, []])
    })
  }
})
