import type { MilestoneResult, Replica } from '../spaces/index.ts'
import type { Message } from './message.ts'
import type { PeerSpace } from './peer-space.ts'

type MilestoneMessage = Extract<Message, { type: 'milestone' | 'part' | 'complete' }>

/**
 * A milestone is the word of its signer, not of the peer: one that is refused is named, and the session goes on. Whether it was refused.
 */
export async function takeMilestone(replica: Replica, space: PeerSpace, message: MilestoneMessage): Promise<boolean> {
  let result: MilestoneResult = {}
  if (message.type === 'milestone') result = await replica.receiveMilestone(space.id, message.milestone)
  else if (message.type === 'part') await replica.receivePart(space.id, message.part)
  else result = await replica.completeMilestone(space.id)
  const { refused } = result
  if (refused === undefined) return false
  space.lastRefused = refused
  if (refused.code === 'later') space.isOwed = true
  return true
}
