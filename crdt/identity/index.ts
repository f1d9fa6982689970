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
  issueCertificate,
  verifyCertificate
} from './certificate.ts'
export {
  type DeviceKeys,
  type DeviceSecrets,
  type NodeDeviceKeys,
  newDeviceKeys,
  secretsToDeviceKeys
} from './device-keys.ts'
export {
  EnvelopeError,
  type EnvelopeErrorCode,
  type OpenEnvelopeInit,
  type OpenedEnvelope,
  openEnvelope,
  sealEnvelope
} from './envelope.ts'
export { checkPhrase, newPhrase, PhraseError, type PhraseKeys, phraseToKeys } from './phrase.ts'
export { textToTwin, twinToText } from './twin-id.ts'
export { verificationCode } from './verification-code.ts'
