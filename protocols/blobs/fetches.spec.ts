import { expect } from 'chai'
import { silentLogger } from '../core/index.ts'
import { ManualClock, settle } from '../core/manual-clock.fixture.ts'
import { fileSent } from './blobs.fixture.ts'
import { Fetches } from './fetches.ts'

describe('small blobs whose fetch meets a closed store', () => {
  let sent: Awaited<ReturnType<typeof fileSent>>
  let fetches: Fetches
  const clock = new ManualClock()
  /** How often the other was called */
  let calls = 0

  /** Fetches that call the other in vain. */
  async function fetchesOf(onCall: () => Promise<void>): Promise<void> {
    sent = await fileSent(6, 'Ben')
    const { ben } = sent
    calls = 0
    const reach = async () => {
      calls++
      await onCall()
      throw new Error('Nobody is there')
    }
    const components = { me: ben.made.init.me, blobs: ben.blobsHere, spaces: ben.spaces, reach, log: silentLogger }
    fetches = new Fetches(components, { clock, smallBytes: 8 * 2 ** 20 })
  }

  /** How often the other was called, once it was so often, or in a minute. */
  async function callsUntil(count: number): Promise<number> {
    for (let turn = 0; turn < 60 && calls < count; turn++) await clock.advance(1000)
    return calls
  }

  afterEach(async () => {
    await fetches.stop()
    await sent.world.stop()
  })

  it('are fetched again, though it was closed when the fetch failed', async () => {
    await fetchesOf(() => sent.ben.made.db.close())
    fetches.start()
    while (sent.ben.made.db.status !== 'closed') await settle()
    await settle()
    await sent.ben.made.db.open()
    expect(await callsUntil(2)).to.equal(2)
  })

  it('are found later, though it was closed at the start', async () => {
    await fetchesOf(async () => {})
    const { db } = sent.ben.made
    await db.close()
    fetches.start()
    await settle()
    await db.open()
    expect(await callsUntil(1)).to.equal(1)
  })

  it('are not fetched again once nothing refers to them', async () => {
    await fetchesOf(async () => {})
    fetches.start()
    expect(await callsUntil(1)).to.equal(1)
    sent.ben.blobsHere.isReferred = async () => false
    expect(await callsUntil(2)).to.equal(1)
  })
})
