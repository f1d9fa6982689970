/**
 * Who belongs to a space, and the keys of its epochs: a decided log whose records make views, one for each head.
 *
 * @packageDocumentation
 */
export { type ApplyContext, applyRecord, MembershipError } from './apply-record.ts'
export { type Cut, type MembershipBody, type Role, removeToBody } from './bodies.ts'
export { type CreatedSpace, type CreateSpaceInit, createSpace } from './create-space.ts'
export { directoryAuthority } from './directory-authority.ts'
export { epochCommitment, isEpochKey, newEpochKey } from './epoch-key.ts'
export { type Genesis, genesisToBody, type SpaceKind } from './genesis.ts'
export { type AppendOutcome, type Authority, Membership, type MembershipInit } from './membership.ts'
export { type Epoch, type Member, MembershipView, type Removal } from './membership-view.ts'
export { directSpaceId, genesisToSpaceId, selfSpaceId } from './space-id.ts'
export { decodeWrap, openWrap, RECOVERY_DEVICE, type Recipient, sealEpochKey, type Wrap } from './wrap.ts'
