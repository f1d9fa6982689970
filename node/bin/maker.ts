/** What needs the owner key, and no other command pays for: a bundle without libp2p's connections. */
export { makeTwin, newTwinPhrase, twinOfPhrase } from '../make-twin.ts'
export { takeOverRecord } from '../take-over.ts'
