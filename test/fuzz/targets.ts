import { decoderTarget } from './decoder-target.ts'
import { gateTarget } from './gate-target.ts'
import { protocolTargets } from './protocol-target.ts'
import { spacesTarget, syncTarget } from './sync-target.ts'
import type { FuzzTargetFactory } from './target.ts'

/** All that takes bytes of strangers. */
export const targets: readonly FuzzTargetFactory[] = [
  decoderTarget,
  gateTarget,
  syncTarget,
  spacesTarget,
  ...protocolTargets()
]
