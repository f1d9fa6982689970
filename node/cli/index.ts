/**
 * The `twin` command: every capability of the running twin, from a terminal or a script.
 *
 * @packageDocumentation
 */

export { main as run } from './main.ts'
