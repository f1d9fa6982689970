import type { TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

/** A text that all writers of a space type into. */
export const paper = 'text/paper'

/** Types at the end. */
export const type = (space: Space, value: string) =>
  space.write(paper, doc => {
    const root = doc.getText('text')
    root.insert(root.length, value)
  })

export const read = async (space: Space) => (await space.doc(paper)).getText('text').toString()

export const spaceOf = (replica: TestReplica, space: Space) => replica.spaces.get(space.id)!

/** Brings the device list of a twin to those who have not got it, as hello and sync do first. */
export async function tell(from: TestReplica, ...to: readonly TestReplica[]): Promise<void> {
  for (const other of to) await other.init.directory.receive(from.twin, from.init.directory.get(from.twin)!.since())
}
