/**
 * What the running twin tells its owner about itself: status, peers, limits, the doctor's answers, the export.
 *
 * @packageDocumentation
 */
export { node } from './node-service.ts'
