/** What `init` needs and no other command pays for: a bundle without libp2p's connections. */
export { makeTwin, newTwinPhrase, twinOfPhrase } from '../make-twin.ts'
