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

  async function untilCalled(count: number): Promise<void> {
    for (let turn = 0; turn < 50 && calls < count; turn++) await clock.advance(1000)
    expect(calls).to.equal(count)
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
    await untilCalled(2)
  })

  it('are found later, though it was closed at the start', async () => {
    await fetchesOf(async () => {})
    const { db } = sent.ben.made
    await db.close()
    fetches.start()
    await settle()
    await db.open()
    await untilCalled(1)
  })

  it('are not fetched again once nothing refers to them', async () => {
    await fetchesOf(async () => {})
    fetches.start()
    await untilCalled(1)
    sent.ben.blobsHere.isReferred = async () => false
    for (let turn = 0; turn < 10; turn++) await clock.advance(1000)
    expect(calls).to.equal(1)
  })
})
