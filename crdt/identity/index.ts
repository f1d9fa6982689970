/**
 * Who a twin is and which devices speak for it: phrase, keys, certificates, the log of device decisions. Verified, never believed.
 *
 * @example
 * const crypto = webCrypto()
 * const { owner, twin } = phraseToKeys(newPhrase(crypto), crypto)
 * assert(textToTwin(twinToText(twin)).length === 32)
 *
 * @packageDocumentation
 */
export {
  adminScope,
  type Certificate,
  type CertificateInit,
  claimTwin,
  clockSkewMs,
  type DeviceClaims,
  type DevicePublicKeys,
  type DeviceRole,
  grantCertificate,
  isCurrent,
  isDueForRenewal,
  issueCertificate,
  isVisit,
  renewCertificate,
  verifyCertificate
} from './certificate.ts'
export { createDeviceList, type NewDeviceListInit, restoreDeviceList } from './create-device-list.ts'
export type { Cut } from './cut-list.ts'
export { DecidedLog, type DecidedLogInit, type TakeOverInit } from './decided-log.ts'
export {
  type DecidedRecord,
  type DecidedRecordInit,
  decidedDomain,
  type Head,
  headOf,
  openRecord,
  opensTerm,
  recordHash,
  sealRecord
} from './decided-record.ts'
export type { DecidedRules } from './decided-rules.ts'
export {
  DeviceDirectory,
  type DeviceDirectoryInit,
  type DeviceListStore,
  type DirectoryAnswer,
  type DirectoryChange,
  type TwinHead
} from './device-directory.ts'
export {
  type DeviceKeys,
  type DeviceSecrets,
  type NodeDeviceKeys,
  newDeviceKeys,
  secretsToDeviceKeys
} from './device-keys.ts'
export {
  type DeviceLevel,
  type IsRevoked,
  isViewOnly,
  levelAt,
  type PairedLevel,
  type Pairing,
  pairingToScopes,
  probationAt,
  scopesToPairing
} from './device-level.ts'
export { DeviceList, type DeviceListInit, type DeviceListResult } from './device-list.ts'
export {
  type Device,
  type DeviceDecision,
  type DeviceListState,
  deviceListId,
  deviceRules,
  type ListedDevice
} from './device-rules.ts'
export {
  EnvelopeError,
  type EnvelopeErrorCode,
  type OpenEnvelopeInit,
  type OpenedEnvelope,
  openEnvelope,
  sealEnvelope
} from './envelope.ts'
export { isForkProof } from './fork-proof.ts'
export { formerRecords, isFormer, lacksFormer, listFormer } from './former-devices.ts'
export { isNewDevice, takeBackMs, unsealedMs } from './new-device.ts'
export {
  decodeNodeRecord,
  encodeNodeRecord,
  type NodeHead,
  type NodeRecord,
  nodeRecordLifetimeMs,
  openNodeHead,
  readNodeHead,
  sealNodeHead
} from './node-record.ts'
export {
  decodeOwnerRecord,
  encodeOwnerRecord,
  type OwnerRecord,
  ownerRecordLifetimeMs
} from './owner-record.ts'
export { checkPhrase, newPhrase, PhraseError, type PhraseKeys, phraseToKeys } from './phrase.ts'
export { nameOfSpace, readName, toPlainName } from './plain-name.ts'
export type { AppendResult, ForkProof, RefusedRecord } from './record-tree.ts'
export { shutOutMark } from './shut-out.ts'
export { textToTwin, twinToText } from './twin-id.ts'
export { verificationCode } from './verification-code.ts'
export { visitLifetimeMs } from './visit-lifetime.ts'
