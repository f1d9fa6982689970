import type { BlobReference } from '../../crdt/blobs/index.ts'
import { createClient } from '../core/index.ts'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'
import { type BlobTwin, putBytes, sampleBytes } from './compliance.ts'
import { blobsProtocol } from './protocol.ts'

/** Resolves when a space here refers to the blob. */
export function referred(twin: FixtureTwin, address: string): Promise<void> {
  return new Promise(resolve => {
    const check = () => void twin.blobsHere.isReferred(address).then(isReferred => isReferred && resolve())
    const follow = ({ space }: { space: (typeof twin.spaces)['self'] }) => {
      space.on('rows', check)
      check()
    }
    for (const space of twin.spaces.list()) follow({ space })
    twin.spaces.on('open', follow)
  })
}

/** A twin as the compliance suite calls it. */
export class SuiteTwin implements BlobTwin {
  readonly twin: FixtureTwin

  constructor(twin: FixtureTwin) {
    this.twin = twin
  }

  get blobs() {
    return this.twin.blobs
  }

  from(other: SuiteTwin) {
    const known = this.twin.contacts.classOf(other.twin.id)
    const as = known === 'contact' ? 'contact' : 'stranger'
    return createClient(blobsProtocol, this.twin.as(as, other.twin.id))
  }

  async send(other: SuiteTwin, reference: BlobReference): Promise<void> {
    await this.twin.chat.send({ who: other.twin.name, text: 'A file', attachments: [reference] })
    await referred(other.twin, reference.address)
  }
}

/** Ann has sent a file to Ben, who knows of it and does not have it; to Cleo too when it goes to a group of three. */
export async function fileSent(chunks: number, to: 'Ben' | 'Trip') {
  const world = new World()
  const [ann, ben, cleo] = [await world.add('Ann'), await world.add('Ben'), await world.add('Cleo')]
  await meet(ann, ben)
  if (to === 'Trip') {
    await meet(ann, cleo)
    await meet(ben, cleo)
    await ann.chat.createGroup({ name: 'Trip', members: ['Ben', 'Cleo'] })
  }
  const bytes = sampleBytes((chunks - 1) * 256 * 1024 + 7 * 256)
  const reference = await putBytes(new SuiteTwin(ann), bytes)
  await ann.chat.send({ who: to, text: 'A file', attachments: [reference] })
  await Promise.all((to === 'Ben' ? [ben] : [ben, cleo]).map(twin => referred(twin, reference.address)))
  return { world, ann, ben, cleo, bytes, reference }
}

/** Lets the twin give so many chunks, then has it do something else with the next. */
export function afterChunks(twin: FixtureTwin, count: number, then: () => Promise<Uint8Array>) {
  const { blobStore } = twin
  const open = blobStore.open.bind(blobStore)
  const undo = () => {
    blobStore.open = open
  }
  const told = { given: [] as number[], undo }
  blobStore.open = async address => {
    const blob = await open(address)
    if (blob === undefined) return undefined
    const read = async (index: number) => {
      if (told.given.length >= count) return await then()
      told.given.push(index)
      return await blob.read(index)
    }
    return { ...blob, read }
  }
  return told
}
