import { expect } from 'chai'
import * as Y from 'yjs'
import { createDoc } from '../gate/index.ts'
import { keyValue } from '../key-value/index.ts'
import type { LogHead } from '../log/index.ts'
import { encodeMilestone, type ListedDocument, sealParts, signMilestone } from '../milestone/index.ts'
import type { LocalSpace } from './local-space.ts'
import { createSpaces } from './local-spaces.ts'
import {
  crypto,
  exchange,
  indexRows,
  newTwin,
  openTwins,
  sharedSpace,
  type TestReplica,
  text
} from './replicas.fixture.ts'
import type { Space } from './space.ts'

export interface Sent {
  readonly milestone: Uint8Array
  readonly parts: readonly Uint8Array[]
}

/** Two members whose logs were shortened, and a third that has the keys and nothing else. */
export async function scene(): Promise<{ keeper: TestReplica; member: TestReplica; third: TestReplica; space: Space }> {
  const twins = await openTwins(2)
  const [space, theirs] = await sharedSpace(twins)
  for (let round = 0; round < 5; round++) await keyValue(space!, 'n').put('k', text(`${round}`))
  await exchange(...twins)
  await keyValue(theirs!, 'n').put('k', text('theirs'))
  await exchange(...twins)
  await exchange(...twins)
  await space!.compact()
  await theirs!.compact()
  const made = await newTwin()
  const third = { ...made, spaces: await createSpaces(made.init) }
  for (const other of twins) {
    await third.init.directory.receive(other.twin, other.records)
    await other.init.directory.receive(third.twin, third.records)
  }
  await twins[0]!.spaces.addMember(space!, third.twin)
  const { records, wraps } = twins[0]!.spaces.replica.records(space!.id, undefined, third.twin)
  await third.spaces.replica.receiveRecords(space!.id, records, wraps, twins[0]!.spaces.replica.self)
  return { keeper: twins[0]!, member: twins[1]!, third, space: space! }
}

export async function take(from: TestReplica, space: Space, forTwin: Uint8Array): Promise<Sent> {
  const offer = from.spaces.replica.milestonesFor(space.id, [], forTwin)[0]!
  const parts: Uint8Array[] = []
  for await (const part of offer.parts()) parts.push(part)
  return { milestone: offer.milestone, parts }
}

/** Why it was refused, with nothing changed; `undefined` when it was taken or not needed. */
export async function deliver(to: TestReplica, { id }: Space, { milestone, parts }: Sent): Promise<string | undefined> {
  const { replica } = to.spaces
  const before = await indexRows(to.db)
  const { refused } = await replica.receiveMilestone(id, milestone)
  for (const part of parts) await replica.receivePart(id, part)
  const reason = refused ?? (await replica.completeMilestone(id)).refused
  if (reason !== undefined) {
    expect(await indexRows(to.db)).to.deep.equal(before)
    expect(replica.space(id)!.frontier()).to.deep.equal([])
  }
  return reason && `${reason.code}: ${reason.reason}`
}

export type Forged = readonly [document: string, state: Uint8Array, clocks: ListedDocument['clocks']]

/** What a keeper who lies signs: documents and heads as it likes. */
export async function forge(by: TestReplica, space: Space, documents: readonly Forged[], logs?: readonly LogHead[]) {
  const { milestones } = by.spaces.get(space.id) as LocalSpace
  const self = { twin: by.twin, device: 1 }
  const key = milestones.key(self, 1)!
  const [listed, sealed]: [ListedDocument[], Uint8Array[]] = [[], []]
  const parts: [Uint8Array, number][] = []
  for (const [document, state, clocks] of documents) {
    const made = await sealParts(state, { space: space.id, by: self, epoch: 1, document }, key, crypto)
    listed.push({ document, epoch: 1, parts: made.length, clocks, beyond: [] })
    sealed.push(...made.map(part => part.sealed))
    parts.push(...made.map((part): [Uint8Array, number] => [part.hash, part.sealed.length]))
  }
  const heads = logs ?? by.spaces.replica.space(space.id)!.frontier()
  const unsigned = { version: 1 as const, space: space.id, by: self, number: 9, epoch: 1, logs: heads, parts }
  const milestone = await signMilestone(unsigned, listed, key, by.init.me.signer, crypto)
  return { milestone: encodeMilestone(milestone), parts: sealed }
}

export function stateOf(client: number, content: string): Uint8Array {
  const doc = createDoc()
  doc.clientID = client
  doc.getText('text').insert(0, content)
  return Y.encodeStateAsUpdate(doc)
}
