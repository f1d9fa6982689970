import { expect } from 'chai'
import { silentLogger } from '../core/index.ts'
import { meet, World } from '../twins.fixture.ts'
import { afterChunks, fileSent, referred, SuiteTwin } from './blobs.fixture.ts'
import blobsCompliance, { codeOf, putBytes, readBytes, sampleBytes } from './compliance.ts'
import { Fetches } from './fetches.ts'

/** More than is fetched unasked. */
const chunks = 6

describe('blobs', () => {
  blobsCompliance(async () => {
    const world = new World()
    const [ann, ben, cleo] = [await world.add('Ann'), await world.add('Ben'), await world.add('Cleo')]
    await meet(ann, ben)
    await meet(ben, cleo)
    const suite = [ann, ben, cleo].map(twin => new SuiteTwin(twin))
    return { ann: suite[0]!, ben: suite[1]!, cleo: suite[2]!, stop: () => world.stop() }
  })
})

describe('fetching a blob', () => {
  let sent: Awaited<ReturnType<typeof fileSent>>
  afterEach(() => sent.world.stop())

  const read = () => readBytes(new SuiteTwin(sent.ben), sent.reference)
  const broken = async () => {
    throw new Error('The disk broke')
  }

  const spoils: [string, (chunk: Uint8Array) => Uint8Array][] = [
    ['is changed', chunk => chunk.map((byte, index) => (index === 5 ? byte ^ 1 : byte))],
    ['is cut', chunk => chunk.subarray(0, chunk.length - 1)],
    ['is empty', () => new Uint8Array()],
    ['is the one after', () => new Uint8Array(256 * 1024 + 16)]
  ]
  describe('of which another member has a copy', () => {
    beforeEach(async () => {
      sent = await fileSent(chunks, 'Trip')
    })

    for (const [what, change] of spoils) {
      it(`takes no chunk that ${what}, and the right one from somebody else`, async () => {
        await readBytes(new SuiteTwin(sent.cleo), sent.reference)
        for (const index of [1, chunks - 1]) sent.ann.blobStore.spoil(sent.reference.address, index, change)
        expect(await read()).to.deep.equal(sent.bytes)
      })
    }

    it('has another member take over when one vanishes in the middle', async () => {
      await readBytes(new SuiteTwin(sent.cleo), sent.reference)
      const ann = afterChunks(sent.ann, 2, async () => {
        await sent.ann.setOnline(false)
        return await broken()
      })
      const cleo = afterChunks(sent.cleo, chunks, broken)
      expect(await read()).to.deep.equal(sent.bytes)
      expect([ann.given, cleo.given]).to.deep.equal([
        [0, 1],
        [2, 3, 4, 5]
      ])
    })
  })

  describe('of which nobody else has a copy', () => {
    beforeEach(async () => {
      sent = await fileSent(chunks, 'Ben')
    })

    for (let have = 0; have < chunks; have++) {
      it(`goes on after ${have} chunks, also after a restart, and asks for none of them again`, async () => {
        const first = afterChunks(sent.ann, have, broken)
        expect(await codeOf(read())).to.equal('Unavailable')
        first.undo()
        await sent.ben.restart()
        const rest = afterChunks(sent.ann, chunks, broken)
        expect(await read()).to.deep.equal(sent.bytes)
        expect([first.given, rest.given]).to.deep.equal([
          [0, 1, 2, 3, 4, 5].slice(0, have),
          [0, 1, 2, 3, 4, 5].slice(have)
        ])
      })
    }

    for (const [what, change] of spoils) {
      it(`fails when nobody has another than one that ${what}`, async () => {
        sent.ann.blobStore.spoil(sent.reference.address, 1, change)
        expect(await codeOf(read())).to.equal('Unavailable')
        expect(await sent.ben.blobStore.has(sent.reference.address)).to.equal(false)
      })
    }

    it('keeps no chunk of an earlier run that is not right', async () => {
      const first = afterChunks(sent.ann, 3, broken)
      expect(await codeOf(read())).to.equal('Unavailable')
      first.undo()
      const draft = await sent.ben.blobStore.draft(sent.reference.address)
      await draft.write(1, new Uint8Array(256 * 1024 + 16))
      const rest = afterChunks(sent.ann, chunks, broken)
      expect(await read()).to.deep.equal(sent.bytes)
      expect(rest.given).to.deep.equal([1, 2, 3, 4, 5])
    })

    it('runs once for two who read', async () => {
      const ann = afterChunks(sent.ann, chunks, broken)
      expect(await Promise.all([read(), read()])).to.deep.equal([sent.bytes, sent.bytes])
      expect(ann.given).to.deep.equal([0, 1, 2, 3, 4, 5])
    })

    it('gives whoever reads along the last four chunks without reading them back', async () => {
      const { blobStore } = sent.ben
      const draft = blobStore.draft.bind(blobStore)
      const readBack: number[] = []
      blobStore.draft = async name => {
        const made = await draft(name)
        const read = (index: number) => {
          readBack.push(index)
          return made.read(index)
        }
        return { ...made, read }
      }
      expect(await read()).to.deep.equal(sent.bytes)
      expect(readBack.filter(index => index >= chunks - 4)).to.deep.equal([])
    })

    it('is left by its only reader and read to the end by the next', async () => {
      for await (const { data } of sent.ben.blobs.read({ reference: sent.reference })) {
        expect(data).to.deep.equal(sent.bytes.subarray(0, data.length))
        break
      }
      expect(await read()).to.deep.equal(sent.bytes)
    })

    it('says of a file that was damaged on the own disk that it is', async () => {
      await read()
      sent.ben.blobStore.spoil(sent.reference.address, 2, chunk => chunk.fill(0))
      expect(await codeOf(read())).to.equal('FailedPrecondition')
    })

    it('ends with a clear error on a full disk, and works when there is room', async () => {
      sent.ben.blobStore.capacity = 2.5 * 256 * 1024
      expect(await codeOf(read())).to.equal('ResourceExhausted')
      sent.ben.blobStore.capacity = Number.POSITIVE_INFINITY
      expect(await read()).to.deep.equal(sent.bytes)
    })

    it('takes no manifest but the one of the address', async () => {
      const { blobStore } = sent.ann
      const open = blobStore.open.bind(blobStore)
      blobStore.open = async address => {
        const blob = await open(address)
        return blob && { ...blob, manifest: blob.manifest.map((byte, index) => (index === 20 ? byte ^ 1 : byte)) }
      }
      expect(await codeOf(read())).to.equal('Unavailable')
    })

    it('refuses a blob that is longer than its reference says', async () => {
      const reference = { ...sent.reference, size: sent.reference.size - 1 }
      expect(await codeOf(readBytes(new SuiteTwin(sent.ben), reference))).to.equal('FailedPrecondition')
      const oversize = sent.ben.blobs.read({ reference: { ...reference, size: 2 ** 33 } })[Symbol.asyncIterator]()
      expect(await codeOf(oversize.next())).to.equal('InvalidArgument')
      expect(await read()).to.deep.equal(sent.bytes)
    })
  })
})

describe('small blobs', () => {
  it('come by themselves, again when somebody was away, and others only on demand', async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    const [from, to] = [new SuiteTwin(ann), new SuiteTwin(ben)]
    const [small, large] = [await putBytes(from, sampleBytes(1000)), await putBytes(from, sampleBytes(2 ** 20 + 1))]
    const here = arrival(ben, small.address)
    await from.send(to, large)
    // Its chunks do not come at first
    const open = ann.blobStore.open.bind(ann.blobStore)
    let isTried = () => {}
    const tried = new Promise<void>(resolve => {
      isTried = resolve
    })
    ann.blobStore.open = async () => {
      isTried()
      return undefined
    }
    await from.send(to, small)
    await tried
    ann.blobStore.open = open
    let isHere = false
    void here.then(() => {
      isHere = true
    })
    while (!isHere) await ben.clock.advance(10_000)
    expect(await ben.blobStore.list()).to.deep.equal([small.address])
    await referred(ben, large.address)
    await world.stop()
  })
})

/** Resolves when the blob is here as a whole. */
function arrival(twin: Awaited<ReturnType<World['add']>>, address: string): Promise<void> {
  const { blobStore } = twin
  const draft = blobStore.draft.bind(blobStore)
  return new Promise(resolve => {
    blobStore.draft = async name => {
      const made = await draft(name)
      const finish: typeof made.finish = async (finished, manifest) => {
        await made.finish(finished, manifest)
        if (finished === address) resolve()
      }
      return { ...made, finish }
    }
  })
}

describe('fetching a blob from an own device', () => {
  it('works when no other member is there, and takes nothing that is spoilt', async () => {
    const { world, ann, ben, bytes, reference } = await fileSent(chunks, 'Ben')
    await ann.setOnline(false)
    const { init } = ben.made
    const components = {
      me: init.me,
      blobs: ben.blobsHere,
      spaces: ben.spaces,
      reach: () => Promise.reject(new Error('Nobody else is there')),
      // As it answers who proves to be a device of the same twin
      ownChannels: () => [() => ann.as('owner')],
      log: silentLogger
    }
    const fetches = new Fetches(components)
    const flip = (chunk: Uint8Array) => chunk.map((byte, index) => (index === 5 ? byte ^ 1 : byte))
    ann.blobStore.spoil(reference.address, 1, flip)
    const failed = fetches.get(reference)
    failed.isWanted = true
    expect(await codeOf(failed.over)).to.equal('Unavailable')
    ann.blobStore.spoil(reference.address, 1, flip)
    const fetch = fetches.get(reference)
    fetch.isWanted = true
    await fetch.over
    await fetches.stop()
    expect(await readBytes(new SuiteTwin(ben), reference)).to.deep.equal(bytes)
    await world.stop()
  })
})
